"""Accounts: list, create, fetch, update. There are two levels: an account, and those below it, which it may act for."""

from __future__ import annotations

from datetime import UTC, datetime

from roomtone.api import lists
from roomtone.api.frontdesk import Answer, FrontDesk, Visit, json_answer
from roomtone.api.lists import Listing
from roomtone.core.ids import ProjectId
from roomtone.core.project import Project
from roomtone.core.refusals import Reason, Refused
from roomtone.dialects.account_forms import FILTER_NAMES
from roomtone.dialects.dialect import Resource


async def list_(visit: Visit, desk: FrontDesk) -> Answer:
    """List the account and those below it."""
    wanted = visit.dialect.forms.list_accounts(visit.fields)
    listing: Listing[Project, ProjectId] = Listing(
        key="accounts",
        path=(),
        filter_names=FILTER_NAMES,
        kind=ProjectId,
        place=lambda id_: desk.store.family_place(visit.project.id, id_),
        fetch=lambda window: desk.store.family(visit.project.id, wanted, window),
        write=lambda project: _written(project, visit),
        of_account=False,
    )
    return await lists.page(visit, listing)


async def create(visit: Visit, desk: FrontDesk) -> Answer:
    """Make an account below this one.

    In Twilio's dialect it can be used at once, by its ``auth_token``; in SignalWire's it is given tokens by its parent
    (``subproject_id``), and only its signing key is told here. Either is told only to a key that opens everything.
    """
    if visit.project.parent is not None:
        raise Refused(Reason.ACCESS_DENIED, problem="an account below another cannot have any below it")
    wanted = visit.dialect.forms.create_account(visit.fields)
    now_ms = desk.clock.now().wall_ms
    secret = f"{desk.dice.bits128():032x}"
    opened_by_secret = visit.dialect.forms.rules.account_token_signs
    project = Project(
        id=ProjectId(desk.dice.bits128()),
        name=wanted.name or _unnamed(now_ms),
        dialect=visit.project.dialect,
        signing_key=secret if opened_by_secret else f"PSK_{secret}",
        created_ms=now_ms,
        parent=visit.project.id,
        strict=visit.project.strict if wanted.strict is None else wanted.strict,
    )
    await desk.store.add_project(project, secret if opened_by_secret else None)
    return json_answer(201, _written(project, visit, fresh=True))


async def fetch(visit: Visit, desk: FrontDesk) -> Answer:
    """Give the account."""
    project = await desk.store.project(visit.project.id)
    if project is None:
        raise visit.nothing_here()
    return json_answer(200, _written(project, visit))


async def update(visit: Visit, desk: FrontDesk) -> Answer:
    """Change an account's name, or whether it is served."""
    wanted = visit.dialect.forms.update_account(visit.fields)
    now_ms = desk.clock.now().wall_ms
    project = await desk.store.change_project(visit.project.id, lambda stored: wanted.apply(stored, now_ms))
    if project is None:
        raise visit.nothing_here()
    return json_answer(200, _written(project, visit))


def _written(project: Project, visit: Visit, *, fresh: bool = False) -> Resource:
    return visit.dialect.accounts.account(project, fresh=fresh, trusted=visit.access.opens_everything)


def _unnamed(now_ms: int) -> str:
    made = datetime.fromtimestamp(now_ms / 1000, UTC)
    return f"SubAccount Created at {made:%Y-%m-%d %I:%M %p}"
