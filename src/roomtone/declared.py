"""Phones, domains and trunks that the configuration file declares, put in place when the server starts.

Declared phones and domains are written into the store, as the command line does it: what is there already is brought to what
the file says, what the file does not say stays as it is, and what it names no more stays until it is removed. Declared trunks are settings: they are there
as long as the file names them.
"""

from __future__ import annotations

import logging
import math
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from roomtone.config import DECLARED, ConfigProblem
from roomtone.core.endpoint import DOMAIN_NAME, NAME, Domain, Endpoint
from roomtone.core.ids import ProjectId
from roomtone.core.routing import Trunk
from roomtone.core.trunking import TrunkWanted
from roomtone.provision import find_project
from roomtone.starting import ServerProblem
from roomtone.store import Store
from roomtone.telephones import DomainWanted, domain_of, endpoint_of, trunk_of

log = logging.getLogger(__name__)

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class DeclaredPhone:
    """A phone that may register."""

    project: str
    name: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class DeclaredDomain:
    """A name whose calls are a project's."""

    project: str
    wanted: DomainWanted


@dataclass(frozen=True, slots=True)
class Declared:
    """All that a file declares."""

    phones: tuple[DeclaredPhone, ...] = ()
    domains: tuple[DeclaredDomain, ...] = ()
    trunks: tuple[Trunk, ...] = ()


class Table:
    """One table of the file, of which each key is taken once and none may be left."""

    def __init__(self, where: str, values: object) -> None:
        if not isinstance(values, dict):
            raise ConfigProblem(f"{where}: is written as [[{where.split()[-2]}]], with keys below it")
        self._where = where
        self._left = dict(values)
        self._known: list[str] = []

    def text(self, key: str, default: str | None = None) -> str:
        """Take a text that has to be there, unless there is a default."""
        found = self._take(key, default)
        if not isinstance(found, str):
            problem = "is needed" if found is None else "takes a text"
            raise ConfigProblem(f"{self._where}: {key}: {problem}")
        return found

    def texts(self, key: str) -> tuple[str, ...]:
        """Take a list of texts."""
        found = self._take(key, [])
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            raise ConfigProblem(f'{self._where}: {key}: takes a list of texts: ["…", "…"]')
        return tuple(found)

    def number(self, key: str) -> float:
        """Take a number, 0 if there is none."""
        found = self._take(key, 0)
        if isinstance(found, bool) or not isinstance(found, int | float):
            raise ConfigProblem(f"{self._where}: {key}: takes a number")
        if not math.isfinite(found):
            raise ConfigProblem(f"{self._where}: {key}: takes a finite number")
        return found

    def whole(self, key: str) -> int:
        """Take a whole number, 0 if there is none."""
        found = self.number(key)
        if found != int(found):
            raise ConfigProblem(f"{self._where}: {key}: takes a whole number")
        return int(found)

    def password(self) -> str | None:
        """Take a password, or the file that holds it; None: there is neither."""
        file = self.text("password_file", "")
        if not file:
            return self.text("password", "") or None
        if self._take("password", None) is not None:
            raise ConfigProblem(f"{self._where}: password, password_file: one of them is enough")
        try:
            return Path(file).read_text().strip()
        except (OSError, UnicodeDecodeError) as problem:
            raise ConfigProblem(f"{self._where}: password_file: {file}: {problem}") from problem

    def end(self, make: Callable[[], Made]) -> Made:
        """Make what the table describes, once all of it is taken."""
        for key in self._left:
            known = ", ".join(self._known)
            raise ConfigProblem(f"{self._where}: {key}: there is no such key; known: {known}")
        try:
            return make()
        except ValueError as problem:
            raise ConfigProblem(f"{self._where}: {problem}") from problem

    def _take(self, key: str, default: object) -> object:
        self._known.append(key)
        return self._left.pop(key, default)


