"""How a notice is put to a customer's server: what its project's dialect makes of it, and by which name it is known."""

from __future__ import annotations

from functools import partial

from roomtone import dialects
from roomtone.core.call.notices import CallNotice
from roomtone.core.delivery import event_id
from roomtone.core.exchange import Parameters
from roomtone.core.inspection import SHOWN_BYTES
from roomtone.core.notices import Notice
from roomtone.core.project import Project
from roomtone.core.recording.notices import RecordingNotice
from roomtone.core.streaming import StreamNotice
from roomtone.core.transcription import TranscriptionNotice
from roomtone.dialects.signatures import Signer
from roomtone.dialects.stream_resources import stream_parameters
from roomtone.dialects.tokens import IDEMPOTENCY_HEADER
from roomtone.dialects.transcription_resources import transcription_parameters
from roomtone.net.words import Question

EVENT_HEADER = "Roomtone-Event-Id"
"""Our own header with the event's id."""


_SIGNER = dialects.signer()


def spell(notice: Notice, project: Project, house: str = "", signer: Signer = _SIGNER) -> Question:
    """Give the request that tells a project's server of something; the same at every attempt.

    Args:
        notice: What is told.
        project: Whose it is.
        house: The house's own address, without a slash at its end: sound is fetched there.
        signer: Signs it.
    """
    dialect = dialects.by_name(project.dialect)
    name = event_id(notice.lane, notice.sequence)

    form = _parameters(notice, project, house)

    return Question(
        method=notice.method,
        url=notice.url,
        patience=dialect.limits.callbacks_at(notice.url),
        form=form,
        headers={IDEMPOTENCY_HEADER: name, EVENT_HEADER: name},
        sign=partial(signer.sign, project),
        sign_again=partial(signer.sign_again, project),
        signed=_signed(signer, notice, form),
        wants_body=False,
        peek_bytes=SHOWN_BYTES,
    )


def _signed(signer: Signer, notice: Notice, form: Parameters) -> str:
    try:
        return signer.text(notice.url, form, notice.method)
    except ValueError:  # whoever is to ask it will say so
        return ""


def _parameters(notice: Notice, project: Project, house: str) -> Parameters:
    callbacks = dialects.by_name(project.dialect).callbacks
    if isinstance(notice, CallNotice):
        return callbacks.call_parameters(notice, house)
    if isinstance(notice, RecordingNotice):
        return callbacks.recording_parameters(notice, house)
    if isinstance(notice, StreamNotice):
        return stream_parameters(notice, dialects.by_name(project.dialect))
    if isinstance(notice, TranscriptionNotice):
        return transcription_parameters(notice, dialects.by_name(project.dialect), house)
    return dialects.told(project, callbacks.conference_parameters(notice))
