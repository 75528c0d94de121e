"""Calls of browsers: what comes with the offer of one. Roomtone's own, so both dialects have the same."""

from __future__ import annotations

import re

from roomtone.core.browsing import BrowserWish
from roomtone.core.ids import ApplicationId
from roomtone.core.passes import IDENTITY
from roomtone.core.refusals import Reason, Refused
from roomtone.core.routing import is_number
from roomtone.dialects import parameters, sids
from roomtone.dialects.fields import Fields, last

CREATE_NAMES = frozenset({"Coach", "From", "Muted", "Sdp", "To"})

_NAME = re.compile(rf"(?:client:)?(?P<name>{IDENTITY.pattern})", re.ASCII)
LONGEST_TO = 320
NOBODY = "browser"
"""Who a browser is that does not say."""

_TARGETS = "conference:NAME, application:SID, client:NAME, a sip: address or a number such as +12025550123"


def create(fields: Fields) -> BrowserWish:
    """Read what a browser wants.

    Raises:
        Refused: PARAMETER_MISSING, PARAMETER_INVALID.
    """
    offer = last(fields, "Sdp")
    if not offer or not offer.strip():
        raise Refused(Reason.PARAMETER_MISSING, name="Sdp")
    to = (parameters.line(fields, "To", LONGEST_TO) or "").strip()
    if not to:
        raise Refused(Reason.PARAMETER_MISSING, name="To")
    kind, _, rest = target(to).partition(":")
    application = sids.parse(ApplicationId, rest) if kind == "application" else None
    return BrowserWish(
        offer=offer,
        name=_name(fields),
        to=to,
        conference=rest if kind == "conference" else None,
        application=application,
        muted=parameters.boolean(fields, "Muted") or False,
        coached=parameters.line(fields, "Coach", 64) or None,
    )


def target(to: str) -> str:
    """Give whom a browser may call, in the one spelling of it.

    Raises:
        Refused: PARAMETER_INVALID: it is nobody.
    """
    kind, _, rest = to.partition(":")
    application = sids.parse(ApplicationId, rest) if kind == "application" else None
    if application is not None:
        return f"application:{sids.prefixed(application)}"
    if is_number(to) or (rest and kind in {"conference", "client", "sip", "sips"}):
        return to
    raise Refused(Reason.PARAMETER_INVALID, name="To", expected=_TARGETS)


def _name(fields: Fields) -> str:
    read = _NAME.fullmatch(last(fields, "From") or NOBODY)
    if read is None:
        raise Refused(
            Reason.PARAMETER_INVALID,
            name="From",
            expected="up to 120 letters, digits and any of _ . + -, perhaps after client:",
        )
    return read["name"]
