"""Routes of streams, below calls and conferences."""

from __future__ import annotations

from collections.abc import Iterator

from roomtone.api.frontdesk import Endpoint
from roomtone.api.route import OPEN, Route
from roomtone.dialects import stream_forms


def routes_of_streams(
    name: str, above: tuple[str, ...], endpoints: tuple[Endpoint, Endpoint], vendors: str
) -> Iterator[Route]:
    """Name the operations on streams of a call or a conference."""
    create, update = endpoints
    path = (*above, OPEN, "Streams")
    yield Route(f"{name}.create", "POST", path, create, stream_forms.CREATE_NAMES, vendors)
    yield Route(f"{name}.update", "POST", (*path, OPEN), update, stream_forms.UPDATE_NAMES, vendors)
