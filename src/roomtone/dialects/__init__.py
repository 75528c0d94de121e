"""Floor 1: the vendors' spellings, as tables and pure functions.

A dialect reads forms, writes resources and callbacks, numbers errors, shapes ids and signs. It never decides. Which one
a project speaks is written in the project; nothing here looks at a path to guess it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from roomtone.core.conference.state import Topic
from roomtone.core.exchange import Parameters
from roomtone.core.project import Project
from roomtone.core.values import Method
from roomtone.dialects.dialect import Dialect
from roomtone.dialects.limits import Patience
from roomtone.dialects.signalwire import SIGNALWIRE
from roomtone.dialects.twilio import TWILIO

__all__ = [
    "DIALECTS",
    "SIGNALWIRE",
    "TWILIO",
    "Dialect",
    "by_name",
    "document_patience",
    "sign",
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


def sign(project: Project, url: str, parameters: Parameters, method: Method) -> Mapping[str, str]:
    """Give the headers that sign a request to a project's server, in its dialect's way."""
    return by_name(project.dialect).signatures.sign(project, url, parameters, method)


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
