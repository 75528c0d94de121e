"""The delivery log as a resource of our own: neither vendor has one that tells what was signed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from roomtone.core.ids import CallId, ConferenceId, ProjectId
from roomtone.core.inspection import Logged
from roomtone.dialects.dates import iso8601
from roomtone.dialects.dialect import Json, Resource, Sids

_TELLING = ("StatusCallbackEvent", "RecordingStatus", "StreamEvent", "CallStatus")
"""Parameters of which the first that is there says best what a request is about."""


def gist(parameters: Mapping[str, str]) -> str:
    """Say in a word what a request is about, by its parameters; empty: they do not tell."""
    return next((parameters[name] for name in _TELLING if parameters.get(name)), "")


def deliveries(
    project: ProjectId,
    of: CallId | ConferenceId,
    lines: Sequence[tuple[int, Logged]],
    sids: Sids,
    *,
    more: bool,
) -> Resource:
    """Write lines of the log of a call or a conference, the newest first; `more`: there are older ones."""
    key = "call_sid" if isinstance(of, CallId) else "conference_sid"
    return {
        "account_sid": sids.show(project),
        key: sids.show(of),
        "deliveries": [delivery(number, line, sids) for number, line in lines],
        "next_before": lines[-1][0] if more and lines else None,
    }


def replay(event_id: str | None, count: int) -> Resource:
    """Write how many callbacks of a name, or of a span, were put back to be told again; those that are owed still are none."""
    return {"event_id": event_id, "told_again": count}


def delivery(number: int, line: Logged, sids: Sids) -> Resource:
    """Write one line: one attempt of a callback, or one request for a document or for sound."""
    about, said = line.about, line.said
    return {
        "number": number,
        "call_sid": None if about.call is None else sids.show(about.call),
        "conference_sid": None if about.conference is None else sids.show(about.conference),
        "what": line.what,
        "event_id": line.event_id or None,
        "attempt": line.number,
        "at": iso8601(line.at_ms),
        "at_unix_ms": line.at_ms,
        "latency_ms": line.latency_ms,
        "status": line.status,
        "problem": line.problem,
        "request": {
            "method": said.method,
            "url": said.url,
            "headers": _pairs(said.headers),
            "parameters": _pairs(said.form),
        },
        "signed": said.signed,
        "signed_with_previous_key": said.signed_again,
        "response": {"headers": _pairs(said.answered), "body": said.body},
    }


def _pairs(pairs: Iterable[tuple[str, str]]) -> Json:
    return [{"name": name, "value": value} for name, value in pairs]
