"""What the document machines are told, and what they order. Both machines, script and soundtrack, share the words.

Each machine has at most one order under way that will be answered, so a message needs no name of what it answers.
Whoever interrupts a machine (the caller is gone, the call is sent elsewhere) drops its fetch and its timer.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from roomtone.core.exchange import Fetched, FetchedAudio, FetchedDocument, FetchFailed, Parameters, Utterance
from roomtone.core.streaming import StreamWish
from roomtone.core.values import Document, Method
from roomtone.cxml.oddities import Oddity, Warned
from roomtone.cxml.verbs import Dial, Enqueue, Party, QueueResult, Record, RejectReason, Waiting

# In ------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Started:
    """The call (or the soundtrack) begins."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """A brain that has just come back loaded this machine."""

    in_conference: bool = False
    """Whether the call is a participant of a live conference, or connected with another call, now."""

    was_connected: bool = False
    """Whether somebody whom the call dialled had been connected with it, and is so no more."""


@dataclass(frozen=True, slots=True)
class DocumentArrived:
    """A fetch gave a document."""

    text: str
    url: str
    """Where it came from in the end; relative URLs inside are relative to it."""


@dataclass(frozen=True, slots=True)
class AudioArrived:
    """A fetch gave audio. Whoever passes this on keeps the audio at hand: a `PlayAudio` in answer means that audio."""

    url: str
    duration_s: float


@dataclass(frozen=True, slots=True)
class DocumentFailed:
    """A fetch gave nothing of use."""

    code: int
    """The vendors' number, see `roomtone.cxml.problems`."""

    problem: str
    """One sentence for people."""

    url: str


@dataclass(frozen=True, slots=True)
class PlaybackEnded:
    """The audio of the last `PlayAudio` has been played to its end."""


@dataclass(frozen=True, slots=True)
class PauseEnded:
    """The time of the last `Wait` is over."""


class DialStatus(StrEnum):
    """How a dial ended, in the words both vendors share."""

    ANSWERED = "answered"
    """The call was in the conference and is out again."""

    COMPLETED = "completed"
    """Somebody was connected, and the connection is over."""

    BUSY = "busy"
    NO_ANSWER = "no-answer"
    FAILED = "failed"
    """It never got in."""

    CANCELED = "canceled"


@dataclass(frozen=True, slots=True)
class DialBridged:
    """A party that was rung is about to be connected; an unanswered call is answered now (`answerOnBridge`)."""


@dataclass(frozen=True, slots=True)
class DialEnded:
    """The connection is over, or never came to be, and the call is still up."""

    status: DialStatus = DialStatus.ANSWERED
    parameters: Parameters = ()
    """What the action URL is told beyond the status, in the vendors' spelling."""


@dataclass(frozen=True, slots=True)
class DialRefused:
    """The conference did not let the call in: the dial has failed if the coached is not there, else the next verb is done."""

    problem: str
    oddity: Oddity = Oddity.DIAL_REFUSED
    """What the customer is told it was."""


@dataclass(frozen=True, slots=True)
class ReferEnded:
    """The phone has told what came of a REFER, or tells nothing any more."""

    parameters: Parameters = ()
    """What the action URL is told, in the vendors' spelling."""

    taken_up: bool = False
    """Whether the phone took it up; one that refuses does so at once, and must not keep a loop alive."""


@dataclass(frozen=True, slots=True)
class Transferred:
    """Whoever the call was connected with has put somebody else in their place, who is to be rung."""

    party: Party


@dataclass(frozen=True, slots=True)
class Redirected:
    """The call is sent to other instructions, whatever it does now. Whoever tells this has ended what it was in."""

    document: Document | None
    """To be fetched; None: `text` is the document."""

    fallback: Document | None = None
    text: str = ""
    parameters: Parameters = ()
    """To be sent along with the request for it, in the vendors' spelling."""


@dataclass(frozen=True, slots=True)
class TimeLimitReached:
    """The call has been in the conference for as long as its `Dial` allows."""


@dataclass(frozen=True, slots=True)
class DigitPressed:
    """A key was pressed."""

    digit: str


