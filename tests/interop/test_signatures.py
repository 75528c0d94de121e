"""What Roomtone signs, judged by the validators of the official SDKs, unmodified.

Each gets some hundreds of requests at once, as an application would see them: schemes, ports, addresses, odd paths and
queries, fragments, user names, GET and POST, parameters of any script, JSON bodies by their digest; and the same with one
character changed. Source: the validators themselves.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest

from roomtone import dialects
from roomtone.core.ids import ProjectId
from roomtone.core.project import Project
from roomtone.core.values import Method
from roomtone.dialects import SIGNALWIRE, signatures, urls
from roomtone.dialects.public_urls import read_public_urls

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PYTHON = str(HERE / "validate.py")
NODE = str(HERE / "js" / "validate.cjs")

VALIDATORS = {
    "twilio 9 (PyPI)": (sys.executable, PYTHON, "twilio"),
    "twilio 8 (PyPI)": (str(ROOT / ".venv-twilio8/bin/python"), PYTHON, "twilio"),
    "twilio 7 (PyPI)": (str(ROOT / ".venv-twilio7/bin/python"), PYTHON, "twilio"),
    "twilio 6 (PyPI)": (str(ROOT / ".venv-signalwire/bin/python"), PYTHON, "twilio"),
    "signalwire 2 (PyPI)": (str(ROOT / ".venv-signalwire/bin/python"), PYTHON, "signalwire"),
    "twilio 6 (npm)": ("node", NODE, "twilio"),
    "twilio 6 (npm), middleware": ("node", NODE, "twilio", "express"),
    "twilio 5 (npm)": ("node", NODE, "twilio-5"),
    "compatibility-api 3 (npm)": ("node", NODE, "@signalwire/compatibility-api"),
    "compatibility-api 3 (npm), middleware": ("node", NODE, "@signalwire/compatibility-api", "express"),
}

KEY = "PSK_12345é"
PROJECT = Project(ProjectId(1), "p", "twilio", KEY, 0)
SIGNER = dialects.signer(read_public_urls("http://10.0.0.5:3000=https://app.example.com"))

HOSTS = (
    "app.example.com", "APP.Example.COM", "app.example.com:443", "app.example.com:80", "app.example.com:8443", "localhost:3000",
    "127.0.0.1", "127.0.0.1:5000", "[::1]:8080", "[2001:db8::1]", "user:p%40ss@app.example.com", "user@app.example.com:444",
    "bücher.example",
)  # fmt: skip
PATHS = (
    "", "/", "/voice", "/voice/", "/a/b/../c", "/a//b", "/é", "/%C3%A9", "/%c3%a9", "/a b".replace(" ", "%20"), "/a+b", "/a;b=c,d",
    "/it's(1)*!~", "/a:b@c", "/a%2Fb", "/[x]", "/100%25", "/日本",
)  # fmt: skip
QUERIES = (
    "",
    "?",
    "?a=b",
    "?a=1&b=2&a=3",
    "?a=%20+b",
    "?q=é&u=http://x/y?z",
    "?x",
    "?x=",
    "?a=b%26c=d",
    "?a='b'",
    "?empty=&y",
)
FRAGMENTS = ("", "#rt=500", "#rc=2&rp=all")
TEXTS = (
    "",
    "a",
    "+14158675309",
    "Ann & Bob",
    "é",
    "日本語",
    "😀",
    "a=b&c",
    "%20",
    "two\nlines",
    "'quoted\"",
    "<x/>",
    " padded ",
    "null",
)
NAMES = (
    "CallSid",
    "From",
    "To",
    "Digits",
    "SpeechResult",
    "ParentCallSid",
    "callsid",
    "A",
    "Zebra",
    "X-Y",
    "é",
    "a.b",
    "from_",
)


def case(requested: str, form: object, signature: str) -> dict[str, Any]:
    return {"key": KEY, "url": requested, "form": form, "signature": signature}


def made(dice: Random) -> dict[str, Any]:
    """One request, as its receiver sees it."""
    host = dice.choice(HOSTS)
    url = dice.choice(("http://", "https://", "HTTPS://")) + host + dice.choice(PATHS) + dice.choice(QUERIES)
    url += dice.choice(FRAGMENTS)
    names = dice.sample(NAMES, dice.randrange(8))
    form, method = tuple((name, dice.choice(TEXTS)) for name in names), dice.choice(tuple(Method))
    signed = SIGNER.sign(PROJECT, url, form, method)["X-SignalWire-Signature"]
    return case(urls.to_request(url, form, method), dict(form) if method is Method.POST else {}, signed)


def right() -> list[dict[str, Any]]:
    dice = Random(7)  # the same requests in every run
    return [made(dice) for _ in range(600)]


def judge(name: str, cases: list[dict[str, Any]]) -> list[bool]:
    """Ask one validator."""
    program, *rest = VALIDATORS[name]
    if shutil.which(program) is None or (program == "node" and not (HERE / "js/node_modules").is_dir()):
        pytest.skip(f"{name} is not installed: run make test")
    done = subprocess.run(
        [program, *(["-W", "ignore"] if program != "node" else []), *rest],
        input=json.dumps(cases), capture_output=True, text=True, timeout=90, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert len(found) == len(cases)
    return [bool(one) for one in found]


@pytest.mark.parametrize("name", VALIDATORS)
def test_every_request_is_let_in_and_no_forged_one(name: str) -> None:
    cases = right()
    if "middleware" in name:  # it rebuilds the address with a function that spells some characters anew
        cases = [one for one in cases if not set(one["url"]) & set("'[]") and "%3F" not in one["url"]]
    forged = [one | {"url": one["url"] + "x"} for one in cases] + [
        one | {"form": {**one["form"], "Digits": "666"}} for one in cases
    ]
    forged += [one | {"key": "another"} for one in cases]
    judged = judge(name, cases + forged)
    refused = [one for one, good in zip(cases, judged, strict=False) if not good]
    assert refused == []
    assert not any(judged[len(cases) :])


@pytest.mark.parametrize(
    "name", [one for one in VALIDATORS if "middleware" not in one and "signalwire" not in one]
)
def test_a_json_body_is_named_by_its_digest(name: str) -> None:
    body = json.dumps({"event": "é", "n": 1}, ensure_ascii=False)
    cases = []
    for url in ("https://app.example.com/json", "http://app.example.com:8080/json?a=b"):
        requested = signatures.with_digest(url, body.encode())
        signed = SIGNALWIRE.signatures.sign_json(PROJECT, requested)["X-Twilio-Signature"]
        cases += [case(requested, body, signed), case(requested, body + " ", signed)]
    assert judge(name, cases) == [True, False] * 2


@pytest.mark.parametrize("name", VALIDATORS)
def test_an_application_behind_a_proxy_lets_in_what_is_signed_as_it_sees_itself(name: str) -> None:
    form = (("CallSid", "CA1"), ("From", "+1"))
    signed = SIGNER.sign(PROJECT, "http://10.0.0.5:3000/voice?a=b", form, Method.POST)["X-Twilio-Signature"]
    cases = [
        case(f"{origin}/voice?a=b", dict(form), signed)
        for origin in ("https://app.example.com", "http://10.0.0.5:3000")
    ]
    assert judge(name, cases) == [True, False]
