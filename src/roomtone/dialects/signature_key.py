"""The key that signs requests to a project's servers, and its exchange for another: Roomtone's own, alike in both dialects.

Twilio exchanges auth tokens (a secondary one, promoted) at a host of its own, SignalWire in its dashboard alone.
"""

from __future__ import annotations

from roomtone.core.project import Project
from roomtone.core.refusals import Reason, Refused
from roomtone.dialects import parameters
from roomtone.dialects.dates import iso8601
from roomtone.dialects.dialect import Resource, Sids
from roomtone.dialects.fields import Fields

NAMES = frozenset({"Key", "Overlap"})

SHORTEST = 32
"""Characters of a key that somebody brings: whoever has one signed request can try keys at home. Keys that a project has
already stay good, however short."""

LONGEST = 128
LONGEST_OVERLAP_S = 30 * 86_400
_USUAL_OVERLAP_S = 86_400


EXPECTED = f"at least {SHORTEST} printable ASCII characters"


def is_fit(key: str) -> bool:
    """Say whether a key may take the place of another."""
    return len(key) >= SHORTEST and key.isascii() and key.isprintable()


def wanted(fields: Fields) -> tuple[str | None, int]:
    """Read which key is wanted, None: one that is made up; and how long the former one signs, too, in seconds.

    Raises:
        Refused: PARAMETER_INVALID: too short or too long, or not of printable ASCII.
    """
    key = parameters.text(fields, "Key", LONGEST)
    if key is not None and not is_fit(key):
        raise Refused(Reason.PARAMETER_INVALID, name="Key", expected=EXPECTED)
    overlap_s = parameters.whole(fields, "Overlap", 0, LONGEST_OVERLAP_S)
    return key, _USUAL_OVERLAP_S if overlap_s is None else overlap_s


def signature_key(project: Project, now_ms: int, sids: Sids, *, fresh: bool = False) -> Resource:
    """Write how a project's requests are signed; the key itself only when it is `fresh`."""
    until_ms = project.previous_until_ms if project.former_key(now_ms) else None
    return {
        "account_sid": sids.show(project.id),
        "signing_key": project.signing_key if fresh else None,
        "previous_until": None if until_ms is None else iso8601(until_ms),
    }
