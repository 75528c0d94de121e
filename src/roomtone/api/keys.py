"""API keys: Twilio's ``Keys`` and ``SigningKeys`` and SignalWire's ``tokens``, which are one thing. Secrets are told once, when made.

Several are valid at once, so one is changed without an interruption: make the new one, move over, revoke the old. Nobody
gives a key, be it their own, a permission that the key they ask with does not have.
"""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace

from roomtone.api import lists
from roomtone.api.frontdesk import NO_CONTENT, Answer, Endpoint, FrontDesk, Visit, json_answer
from roomtone.api.lists import Listing
from roomtone.core.access import ALL_BUT_MANAGEMENT, Key, Permission
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
        accounts = visit.dialect.accounts
        listing: Listing[Key, KeyId] = Listing(
            key=key,
            path=(word,),
            filter_names=frozenset(),
            kind=KeyId,
            place=lambda id_: desk.store.key_place(visit.project.id, id_),
            fetch=lambda window: desk.store.keys(visit.project.id, window),
            write=accounts.token if word == "tokens" else accounts.key,
        )
        return await lists.page(visit, listing)

    return list_


async def create(visit: Visit, desk: FrontDesk) -> Answer:
    """Make a key: if nothing else is said, one that opens all but accounts and keys, as Twilio's standard keys do."""
    wanted = visit.dialect.forms.key(visit.fields)
    key, secret = _made(visit, _with_permissions(wanted, visit), visit.project.id, desk)
    await desk.store.add_key(key, secret)
    return json_answer(201, visit.dialect.accounts.key(key, secret))


async def fetch(visit: Visit, desk: FrontDesk) -> Answer:
    """Give one key."""
    return json_answer(200, visit.dialect.accounts.key(await _stored(visit, desk)))


async def fetch_token(visit: Visit, desk: FrontDesk) -> Answer:
    """Give one token, with its permissions."""
    return json_answer(200, visit.dialect.accounts.token(await _stored(visit, desk)))


async def update(visit: Visit, desk: FrontDesk) -> Answer:
    """Change a key's name or permissions."""
    key = await _changed(visit, desk, visit.dialect.forms.key(visit.fields))
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


async def _stored(visit: Visit, desk: FrontDesk) -> Key:
    key = await desk.store.key(visit.project.id, _id(visit))
    if key is None:
        raise visit.nothing_here()
    return key


async def _create_token(visit: Visit, desk: FrontDesk) -> Answer:
    wanted = visit.dialect.forms.create_token(visit.fields)
    owner = wanted.subproject or visit.project.id
    if owner != visit.project.id:
        project = await desk.store.project(owner)
        if project is None or project.parent != visit.project.id:
            raise Refused(Reason.SUBPROJECT_INVALID, name="subproject_id")
    key, secret = _made(visit, wanted, owner, desk)
    await desk.store.add_key(key, secret)
    return json_answer(200, visit.dialect.accounts.token(key, secret))


async def _update_token(visit: Visit, desk: FrontDesk) -> Answer:
    key = await _changed(visit, desk, visit.dialect.forms.update_token(visit.fields))
    return json_answer(200, visit.dialect.accounts.token(key))


def _with_permissions(wanted: KeyChange, visit: Visit) -> KeyChange:
    """Say what a key opens of which only a name was said: of what Twilio's standard key opens, what the asker may give."""
    if wanted.permissions is not None:
        return wanted
    standard = ALL_BUT_MANAGEMENT - visit.access.lacks(ALL_BUT_MANAGEMENT)
    return replace(
        wanted, permissions=standard or ALL_BUT_MANAGEMENT
    )  # which is refused: a key that opens nothing is none


def _made(visit: Visit, wanted: KeyChange, owner: ProjectId, desk: FrontDesk) -> tuple[Key, str]:
    permissions = wanted.permissions or frozenset()
    _permit(permissions, visit)
    now_ms = desk.clock.now().wall_ms
    key = Key(KeyId(desk.dice.bits128()), owner, wanted.name or "", permissions, now_ms, now_ms)
    return key, f"PT{desk.dice.bits128():032x}{desk.dice.bits128() & 0xFFFF_FFFF_FFFF_FFFF:016x}"


async def _changed(visit: Visit, desk: FrontDesk, wanted: KeyChange) -> Key:
    now_ms = desk.clock.now().wall_ms

    def change(stored: Key) -> Key:
        changed = wanted.apply(stored, now_ms)
        _permit(changed.permissions - stored.permissions, visit)
        return changed

    key = await desk.store.change_key(visit.project.id, _id(visit), change)
    if key is None:
        raise visit.nothing_here()
    return key


def _permit(given: frozenset[Permission], visit: Visit) -> None:
    """Let pass what gives these permissions to a key.

    Raises:
        Refused: ACCESS_DENIED: who asks lacks one of them.
    """
    if lacking := visit.access.lacks(given):
        words = ", ".join(sorted(lacking))
        raise Refused(Reason.ACCESS_DENIED, problem=f"this token cannot give what it does not have: {words}")


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
