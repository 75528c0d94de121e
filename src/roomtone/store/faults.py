"""What can go wrong with a store, beside what `core.exchange` and `core.refusals` name already.

OSError
└── StoreUnavailable     the database cannot be read or written just now: locked, disk full, gone
Exception
├── SchemaTooNew         a newer Roomtone made this database
└── NameTaken            a project or token of this identity is there already
"""

from __future__ import annotations


class StoreUnavailable(OSError):  # noqa: N818 - a fault of the world, told by its state
    """The database cannot be read or written just now; nothing of the question was done."""


class SchemaTooNew(Exception):  # noqa: N818 - same
    """A newer Roomtone made this database; this one must not touch it."""


class NameTaken(Exception):  # noqa: N818 - same
    """A project with this id is there already."""
