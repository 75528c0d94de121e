"""Queues: what a form says of one or of those in it. Sources: SignalWire "Queues"; Twilio "Queue", "Member"."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from roomtone.core.ids import ProjectId, QueueId
from roomtone.core.queueing import Queue
from roomtone.core.refusals import Reason, Refused
from roomtone.core.values import Document, Method
from roomtone.dialects import parameters
from roomtone.dialects.fields import Fields, last
from roomtone.dialects.rules import Rules

NAMES = frozenset({"FriendlyName", "MaxSize"})
MEMBER_NAMES = frozenset({"Method", "Url"})

_WORD = re.compile(r"\w+", re.ASCII)
_LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class QueueChange:
    """What a form says of a queue; None: nothing."""

    name: str | None = None
    max_size: int | None = None

    def create(self, id_: QueueId, project: ProjectId, now_ms: int) -> Queue:
        """Make the queue that the form describes."""
        return Queue(id_, project, self.name or "", now_ms, now_ms, self.max_size)

    def apply(self, queue: Queue, now_ms: int) -> Queue:
        """Give the queue as the form wants it; unchanged, its date included, if it is so already."""
        changed = replace(queue, name=self.name or queue.name, max_size=self.max_size or queue.max_size)
        return queue if changed == queue else replace(changed, updated_ms=now_ms)


def create(fields: Fields, rules: Rules) -> QueueChange:
    """Read the form that makes a queue.

    Raises:
        Refused: PARAMETER_MISSING: no name; else as `update`.
    """
    if not last(fields, "FriendlyName"):
        raise Refused(Reason.PARAMETER_MISSING, name="FriendlyName")
    change = _read(fields, rules)
    return change if change.max_size is not None else replace(change, max_size=rules.queue_size)


def update(fields: Fields, rules: Rules) -> QueueChange:
    """Read the form that changes a queue.

    Raises:
        Refused: PARAMETER_MISSING: no name, where the dialect needs one; PARAMETER_INVALID.
    """
    if rules.names_required and not last(fields, "FriendlyName"):
        raise Refused(Reason.PARAMETER_MISSING, name="FriendlyName")
    return _read(fields, rules)


def dequeue(fields: Fields) -> Document:
    """Read the form that takes a call out of a queue, and sends it to a document.

    Raises:
        Refused: PARAMETER_MISSING: no Url; URL_INVALID, METHOD_INVALID.
    """
    url = parameters.url(fields, "Url")
    method = parameters.method(fields, "Method") or Method.POST
    if not url:
        raise Refused(Reason.PARAMETER_MISSING, name="Url")
    return Document(url, method)


def _read(fields: Fields, rules: Rules) -> QueueChange:
    name = parameters.line(fields, "FriendlyName", _LONGEST_NAME)
    if name is not None and rules.queue_names_are_words and not _WORD.fullmatch(name):
        raise Refused(
            Reason.PARAMETER_INVALID, name="FriendlyName", expected="letters, digits and underscores"
        )
    return QueueChange(name, parameters.whole(fields, "MaxSize", 1, rules.largest_queue))
