"""Hosted documents: what a form says of one, and the list's filter.

Whether the contents are a document and a template is the door's to check (`roomtone.api.templates`): it is the room
that renders them. Source: SignalWire "LaML Bins"; Twilio has no such resource and takes the same parameters here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from roomtone.core.ids import BinId, ProjectId
from roomtone.core.listing import BinFilter
from roomtone.core.project import Bin
from roomtone.core.refusals import Reason, Refused
from roomtone.dialects import parameters
from roomtone.dialects.fields import Fields, last

NAMES = frozenset({"Contents", "Name"})
FILTER_NAMES = frozenset({"Name"})

EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
"""The contents of a document that was given none."""

LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class BinChange:
    """What a form says of a hosted document."""

    name: str
    contents: str | None = None
    """None: nothing is said; an empty text stands for the empty document."""

    def create(self, id_: BinId, project: ProjectId, now_ms: int) -> Bin:
        """Make the document that the form describes."""
        return Bin(id_, project, self.name, self.contents or EMPTY, now_ms, now_ms)

    def apply(self, bin_: Bin, now_ms: int) -> Bin:
        """Give the document as the form wants it; unchanged, its date included, if it is so already."""
        contents = bin_.contents if self.contents is None else self.contents or EMPTY
        changed = replace(bin_, name=self.name, contents=contents)
        return bin_ if changed == bin_ else replace(changed, updated_ms=now_ms)


def create(fields: Fields) -> BinChange:
    """Read the form that makes a document.

    Raises:
        Refused: PARAMETER_MISSING or PARAMETER_INVALID: no name, or too long a one.
    """
    name = parameters.text(fields, "Name", LONGEST_NAME)
    if name is None:
        raise Refused(Reason.PARAMETER_MISSING, name="Name")
    return BinChange(name, last(fields, "Contents"))


def update(fields: Fields) -> BinChange:
    """Read the form that changes a document: it must name it, too.

    Raises:
        Refused: As `create`.
    """
    return create(fields)


def wanted(fields: Fields) -> BinFilter:
    """Read the list's filter."""
    return BinFilter(last(fields, "Name") or None)