@dataclass(frozen=True, slots=True)
class Enqueued:
    """The call is in the queue and waits."""

    since_ms: int
    """Since when, ms since 1970 UTC."""


@dataclass(frozen=True, slots=True)
class QueueTaken:
    """Somebody takes the call out of the queue."""

    greeting: Document | None = None
    """What the call hears, alone, before they are connected."""


@dataclass(frozen=True, slots=True)
class EnqueueEnded:
    """The call's time in the queue, and any connection that came of it, is over, or never began."""

    result: QueueResult
    parameters: Parameters = ()
    """What the action URL is told beyond the result, in the vendors' spelling."""


@dataclass(frozen=True, slots=True)
class Listened:
    """The caller has been listened to."""

    duration_s: int
    spoke: bool
    """Whether anything was said."""

    recording: Parameters = ()
    """What the action is told of what was kept of it, in the vendors' spelling."""


@dataclass(frozen=True, slots=True)
class StreamEnded:
    """The server that the call was connected with is done, or was never reached."""

    lasted: bool = False
    """Whether they were connected; what failed at once must not keep a loop alive."""


Arrival = DocumentArrived | AudioArrived | DocumentFailed
Message = (
    Started
    | Resumed
    | Arrival
    | PlaybackEnded
    | PauseEnded
    | DialBridged
    | DialEnded
    | DialRefused
    | TimeLimitReached
    | DigitPressed
    | Enqueued
    | Listened
    | QueueTaken
    | EnqueueEnded
    | ReferEnded
    | Transferred
    | Redirected
    | StreamEnded
)
SoundtrackMessage = Started | Arrival | PlaybackEnded | PauseEnded


def arrival(fetched: Fetched) -> Arrival:
    """Say an answer of the documents port in the machines' words."""
    match fetched:
        case FetchedDocument(text, url):
            return DocumentArrived(text, url)
        case FetchedAudio(clip, url):
            return AudioArrived(url, clip.duration_s)
        case FetchFailed(code, problem, url):
            return DocumentFailed(code, problem, url)
    assert_never(fetched)


# Out -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FetchDocument:
    """Ask a customer's server what to do. Answered by an `Arrival`: a document, audio, or a failure."""

    url: str
    method: Method
    parameters: Parameters = ()
    """To be sent besides the standard ones, in the vendors' spelling."""


@dataclass(frozen=True, slots=True)
class FetchAudio:
    """Get an audio file (`FetchRequest.audio_only`). Answered by `AudioArrived` or `DocumentFailed`."""

    url: str


@dataclass(frozen=True, slots=True)
class FetchSpeech:
    """Have something spoken. Answered by `AudioArrived` or `DocumentFailed`."""

    utterance: Utterance


@dataclass(frozen=True, slots=True)
class PlayAudio:
    """Play the audio that has just arrived. Answered by `PlaybackEnded`."""

    url: str
    """Where it came from; for logs."""

    loops: int = 1
    """0 = for ever; no `PlaybackEnded` follows then."""


@dataclass(frozen=True, slots=True)
class PlayKeys:
    """Let the caller hear the tones of keys. Answered by `PlaybackEnded`."""

    keys: str
    loops: int
    """0 = for ever."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Let time go by. Answered by `PauseEnded`."""

    seconds: float


@dataclass(frozen=True, slots=True)
class EchoBack:
    """Let the caller hear themselves. Answered by `PauseEnded`."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer the call. Ordered once, before anything that needs the caller's ear."""


@dataclass(frozen=True, slots=True)
class JoinConference:
    """Take the call into a conference. Answered by `DialEnded` or `DialRefused`."""

    dial: Dial
    """Its `conference` says where and how; `time_limit_s` is to be reported by `TimeLimitReached`."""


@dataclass(frozen=True, slots=True)
class DialParties:
    """Ring these parties and connect the first who answers. Answered by `DialBridged` (optional) and `DialEnded`.

    The parameters of `DialEnded` are DialCallSid and DialCallDuration of the party's call, DialBridged and what the
    vendors tell of SIP, in their spelling. A party that may not be called counts as failed.
    """

    dial: Dial
    """Its `to` is a tuple of parties, never empty; `time_limit_s` is to be reported by `TimeLimitReached`."""

    @property
    def parties(self) -> tuple[Party, ...]:
        """Whom to ring."""
        assert isinstance(self.dial.to, tuple), "this dial is to parties"
        return self.dial.to


