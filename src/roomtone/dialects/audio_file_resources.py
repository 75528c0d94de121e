"""Audio files that customers keep here, as a resource of our own: neither vendor has one. Pure."""

from __future__ import annotations

from roomtone.core.audio_file import AudioFile
from roomtone.dialects.dates import iso8601
from roomtone.dialects.dialect import Resource, Sids

PATH = "/audio-files/"
"""Where the files themselves are, under the public URL."""


def audio_file(one: AudioFile, sids: Sids, public_url: str) -> Resource:
    """Write what is known of a file, and the address that announcements and documents name it by."""
    sid = sids.show(one.id)
    return {
        "sid": sid,
        "account_sid": sids.show(one.project),
        "friendly_name": one.name,
        "url": f"{public_url}{PATH}{sid}",
        "content_type": one.media_type or None,
        "size_bytes": one.size_bytes,
        "duration_s": round(one.duration_s, 3),
        "date_created": iso8601(one.created_ms),
    }
