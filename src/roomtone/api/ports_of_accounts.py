"""What the doors ask the store of projects, and of what they own.

A list runs as `roomtone.core.listing` says: newest first, in a window hung on a place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from roomtone.core.access import Access, AccountFilter, Key
from roomtone.core.application import Application
from roomtone.core.deeds import Deed
from roomtone.core.endpoint import AccessList, CredentialList, Domain, Endpoint, IpAddress
from roomtone.core.ids import (
    AccessListId,
    ApplicationId,
    BinId,
    CredentialListId,
    DomainId,
    EndpointId,
    Id,
    IpAddressId,
    KeyId,
    NumberId,
    ProjectId,
)
from roomtone.core.listing import ApplicationFilter, BinFilter, NumberFilter, Place, Window
from roomtone.core.project import Bin, Number, Project
from roomtone.core.routing import Trunk
from roomtone.core.usage import Use


class Audit(Protocol):
    """Who did what."""

    def note_deed(self, deed: Deed) -> None:
        """Have a line written soon; never waits, never fails."""


class Keys(Protocol):
    """Who may come in."""

    async def access(self, user: ProjectId | KeyId, secret: str) -> Access | None:
        """Find out who has come in: with a project's id and one of its secrets, or with a key's id and its own.

        Compared in constant time.
        """

    def proved(self, user: ProjectId | KeyId, secret: str) -> Access | None:
        """Say the same of somebody who proved it a moment ago; None: it would have to be found out."""

    async def key(self, project: ProjectId, key: KeyId) -> Key | None:
        """Find a key of a project, or of one below it, that is neither revoked nor a main key."""

    async def keys(self, project: ProjectId, window: Window) -> Sequence[Key]:
        """List a project's keys, without its main ones."""

    async def key_place(self, project: ProjectId, key: KeyId) -> Place | None:
        """Give a key's place in the list of keys, also after it was revoked; None: never was this project's."""

    async def add_key(self, key: Key, secret: str) -> bool:
        """Give a project another key, beside those it has; False: there is no such project."""

    async def change_key(self, project: ProjectId, key: KeyId, change: Callable[[Key], Key]) -> Key | None:
        """Write ``change(stored)`` in one transaction and give it; None: there is no such key (see `key`)."""

    async def revoke_key(self, project: ProjectId, key: KeyId, at_ms: int) -> bool:
        """Let a key open nothing any more; False: there is no such key (see `key`)."""


class Projects(Protocol):
    """Projects, and those below them."""

    async def project(self, project: ProjectId) -> Project | None:
        """Find a project."""

    async def family(self, head: ProjectId, wanted: AccountFilter, window: Window) -> Sequence[Project]:
        """List a project and those below it."""

    async def family_place(self, head: ProjectId, project: ProjectId) -> Place | None:
        """Give a project's place in that list; None: not of this family."""

    async def add_project(self, project: Project, token: str | None = None) -> None:
        """Make a project, with a main key of this token if it is to have one."""

    async def change_project(
        self, project: ProjectId, change: Callable[[Project], Project]
    ) -> Project | None:
        """Write ``change(stored)`` in one transaction and give it; None: there is no such project."""


class Numbers(Protocol):
    """Claimed phone numbers. One is claimed by at most one project."""

    async def number(self, project: ProjectId, number: NumberId) -> Number | None:
        """Find a project's number."""

    async def numbers(self, project: ProjectId, wanted: NumberFilter, window: Window) -> Sequence[Number]:
        """List a project's numbers."""

    async def number_place(self, project: ProjectId, number: NumberId) -> Place | None:
        """Give a number's place in that list, also after it was released; None: never was this project's."""

    async def claimed_among(self, phone_numbers: Sequence[str]) -> frozenset[str]:
        """Give those of some hundreds of numbers that are claimed, by anybody."""

    async def add_number(self, number: Number) -> None:
        """Claim a number.

        Raises:
            Refused: NUMBER_TAKEN: it is claimed already, by anybody.
        """

    async def change_number(
        self, project: ProjectId, number: NumberId, change: Callable[[Number], Number]
    ) -> Number | None:
        """Write ``change(stored)`` in one transaction and give it; None: there is no such number."""

    async def remove_number(self, project: ProjectId, number: NumberId) -> bool:
        """Release a number; False: there is no such number. Its place stays known."""


