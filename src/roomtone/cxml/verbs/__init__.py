"""The verbs, one file each: a frozen value and the table of its attributes."""

from __future__ import annotations

from roomtone.cxml.verbs.conference import Conference
from roomtone.cxml.verbs.dial import Dial
from roomtone.cxml.verbs.echo import Echo
from roomtone.cxml.verbs.enqueue import Enqueue, Leave, QueueResult
from roomtone.cxml.verbs.gather import Gather
from roomtone.cxml.verbs.hangup import Hangup
from roomtone.cxml.verbs.parties import Client, Number, Party, Sip, Waiting
from roomtone.cxml.verbs.pause import Pause
from roomtone.cxml.verbs.play import Play, PlayDigits
from roomtone.cxml.verbs.record import Record
from roomtone.cxml.verbs.redirect import Redirect
from roomtone.cxml.verbs.refer import Refer
from roomtone.cxml.verbs.reject import Reject, RejectReason
from roomtone.cxml.verbs.say import Say
from roomtone.cxml.verbs.stream import Connect, Start, Stop

__all__ = [
    "Client", "Conference", "Connect", "Dial", "Echo", "Enqueue", "Gather", "Hangup", "Leave", "Number", "Party", "Pause", "Play", "PlayDigits", "QueueResult", "Record", "Redirect", "Refer", "Reject", "RejectReason", "Say", "Sip", "Start", "Stop", "Verb", "Waiting",
]  # fmt: skip

Verb = (
    Connect
    | Dial
    | Echo
    | Enqueue
    | Leave
    | Gather
    | Play
    | PlayDigits
    | Pause
    | Record
    | Redirect
    | Refer
    | Hangup
    | Reject
    | Say
    | Start
    | Stop
)
"""One thing to do."""
