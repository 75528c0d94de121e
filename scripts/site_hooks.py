"""What MkDocs asks of us while it builds the site: the navigation, and the pages that stand outside `docs/`.

Every page of `docs/` is in the navigation, the curated ones first and the others by their names; so a new page is never
forgotten. Links that lead out of `docs/` (`SECURITY.md`, an example, a dashboard) lead to a copy in the site, under
`repository/`: what is written for readers of the repository holds for readers of the site, too, without a network.

Sources: MkDocs "Hooks", "Developing plugins" (events `on_config`, `on_files`, `on_page_markdown`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mkdocs.structure.files import File

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parent.parent
OUTSIDE = "repository"
"""Folder of the site for pages from outside `docs/`."""

SECTIONS = (
    ("Tutorial", "tutorial"),
    ("How-tos", "howto"),
    ("Explanations", "explanation"),
    ("Reference", "reference"),
    ("Compatibility", ""),
    ("Decisions", "decisions"),
)
"""What the tabs are called, and which folder of `docs/` each shows; compatibility is the pages that are in none."""

FIRST = (
    "point-your-sdk", "move-to-the-other-vendor", "call-out", "use-the-console", "connect-a-phone", "connect-a-trunk",
    "api", "settings", "events", "errors", "metrics", "traces", "log-events", "cli",
)  # fmt: skip
"""Pages that come first in their section, in this order."""

PROJECT = (
    "README.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "bench/RESULTS.md",
)
"""Pages from outside `docs/` that are in the navigation; examples are, too."""

LINK = re.compile(r"\]\((?![a-z]+:|#|/)([^)\s#]+)(#[^)\s]*)?\)")
FENCE = re.compile(r"(^(?:```|~~~).*?^(?:```|~~~)\s*$)", re.MULTILINE | re.DOTALL)


def title(path: Path) -> str:
    """Give the heading of a page."""
    heading = next(line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("# "))
    return heading[2:].replace("`", "")


def examples() -> list[str]:
    """Give the pages of all examples, by their paths in the repository."""
    return [
        "examples/README.md",
        *sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("examples/*/README.md")),
    ]


def navigation() -> list[dict[str, Any]]:
    """Give the whole navigation: every page of `docs/`, the examples, and those of the project."""
    tabs: list[dict[str, Any]] = [{"Roomtone": "index.md"}]
    for name, folder in SECTIONS:
        pages = [each for each in (ROOT / "docs" / folder).glob("*.md") if folder or each.name != "index.md"]
        pages.sort(key=lambda each: (FIRST.index(each.stem) if each.stem in FIRST else len(FIRST), each.name))
        entries = [{title(each): str(each.relative_to(ROOT / "docs"))} for each in pages]
        if name == "Explanations":
            entries.append({"Measured comparisons": f"{OUTSIDE}/bench/RESULTS.md"})
        tabs.append({name: entries})
    tabs.insert(3, {"Examples": [_outside(path) for path in examples()]})
    tabs.append({"Project": [_outside(path) for path in PROJECT if not path.startswith("bench/")]})
    return tabs


def _outside(path: str) -> dict[str, str]:
    return {title(ROOT / path): f"{OUTSIDE}/{path}"}


def links(text: str) -> Iterator[str]:
    """Give the targets of links inside the repository, as written; code is no link."""
    for part in FENCE.split(text)[::2]:
        yield from (found[1] for found in LINK.finditer(part))


def target_of(page: str, link: str) -> str:
    """Give the path in the repository that a link of a page leads to; a folder's is that of its README."""
    path = os.path.normpath(f"{Path(page).parent}/{link}")  # may lead up, hence as text
    return f"{path}/README.md" if (ROOT / path / "README.md").is_file() else path


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Give MkDocs the navigation."""
    config.nav = navigation()
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what stands outside `docs/`: pages of the navigation, and whatever any page links to."""
    waiting = [*PROJECT, *examples(), *(f"docs/{each.src_uri}" for each in files.documentation_pages())]
    seen: set[str] = set()
    while waiting:
        path = waiting.pop()
        if path in seen or not (ROOT / path).is_file():
            continue
        seen.add(path)
        if not path.startswith("docs/"):
            files.append(File.generated(config, f"{OUTSIDE}/{path}", abs_src_path=str(ROOT / path)))
        if path.endswith(".md"):
            text = (ROOT / path).read_text(encoding="utf-8")
            waiting.extend(target_of(path, link) for link in links(text))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001
    """Have links out of `docs/`, and into it, lead where the site has those pages."""
    uri = page.file.src_uri
    path = uri.removeprefix(f"{OUTSIDE}/") if uri.startswith(f"{OUTSIDE}/") else f"docs/{uri}"
    parts = FENCE.split(markdown)
    parts[::2] = [LINK.sub(lambda found: _led(found, path, uri), part) for part in parts[::2]]
    return "".join(parts)


def _led(found: re.Match[str], path: str, uri: str) -> str:
    target = target_of(path, found[1])
    inside = target.removeprefix("docs/") if target.startswith("docs/") else f"{OUTSIDE}/{target}"
    if (ROOT / target).is_dir():  # a folder without a page: the site has nothing to show
        inside = f"{OUTSIDE}/README.md"
    return f"]({os.path.relpath(inside, Path(uri).parent)}{found[2] or ''})"
