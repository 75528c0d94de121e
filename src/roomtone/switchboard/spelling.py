"""How a project's dialect spells what goes along with questions to its servers, and how its documents
are read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from roomtone.core.call.state import Call, CallCallback, CallTopic
from roomtone.core.call.wishes import Invitation
from roomtone.core.conference.messages import Join
from roomtone.core.conference.state import Callback, Conference
from roomtone.core.exchange import Parameters, Utterance
from roomtone.core.ids import CallId, ParticipantId
from roomtone.core.project import Project
from roomtone.core.recording.state import Recording
from roomtone.core.recording.wishes import (
    RecordingCallback,
    RecordingTopic,
    RecordingWish,
    Side,
    Transcribing,
)
from roomtone.core.refusals import Reason, Refused
from roomtone.core.values import Method
from roomtone.cxml.verbs import Client, Dial, Number, Party, Record, Sip
from roomtone.cxml.verbs.conference import Conference as Noun
from roomtone.cxml.verbs.dial import party_parameters
from roomtone.dialects import by_name, topics

UNLIMITED_S = 0
"""The call of somebody who is dialled has no limit of its own: the dial has one."""


def soundtrack_parameters(project: Project, conference: Conference, call: CallId | None) -> Parameters:
    """Give the parameters of a request for wait, hold or announcement media; None: it is for everybody."""
    participant = conference.find(call) if call is not None else None
    return by_name(project.dialect).requests.soundtrack_parameters(conference, participant)


def voice_parameters(project: Project, call: Call, extra: Parameters = ()) -> Parameters:
    """Give the parameters of a request for a call's document."""
    return by_name(project.dialect).requests.voice_parameters(project, call, extra)


def voiced(project: Project, utterance: Utterance) -> Utterance:
    """Give an utterance the voice of the project's vendor where the document names none."""
    if utterance.gender is not None:
        return utterance
    return replace(utterance, gender=by_name(project.dialect).requests.default_gender())


def join_of(noun: Noun, project: Project, call: Call, participant: ParticipantId) -> Join:
    """Turn a document's conference noun into the wish to come in.

    Raises:
        Refused: The call to coach is not written as a call's id is.
    """
    coached = None
    if noun.coached:
        coached = by_name(project.dialect).sids.parse(CallId, noun.coached)
        if coached is None:
            raise Refused(Reason.COACH_TARGET_NOT_PRESENT, target=noun.coached)
    return Join(
        participant=participant,
        call=call.id,
        caller=call.caller,
        label=noun.label,
        muted=noun.muted,
        start_on_enter=noun.start_on_enter,
        end_on_exit=noun.end_on_exit,
        beep=noun.beep,
        wait=noun.wait,
        coached=coached,
        max_participants=noun.max_participants,
        callback=_callback(noun.callback or _old_callback(noun, project), project),
        region=noun.region,
        jitter_buffer=noun.jitter_buffer,
        record=_recorded(noun, project),
    )


def _recorded(noun: Noun, project: Project) -> RecordingWish | None:
    """Read how a conference is to be recorded; which news of it is told unless said otherwise is the vendor's."""
    if noun.record not in {"record-from-start", "true"}:
        return None
    topics = noun.recording_callback_topics
    known = by_name(project.dialect).forms.rules.conference_recording_topics if topics is None else topics
    callback = _recording_callback(noun.recording_callback, noun.recording_callback_method, known)
    return RecordingWish(trimmed=noun.trim == "trim-silence", callback=callback)


def _recording_callback(url: str | None, method: Method, topics: Iterable[str]) -> RecordingCallback | None:
    if not url:
        return None
    return RecordingCallback(url, method, frozenset(RecordingTopic(topic) for topic in topics))


def dial_recording(dial: Dial) -> RecordingWish | None:
    """Read how the connection of a dial is to be recorded; None: it is not."""
    if dial.record in {"do-not-record", "false"}:
        return None
    return RecordingWish(
        channels=2 if dial.record.endswith("-dual") else 1,
        side=Side(dial.recording_track),
        trimmed=dial.trim == "trim-silence",
        callback=_recording_callback(
            dial.recording_callback, dial.recording_callback_method, dial.recording_callback_topics
        ),
    )


