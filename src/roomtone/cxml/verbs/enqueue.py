"""Enqueue and Leave: wait in a queue until somebody takes the call out of it, or it leaves by itself.

Sources: SignalWire cXML "Enqueue", "Leave"; Twilio TwiML "Enqueue", "Leave".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from roomtone.core.exchange import Parameters
from roomtone.core.values import Document, HouseMusic, Method, Music, Silence
from roomtone.cxml.attributes import Attribute, Table, location, method, plain, resolve
from roomtone.cxml.oddities import Oddity


class QueueResult(StrEnum):
    """How the time in a queue ended, in the words both vendors share.

    Who hangs up, or is sent elsewhere by a customer, hears nothing of what `action` answers.
    """

    BRIDGED = "bridged"
    """Somebody took the call, they were connected, and that is over."""

    LEAVE = "leave"
    HANGUP = "hangup"
    REDIRECTED = "redirected"
    """A customer sent the call elsewhere while it waited."""

    REDIRECTED_FROM_BRIDGED = "redirected-from-bridged"
    """A customer sent the call elsewhere while it was connected."""

    QUEUE_FULL = "queue-full"
    ERROR = "error"
    SYSTEM_ERROR = "system-error"


@dataclass(frozen=True, slots=True)
class Enqueue:
    """Wait in a queue."""

    name: str
    """1 to `MAX_NAME` characters; the queue is made if there is none of that name."""

    action: str | None = None
    """Absolute URL asked for the next document afterwards; None: the next verb."""

    method: Method = Method.POST
    wait_url: str | None = None
    """Absolute URL; ``""``: silence was asked for; None: nothing was said."""

    wait_method: Method = Method.POST

    @property
    def wait(self) -> Music:
        """What the call hears meanwhile; a document may be asked for again and again."""
        if self.wait_url is None:
            return HouseMusic()
        return Document(self.wait_url, self.wait_method) if self.wait_url else Silence()


@dataclass(frozen=True, slots=True)
class Leave:
    """Leave the queue; has a meaning in a queue's wait document only."""


MAX_NAME = 64


def _wait_url(text: str, url: str) -> str:
    return resolve(text.strip(), url) if text.strip() else ""


ATTRIBUTES: Table = (
    Attribute("action", "action", location, Oddity.URL_INVALID),
    Attribute("method", "method", method, Oddity.ENQUEUE_METHOD_INVALID),
    Attribute("waitUrl", "wait_url", _wait_url, Oddity.ENQUEUE_WAIT_URL_INVALID),
    Attribute("waitUrlMethod", "wait_method", method, Oddity.ENQUEUE_METHOD_INVALID),
    Attribute("workflowSid", "workflow", plain),
)


def action_parameters(result: QueueResult) -> Parameters:
    """Give what the `action` URL is told first, in the vendors' spelling."""
    return (("QueueResult", result.value),)


def place_parameters(queue: str, waited_s: int) -> Parameters:
    """Give which queue it was and how long the call has waited in it."""
    return (("QueueSid", queue), ("QueueTime", str(waited_s)))


def wait_parameters(
    queue: str, waited_s: int, *, position: int, average_s: int, size: int, max_size: int | None
) -> Parameters:
    """Give what a request for a wait document is told of the queue as it is."""
    limit = (("MaxQueueSize", str(max_size)),) if max_size is not None else ()
    return (
        ("QueueSid", queue),
        ("QueueTime", str(waited_s)),
        ("QueuePosition", str(position)),
        ("AvgQueueTime", str(average_s)),
        ("CurrentQueueSize", str(size)),
        *limit,
    )


def greeting_parameters(queue: str, waited_s: int, taker: str) -> Parameters:
    """Give what a greeting's request is told: the queue, and the call that took this one (spelled as the vendors do)."""
    return (*place_parameters(queue, waited_s), ("DequeingCallSid", taker))
