"""The paths of sound: which recording or track, and in which form. Pure.

Sound is what `…/Recordings/{Sid}` without a suffix gives, and with ``.wav``, ``.mp3``, ``.flac`` or ``.ogg`` also below a
call and a conference. What ends otherwise is somebody else's. Names are only ever read as ids and looked up: none
becomes part of a file's name.

Source: Twilio "Recording resource" (fetch a recording's media file); SignalWire "Retrieve a recording".
"""

from __future__ import annotations

from dataclasses import dataclass

from roomtone.api.addresses import Address

FORMS = frozenset({"wav", "mp3", "flac", "ogg"})
VENDORS = frozenset({"wav", "mp3"})
"""The forms that both vendors deliver."""

ALL_TRACKS = ""
"""In place of a call: the file of all tracks."""

_PARENTS = frozenset({"Calls", "Conferences"})


@dataclass(frozen=True, slots=True)
class WantedSound:
    """What a path asks for."""

    prefix: str
    """What stood before the version."""

    account: str
    recording: str
    """As it was spelled."""

    form: str
    parent: tuple[str, str] | None = None
    """``Calls`` or ``Conferences``, and which, if the path goes through one."""

    track: str | None = None
    """The call whose track is wanted, as it was spelled, or `ALL_TRACKS`; None: the recording itself."""

    @property
    def of_vendors(self) -> bool:
        """Whether both vendors have such a path."""
        return self.parent is None and self.track is None and self.form in VENDORS


def read(method: str, address: Address | None) -> WantedSound | None:
    """Read an address; None: it is of no sound."""
    if method not in {"GET", "HEAD"} or address is None or address.account is None or address.suffix:
        return None
    match address.segments:
        case ("Recordings", name) if name:
            sid, form = _parted(name)
            return WantedSound(address.prefix, address.account, sid, form or "wav")
        case (parent, which, "Recordings", name) if parent in _PARENTS and _parted(name)[1]:
            sid, form = _parted(name)
            return WantedSound(address.prefix, address.account, sid, form, (parent, which))
        case ("Recordings", sid, name) if _parted(name)[0] == "Tracks" and _parted(name)[1]:
            return WantedSound(address.prefix, address.account, sid, _parted(name)[1], track=ALL_TRACKS)
        case ("Recordings", sid, "Tracks", name) if _parted(name)[1]:
            call, form = _parted(name)
            return WantedSound(address.prefix, address.account, sid, form, track=call)
        case _:
            return None


def _parted(name: str) -> tuple[str, str]:
    """Take the form off a name; empty: it has none of ours."""
    stem, dot, ending = name.rpartition(".")
    return (stem, ending) if dot and stem and ending in FORMS else (name, "")
