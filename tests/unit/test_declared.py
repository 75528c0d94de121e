"""Phones, domains and trunks of the configuration file: read, refused where unfit, put into the store and kept up to date."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from roomtone.config import ConfigProblem, load
from roomtone.core.endpoint import CredentialList, Endpoint
from roomtone.core.ids import CredentialListId, EndpointId, ProjectId
from roomtone.core.project import Project
from roomtone.core.routing import Trunk
from roomtone.core.values import Document, Method
from roomtone.declared import declared, put_in_place
from roomtone.sip.digest import Algorithm, ha1
from roomtone.starting import ServerProblem
from roomtone.store import Store, open_store

SID = f"AC{7:032x}"
OTHER = f"AC{8:032x}"
ALL = f"""
calls_per_s = 3

[[endpoint]]
project = "{SID}"
name = "alice"
password = "wonderland"

[[domain]]
project = "{SID}"
name = "PBX.example.com"
voice_url = "https://app.example/voice"
voice_method = "get"
allow = ["192.0.2.0/24"]

[[trunk]]
name = "carrier"
uris = ["sip:a.example", "sip:b.example;transport=tcp"]
prefixes = ["+1", "+44"]
username = "acme"
password = "s3cret"
codecs = ["pcmu", "opus"]
calls = 30
calls_per_s = 2.5
allow = ["198.51.100.0/24"]
options_s = 30
"""


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(tmp_path / "roomtone.db") as one:
        for number in (7, 8):
            await one.add_project(Project(ProjectId(number), "one", "twilio", "key", 1), "token")
        yield one


def written(folder: Path, text: str) -> Path:
    file = folder / "roomtone.toml"
    file.write_text(text)
    return file


async def test_what_is_declared_is_put_in_place_and_settings_are_read_beside_it(
    store: Store, tmp_path: Path
) -> None:
    file = written(tmp_path, ALL)
    assert load({}, {}, file).calls_per_s == 3.0
    found = declared(file)
    for _ in range(2):
        await put_in_place(found, store)
    (alice,) = await store.phones.everything(ProjectId(7))
    assert (alice.name, alice.list, alice.ha1_md5) == (
        "alice",
        None,
        ha1(Algorithm.MD5, "alice", "wonderland"),
    )
    (pbx,) = await store.all_domains(ProjectId(7))
    assert (pbx.name, pbx.voice) == ("pbx.example.com", Document("https://app.example/voice", Method.GET))
    assert pbx.allow == ("192.0.2.0/24",)
    assert found.trunks == (
        Trunk(
            "sip:a.example", ("+1", "+44"), "acme", "s3cret", "carrier", ("sip:b.example;transport=tcp",),
            ("PCMU", "OPUS"), 30, 2.5, ("198.51.100.0/24",), 30,
        ),
    )  # fmt: skip
    assert "wonderland" not in repr(found)
    assert "s3cret" not in repr(found)


async def test_what_changes_in_the_file_changes_in_place(store: Store, tmp_path: Path) -> None:
    await put_in_place(declared(written(tmp_path, ALL)), store)
    (before,) = await store.phones.everything(ProjectId(7))
    secret = tmp_path / "secret"
    secret.write_text("looking-glass\n")
    text = ALL.replace('password = "wonderland"', f'password_file = "{secret}"').replace(
        "192.0.2.0", "192.0.3.0"
    )
    await put_in_place(declared(written(tmp_path, text)), store)
    (after,) = await store.phones.everything(ProjectId(7))
    assert (after.id, after.ha1_md5) == (before.id, ha1(Algorithm.MD5, "alice", "looking-glass"))
    assert [one.allow for one in await store.all_domains(ProjectId(7))] == [("192.0.3.0/24",)]
    await put_in_place(declared(written(tmp_path, "")), store)
    assert len(await store.phones.everything(ProjectId(7))) == 1, "what the file names no more stays"


async def test_what_the_file_does_not_say_of_a_domain_stays(store: Store, tmp_path: Path) -> None:
    await put_in_place(declared(written(tmp_path, ALL)), store)
    (before,) = await store.all_domains(ProjectId(7))
    said = f'[[domain]]\nproject = "{SID}"\nname = "{before.name}"\n'
    await put_in_place(declared(written(tmp_path, said)), store)
    (after,) = await store.all_domains(ProjectId(7))
    assert before.voice is not None
    assert (after.voice, after.allow) == (before.voice, before.allow)


@pytest.mark.parametrize("number", ["inf", "nan", "-inf"])
def test_a_number_of_a_trunk_is_finite(tmp_path: Path, number: str) -> None:
    trunk = f'[[trunk]]\nname = "t"\nuris = ["sip:a.example"]\nprefixes = ["+"]\ncalls = {number}\n'
    with pytest.raises(ConfigProblem, match="finite"):
        declared(written(tmp_path, trunk))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (('name = "alice"', 'name = "al ice"'), "endpoint 1: name: takes"),
        (('password = "wonderland"', ""), "endpoint 1: password: is needed"),
        (
            ('password = "wonderland"', 'pasword = "x"'),
            "endpoint 1: pasword: there is no such key; known: project",
        ),
        (('password = "wonderland"', 'password_file = "/nowhere"'), "endpoint 1: password_file: /nowhere"),
        ((f'project = "{SID}"\nname = "alice"', 'name = "alice"'), "endpoint 1: project: is needed"),
        (('name = "alice"', "name = 7"), "endpoint 1: name: takes a text"),
        (('name = "PBX.example.com"', 'name = "no name"'), "domain 1: name: takes a host name"),
        (('allow = ["192.0.2.0/24"]', 'allow = "192.0.2.0/24"'), "domain 1: allow: takes a list of texts"),
        (('uris = ["sip:a.example",', 'uris = ["http://a",'), "trunk 1: uri: takes sip:host"),
        (('codecs = ["pcmu", "opus"]', 'codecs = ["mp3"]'), "trunk 1: codec: takes PCMU"),
        (("calls = 30", 'calls = "many"'), "trunk 1: calls: takes a number"),
        (("calls = 30", "calls = 1.5"), "trunk 1: calls: takes a whole number"),
        (("calls = 30", "calls = -1"), "trunk 1: calls: takes 0 or more"),
        (('allow = ["198.51.100.0/24"]', 'allow = ["198.51.100.1/24"]'), "trunk 1: allow:"),
        (("[[trunk]]", "[trunk]"), "trunk: is written as [[trunk]]"),
        (("[[endpoint]]", "[[endpoints]]"), "endpoints: there is no such setting"),
    ],
)
def test_what_is_unfit_is_told_with_its_table_and_key(
    tmp_path: Path, change: tuple[str, str], told: str
) -> None:
    file = written(tmp_path, ALL.replace(*change, 1))

    def read() -> None:
        load({}, {}, file)
        declared(file)

    with pytest.raises(ConfigProblem) as problem:
        read()
    assert f"{file}: {told}" in str(problem.value)


@pytest.mark.parametrize("kind", ["endpoint", "domain", "trunk"])
def test_what_is_declared_twice_is_refused(tmp_path: Path, kind: str) -> None:
    table = "[[" + next(one for one in ALL.split("[[") if one.startswith(kind))
    with pytest.raises(ConfigProblem, match="declared twice"):
        declared(written(tmp_path, table + table))


async def test_what_cannot_be_put_in_place_is_told(store: Store, tmp_path: Path) -> None:
    nobodys = ALL.replace(SID, f"AC{9:032x}")
    with pytest.raises(ServerProblem, match="endpoint 'alice': project"):
        await put_in_place(declared(written(tmp_path, nobodys)), store)
    await put_in_place(declared(written(tmp_path, ALL)), store)
    theirs = ALL.replace(SID, OTHER)
    with pytest.raises(ServerProblem, match=r"domain 'pbx\.example\.com': is another project's"):
        await put_in_place(declared(written(tmp_path, theirs)), store)
    await store.add_trunk(Trunk("sip:a.example", ("+",), name="carrier"), 1)
    with pytest.raises(ServerProblem, match="trunk 'carrier'"):
        await put_in_place(declared(written(tmp_path, ALL)), store)


async def test_a_phone_of_a_list_is_not_taken_over(store: Store, tmp_path: Path) -> None:
    await store.credential_lists.add(CredentialList(CredentialListId(1), ProjectId(7), "a", 1, 1))
    await store.phones.add(Endpoint(EndpointId(1), ProjectId(7), "alice", "", "", 1, CredentialListId(1)))
    with pytest.raises(ServerProblem, match="credential list"):
        await put_in_place(declared(written(tmp_path, ALL)), store)
