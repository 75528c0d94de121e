"""The part of the store that forgets which answers for phones, domains, and lists of phones and networks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar, cast

from roomtone.core.endpoint import AccessList, CredentialList, Domain, Endpoint, IpAddress
from roomtone.core.ids import (
    AccessListId,
    CredentialListId,
    DomainId,
    EndpointId,
    Id,
    IpAddressId,
    ProjectId,
)
from roomtone.core.listing import Place, Window
from roomtone.core.refusals import Reason, Refused
from roomtone.testing.memory_lists import Belonging, changed, own, through

Thing = TypeVar("Thing", bound=Belonging)
ThingId = TypeVar("ThingId", bound=Id)


class MemoryCollection(Generic[Thing, ThingId]):
    """One kind of thing in a dictionary."""

    def __init__(
        self,
        taken: Reason,
        name: Callable[[Thing], object],
        before_removal: Callable[[ProjectId, Id], None] = lambda *_: None,
    ) -> None:
        """Begin with none.

        Args:
            taken: Why a thing is refused whose name is given already.
            name: What may be given once.
            before_removal: What goes with a thing; it may refuse.
        """
        self.kept: dict[ThingId, Thing] = {}
        self._taken, self._name, self._before_removal = taken, name, before_removal
        self._places: dict[tuple[ProjectId, Id], Place] = {}

    async def get(self, project: ProjectId, id_: ThingId) -> Thing | None:
        """Find a project's thing."""
        return own(self.kept, project, id_)

    async def page(self, project: ProjectId, window: Window, of: Id | None = None) -> Sequence[Thing]:
        """List a project's things; `of`: those of one list."""
        mine = (one for one in self.kept.values() if one.project == project)
        return through(window, (one for one in mine if of is None or getattr(one, "list", None) == of))

    async def everything(self, project: ProjectId) -> Sequence[Thing]:
        """List all of a project's things, oldest first."""
        return list(reversed(await self.page(project, Window(len(self.kept) + 1))))

    async def place(self, project: ProjectId, id_: ThingId) -> Place | None:
        """Give a thing's place in that list, also after it was deleted."""
        return self._places.get((project, id_))

    async def add(self, thing: Thing) -> None:
        """Keep a new thing.

        Raises:
            Refused: Its name is given already.
        """
        self._refuse_namesake(thing)
        self.kept[cast("ThingId", thing.id)] = thing
        self._places[thing.project, thing.id] = Place(thing.created_ms, thing.id)

    async def change(
        self, project: ProjectId, id_: ThingId, change: Callable[[Thing], Thing]
    ) -> Thing | None:
        """Change a thing.

        Raises:
            Refused: Its new name is given already.
        """
        found = own(self.kept, project, id_)
        if found is not None:
            self._refuse_namesake(change(found))
        return changed(self.kept, project, id_, change)

    async def remove(self, project: ProjectId, id_: ThingId) -> bool:
        """Delete a thing, and what goes with it.

        Raises:
            Refused: It has to stay.
        """
        self._before_removal(project, id_)
        found = own(self.kept, project, id_)
        return found is not None and self.kept.pop(id_, None) is not None

    def _refuse_namesake(self, thing: Thing) -> None:
        others = (one for one in self.kept.values() if one.id != thing.id)
        if any(self._name(one) == self._name(thing) for one in others):
            raise Refused(self._taken)


class MemoryPhones:
    """Phones, domains and lists."""

    def __init__(self) -> None:
        super().__init__()
        phone, domain = Reason.SIP_USERNAME_TAKEN, Reason.SIP_DOMAIN_TAKEN
        self.phones: MemoryCollection[Endpoint, EndpointId] = MemoryCollection(
            phone, lambda one: (one.project, one.name.lower())
        )
        self.sip_domains: MemoryCollection[Domain, DomainId] = MemoryCollection(domain, lambda one: one.name)
        self.credential_lists: MemoryCollection[CredentialList, CredentialListId] = MemoryCollection(
            phone, lambda one: one.id, self._empty
        )
        self.access_lists: MemoryCollection[AccessList, AccessListId] = MemoryCollection(
            domain, lambda one: one.id, self._empty
        )
        self.ip_addresses: MemoryCollection[IpAddress, IpAddressId] = MemoryCollection(
            domain, lambda one: one.id
        )

    def _empty(self, project: ProjectId, list_: Id) -> None:
        for one in self.sip_domains.kept.values():
            links: tuple[Id, ...] = tuple(link.list for link in (*one.calls, *one.registrations))
            links += tuple(link.list for link in one.networks)
            if one.project == project and list_ in links:
                raise Refused(Reason.SIP_LIST_IN_USE)
        for phone in [one for one in self.phones.kept.values() if one.list == list_]:
            del self.phones.kept[phone.id]
        for network in [one for one in self.ip_addresses.kept.values() if one.list == list_]:
            del self.ip_addresses.kept[network.id]