def verb_recording(verb: Record) -> RecordingWish:
    """Read how what a caller says is to be kept: their own voice alone, unless the other direction is asked for."""
    return RecordingWish(
        channels=2 if verb.channels == "dual" else 1,
        side=Side(verb.track),
        trimmed=verb.trim == "trim-silence",
        callback=_recording_callback(verb.callback, verb.callback_method, verb.callback_topics),
        transcribing=_transcribing(verb),
    )


def _transcribing(verb: Record) -> Transcribing | None:
    wished = verb.transcribe or verb.transcribe_callback is not None
    return Transcribing(verb.transcribe_callback) if wished else None


def recording_parameters(project: Project, recording: Recording, house: str) -> Parameters:
    """Give what an action is told of a recording: where its sound is, and which it is."""
    dialect = by_name(project.dialect)
    return (
        ("RecordingUrl", dialect.callbacks.recording_url(recording, house)),
        ("RecordingSid", dialect.sids.show(recording.id)),
    )


def _old_callback(noun: Noun, project: Project) -> Callback | None:
    """Understand the attribute that came before `statusCallback`."""
    told = by_name(project.dialect).requests.event_topics()
    return Callback(noun.event_callback, Method.POST, told) if noun.event_callback and told else None


def _callback(callback: Callback | None, project: Project) -> Callback | None:
    """Leave out the topics that the project's vendor does not have."""
    if callback is None:
        return None
    known = topics(by_name(project.dialect), " ".join(callback.topics))
    return replace(callback, topics=known)


def dial_extras(project: Project, *, bridged: bool = True) -> Parameters:
    """Give what the action of a dial is told beyond what every dialect tells."""
    return by_name(project.dialect).requests.dial_extras(bridged=bridged)


def invitation_of(dial: Dial, party: Party, caller: Call) -> Invitation:
    """Turn a party of a dial into the wish to call them."""
    told = party.ringing
    callback = None
    if told.callback_url is not None:
        events = frozenset(CallTopic(topic) for topic in told.callback_topics)
        callback = CallCallback(told.callback_url, told.callback_method, events)
    return Invitation(
        to=named(party),
        from_=dial.caller_id or caller.caller.from_,
        display_name=dial.caller_name or "",
        timeout_s=dial.timeout_s,
        time_limit_s=UNLIMITED_S,
        username=party.username if isinstance(party, Sip) else None,
        password=party.password if isinstance(party, Sip) else None,
        callback=callback,
        keys=(party.send_digits or "") if isinstance(party, Number) else "",
        headers=_headers(party),
        codecs=party.codecs if isinstance(party, Sip) else (),
    )


def _headers(party: Party) -> tuple[tuple[str, str], ...]:
    """Give what the INVITE of a party carries: a client's parameters are told to its phone as ``X-Name``."""
    match party:
        case Sip():
            return party.headers
        case Client():
            return tuple((f"X-{name}", value) for name, value in party.parameters)
        case Number():
            return ()


def named(party: Party) -> str:
    """Write a party as calls of ours name whom they go to."""
    match party:
        case Number(number):
            return number
        case Sip(uri):
            return uri
        case Client(identity):
            return f"client:{identity}"


def dialled_parameters(
    project: Project, call: Call | None, duration_s: int | None, sip: Parameters, *, bridged: bool
) -> Parameters:
    """Give what the action of a dial is told about the party's call.

    Args:
        project: Whose document dialled.
        call: The party's; None: it was never made.
        duration_s: Since its answer, in whole seconds; None: it was not answered.
        sip: What is told of a party that was dialled by its SIP address.
        bridged: Whether the two were connected.
    """
    extras = (*sip, *dial_extras(project, bridged=bridged))
    if call is None:
        return extras
    sid = by_name(project.dialect).sids.show(call.id)
    return (*party_parameters(sid, duration_s), *extras)
