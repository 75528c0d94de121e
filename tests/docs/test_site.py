"""The site builds with every page in it, every link led somewhere, and nothing asked of anybody else."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MKDOCS = ROOT / ".venv-docs" / "bin" / "mkdocs"

pytestmark = pytest.mark.skipif(
    not MKDOCS.exists(), reason="MkDocs is not installed: run make test or make docs"
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build it, strictly: a link or an anchor that leads nowhere ends the build."""
    folder = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [MKDOCS, "build", "--quiet", "--strict", "-d", folder], cwd=ROOT, capture_output=True, text=True,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"}, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


class Asked(HTMLParser):
    """Gathers what a page has a browser load, and where its navigation leads."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.led: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if "src" in known:
            self.loaded.append(known["src"])
        if tag == "link" and known.get("rel") in {
            "stylesheet",
            "preload",
            "icon",
            "preconnect",
            "dns-prefetch",
        }:
            self.loaded.append(known["href"])
        if tag == "a" and "md-nav__link" in known.get("class", ""):
            self.led.append(known["href"])


def read(path: Path) -> Asked:
    page = Asked()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def pages(site: Path) -> Iterator[Path]:
    yield from site.rglob("*.html")


def test_every_page_of_the_documents_is_in_the_navigation(site: Path) -> None:
    led = {link.partition("#")[0] for link in read(site / "index.html").led}
    written = {
        str(path.relative_to(ROOT / "docs").with_suffix(".html")) for path in ROOT.glob("docs/**/*.md")
    }
    assert written - led <= {"index.html"}
    assert {"repository/CHANGELOG.html", "repository/SECURITY.html", "repository/bench/RESULTS.html"} <= led
    assert sum("repository/examples/" in link for link in led) >= 8


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    loaded = {link for page in pages(site) for link in read(page).loaded}
    assert [link for link in sorted(loaded) if re.match(r"(?:[a-z]+:)?//", link)] == []
    styles = "".join(path.read_text(encoding="utf-8") for path in site.rglob("*.css"))
    assert re.findall(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//[^)\"']*", styles) == []


def test_a_page_of_the_repository_leads_on_inside_the_site(site: Path) -> None:
    page = (site / "repository" / "index.html").read_text(encoding="utf-8")
    assert 'href="../howto/point-your-sdk.html"' in page
    assert 'href="examples/' in page
