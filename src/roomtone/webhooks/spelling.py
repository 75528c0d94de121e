"""How a notice is put to a customer's server: what its project's dialect makes of it, and by which name it is known."""

from __future__ import annotations

from roomtone import dialects
from roomtone.core.call.notices import CallNotice
from roomtone.core.delivery import event_id
from roomtone.core.exchange import Parameters
from roomtone.core.notices import Notice
from roomtone.core.project import Project
from roomtone.core.recording.notices import RecordingNotice
from roomtone.core.streaming import StreamNotice
from roomtone.core.values import Method
from roomtone.dialects.stream_resources import stream_parameters
from roomtone.dialects.tokens import IDEMPOTENCY_HEADER
from roomtone.net.words import Question

EVENT_HEADER = "Roomtone-Event-Id"
"""Our own header with the event's id."""


def spell(notice: Notice, project: Project, house: str = "") -> Question:
    """Give the request that tells a project's server of something; the same at every attempt.

    Args:
        notice: What is told.
        project: Whose it is.
        house: The house's own address, without a slash at its end: sound is fetched there.
    """
    dialect = dialects.by_name(project.dialect)
    name = event_id(notice.lane, notice.sequence)

    def sign(url: str, parameters: Parameters, method: Method) -> dict[str, str]:
        return dict(dialect.signatures.sign(project, url, parameters, method))

    return Question(
        method=notice.method,
        url=notice.url,
        patience=dialect.limits.callbacks_at(notice.url),
        form=_parameters(notice, project, house),
        headers={IDEMPOTENCY_HEADER: name, EVENT_HEADER: name},
        sign=sign,
        wants_body=False,
    )


def _parameters(notice: Notice, project: Project, house: str) -> Parameters:
    callbacks = dialects.by_name(project.dialect).callbacks
    if isinstance(notice, CallNotice):
        return callbacks.call_parameters(notice, house)
    if isinstance(notice, RecordingNotice):
        return callbacks.recording_parameters(notice, house)
    if isinstance(notice, StreamNotice):
        return stream_parameters(notice, dialects.by_name(project.dialect))
    return dialects.told(project, callbacks.conference_parameters(notice))
