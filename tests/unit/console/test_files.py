from __future__ import annotations

import re
from importlib.resources import files
from typing import Any

import pytest

from doors import Reply, request
from roomtone.console import beside
from roomtone.console.files import pages
from roomtone.core.access import Permission

FIRST_PAINT_BYTES = 300_000
STATIC = files("roomtone.console").joinpath("static")
SCRIPTS = {one.name: one.read_text() for one in STATIC.iterdir() if one.name.endswith(".js")}
MARKUP = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|srcdoc|createContextualFragment|setHTML"
    r"|\beval\b|new Function|javascript:|localStorage|document\.cookie|createElement\(\"script"
)


def test_the_page_of_keys_knows_every_permission() -> None:
    told = SCRIPTS["owned.js"].partition("const PERMISSIONS")[2].partition("];")[0]
    assert {one for one in Permission if f'"{one.value}"' in told} == set(Permission)


async def elsewhere(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b"the API"})


async def get(path: str, method: str = "GET", **headers: str) -> Reply:
    told = [(name.replace("_", "-"), text) for name, text in headers.items()]
    return await request(beside(elsewhere), method, path.encode(), headers=told)


@pytest.mark.parametrize("path", ["/console", "/console/"])
async def test_the_page_is_there(path: str) -> None:
    reply = await get(path)
    assert (reply.status, reply.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert b"<title>Roomtone</title>" in reply.content
    assert reply.headers["content-length"] == str(len(reply.content))


async def test_every_file_that_the_page_and_the_modules_name_is_there() -> None:
    page = (await get("/console")).content.decode()
    named = set(re.findall(r'(?:src|href)="(/console/[^"]+)"', page))
    named |= {
        f"/console/{name}" for text in SCRIPTS.values() for name in re.findall(r'from "\./([\w.]+)"', text)
    }
    assert len(named) >= 8
    for path in named:
        assert (await get(path)).status == 200, path


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("app.js", "text/javascript; charset=utf-8"), ("console.css", "text/css; charset=utf-8"), ("icon.svg", "image/svg+xml")],
)  # fmt: skip
async def test_files_have_their_types(name: str, media_type: str) -> None:
    assert (await get(f"/console/{name}")).headers["content-type"] == media_type


@pytest.mark.parametrize("path", ["/console", "/console/app.js", "/console/nothing"])
async def test_every_answer_is_guarded(path: str) -> None:
    headers = (await get(path)).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "set-cookie" not in headers
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    "path",
    [
        "/console/../files.py", "/console/%2e%2e/files.py", "/console/..%2ffiles.py", "/console//app.js", "/console/./app.js",
        "/console/app.js/", "/console/app.js%00", "/console/%61pp.js", "/console/static/app.js", "/console/index.html",
        "/console/__init__.py", "/console/\\app.js", "/console/" + "a" * 60_000,
    ],
)  # fmt: skip
async def test_no_other_path_leads_anywhere(path: str) -> None:
    assert (await get(path)).status == 404


@pytest.mark.parametrize(
    "path", ["/", "/consoles", "/Console", "/%63onsole", "/api/laml/2010-04-01/Accounts"]
)
async def test_all_else_is_the_application_s(path: str) -> None:
    assert (await get(path)).status == 299


async def test_a_query_changes_nothing() -> None:
    assert (await request(beside(elsewhere), "GET", b"/console?x=1")).status == 200


async def test_it_can_only_be_read() -> None:
    reply = await get("/console", "POST")
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD")
    head = await get("/console", "HEAD")
    assert (head.status, head.content) == (200, b"")
    assert int(head.headers["content-length"]) > 0


async def test_what_has_not_changed_is_not_sent_again() -> None:
    mark = (await get("/console/app.js")).headers["etag"]
    again = await get("/console/app.js", if_none_match=f'"other", W/{mark}')
    assert (again.status, again.content, again.headers["etag"]) == (304, b"", mark)
    assert (await get("/console/app.js", if_none_match='"other"')).status == 200


def test_the_first_paint_is_small() -> None:
    assert sum(len(page.content) for page in pages().values()) <= FIRST_PAINT_BYTES


@pytest.mark.parametrize("name", sorted(SCRIPTS))
def test_no_script_turns_text_into_markup_or_keeps_anything_for_good(name: str) -> None:
    assert MARKUP.findall(SCRIPTS[name]) == []


def test_the_page_has_nothing_inline() -> None:
    page = STATIC.joinpath("index.html").read_text()
    assert re.findall(r"\son\w+=|\sstyle=|<style|<script(?![^>]*\ssrc=)", page) == []


def test_nothing_is_loaded_from_elsewhere() -> None:
    texts = [*SCRIPTS.values(), STATIC.joinpath("console.css").read_text(), STATIC.joinpath("index.html").read_text()]  # fmt: skip
    assert [text for text in texts if re.search(r"(?:src|href|import|url)\W{1,3}(?:https?:)?//", text)] == []
