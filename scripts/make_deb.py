"""Put the wheel of `dist/` and what it needs into a Debian package: `make deb`.

Usage: ``python scripts/make_deb.py dist/roomtone-….whl``. The package holds a virtual environment, ``/opt/roomtone``, with the
wheel and the dependencies that are locked in `requirements/run.txt`, as wheels alone; the unit of `packaging/systemd`; and
the settings file and the scripts of `packaging/debian`. It is for machines whose Python and processor are this one's, and
is built by dpkg-deb alone.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = Path("opt/roomtone")
UNIT = Path("usr/lib/systemd/system/roomtone.service")
SETTINGS = Path("etc/roomtone/roomtone.toml")
DOCUMENTS = Path("usr/share/doc/roomtone")
PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"
OLDEST_LIBC = "2.36"
"""Of a wheel that does not say: Debian 12's."""

CONTROL = """\
Package: roomtone
Version: {version}
Architecture: {architecture}
Maintainer: Roomtone <root@localhost>
Depends: {python}, libc6 (>= {libc}), libgcc-s1, passwd
Recommends: espeak-ng
Section: comm
Priority: optional
Installed-Size: {size_kb}
Description: Conference calls on your own machines
 Driven by the REST API that applications already speak: Twilio's and SignalWire's. The server, its engine, and the
 Python packages it needs, in /opt/roomtone.
"""


def main() -> None:
    """Build it, and say where it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--locked", type=Path, default=ROOT / "requirements" / "run.txt")
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        stage = Path(name) / "root"
        _fill(stage, asked.wheel.resolve(), asked.locked.resolve())
        print(_pack(stage, asked.wheel.name, asked.out))


def _fill(stage: Path, wheel: Path, locked: Path) -> None:
    """Put everything where it will be."""
    _install(stage, wheel, locked)
    _settle(stage)
    for source, place in (
        ("packaging/systemd/roomtone.service", UNIT),
        ("packaging/debian/roomtone.toml", SETTINGS),
        ("LICENSE", DOCUMENTS / "copyright"),
        ("CHANGELOG.md", DOCUMENTS / "CHANGELOG.md"),
    ):
        (stage / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / source, stage / place)
    (stage / "usr/bin").mkdir(parents=True)
    (stage / "usr/bin/roomtone").symlink_to(Path("/", HOME, "bin/roomtone"))


def _install(stage: Path, wheel: Path, locked: Path) -> None:
    """Make the environment, and install into it what is locked, without a compiler."""
    home = stage / HOME
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    pip = [sys.executable, "-m", "pip", "--python", str(home / "bin" / "python")]
    install = [*pip, "install", "-q", "--disable-pip-version-check", "--no-compile"]
    subprocess.run([*install, "--only-binary", ":all:", "--require-hashes", "-r", str(locked)], check=True)
    subprocess.run([*install, "--no-deps", "--no-index", str(wheel)], check=True)


def _settle(stage: Path) -> None:
    """Let the environment be where it will be, of the Python that will be there, its modules compiled."""
    home, programs = stage / HOME, stage / HOME / "bin"
    for link in programs.glob("python*"):
        link.unlink()
    (programs / "python").symlink_to(f"/usr/bin/{PYTHON}")
    (programs / "python3").symlink_to("python")
    for one in programs.iterdir():
        if one.name.lower().startswith("activate"):
            one.unlink()
        elif not one.is_symlink() and (text := one.read_bytes()).startswith(b"#!"):
            one.write_bytes(text.replace(os.fsencode(stage), b""))
    for said in home.glob("lib/*/site-packages/roomtone-*.dist-info/direct_url.json"):
        said.unlink()  # where the wheel was
    (home / "pyvenv.cfg").write_text("home = /usr/bin\ninclude-system-site-packages = false\n")
    compile_ = [sys.executable, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    moved = ["-s", str(stage), "-p", "/", str(home / "lib")]
    subprocess.run(
        [*compile_, *moved], check=False
    )  # templates of code that some packages carry are no Python


def _pack(stage: Path, wheel: str, out: Path) -> Path:
    """Write what dpkg wants to know, and have the package built; gives the file."""
    about = stage / "DEBIAN"
    about.mkdir()
    (about / "conffiles").write_text(f"/{SETTINGS}\n")
    told = _told(wheel, _size_kb(stage))
    (about / "control").write_text(CONTROL.format(**told))
    for script in ("postinst", "prerm", "postrm"):
        shutil.copyfile(ROOT / "packaging" / "debian" / script, about / script)
        (about / script).chmod(0o755)
    for one in (stage, *stage.rglob("*")):
        if not one.is_symlink():  # whatever the umask of whoever builds it
            one.chmod(0o755 if one.stat().st_mode & 0o100 else 0o644)
    out.mkdir(exist_ok=True)
    package = out / f"roomtone_{told['version']}_{told['architecture']}.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "--build", "-Zzstd", str(stage), str(package)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return package


def _told(wheel: str, size_kb: int) -> dict[str, object]:
    version, tag = wheel.split("-")[1], wheel.removesuffix(".whl").rpartition("-")[2]
    libc = re.search(r"manylinux_(\d+)_(\d+)", tag)
    return {
        "version": re.sub(r"(?<=\d)\.?(a|b|rc|dev)(?=\d)", r"~\1", version),  # which come before it
        "architecture": subprocess.run(
            ["dpkg", "--print-architecture"], check=True, capture_output=True, text=True
        ).stdout.strip(),
        "python": PYTHON,
        "libc": f"{libc[1]}.{libc[2]}" if libc else OLDEST_LIBC,
        "size_kb": size_kb,
    }


def _size_kb(stage: Path) -> int:
    return (
        sum(one.stat().st_size for one in stage.rglob("*") if one.is_file() and not one.is_symlink()) // 1024
    )


if __name__ == "__main__":
    main()