class Bins(Protocol):
    """Hosted documents."""

    async def bin(self, project: ProjectId, bin_: BinId) -> Bin | None:
        """Find a project's document."""

    async def bins(self, project: ProjectId, wanted: BinFilter, window: Window) -> Sequence[Bin]:
        """List a project's documents."""

    async def bin_place(self, project: ProjectId, bin_: BinId) -> Place | None:
        """Give a document's place in that list, also after it was deleted; None: never was this project's."""

    async def add_bin(self, bin_: Bin) -> None:
        """Keep a new document."""

    async def change_bin(self, project: ProjectId, bin_: BinId, change: Callable[[Bin], Bin]) -> Bin | None:
        """Write ``change(stored)`` in one transaction and give it; None: there is no such document."""

    async def remove_bin(self, project: ProjectId, bin_: BinId) -> bool:
        """Delete a document; False: there is no such document. Its place stays known."""

    async def open_bin(self, bin_: BinId, at_ms: int) -> Bin | None:
        """Find a document whosever it is, and have the request counted (`requests`, `accessed_ms`)."""


class Applications(Protocol):
    """Customers' applications."""

    async def application(self, project: ProjectId, application: ApplicationId) -> Application | None:
        """Find a project's application."""

    async def applications(
        self, project: ProjectId, wanted: ApplicationFilter, window: Window
    ) -> Sequence[Application]:
        """List a project's applications."""

    async def application_place(self, project: ProjectId, application: ApplicationId) -> Place | None:
        """Give an application's place in that list, also after it was deleted; None: never was this project's."""

    async def add_application(self, application: Application) -> None:
        """Keep a new application."""

    async def change_application(
        self, project: ProjectId, application: ApplicationId, change: Callable[[Application], Application]
    ) -> Application | None:
        """Write ``change(stored)`` in one transaction and give it; None: there is no such application."""

    async def remove_application(self, project: ProjectId, application: ApplicationId) -> bool:
        """Delete an application; False: there is no such application. Its place stays known."""


Thing = TypeVar("Thing")
ThingId = TypeVar("ThingId", bound=Id, contravariant=True)  # noqa: PLC0105 - one word for one thing


class Collection(Protocol[Thing, ThingId]):
    """One kind of thing that projects own."""

    async def get(self, project: ProjectId, id_: ThingId, /) -> Thing | None:
        """Find a project's thing."""

    async def page(self, project: ProjectId, window: Window, of: Id | None = None, /) -> Sequence[Thing]:
        """List a project's things; `of`: those of one list."""

    async def place(self, project: ProjectId, id_: ThingId, /) -> Place | None:
        """Give a thing's place in that list, also after it was deleted; None: never was this project's."""

    async def add(self, thing: Thing, /) -> None:
        """Keep a new thing.

        Raises:
            Refused: Its name is given already.
        """

    async def change(
        self, project: ProjectId, id_: ThingId, change: Callable[[Thing], Thing], /
    ) -> Thing | None:
        """Write ``change(stored)`` in one transaction and give it; None: there is no such thing.

        Raises:
            Refused: Its new name is given already.
        """

    async def remove(self, project: ProjectId, id_: ThingId, /) -> bool:
        """Delete a thing, and what is in it; False: there is no such thing. Its place stays known.

        Raises:
            Refused: It has to stay.
        """


class Sip(Protocol):
    """Phones, the names their calls come to, and lists of both. As properties, since any make will do."""

    @property
    def phones(self) -> Collection[Endpoint, EndpointId]:
        """Phones; a name is given once in a project."""

    @property
    def credential_lists(self) -> Collection[CredentialList, CredentialListId]:
        """Lists of phones; the phones go with them, and one that a domain has taken stays."""

    @property
    def sip_domains(self) -> Collection[Domain, DomainId]:
        """Names; each is given once in the house."""

    @property
    def access_lists(self) -> Collection[AccessList, AccessListId]:
        """Lists of networks; as those of phones."""

    @property
    def ip_addresses(self) -> Collection[IpAddress, IpAddressId]:
        """Networks."""


class Uses(Protocol):
    """What projects used that one of the vendors lacks."""

    async def note_use(self, use: Use) -> None:
        """Note a use, if it is the first of its kind."""


class Trunks(Protocol):
    """Ways out of the house, and in: of the whole house, each with a name of its own."""

    async def trunks(self) -> Sequence[Trunk]:
        """Give all that requests and the command line have made, oldest first."""

    async def add_trunk(self, trunk: Trunk, now_ms: int) -> None:
        """Keep a new trunk.

        Raises:
            Refused: TRUNK_NAME_TAKEN.
        """

    async def change_trunk(self, name: str, change: Callable[[Trunk], Trunk]) -> Trunk | None:
        """Write ``change(stored)`` in one transaction and give it; None: there is no such trunk. Names stay."""

    async def remove_trunk(self, name: str) -> bool:
        """Delete a trunk; False: there is no such trunk."""
