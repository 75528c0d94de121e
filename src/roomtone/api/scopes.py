"""Which permission opens which resource. One table, by the resource's name; a test holds it to the routes.

Source: the scopes of SignalWire's operations (Voice, Numbers, Messaging, Fax, Management), which are permissions of a
token by another name; an operation that names several is opened by any of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from roomtone.api.join_tokens import OPENED
from roomtone.core.access import EVERYTHING, Access, Permission
from roomtone.core.refusals import Reason, Refused

_VOICE = frozenset({Permission.CALLING})
_NUMBERS = frozenset({Permission.NUMBERS})
_MESSAGES = frozenset({Permission.MESSAGING})
_FAXES = frozenset({Permission.FAX})
_MANAGEMENT = frozenset({Permission.MANAGEMENT})

NEEDED: Mapping[str, frozenset[Permission]] = MappingProxyType(
    {
        "accounts": _MANAGEMENT,
        "applications": _VOICE | _MESSAGES | _FAXES,
        "bins": _VOICE | _MESSAGES | _FAXES,
        "checks": _VOICE | _MESSAGES | _FAXES,
        "faxes": _FAXES,
        "keys": _MANAGEMENT,
        "messages": _MESSAGES,
        "numbers": _NUMBERS,
        "tokens": _MANAGEMENT,
        "trunks": _MANAGEMENT,
    }
)
"""By the last word of the resource's name (``toll-free-numbers`` are numbers), and any one of them is enough. What is
not named here is of calls and conferences and needs `Permission.CALLING`."""

WHOLE = frozenset({"signature-keys.create"})
"""Routes that only a key opens which opens everything: a signing key makes passes and, in Twilio's dialect, may be the
main key."""


def check(route: str, access: Access) -> None:
    """Let a key pass whose permissions open a route.

    Args:
        route: Its name, ``resource.operation``.
        access: Who asks.

    Raises:
        Refused: ACCESS_DENIED.
    """
    if access.pass_ is not None:
        if route not in OPENED:
            raise Refused(Reason.ACCESS_DENIED, problem="a pass opens browser calls alone")
        return
    resource = route.partition(".")[0]
    needed = NEEDED.get(resource.rpartition("-")[2], _VOICE)
    if needed.isdisjoint(access.key.permissions):
        words = " or ".join(sorted(needed))
        raise Refused(Reason.ACCESS_DENIED, problem=f"this token does not have the permission {words}")
    if route in WHOLE and (lacking := access.lacks(EVERYTHING)):
        words = ", ".join(sorted(lacking))
        raise Refused(Reason.ACCESS_DENIED, problem=f"this token does not have all permissions: {words}")
