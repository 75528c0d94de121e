"""What a store that forgets does with its dictionaries: whose is what, and which run of a list is wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from roomtone.core.ids import Id, ProjectId
from roomtone.core.listing import ALWAYS, Span, Window


class Listed(Protocol):
    """Something that has a place in a list."""

    @property
    def id(self) -> Id:
        """Its own id."""

    @property
    def created_ms(self) -> int:
        """When it was made."""


class Belonging(Listed, Protocol):
    """Something that a project owns."""

    @property
    def project(self) -> ProjectId:
        """Whose it is."""


Item = TypeVar("Item", bound=Listed)
Owned = TypeVar("Owned", bound=Belonging)
AnyId = TypeVar("AnyId", bound=Id)


def own(items: Mapping[AnyId, Owned], project: ProjectId, id_: AnyId) -> Owned | None:
    """Give a project's thing; None: there is no such thing."""
    found = items.get(id_)
    return found if found is not None and found.project == project else None


def changed(
    items: dict[AnyId, Owned], project: ProjectId, id_: AnyId, change: Callable[[Owned], Owned]
) -> Owned | None:
    """Write ``change(kept)`` and give it; None: there is no such thing."""
    found = own(items, project, id_)
    if found is None:
        return None
    items[id_] = change(found)
    return items[id_]


def through(window: Window, items: Iterable[Item]) -> Sequence[Item]:
    """Give what lies in the window, newest first."""
    ordered = sorted(items, key=_order, reverse=True)
    if window.before is not None:
        edge = (window.before.created_ms, window.before.id.value)
        return [one for one in ordered if _order(one) > edge][-window.limit :]
    if window.after is not None:
        edge = (window.after.created_ms, window.after.id.value)
        ordered = [one for one in ordered if _order(one) < edge]
    return ordered[: window.limit]


def _order(item: Listed) -> tuple[int, int]:
    return item.created_ms, item.id.value


def within(span: Span, at_ms: int | None) -> bool:
    """Say whether a time is inside a span; none given is inside all of time alone."""
    if at_ms is None:
        return span == ALWAYS
    late_enough = span.from_ms is None or at_ms >= span.from_ms
    return late_enough and (span.until_ms is None or at_ms < span.until_ms)
