from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from roomtone.archive import finishing
from roomtone.archive.forms import Form
from roomtone.cli import main
from unit.archive.tapes import ID, RATE, heard, tape, tone, wanted

SID = f"RE{ID.hex}"


def redact(data: Path, *more: str, sid: str = SID) -> Result:
    return CliRunner().invoke(main, ["recording", "redact", sid, "--data", str(data), *more])


def test_a_span_is_silenced_from_the_command_line(tmp_path: Path) -> None:
    folder = tmp_path / "recordings" / ID.hex
    tape(folder / "mix.wav", tone(440, 3))
    finishing.finish(folder, wanted(), Form.WAV, lambda: True)
    told = redact(tmp_path, "--from", "0.5", "--to", "1.5")
    assert told.exit_code == 0, told.output
    said = json.loads(told.stdout)
    assert (said["redactions"], said["storage"]) == ([{"from_s": 0.5, "to_s": 1.5}], "done")
    sound = heard(folder / "sound.wav")[1]
    assert not sound[RATE // 2 : RATE * 3 // 2].any()
    assert sound[RATE * 3 // 2 :].any()


def test_what_is_wrong_is_told(tmp_path: Path) -> None:
    assert "no finished recording" in redact(tmp_path, "--from", "0", "--to", "1").output
    assert "seconds from 0 on" in redact(tmp_path, "--from", "2", "--to", "1").output
    assert "neither a UUID" in redact(tmp_path, "--from", "0", "--to", "1", sid="../x").output
