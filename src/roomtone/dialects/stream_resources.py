"""Streams as resources and in callbacks: both vendors' alike but for a few names.

Sources: SignalWire "Streams", cXML "Stream" (status callback); Twilio "Stream resource", TwiML "Stream" (status callback).
"""

from __future__ import annotations

from roomtone.core.exchange import Parameters
from roomtone.core.streaming import Stream, StreamNotice, StreamStatus, StreamTopic
from roomtone.dialects.dates import iso8601, rfc2822
from roomtone.dialects.dialect import Dialect, Resource


def stream(one: Stream, dialect: Dialect) -> Resource:
    """Write a stream. Twilio knows none that is queued: it is in progress there."""
    show = dialect.sids.show
    account, sid = show(one.project), show(one.id)
    whose = {"call_sid": show(one.call)} if one.call is not None else {"conference_sid": show(one.subject)}
    above = "Calls" if one.call is not None else "Conferences"
    known = {StreamStatus.QUEUED: StreamStatus.IN_PROGRESS} if dialect.name == "twilio" else {}
    return {
        "sid": sid,
        "account_sid": account,
        **whose,
        "name": one.name or sid,
        "status": known.get(one.status, one.status).value,
        "date_updated": rfc2822(one.updated_ms),
        "uri": dialect.paths.item(account, above, show(one.subject), "Streams", sid),
    }


def stream_parameters(notice: StreamNotice, dialect: Dialect) -> Parameters:
    """Give the parameters of a stream's status callback, in order, no name twice."""
    one, show = notice.state, dialect.sids.show
    sid = show(one.id)
    whose = (
        (("CallSid", show(one.call)),) if one.call is not None else (("ConferenceSid", show(one.subject)),)
    )
    error = (("StreamError", _error(notice, dialect)),) if notice.topic is StreamTopic.ERROR else ()
    more = (("StreamTrack", one.wish.track.value), ("Unique-ID", sid)) if dialect.name == "signalwire" else ()
    return (
        ("AccountSid", show(one.project)),
        *whose,
        ("StreamSid", sid),
        ("StreamName", one.name or sid),
        ("StreamEvent", notice.topic.value),
        *error,
        ("Timestamp", iso8601(notice.at_ms)),
        *more,
    )


def _error(notice: StreamNotice, dialect: Dialect) -> str:
    """Twilio's words are for people, SignalWire's are few."""
    word = "general_error" if notice.state.fault is None else notice.state.fault.value
    return notice.problem or word if dialect.name == "twilio" else word