@dataclass(frozen=True, slots=True)
class DialQueue:
    """Connect whoever waits in a queue the longest. Answered by `DialEnded`."""

    dial: Dial

    @property
    def waiting(self) -> Waiting:
        """Which queue."""
        assert isinstance(self.dial.to, Waiting), "this dial is to a queue"
        return self.dial.to


@dataclass(frozen=True, slots=True)
class ReferCaller:
    """Ask the call's phone to call somebody else. Answered by `ReferEnded`."""

    target: str


@dataclass(frozen=True, slots=True)
class StartStream:
    """Begin to carry the call's sound to a server; nothing waits for this."""

    wish: StreamWish


@dataclass(frozen=True, slots=True)
class StopStream:
    """Carry it no more; nothing waits for this."""

    name: str


@dataclass(frozen=True, slots=True)
class ConnectStream:
    """Let a server hear the call and speak to it. Answered by `StreamEnded`."""

    wish: StreamWish


@dataclass(frozen=True, slots=True)
class ResumeStream:
    """Go on with the server that an earlier brain connected the call with. Answered by `StreamEnded`."""


@dataclass(frozen=True, slots=True)
class LeaveConference:
    """End what the Dial led to, be it a conference or a connection to one party; `DialEnded` follows."""


@dataclass(frozen=True, slots=True)
class EnterQueue:
    """Put the call into a queue. Answered by `Enqueued` or `EnqueueEnded`; `QueueTaken` may follow."""

    enqueue: Enqueue
    since_ms: int | None = None
    """When it came, if it has been in it before: a brain that came back keeps everybody's place."""


@dataclass(frozen=True, slots=True)
class LeaveQueue:
    """Take the call out of its queue; `EnqueueEnded` follows."""


@dataclass(frozen=True, slots=True)
class Listen:
    """Let the caller speak. Answered by `Listened`."""

    beep: bool
    """Whether a tone says that it begins."""

    timeout_s: int
    """Silence of so long ends it."""

    max_length_s: int
    verb: Record | None = None
    """How what is said is kept; None: it is not."""


@dataclass(frozen=True, slots=True)
class StopListening:
    """The caller has said enough; `Listened` follows."""


@dataclass(frozen=True, slots=True)
class PlayHouseMusic:
    """Play the house's own music until something else is ordered."""


@dataclass(frozen=True, slots=True)
class ConnectCaller:
    """The call has heard its greeting: connect it with whoever took it out of a queue, or had it dialled.

    After a queue `EnqueueEnded` follows in the end; one who was dialled is hung up by whoever had it dialled.
    """


@dataclass(frozen=True, slots=True)
class RejectCall:
    """Refuse the unanswered call. The script is over."""

    reason: RejectReason


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call. The script is over."""

    failed: bool = False
    """Whether it ends because no usable document could be had; the call may be unanswered then, else it is not."""


@dataclass(frozen=True, slots=True)
class Warn:
    """Tell the customer about something odd; nothing waits for this."""

    warned: Warned


@dataclass(frozen=True, slots=True)
class EndSoundtrack:
    """The soundtrack is over; silence from now on."""


@dataclass(frozen=True, slots=True)
class FailSoundtrack:
    """The soundtrack gave nothing to hear."""

    code: int
    problem: str


Order = (
    FetchDocument | FetchAudio | FetchSpeech | PlayAudio | PlayKeys | Wait | EchoBack | Answer | JoinConference | DialParties | DialQueue | ReferCaller | EnterQueue | LeaveQueue | PlayHouseMusic | Listen | StopListening | ConnectCaller | LeaveConference | RejectCall | HangUp
    | Warn | StartStream | StopStream | ConnectStream | ResumeStream
)  # fmt: skip
SoundtrackOrder = (
    FetchDocument | FetchAudio | FetchSpeech | PlayAudio | Wait | Warn | EndSoundtrack | FailSoundtrack
)
