"""Passes for pages: made for whoever has a key of the project, and what one opens for whoever shows it instead of a key.

A page that has one may call whom it names, as whom it names, and hang up; nothing else is opened by it (`OPENED`).
"""

from __future__ import annotations

from dataclasses import replace

from roomtone.api.frontdesk import Answer, FrontDesk, Visit, json_answer
from roomtone.api.ports_of_accounts import Projects
from roomtone.core.access import Access, Key
from roomtone.core.browsing import BrowserWish
from roomtone.core.ids import KeyId
from roomtone.core.passes import Pass
from roomtone.core.refusals import Reason, Refused
from roomtone.dialects import browser_forms, pass_forms, passes
from roomtone.dialects.fields import Fields, last
from roomtone.dialects.passes import NoPass

OPENED = frozenset({"browser-calls.create", "browser-calls.delete"})
"""All routes that a pass opens."""


async def create(visit: Visit, desk: FrontDesk) -> Answer:
    """Make a pass; nothing is kept of it.

    Raises:
        Refused: PARAMETER_MISSING, PARAMETER_INVALID: also of whom is too long a list for a token.
    """
    now_s = desk.clock.now().wall_ms // 1_000
    made = pass_forms.create(visit.fields, visit.project.id, now_s)
    project = await desk.store.project(
        visit.project.id
    )  # its key may have been exchanged just now, by the command line
    if project is None:
        raise visit.nothing_here()
    token = passes.write(made, project.signing_key, now_s, desk.dice.bits128())
    if len(token) > passes.LONGEST:
        raise Refused(Reason.PARAMETER_INVALID, name="To", expected="fewer or shorter names")
    return json_answer(201, pass_forms.resource(made, token, visit.dialect.sids.show))


async def admit(token: str, projects: Projects, now_ms: int) -> Access:
    """Let in whoever shows a pass.

    Raises:
        Refused: NOT_AUTHENTICATED; PROJECT_NOT_ACTIVE.
    """
    found = await prove(token, projects, now_ms)
    project = await projects.project(found.project)
    assert project is not None, "its key has just proved the pass"
    if not project.active:
        raise Refused(Reason.PROJECT_NOT_ACTIVE, project=project.id.hex)
    key = Key(KeyId(0), project.id, f"pass of {found.identity}", frozenset(), 0, 0)
    return Access(project, key, found)


async def prove(token: str, projects: Projects, now_ms: int) -> Pass:
    """Read a pass that the project's signing key, or the one before it for as long as that is good, has signed.

    Raises:
        Refused: NOT_AUTHENTICATED.
    """
    try:
        return passes.proved(token, await projects.project(passes.project_of(token)), now_ms)
    except NoPass:
        raise Refused(Reason.NOT_AUTHENTICATED) from None


def within(fields: Fields, one: Pass | None) -> Fields:
    """Give what is asked for, completed by what a pass says if it says it alone."""
    if one is None or len(one.to) != 1 or last(fields, "To"):
        return fields
    return (*fields, ("To", one.to[0]))


def bound(wish: BrowserWish, one: Pass | None) -> BrowserWish:
    """Hold a browser's wish to what its pass allows.

    Raises:
        Refused: ACCESS_DENIED.
    """
    if one is None:
        return wish
    if wish.name not in {one.identity, browser_forms.NOBODY}:
        raise Refused(Reason.ACCESS_DENIED, problem=f"this pass is {one.identity}'s")
    if browser_forms.target(wish.to) not in one.to:
        raise Refused(Reason.ACCESS_DENIED, problem="this pass does not name whom it calls")
    if wish.coached is not None:
        raise Refused(Reason.ACCESS_DENIED, problem="whoever has a pass coaches nobody")
    return replace(wish, name=one.identity, muted=wish.muted or one.muted)
