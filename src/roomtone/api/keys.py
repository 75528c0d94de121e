"""API keys: Twilio's ``Keys`` and ``SigningKeys`` and SignalWire's ``tokens``, which are one thing. Secrets are told once, when made.

Several are valid at once, so one is changed without an interruption: make the new one, move over, revoke the old.
"""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace

from roomtone.api import lists
from roomtone.api.frontdesk import NO_CONTENT, Answer, Endpoint, FrontDesk, Visit, json_answer
from roomtone.api.lists import Listing
from roomtone.core.access import ALL_BUT_MANAGEMENT, Key
from roomtone.core.ids import KeyId, ProjectId
from roomtone.core.refusals import Reason, Refused
from roomtone.dialects.key_forms import KeyChange

_ATTRIBUTES = frozenset(
    {
        Reason.PARAMETER_MISSING,
        Reason.PARAMETER_INVALID,
        Reason.PERMISSION_INVALID,
        Reason.SUBPROJECT_INVALID,
    }
)
"""Refusals of one parameter, which the operations on tokens tell in a shape of their own."""


def list_of(key: str, word: str) -> Endpoint:
    """Make the endpoint that lists an account's keys under this key; `word` is the last of its path."""

    async def list_(visit: Visit, desk: FrontDesk) -> Answer:
        listing: Listing[Key, KeyId] = Listing(
            key=key,
            path=(word,),
            filter_names=frozenset(),
            kind=KeyId,
            place=lambda id_: desk.store.key_place(visit.project.id, id_),
            fetch=lambda window: desk.store.keys(visit.project.id, window),
            write=visit.dialect.accounts.key,
        )
        return await lists.page(visit, listing)

    return list_


async def create(visit: Visit, desk: FrontDesk) -> Answer:
    """Make a key that opens all but accounts and keys, as Twilio's standard keys do."""
    name = visit.dialect.forms.key_name(visit.fields)
    key, secret = _made(KeyChange(name or "", ALL_BUT_MANAGEMENT), visit.project.id, desk)
    await desk.store.add_key(key, secret)
    return json_answer(201, visit.dialect.accounts.key(key, secret))


async def fetch(visit: Visit, desk: FrontDesk) -> Answer:
    """Give one key."""
    key = await desk.store.key(visit.project.id, _id(visit))
    if key is None:
        raise visit.nothing_here()
    return json_answer(200, visit.dialect.accounts.key(key))


async def update(visit: Visit, desk: FrontDesk) -> Answer:
    """Change a key's name."""
    key = await _changed(visit, desk, KeyChange(visit.dialect.forms.key_name(visit.fields)))
    return json_answer(200, visit.dialect.accounts.key(key))


async def delete(visit: Visit, desk: FrontDesk) -> Answer:
    """Revoke a key, at once."""
    if not await desk.store.revoke_key(visit.project.id, _id(visit), desk.clock.now().wall_ms):
        raise visit.nothing_here()
    return NO_CONTENT


async def create_token(visit: Visit, desk: FrontDesk) -> Answer:
    """Make a token with the permissions that are wanted, for this project or for one below it."""
    return await _flatly(visit, desk, _create_token(visit, desk))


async def update_token(visit: Visit, desk: FrontDesk) -> Answer:
    """Change a token's name or permissions."""
    return await _flatly(visit, desk, _update_token(visit, desk))


async def _create_token(visit: Visit, desk: FrontDesk) -> Answer:
    wanted = visit.dialect.forms.create_token(visit.fields)
    owner = wanted.subproject or visit.project.id
    if owner != visit.project.id:
        project = await desk.store.project(owner)
        if project is None or project.parent != visit.project.id:
            raise Refused(Reason.SUBPROJECT_INVALID, name="subproject_id")
    key, secret = _made(wanted, owner, desk)
    await desk.store.add_key(key, secret)
    return json_answer(200, visit.dialect.accounts.token(key, secret))


async def _update_token(visit: Visit, desk: FrontDesk) -> Answer:
    key = await _changed(visit, desk, visit.dialect.forms.update_token(visit.fields))
    return json_answer(200, visit.dialect.accounts.token(key))


def _made(wanted: KeyChange, owner: ProjectId, desk: FrontDesk) -> tuple[Key, str]:
    now_ms = desk.clock.now().wall_ms
    key = Key(
        KeyId(desk.dice.bits128()),
        owner,
        wanted.name or "",
        wanted.permissions or frozenset(),
        now_ms,
        now_ms,
    )
    return key, f"PT{desk.dice.bits128():032x}{desk.dice.bits128() & 0xFFFF_FFFF_FFFF_FFFF:016x}"


async def _changed(visit: Visit, desk: FrontDesk, wanted: KeyChange) -> Key:
    now_ms = desk.clock.now().wall_ms
    key = await desk.store.change_key(
        visit.project.id, _id(visit), lambda stored: wanted.apply(stored, now_ms)
    )
    if key is None:
        raise visit.nothing_here()
    return key


async def _flatly(visit: Visit, desk: FrontDesk, work: Awaitable[Answer]) -> Answer:
    """Answer; a parameter that is refused is told in one flat object that names it (SignalWire's tokens alone do so)."""
    try:
        return await work
    except Refused as no:
        if no.reason not in _ATTRIBUTES:
            raise
        told = visit.dialect.errors.tell(no, desk.public_url)
        flat = {
            "type": "validation_error",
            "code": str(told.body["code"]),
            "message": told.body["message"],
            "attribute": str(no.facts.get("name", "")),
            "url": told.body["more_info"],
        }
        return replace(json_answer(422, flat), resource=None)  # it has no XML


def _id(visit: Visit) -> KeyId:
    id_ = visit.dialect.sids.parse(KeyId, visit.names[0])
    if id_ is None:
        raise visit.nothing_here()
    return id_
