"""Trunks: what a form says of one. Roomtone's own, so both dialects have the same.

Parameters are the command line's options by their other spelling (``--calls-per-s`` is ``CallsPerS``); those of which there
may be several are repeated. An empty one says that there is none.
"""

from __future__ import annotations

from dataclasses import replace

from roomtone.core.refusals import Reason, Refused
from roomtone.core.trunking import TrunkWanted, UnfitTrunk
from roomtone.dialects import parameters
from roomtone.dialects.faces import pascal
from roomtone.dialects.fields import Fields, every, last

UPDATE_NAMES = frozenset(
    {"Allow", "Calls", "CallsPerS", "Codec", "OptionsS", "Password", "Prefix", "Uri", "Username"}
)
CREATE_NAMES = UPDATE_NAMES | {"Name"}

_ANY = 10**9
"""More than anybody means: what is too much is not a form's to say."""


def create(fields: Fields) -> TrunkWanted:
    """Read the form that makes a trunk.

    Raises:
        Refused: PARAMETER_MISSING, PARAMETER_INVALID.
    """
    for name in ("Name", "Uri"):
        if not last(fields, name):
            raise Refused(Reason.PARAMETER_MISSING, name=name)
    return update(fields, TrunkWanted(name=last(fields, "Name") or "", uris=(), prefixes=()))


def update(fields: Fields, before: TrunkWanted) -> TrunkWanted:
    """Read the form that changes a trunk; what it does not name stays as it was before.

    Raises:
        Refused: PARAMETER_INVALID.
    """
    calls = parameters.whole(fields, "Calls", 0, _ANY)
    calls_per_s = parameters.number(fields, "CallsPerS", 0, _ANY)
    options_s = parameters.number(fields, "OptionsS", 0, _ANY)
    return replace(
        before,
        uris=_several(fields, "Uri", before.uris),
        prefixes=_several(fields, "Prefix", before.prefixes),
        username=_text(fields, "Username", before.username),
        password=_text(fields, "Password", before.password),
        codecs=_several(fields, "Codec", before.codecs),
        calls=before.calls if calls is None else calls,
        calls_per_s=before.calls_per_s if calls_per_s is None else calls_per_s,
        allow=_several(fields, "Allow", before.allow),
        options_s=before.options_s if options_s is None else options_s,
    )


def refused(unfit: UnfitTrunk) -> Refused:
    """Say by the parameter's name what a trunk cannot be."""
    return Refused(Reason.PARAMETER_INVALID, name=pascal(unfit.what), expected=unfit.expected)


def _several(fields: Fields, name: str, before: tuple[str, ...]) -> tuple[str, ...]:
    given = every(fields, name)
    return tuple(one.strip() for one in given if one.strip()) if given else before


def _text(fields: Fields, name: str, before: str | None) -> str | None:
    given = last(fields, name)
    return before if given is None else given or None
