"""What can go wrong with a store, beside what `core.exchange` and `core.refusals` name already.

OSError
└── StoreUnavailable     the database cannot be read or written just now: locked, disk full, gone
    └── KeyProblem       what is sealed in it cannot be opened with the key file that is there
Exception
├── SchemaTooNew         a newer Roomtone made this database
└── NameTaken            a project or token of this identity is there already
"""

from __future__ import annotations


class StoreUnavailable(OSError):  # noqa: N818 - a fault of the world, told by its state
    """The database cannot be read or written just now; nothing of the question was done."""


class KeyProblem(StoreUnavailable):
    """What is sealed in the database cannot be opened with the key file that is there; the text says what to do."""


class SchemaTooNew(Exception):  # noqa: N818 - same
    """A newer Roomtone made this database; this one must not touch it."""


class NameTaken(Exception):  # noqa: N818 - same
    """A project with this id is there already."""
