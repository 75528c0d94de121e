"""Passes for pages: what a form says of one, and what is answered. Roomtone's own, so both dialects have the same."""

from __future__ import annotations

from collections.abc import Callable

from roomtone.core.ids import Id, ProjectId
from roomtone.core.passes import IDENTITY, LONGEST_S, USUAL_S, Pass
from roomtone.core.refusals import Reason, Refused
from roomtone.dialects import parameters
from roomtone.dialects.browser_forms import LONGEST_TO, target
from roomtone.dialects.dates import SECOND_MS, rfc2822
from roomtone.dialects.dialect import Resource
from roomtone.dialects.fields import Fields, every, last

CREATE_NAMES = frozenset({"Identity", "Incoming", "Muted", "To", "Ttl"})

MOST = 10
"""Whom one pass may name at most."""


def create(fields: Fields, project: ProjectId, now_s: int) -> Pass:
    """Read what a page is to be allowed.

    Raises:
        Refused: PARAMETER_MISSING, PARAMETER_INVALID.
    """
    identity = last(fields, "Identity")
    if not identity:
        raise Refused(Reason.PARAMETER_MISSING, name="Identity")
    if not IDENTITY.fullmatch(identity):
        expected = "1 to 120 letters, digits and any of _ . + -"
        raise Refused(Reason.PARAMETER_INVALID, name="Identity", expected=expected)
    to = tuple(target(one.strip()) for one in every(fields, "To") if one.strip())
    if len(to) > MOST or any(len(one) > LONGEST_TO for one in to):
        expected = f"at most {MOST}, each of at most {LONGEST_TO} characters"
        raise Refused(Reason.PARAMETER_INVALID, name="To", expected=expected)
    incoming = parameters.boolean(fields, "Incoming") or False
    if not to and not incoming:
        raise Refused(Reason.PARAMETER_MISSING, name="To")
    ttl_s = parameters.whole(fields, "Ttl", 1, LONGEST_S) or USUAL_S
    muted = parameters.boolean(fields, "Muted") or False
    return Pass(project, identity, to, now_s + ttl_s, incoming, muted)


def resource(one: Pass, token: str, show: Callable[[Id], str]) -> Resource:
    """Write a pass."""
    return {
        "account_sid": show(one.project),
        "identity": one.identity,
        "to": list(one.to),
        "incoming": one.incoming,
        "muted": one.muted,
        "date_expires": rfc2822(one.expires_s * SECOND_MS),
        "token": token,
    }
