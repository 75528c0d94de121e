"""Trunks: ways out of the whole house, and in. Open to the one project that the operator has named. Roomtone's own.

What is fit for a trunk is `core/trunking.py`'s to say, for the command line as for requests. Those that stand in the settings
are told here, and changed there.
"""

from __future__ import annotations

from collections.abc import Sequence

from roomtone.api.frontdesk import NO_CONTENT, Answer, FrontDesk, Visit, json_answer
from roomtone.core.ids import ProjectId
from roomtone.core.refusals import Reason, Refused
from roomtone.core.routing import Trunk
from roomtone.core.trunking import TrunkWanted, UnfitTrunk, fit, wish_of
from roomtone.dialects import trunk_forms
from roomtone.dialects.dialect import Resource
from roomtone.dialects.paging import LARGEST_SIZE, Page, PageRequest
from roomtone.dialects.trunk_resources import TrunkStanding, shown_name, trunk
from roomtone.sdp.agreement import Codec


async def list_(visit: Visit, desk: FrontDesk) -> Answer:
    """List all trunks on one page, those of the settings first, then the oldest first: the order in which calls take them."""
    operator = _operator(visit, desk)
    written = [_written(one, operator, visit, desk) for one in await _all(desk)]
    asked = PageRequest(size=max(len(written), LARGEST_SIZE))
    page = Page("trunks", operator, ("Trunks",), (), asked, written, None, None)
    return json_answer(200, visit.dialect.resources.page(page))


async def create(visit: Visit, desk: FrontDesk) -> Answer:
    """Make a trunk; calls go over it, and come from it, at once.

    Raises:
        Refused: OPERATOR_ONLY; PARAMETER_MISSING, PARAMETER_INVALID; TRUNK_NAME_TAKEN.
    """
    operator = _operator(visit, desk)
    made = _fit(trunk_forms.create(visit.fields))
    if made.name in _settled(desk):
        raise Refused(Reason.TRUNK_NAME_TAKEN)
    await desk.store.add_trunk(made, desk.clock.now().wall_ms)
    await desk.switchboard.trunks.heed()
    return json_answer(201, _written(made, operator, visit, desk))


async def fetch(visit: Visit, desk: FrontDesk) -> Answer:
    """Give one trunk, and whether it is there."""
    operator = _operator(visit, desk)
    found = next((one for one in await _all(desk) if shown_name(one) == visit.names[0]), None)
    if found is None:
        raise visit.nothing_here()
    return json_answer(200, _written(found, operator, visit, desk))


async def update(visit: Visit, desk: FrontDesk) -> Answer:
    """Change a trunk, all but its name; calls that it carries go on.

    Raises:
        Refused: OPERATOR_ONLY; PARAMETER_INVALID; TRUNK_SETTLED; NOT_FOUND.
    """
    operator = _operator(visit, desk)
    _refuse_settled(visit, desk)

    def change(stored: Trunk) -> Trunk:
        return _fit(trunk_forms.update(visit.fields, wish_of(stored)))

    changed = await desk.store.change_trunk(visit.names[0], change)
    if changed is None:
        raise visit.nothing_here()
    await desk.switchboard.trunks.heed()
    return json_answer(200, _written(changed, operator, visit, desk))


async def delete(visit: Visit, desk: FrontDesk) -> Answer:
    """Call over a trunk no more, and take calls from there for anybody's; calls that it carries go on.

    Raises:
        Refused: OPERATOR_ONLY; TRUNK_SETTLED; NOT_FOUND.
    """
    _operator(visit, desk)
    _refuse_settled(visit, desk)
    if not await desk.store.remove_trunk(visit.names[0]):
        raise visit.nothing_here()
    await desk.switchboard.trunks.heed()
    return NO_CONTENT


def _operator(visit: Visit, desk: FrontDesk) -> ProjectId:
    """Let in the operator's project alone: trunks decide where everybody's calls go, and whose calls are believed."""
    if desk.operator is None or visit.project.id != desk.operator:
        raise Refused(Reason.OPERATOR_ONLY)
    return desk.operator


def _refuse_settled(visit: Visit, desk: FrontDesk) -> None:
    if visit.names[0] in _settled(desk):
        raise Refused(Reason.TRUNK_SETTLED)


def _settled(desk: FrontDesk) -> frozenset[str]:
    """Name those of the settings; one that has no name there is known by its address."""
    return frozenset(shown_name(one) for one in desk.switchboard.trunks.settled)


def _fit(wanted: TrunkWanted) -> Trunk:
    try:
        return fit(wanted, tuple(Codec))
    except UnfitTrunk as unfit:
        raise trunk_forms.refused(unfit) from unfit


async def _all(desk: FrontDesk) -> Sequence[Trunk]:
    return (*desk.switchboard.trunks.settled, *await desk.store.trunks())


def _written(one: Trunk, operator: ProjectId, visit: Visit, desk: FrontDesk) -> Resource:
    at_work = desk.switchboard.trunks
    standing = TrunkStanding(one in at_work.settled, at_work.carries(one), at_work.answers)
    return trunk(one, operator, standing, visit.dialect.sids.show)
