"""What people type after `roomtone phone`."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from roomtone.cli import main


def said(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["phone", *words])
    return done.exit_code, done.output


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--server", "127.0.0.1"], "without a terminal, say --call WHOM or --answer"),
        (["--answer", "--for", "soon"], "no length of time: 10s, 500ms, 2m"),
        (["--answer", "--header", "no colon"], "'X-Name: value'"),
        (["--answer", "--header", "X-A: b\r\nEvil: 1"], "'X-Name: value'"),
        (["--call", "sip:a@127.0.0.1", "--digits", "1x"], "'x' is no key"),
        (["--call", "100", "--silent"], "give a --server"),
        (["--call", "sips:a@b", "--silent"], "UDP only"),
        (["--answer", "--play", "/none.wav"], "cannot be read"),
        (["--answer", "--password-file", "/none"], "cannot be read"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(words: list[str], told: str) -> None:
    code, output = said(*words)
    assert code in {1, 2}
    assert told in output


def test_a_script_that_waits_in_vain_ends_with_1(tmp_path: Path) -> None:
    code, output = said("--answer", "--wait", "200ms", "--silent", "--json")
    assert code == 1
    assert '"event": "listening"' in output
