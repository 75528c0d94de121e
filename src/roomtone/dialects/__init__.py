"""Floor 1: the vendors' spellings, as tables and pure functions.

A dialect reads forms, writes resources and callbacks, numbers errors, shapes ids and signs. It never decides. Which one
a project speaks is written in the project; nothing here looks at a path to guess it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from roomtone.core.conference.state import Topic
from roomtone.core.exchange import Parameters
from roomtone.core.project import Project
from roomtone.dialects.dialect import Dialect
from roomtone.dialects.limits import Patience
from roomtone.dialects.public_urls import NOTHING_SAID, PublicUrls
from roomtone.dialects.signalwire import SIGNALWIRE
from roomtone.dialects.signatures import Signatures, Signer
from roomtone.dialects.twilio import TWILIO

__all__ = [
    "DIALECTS",
    "SIGNALWIRE",
    "TWILIO",
    "Dialect",
    "by_name",
    "document_patience",
    "signer",
    "told",
    "topics",
    "unfit_status",
]

DIALECTS: Mapping[str, Dialect] = MappingProxyType({one.name: one for one in (SIGNALWIRE, TWILIO)})
"""Every dialect by its name."""


def by_name(name: str) -> Dialect:
    """Give the dialect of this name.

    Raises:
        KeyError: There is none.
    """
    return DIALECTS[name]


def signer(public: PublicUrls = NOTHING_SAID, now_ms: Callable[[], int] = lambda: 0) -> Signer:
    """Give who signs requests to projects' servers, each in its dialect's way."""
    return Signer(_signatures, public, now_ms)


def _signatures(name: str) -> Signatures:
    return by_name(name).signatures


def told(project: Project, parameters: Parameters) -> Parameters:
    """Leave out of a callback what a strict project's vendor does not send."""
    if not project.strict:
        return parameters
    withheld = by_name(project.dialect).strictness.withheld
    return tuple(pair for pair in parameters if pair[0] not in withheld)


def document_patience(project: Project, url: str) -> Patience:
    """Say how long a project's server may take for the document at this URL."""
    return by_name(project.dialect).limits.documents_at(url)


def unfit_status(project: Project) -> int:
    """Give a project's number for a document that its server answered with a status of 400 or more."""
    return by_name(project.dialect).requests.unfit_status()


def topics(dialect: Dialect, text: str) -> frozenset[Topic]:
    """Read a document's list of callback events: those that the dialect has, unknown words left out."""
    return dialect.forms.topics(text)
