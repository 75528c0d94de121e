"""Floor 2: keeps state, facts and what is owed; atomically. Calls nobody, decides nothing.

`open_store` is the door. What it gives fits three ports at once: the switchboard's `Store`, the doors' `Store` and the
courier's `Outbox`. What differs between databases lives in one file per make (`sqlite`); see docs/decisions/0007.
"""

from __future__ import annotations

from roomtone.store.faults import KeyProblem, NameTaken, SchemaTooNew, StoreUnavailable
from roomtone.store.opening import Store, go_back, open_store
from roomtone.store.rewriting import Compacted, compact
from roomtone.store.sqlite import Settings

__all__ = [
    "Compacted",
    "KeyProblem",
    "NameTaken",
    "SchemaTooNew",
    "Settings",
    "Store",
    "StoreUnavailable",
    "compact",
    "go_back",
    "open_store",
]
