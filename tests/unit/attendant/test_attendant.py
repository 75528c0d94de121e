"""The commands for people: what they draw, what they say when they cannot, whom they mean."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from roomtone.attendant.asking import Api, NoAnswer
from roomtone.attendant.conferences import participant
from roomtone.attendant.telling import matrix, printable, table
from roomtone.cli import main
from roomtone.config import Settings
from roomtone.provision import Wanted, create_project, list_tokens

ANN, BOB, SUE = "CA" + "1" * 32, "CA" + "2" * 32, "CA" + "3" * 32


def person(sid: str, label: str | None, others: dict[str, str], **changed: Any) -> dict[str, Any]:
    return {
        "call_sid": sid, "label": label, "status": "connected", "muted": False, "hold": False, "coaching": False,
        "call_sid_to_coach": None, "plays": [],
        "others": [
            {"call_sid": other, "heard": why in {"room", "whisper"}, "why": why} for other, why in others.items()
        ],
    } | changed  # fmt: skip


MIX = {
    "participants": [
        person(ANN, "ann", {BOB: "muted", SUE: "whisper"}),
        person(BOB, None, {ANN: "room", SUE: "coaches-another"}, muted=True),
        person(SUE, "sue\x1b[2J", {ANN: "room", BOB: "muted"}, coaching=True, call_sid_to_coach=ANN),
    ]
}


def run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words), env={"ROOMTONE_URL": None, "ROOMTONE_SID": None})


def test_the_matrix_has_a_row_for_each_listener_and_says_why() -> None:
    drawn = matrix(MIX)
    assert drawn[1].split() == ["1", "ann", "·", "●"]
    assert "muted" in drawn[2]
    assert "coaches 1 ann" in drawn[3]
    assert drawn[4:] == [
        "2 …222222 is not heard by 1, 3: muted",
        "3 sue\ufffd[2J is not heard by 2: coaches-another",
    ]


def test_an_empty_conference_is_told_in_words() -> None:
    assert matrix({"participants": []}) == ["nobody is there"]


def test_nothing_a_stranger_named_steers_the_terminal() -> None:
    assert printable("a\x1b]0;x\x07\n") == "a\ufffd]0;x\ufffd\ufffd"


def test_cells_stand_under_one_another() -> None:
    assert table([["a", "bb"], ["ccc", "d"]]) == ["a    bb", "ccc  d"]


class Listed(Api):
    """An API whose one list is known."""

    def get(self, path: str, query: Any = None) -> Any:
        raise NoAnswer("a strict project has no picture")

    def every(self, path: str, key: str, query: Any = None) -> Any:
        return iter([{"call_sid": ANN, "label": "ann"}, {"call_sid": BOB, "label": None}])


@pytest.mark.parametrize(("who", "meant"), [(BOB, BOB), ("ann", ANN), ("222222", BOB), ("…222222", BOB)])
def test_somebody_is_meant_by_sid_label_or_end_of_the_sid(who: str, meant: str) -> None:
    assert participant(Listed("", "", ""), "CF", who) == meant


@pytest.mark.parametrize("who", ["22", "sue"])
def test_whoever_is_not_there_is_told_with_those_who_are(who: str) -> None:
    with pytest.raises(NoAnswer, match="not there: ann, CA222"):
        participant(Listed("", "", ""), "CF", who)


def test_without_a_server_or_credentials_it_says_what_to_do(tmp_path: Path) -> None:
    told = run("conference", "list", "--data", str(tmp_path / "none"))
    assert told.exit_code == 1
    assert "give --url, --sid and --token" in told.output


def test_a_server_that_does_not_run_is_told(tmp_path: Path) -> None:
    asyncio.run(create_project(Settings(data=tmp_path), Wanted()))
    told = run("call", "list", "--data", str(tmp_path))
    assert told.exit_code == 1
    assert "start `roomtone serve`" in told.output


def test_a_token_of_a_moment_is_gone_even_if_nobody_answers(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    made = asyncio.run(create_project(settings, Wanted()))
    (tmp_path / "server.json").write_text(json.dumps({"http": "http://127.0.0.1:1"}))
    told = run("conference", "list", "--data", str(tmp_path))
    assert told.exit_code == 1
    assert "does not answer" in told.output
    assert len(asyncio.run(list_tokens(settings, made["sid"]))) == 1


def test_several_projects_need_a_choice(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    for name in ("a", "b"):
        asyncio.run(create_project(settings, Wanted(name=name)))
    (tmp_path / "server.json").write_text(json.dumps({"http": "http://127.0.0.1:1"}))
    assert "say which project by --sid" in run("top", "--once", "--data", str(tmp_path)).output


@pytest.mark.parametrize("words", [("coach", "r", "ann"), ("coach", "r", "ann", "bob", "--stop")])
def test_coaching_needs_somebody_or_an_end(words: tuple[str, ...]) -> None:
    told = run("conference", *words, "--url", "http://127.0.0.1:1", "--sid", "AC0", "--token", "t")
    assert "say whom they coach" in told.output


def every(group: click.Group, *words: str) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from every(command, *words, name)
        else:
            yield " ".join([*words, name]), command


COMMANDS = dict(every(main))
SILENT = {"serve", "completion"}
"""Print what is not about things: a ready line that is JSON, a script for a shell."""

ALWAYS_JSON = {
    *(
        "project",
        "token",
        "endpoint",
        "domain",
        "trunk",
        "audit",
        "recording",
        "backup",
        "restore",
        "downgrade",
        "compact",
    ),
    "callbacks replay",
}
"""Commands, and groups of them, that print nothing but JSON."""


@pytest.mark.parametrize("words", sorted(COMMANDS))
def test_each_command_tells_programs_what_it_tells_people(words: str) -> None:
    options = {name for one in COMMANDS[words].params for name in one.opts}
    bare = words in SILENT or {words, words.split(maxsplit=1)[0]} & ALWAYS_JSON
    assert ("--json" in options) != bool(bare)


@pytest.mark.parametrize("words", sorted(COMMANDS))
def test_no_option_of_a_command_hides_another(words: str) -> None:
    names = [one.name for one in COMMANDS[words].params]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_are_told_how_to_complete(shell: str) -> None:
    assert "_ROOMTONE_COMPLETE" in run("completion", shell).stdout
