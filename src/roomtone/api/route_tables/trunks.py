"""Routes of trunks, which are the operator's."""

from __future__ import annotations

from roomtone.api import trunks
from roomtone.api.route import OPEN, Route
from roomtone.dialects import trunk_forms

_PATH = ("Trunks",)
_ONE = (*_PATH, OPEN)

TRUNKS = (
    Route("trunks.list", "GET", _PATH, trunks.list_, vendors="neither"),
    Route("trunks.create", "POST", _PATH, trunks.create, trunk_forms.CREATE_NAMES, "neither"),
    Route("trunks.fetch", "GET", _ONE, trunks.fetch, vendors="neither"),
    Route("trunks.update", "POST", _ONE, trunks.update, trunk_forms.UPDATE_NAMES, "neither"),
    Route("trunks.delete", "DELETE", _ONE, trunks.delete, vendors="neither"),
)
"""Five operations on one resource."""
