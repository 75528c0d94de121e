"""The key that signs requests to a project's servers, exchanged for another while both are good. Roomtone's own."""

from __future__ import annotations

from collections.abc import Callable

from roomtone.api.frontdesk import NO_CONTENT, Answer, FrontDesk, Visit, json_answer
from roomtone.core.project import Project
from roomtone.dialects.signature_key import signature_key, wanted


async def fetch(visit: Visit, desk: FrontDesk) -> Answer:
    """Say until when a former key signs, too; the key itself is told nowhere but where it is made."""
    project = await desk.store.project(visit.project.id)
    if project is None:
        raise visit.nothing_here()
    return json_answer(200, signature_key(project, desk.clock.now().wall_ms, visit.dialect.sids))


async def create(visit: Visit, desk: FrontDesk) -> Answer:
    """Sign with another key from now on, and with the one before it, too, for a while; tells the new one.

    Raises:
        Refused: PARAMETER_INVALID.
    """
    given, overlap_s = wanted(visit.fields)
    key = given or f"PSK_{desk.dice.bits128():032x}"
    now_ms = desk.clock.now().wall_ms
    until_ms = now_ms + overlap_s * 1_000
    project = await _changed(visit, desk, lambda stored: stored.rekeyed(key, now_ms, until_ms))
    return json_answer(201, signature_key(project, now_ms, visit.dialect.sids, fresh=True))


async def delete_former(visit: Visit, desk: FrontDesk) -> Answer:
    """Sign with the former key no more: every server knows the new one.

    Raises:
        Refused: NOT_FOUND: there is none that signs.
    """
    now_ms = desk.clock.now().wall_ms
    stored = await desk.store.project(visit.project.id)
    if stored is None or stored.former_key(now_ms) is None:
        raise visit.nothing_here()
    await _changed(visit, desk, lambda one: one.without_former_key(now_ms))
    return NO_CONTENT


async def _changed(visit: Visit, desk: FrontDesk, change: Callable[[Project], Project]) -> Project:
    project = await desk.store.change_project(visit.project.id, change)
    if project is None:
        raise visit.nothing_here()
    return project
