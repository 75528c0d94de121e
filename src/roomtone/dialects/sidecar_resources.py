"""The inside of a recording, as resources of our own: neither vendor has one. Pure."""

from __future__ import annotations

from roomtone.core.ids import CallId
from roomtone.core.recording.sidecar import TRACKS, Redaction, Sidecar
from roomtone.core.recording.state import Recording
from roomtone.dialects.dialect import Json, Resource, Sids

_CALL = "call-"


def moments(recording: Recording, sidecar: Sidecar, sids: Sids, *, waits: bool) -> Resource:
    """Write what happened; `waits`: whether the storage has failed to take something of it."""
    return {
        **_head(recording, sidecar, sids),
        "duration_s": round(sidecar.samples / sidecar.rate_hz, 3),
        "began_unix_ms": sidecar.began_unix_ms,
        "cut_samples": sidecar.cut_samples,
        "lost_samples": sidecar.lost_samples,
        "moments": [
            {
                "sample": one.sample,
                "kind": one.kind,
                "call_sid": None if one.call is None else _shown(one.call, sids),
                "label": one.label,
                "at_unix_ms": one.at_unix_ms,
            }
            for one in sidecar.moments
        ],
        "redactions": [_span(one, sidecar) for one in sidecar.redactions],
        "waits_for_storage": waits,
    }


def tracks(recording: Recording, sidecar: Sidecar, sids: Sids) -> Resource:
    """Write which tracks are kept by themselves, and whose are together in one file."""
    together = sidecar.file(TRACKS)
    return {
        **_head(recording, sidecar, sids),
        "tracks": [
            {
                "call_sid": _shown(one.stem.removeprefix(_CALL), sids),
                "sha256": one.sha256,
                "size_bytes": one.size_bytes,
            }
            for one in sidecar.files
            if one.name.startswith(_CALL)
        ],
        "together": None
        if together is None
        else [_shown(name.removeprefix(_CALL), sids) for name in together.channels],
    }


def redactions(recording: Recording, sidecar: Sidecar, sids: Sids) -> Resource:
    """Write what was silenced."""
    return {
        **_head(recording, sidecar, sids),
        "redactions": [_span(one, sidecar) for one in sidecar.redactions],
    }


def _head(recording: Recording, sidecar: Sidecar, sids: Sids) -> Resource:
    return {
        "recording_sid": sids.show(recording.id),
        "account_sid": sids.show(recording.project),
        "rate_hz": sidecar.rate_hz,
        "samples": sidecar.samples,
        "sha256": sidecar.files[0].sha256,
    }


def _span(one: Redaction, sidecar: Sidecar) -> Json:
    return {
        "from_sample": one.from_sample,
        "to_sample": one.to_sample,
        "from_s": round(one.from_sample / sidecar.rate_hz, 6),
        "to_s": round(one.to_sample / sidecar.rate_hz, 6),
    }


def _shown(hex_: str, sids: Sids) -> str:
    return sids.show(CallId.from_hex(hex_))