def declared(file: Path | None) -> Declared:
    """Read what a file declares beside its settings.

    Raises:
        ConfigProblem: Something there is unfit; the text names the file, the table and the key.
    """
    if file is None:
        return Declared()
    try:
        tables = tomllib.loads(file.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise ConfigProblem(f"{file}: {problem}") from problem
    phones, domains, trunks = (_tables(file, tables, kind) for kind in DECLARED)
    found = Declared(
        tuple(_phone(one) for one in phones),
        tuple(_domain(one) for one in domains),
        tuple(_trunk(one) for one in trunks),
    )
    _once(file, "endpoint", [f"{one.project} {one.name.lower()}" for one in found.phones])
    _once(file, "domain", [one.wanted.name.lower() for one in found.domains])
    _once(file, "trunk", [one.name for one in found.trunks])
    return found


async def put_in_place(wanted: Declared, store: Store) -> None:
    """Write declared phones and domains into the store.

    Raises:
        ServerProblem: A project is not there, or a name is somebody else's.
    """
    for phone in wanted.phones:
        project = await _project(store, phone.project, f"endpoint {phone.name!r}")
        await _put_phone(store, endpoint_of(project, phone.name, phone.password))
    for one in wanted.domains:
        project = await _project(store, one.project, f"domain {one.wanted.name!r}")
        await _put_domain(store, domain_of(project, one.wanted))
    kept = {one.name for one in await store.trunks()}
    for trunk in wanted.trunks:
        if trunk.name in kept:
            raise ServerProblem(f"trunk {trunk.name!r}: there is one in the database; remove one of the two")


def _tables(file: Path, tables: Mapping[str, object], kind: str) -> list[Table]:
    found = tables.get(kind, [])
    if not isinstance(found, list):
        raise ConfigProblem(f"{file}: {kind}: is written as [[{kind}]], once for each")
    return [Table(f"{file}: {kind} {number}", one) for number, one in enumerate(found, 1)]


def _phone(table: Table) -> DeclaredPhone:
    project, name, password = table.text("project"), table.text("name"), table.password()

    def make() -> DeclaredPhone:
        if not NAME.fullmatch(name):
            raise ValueError("name: takes 1 to 64 letters, digits and . _ ~ + -")
        if not password:
            raise ValueError("password: is needed, or password_file")
        return DeclaredPhone(project, name, password)

    return table.end(make)


def _domain(table: Table) -> DeclaredDomain:
    project = table.text("project")
    wanted = DomainWanted(
        name=table.text("name"),
        voice_url=table.text("voice_url", "") or None,
        voice_method=table.text("voice_method", "POST").upper(),
        allow=table.texts("allow"),
    )

    def make() -> DeclaredDomain:
        if not DOMAIN_NAME.fullmatch(wanted.name.lower()):
            raise ValueError("name: takes a host name, such as pbx.example.com")
        return DeclaredDomain(project, wanted)

    return table.end(make)


def _trunk(table: Table) -> Trunk:
    wanted = TrunkWanted(
        name=table.text("name"),
        uris=table.texts("uris"),
        prefixes=table.texts("prefixes"),
        username=table.text("username", "") or None,
        password=table.password(),
        codecs=table.texts("codecs"),
        calls=table.whole("calls"),
        calls_per_s=table.number("calls_per_s"),
        allow=table.texts("allow"),
        options_s=table.number("options_s"),
    )
    return table.end(lambda: trunk_of(wanted))


def _once(file: Path, kind: str, names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ConfigProblem(f"{file}: {kind}: {name!r} is declared twice")


async def _put_phone(store: Store, phone: Endpoint) -> None:
    there = await store.endpoints_named(phone.name, phone.project)
    if not there:
        await store.phones.add(phone)
        log.info("endpoint=%s declared by the file", phone.name)
    elif there[0].list is not None:
        raise ServerProblem(
            f"endpoint {phone.name!r}: is in a credential list already; remove one of the two"
        )
    elif (there[0].ha1_md5, there[0].ha1_sha256) != (phone.ha1_md5, phone.ha1_sha256):
        await store.phones.change(
            phone.project,
            there[0].id,
            lambda one: replace(one, name=phone.name, ha1_md5=phone.ha1_md5, ha1_sha256=phone.ha1_sha256),
        )


async def _put_domain(store: Store, domain: Domain) -> None:
    def bring(one: Domain) -> Domain:
        voice, method = (
            (one.voice, one.voice_method) if domain.voice is None else (domain.voice, domain.voice_method)
        )
        return replace(one, voice=voice, voice_method=method, allow=domain.allow or one.allow)

    there = await store.domain_named(domain.name)
    if there is None:
        await store.sip_domains.add(domain)
        log.info("domain=%s declared by the file", domain.name)
    elif there.project != domain.project:
        raise ServerProblem(f"domain {domain.name!r}: is another project's already")
    elif bring(there) != there:
        await store.sip_domains.change(domain.project, there.id, bring)


async def _project(store: Store, sid: str, what: str) -> ProjectId:
    try:
        return (await find_project(store, sid)).id
    except ServerProblem as problem:
        raise ServerProblem(f"{what}: project: {problem}") from problem
