"""How a project's dialect spells what goes along with questions to its servers, and how its documents
are read.
"""

from __future__ import annotations

from dataclasses import replace

from roomtone.core.call.state import Call
from roomtone.core.conference.messages import Join
from roomtone.core.conference.state import Callback, Conference
from roomtone.core.exchange import Parameters, Utterance
from roomtone.core.ids import CallId, ParticipantId
from roomtone.core.project import Project
from roomtone.core.refusals import Reason, Refused
from roomtone.core.values import Method
from roomtone.cxml.verbs.conference import Conference as Noun
from roomtone.dialects import by_name, topics


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


def dial_extras(project: Project) -> Parameters:
    """Give what the action of a dial is told after a conference, beyond what every dialect tells."""
    return by_name(project.dialect).requests.dial_extras()
