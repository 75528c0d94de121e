"""Who may call in, and what they reach: by password, from a trunk or a network of trust, or a number open to all.

Decides by the rules of `core/entrance.py`; asks the store and the phones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from xml.sax.saxutils import escape

from roomtone.core.call.messages import IncomingCall
from roomtone.core.call.parties import number_called, user_of
from roomtone.core.call.state import CallCallback
from roomtone.core.endpoint import Domain, Endpoint
from roomtone.core.entrance import Entrance
from roomtone.core.ids import NumberId
from roomtone.core.project import Number, Project
from roomtone.core.values import Document
from roomtone.sip.contacts import host_of
from roomtone.switchboard.phones import Denied, Phones
from roomtone.switchboard.ports import Store

NOBODY = Denied(404, "No such number, or it has no VoiceUrl")
STRANGER = Denied(403, "Calls from there need a password")


@dataclass(frozen=True, slots=True)
class Admitted:
    """A call that is taken, and what it does first."""

    project: Project
    voice: Document | None
    fallback: Document | None = None
    text: str = ""
    """The document itself, when there is none to fetch."""

    registered: bool = False
    """Whether it comes from a phone that has proved who it is."""

    number: NumberId | None = None
    callback: CallCallback | None = None


class Entry:
    """Finds out what is to become of each call that comes in."""

    def __init__(self, store: Store, phones: Phones, entrance: Entrance) -> None:
        self._store = store
        self._phones = phones
        self.entrance = entrance

    async def admit(self, signal: IncomingCall, here: str) -> Admitted | Denied:
        """Say what becomes of a call.

        Args:
            signal: It.
            here: Our own address.
        """
        source = signal.source_host
        domain = await self._store.domain_named(host_of(signal.request_uri))
        if self.entrance.is_trunk(source):
            return await self._from_outside(signal, domain, invited=False)
        invited = domain is not None and self.entrance.within(domain.allow, source)
        if domain is not None and domain.networks and not invited and not self.entrance.trusts(source):
            if not self.entrance.within(await self._networks(domain), source):
                await self._phones.strange(source)
                return STRANGER
            invited = not domain.calls
        trusted = invited or self.entrance.trusts(source)
        caller = await self._phones.caller(signal, here, domain, trusted=trusted)
        if isinstance(caller, Denied):
            return caller
        if caller is not None:
            entered = await self._from_phone(signal, caller)
            return entered if isinstance(entered, Denied) else replace(entered, registered=True)
        return await self._from_outside(signal, domain, invited=invited)

    async def phone(self, signal: IncomingCall, here: str) -> Project | Denied:
        """Give the project of the phone that calls, once it has proved to be one; nobody else is let in."""
        domain = await self._store.domain_named(host_of(signal.request_uri))
        caller = await self._phones.caller(signal, here, domain, trusted=False)
        if isinstance(caller, Denied):
            return caller
        if caller is None:
            await self._phones.strange(signal.source_host)
            return STRANGER
        project = await self._store.project(caller.project)
        return NOBODY if project is None or not project.active else project

    async def _networks(self, domain: Domain) -> Sequence[str]:
        return await self._store.networks_in([one.list for one in domain.networks])

    async def _from_phone(self, signal: IncomingCall, caller: Endpoint) -> Admitted | Denied:
        project = await self._store.project(caller.project)
        if project is None or not project.active:
            return NOBODY
        number = await self.number(signal.request_uri)
        if number is not None and number.project == project.id:
            return to_number(number, project)
        domain = await self._domain_of(project, signal)
        if domain is not None and domain.voice is not None:
            return _to_domain(domain, project)
        called = user_of(signal.request_uri)
        if await self._store.endpoints_named(called, project.id):
            return Admitted(project, None, text=_ring(called))
        return NOBODY

    async def _from_outside(
        self, signal: IncomingCall, domain: Domain | None, *, invited: bool
    ) -> Admitted | Denied:
        """Say what becomes of a call of nobody's; `invited`: the domain lets it in."""
        trusted = self.entrance.trusts(signal.source_host)
        number = await self.number(signal.request_uri)
        is_open = trusted or (number is not None and self.entrance.is_open(number.phone_number))
        if not is_open and not invited:
            await self._phones.strange(signal.source_host)
            return STRANGER
        if number is not None:
            if not is_open and (domain is None or domain.project != number.project):
                return NOBODY  # let in to one project's domain, not to another's numbers
            project = await self._store.project(number.project)
            return NOBODY if project is None or not project.active else to_number(number, project)
        project = await self._store.project(domain.project) if domain else None
        if domain is None or domain.voice is None or project is None or not project.active:
            return NOBODY
        return _to_domain(domain, project)

    async def number(self, uri: str) -> Number | None:
        """Give the number that is called, with the URLs its calls follow: its application's, if it has one."""
        phone_number = number_called(uri)
        number = await self._store.number_called(phone_number) if phone_number else None
        if number is None or number.application is None:
            return number
        found = await self._store.application(number.project, number.application)
        if found is None:
            return number
        return replace(
            number,
            voice=found.voice.document,
            voice_fallback=found.voice_fallback.document,
            status_callback=found.status.document or number.status_callback,
        )

    async def _domain_of(self, project: Project, signal: IncomingCall) -> Domain | None:
        """Give the domain that a phone's call is for: the one it names, else the project's first."""
        named = await self._store.domain_named(host_of(signal.request_uri))
        if named is not None:
            return named if named.project == project.id else None
        own = await self._store.all_domains(project.id)
        return own[0] if own else None


def to_number(number: Number, project: Project) -> Admitted | Denied:
    """Say what becomes of a call to a number of a project."""
    if number.voice is None:
        return NOBODY
    told = number.status_callback
    callback = None if told is None else CallCallback(told.url, told.method)
    return Admitted(project, number.voice, number.voice_fallback, number=number.id, callback=callback)


def _to_domain(domain: Domain, project: Project) -> Admitted:
    told = domain.status_callback
    callback = None if told is None else CallCallback(told.url, told.method)
    return Admitted(project, domain.voice, domain.voice_fallback, callback=callback)


def _ring(name: str) -> str:
    """Write the document of a call from phone to phone of a project that has no rule of its own."""
    return f"<Response><Dial><Client>{escape(name)}</Client></Dial></Response>"
