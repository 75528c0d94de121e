"""The Debian package: what `make deb` puts into it, of a wheel that is as small as can be, and what its scripts do."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from roomtone.config import load

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="this is no Debian: no dpkg-deb")

METADATA = "Metadata-Version: 2.1\nName: roomtone\nVersion: 9.8.7rc1\n"
WHEEL = "Wheel-Version: 1.0\nGenerator: a test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
SCRIPT = "#!python\nimport roomtone\nprint(roomtone.__file__)\n"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package of a wheel of the same name, which depends on nothing."""
    folder = tmp_path_factory.mktemp("deb")
    wheel, locked = folder / "roomtone-9.8.7rc1-py3-none-any.whl", folder / "run.txt"
    with zipfile.ZipFile(wheel, "w") as made:
        made.writestr("roomtone/__init__.py", "")
        made.writestr("roomtone-9.8.7rc1.dist-info/METADATA", METADATA)
        made.writestr("roomtone-9.8.7rc1.dist-info/WHEEL", WHEEL)
        program = zipfile.ZipInfo("roomtone-9.8.7rc1.data/scripts/roomtone")
        program.external_attr = 0o100755 << 16
        made.writestr(program, SCRIPT)
        made.writestr("roomtone-9.8.7rc1.dist-info/RECORD", "")
    locked.touch()
    told = run(
        sys.executable,
        str(ROOT / "scripts" / "make_deb.py"),
        str(wheel),
        "--locked",
        str(locked),
        "--out",
        str(folder / "out"),
        TMPDIR=str(folder),  # what is built there is looked for in the package
    )
    return Path(told.splitlines()[-1])


@pytest.fixture(scope="module")
def unpacked(package: Path) -> Path:
    """What would be installed."""
    folder = package.parent / "root"
    run("dpkg-deb", "-x", str(package), str(folder))
    return folder


def run(*command: str, **environment: str) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_says_what_it_is_and_needs(package: Path) -> None:
    architecture = run("dpkg", "--print-architecture").strip()
    assert package.name == f"roomtone_9.8.7~rc1_{architecture}.deb"
    told = run("dpkg-deb", "-f", str(package))
    assert "Package: roomtone\nVersion: 9.8.7~rc1\n" in told
    assert f"Depends: python3.{sys.version_info.minor}, libc6 (>= 2." in told
    assert run("dpkg-deb", "-I", str(package), "conffiles") == "/etc/roomtone/roomtone.toml\n"


def test_everything_is_roots_and_where_the_unit_looks(package: Path, unpacked: Path) -> None:
    lines = run("dpkg-deb", "-c", str(package)).splitlines()
    assert {line.split()[1] for line in lines} == {"root/root"}
    assert not any(re.match(r"[^l].{4}w|[^l].{7}w", line) for line in lines), "nobody else writes"
    unit = (unpacked / "usr/lib/systemd/system/roomtone.service").read_text()
    program, config = re.findall(r"ExecStart=/(\S+) serve --config /(\S+)", unit)[0]
    assert (unpacked / program).stat().st_mode & 0o111
    load({}, {}, unpacked / config)
    assert (unpacked / "usr/bin/roomtone").readlink() == Path("/", program)
    for name in ("copyright", "CHANGELOG.md"):
        assert (unpacked / "usr/share/doc/roomtone" / name).stat().st_size > 0


def test_nothing_of_the_machine_that_built_it_is_left(package: Path, unpacked: Path) -> None:
    assert (unpacked / "opt/roomtone/bin/roomtone").read_text().startswith("#!/opt/roomtone/bin/python\n")
    for one in unpacked.rglob("*"):
        assert "tmp" not in one.relative_to(unpacked).parts
        if one.is_file() and not one.is_symlink():
            assert str(package.parent.parent).encode() not in one.read_bytes(), one
    assert sorted((unpacked / "opt/roomtone/lib").rglob("roomtone/__pycache__/*.pyc")), "it is compiled"


@pytest.mark.skipif(
    not Path(f"/usr/bin/python3.{sys.version_info.minor}").exists(), reason="Debian's Python is another one"
)
def test_the_program_finds_its_modules_wherever_it_stands(unpacked: Path) -> None:
    programs = unpacked / "opt/roomtone/bin"
    told = run(str(programs / "python"), str(programs / "roomtone"), PYTHONPATH="")
    assert told.startswith(str(unpacked / "opt/roomtone/lib"))


class Scripts:
    """A package's scripts, on a machine whose /run is a folder of ours and whose programs only note what they are asked."""

    def __init__(self, package: Path, folder: Path) -> None:
        self._about, self._programs, self._noted = folder / "about", folder / "bin", folder / "noted"
        self.run = folder / "run"
        run("dpkg-deb", "-e", str(package), str(self._about))
        for script in ("postinst", "prerm", "postrm"):
            one = self._about / script
            one.write_text(one.read_text().replace("/run/", f"{self.run}/"))
        self.run.mkdir()
        self._programs.mkdir()
        for name, answer in (
            ("getent", "exit ${GETENT:-0}"),
            ("systemctl", '[ "$1" != start ] || exit ${STARTED:-0}'),
        ):
            self._program(name, answer)
        for name in ("useradd", "userdel", "chown", "chmod"):
            self._program(name, "exit 0")
        self._program("rm", 'exec /bin/rm "$@"')

    def _program(self, name: str, answer: str) -> None:
        (self._programs / name).write_text(f'#!/bin/sh\necho {name} "$@" >> "$NOTED"\n{answer}\n')
        (self._programs / name).chmod(0o755)

    def done(self, script: str, *words: str, **more: str) -> list[str]:
        """Give what was run, by a script that ended well."""
        self._noted.write_text("")
        surroundings = {"PATH": f"{self._programs}:{os.environ['PATH']}", "NOTED": str(self._noted)}
        run("sh", "-eu", str(self._about / script), *words, **surroundings, **more)
        return self._noted.read_text().splitlines()


@pytest.fixture
def scripts(package: Path, tmp_path: Path) -> Scripts:
    return Scripts(package, tmp_path)


def test_the_scripts_make_the_user_once_and_leave_data_alone(scripts: Scripts) -> None:
    def made(noted: list[str]) -> bool:
        return any(line.startswith("useradd --system") for line in noted)

    assert made(scripts.done("postinst", "configure", "", GETENT="2"))
    assert not made(scripts.done("postinst", "configure", "0.1.0"))
    assert scripts.done("postinst", "abort-upgrade", "0.1.0") == []
    for words in (("prerm", "failed-upgrade"), ("postrm", "purge"), ("postrm", "remove")):
        assert not any(line.startswith(("rm", "userdel")) for line in scripts.done(*words))


@pytest.mark.parametrize("what", ["configure", "abort-upgrade"])
@pytest.mark.parametrize("works", [True, False])
def test_a_server_that_left_for_an_upgrade_is_started_again_whatever_came_of_it(
    scripts: Scripts, what: str, *, works: bool
) -> None:
    (scripts.run / "systemd" / "system").mkdir(parents=True)
    left = scripts.run / "roomtone-upgrade"
    assert "systemctl start roomtone" not in scripts.done("postinst", what, "0.1.0"), "it was not up"
    left.touch()
    assert (
        scripts.done("postinst", what, "0.1.0", STARTED="0" if works else "1")[-1]
        == "systemctl start roomtone"
    )
    assert not left.exists()
    assert "systemctl start roomtone" not in scripts.done("postinst", what, "0.1.0"), "once"
