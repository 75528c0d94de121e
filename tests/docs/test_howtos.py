"""What the how-tos would have somebody write into other programs' files is taken by those programs, and works."""

from __future__ import annotations

import asyncio
import base64
import configparser
import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp
import pytest
import yaml
from lxml import etree

from roomtone.config import load
from roomtone.testing.sip_caller import SipCaller
from roomtone.testing.tones import PITCHES_HZ
from stage.kamailio import PROGRAM as KAMAILIO
from stage.kamailio import Kamailio, modules
from stage.scene import Scene
from stage.sipp import free_ports

ROOT = Path(__file__).parents[2]
HOWTO = ROOT / "docs" / "howto"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def blocks(page: str, kind: str) -> list[str]:
    """Give a page's blocks of this kind."""
    return re.findall(rf"```{kind}\n(.*?)```", (HOWTO / f"{page}.md").read_text(), re.DOTALL)


@asynccontextmanager
async def nginx(folder: Path, scene: Scene) -> AsyncIterator[str]:
    """Run nginx with the page's block before a server, and give its address."""
    (block,) = blocks("run-behind-a-proxy", "nginx")
    port, data = free_ports(), scene.server.data
    told = {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl", "http://127.0.0.1:8080": scene.server.ready["http"].rstrip("/"),
        "/etc/ssl/calls.example.com.pem": f"{data}/server.pem",
        "/etc/ssl/private/calls.example.com.key": f"{data}/server.key",
    }  # fmt: skip
    for written, here in told.items():
        assert written in block
        block = block.replace(written, here)
    places = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"user root;daemon off;pid {folder}/pid;error_log stderr;worker_processes 1;events{{}}"
        f"http{{access_log off;{places}{block}}}"
    )
    assert NGINX is not None
    with (folder / "told").open("wb") as told_to:
        process = await asyncio.create_subprocess_exec(
            NGINX, "-p", folder, "-c", folder / "nginx.conf", "-e", "stderr", stderr=told_to
        )
    try:
        yield f"https://localhost:{port}"
    finally:
        process.terminate()
        await process.wait()


async def until_answered(session: aiohttp.ClientSession, url: str) -> int:
    """Ask until somebody answers, and give the status."""
    async with asyncio.timeout(30):
        while True:
            with suppress(aiohttp.ClientConnectorError):
                async with session.get(url, ssl=False) as reply:
                    return reply.status
            await asyncio.sleep(0.1)


@pytest.mark.skipif(NGINX is None, reason="nginx is not installed (apt-get install nginx-light)")
async def test_nginx_passes_the_api_and_tells_changes_when_they_happen(scene: Scene, tmp_path: Path) -> None:
    who = scene.rest.who
    async with nginx(tmp_path, scene) as address, aiohttp.ClientSession() as session:
        assert await until_answered(session, f"{address}/readyz") == 200
        assert await until_answered(session, f"{address}/console") == 200
        account = f"{address}/api/laml/2010-04-01/Accounts/{who.sid}"
        known = {"Authorization": f"Basic {base64.b64encode(f'{who.sid}:{who.token}'.encode()).decode()}"}
        async with session.get(f"{account}/Changes", headers=known, ssl=False) as changes:
            assert changes.status == 200
            await scene.gather(2, "Behind nginx")
            async with asyncio.timeout(30):
                while b"conference" not in await changes.content.readline():
                    pass


def test_the_settings_behind_a_proxy_are_settings(tmp_path: Path) -> None:
    (block,) = blocks("run-behind-a-proxy", "toml")
    (tmp_path / "roomtone.toml").write_text(block)
    settings = load({}, {}, tmp_path / "roomtone.toml")
    assert settings.in_production
    assert settings.https is None


class EdgeOfThePage(Kamailio):
    """Kamailio with the page's configuration."""

    def config(self) -> str:
        (block,) = blocks("connect-a-pbx", "kamailio")
        told = {
            "udp:192.0.2.5:5060": f"udp:127.0.0.1:{self.port}", "sip:192.0.2.10:5060": f"sip:127.0.0.1:{self.server}",
            '$si == "192.0.2.10" && $sp == 5060': f'$si == "127.0.0.1" && $sp == {self.server}',
        }  # fmt: skip
        for written, here in told.items():
            assert written in block
            block = block.replace(written, here)
        return f'#!KAMAILIO\nlog_stderror=yes\nchildren=1\ndisable_tcp=yes\nmpath="{modules()}"\n{block}'


@pytest.mark.skipif(KAMAILIO is None, reason="kamailio is not installed (apt-get install kamailio)")
async def test_a_call_comes_through_the_kamailio_of_the_page(scene: Scene, tmp_path: Path) -> None:
    number = await scene.open_line("Through an edge")
    async with (
        EdgeOfThePage(tmp_path / "kamailio", scene.server.sip_address[1]) as edge,
        SipCaller(("127.0.0.1", edge.port), number, pitch_hz=PITCHES_HZ[5]) as caller,
    ):
        await caller.answered()
        joined = await scene.customer.wait_for_event("participant-join", within_s=30)
        scene.conference = joined.parameters["ConferenceSid"]
        gone = await scene.rest.delete(f"Conferences/{scene.conference}/Participants/{joined.call}.json")
        assert gone.status == 204
        over = await caller.ended(30)
        assert over.by == "remote", "our BYE took the route"


def test_what_asterisk_reads_has_its_shape() -> None:
    """Asterisk is not in Debian: sections, options and priorities are read as its own reader does, and nothing more is."""
    pjsip, extensions = blocks("connect-a-pbx", "ini")
    types = re.findall(r"^\[roomtone\]\ntype = (\w+)$", pjsip, re.MULTILINE)
    assert types == ["endpoint", "aor", "identify"]
    for section in re.split(r"(?=^\[)", pjsip, flags=re.MULTILINE)[1:]:
        read = configparser.ConfigParser()
        read.read_string(section)
        assert read["roomtone"]["type"] in types
    lines = [line.strip() for line in extensions.splitlines() if line.strip() and not line.startswith("[")]
    steps = [re.fullmatch(r"(?:exten => [^,]+,1|same => n),(\w+)\(.*\)", line) for line in lines]
    assert [step[1] if step else step for step in steps] == ["Set", "Dial", "Hangup", "Dial", "Hangup"]


def test_what_freeswitch_reads_is_xml_that_says_where_calls_go() -> None:
    """FreeSWITCH is not in Debian."""
    gateway, there, back = (etree.fromstring(block) for block in blocks("connect-a-pbx", "xml"))
    name = gateway.xpath("string(gateway/@name)")
    assert f"sofia/gateway/{name}/" in there.xpath("string(//action[@application='bridge']/@data)")
    for expression in [*there.xpath("//condition/@expression"), *back.xpath("//condition/@expression")]:
        re.compile(str(expression))


def steps() -> list[str]:
    """Give what the job of the page runs, but for what installs and tests."""
    (block,) = blocks("test-in-ci", "yaml")
    (job,) = yaml.safe_load(block)["jobs"].values()
    named = {step["name"]: step["run"] for step in job["steps"] if "run" in step}
    return [named["Start Roomtone"], named["Call a number"]]


@pytest.mark.usefixtures("program")
@pytest.mark.timeout(300)
def test_the_steps_for_ci_call_a_number(tmp_path: Path) -> None:
    ports = {8080: free_ports(), 5060: free_ports(), 5000: free_ports(), 8443: free_ports()}
    script = "\n".join(
        ["trap 'kill $(jobs -p)' EXIT", f"{sys.executable} voice.py {ports[5000]} &", *steps()]
    )
    for written, here in ports.items():
        script = script.replace(f"127.0.0.1:{written}", f"127.0.0.1:{here}")
    (tmp_path / "voice.py").write_text(VOICE)
    known = {
        "ROOMTONE_DATA": f"{tmp_path}/data", "ROOMTONE_SID": "AC00000000000000000000000000000001",
        "ROOMTONE_TOKEN": "only-for-this-job", "ROOMTONE_CALLS_PER_S": "0", "ROOMTONE_RTP_PORTS": "0-0",
        "ROOMTONE_HTTP": f"127.0.0.1:{ports[8080]}", "ROOMTONE_HTTPS": f"127.0.0.1:{ports[8443]}",
        "ROOMTONE_SIP": f"127.0.0.1:{ports[5060]}", "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }  # fmt: skip
    shell = subprocess.Popen(
        ["bash", "-e", "-c", script], cwd=tmp_path, env=os.environ | known, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        said, _ = shell.communicate(timeout=240)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(shell.pid, signal.SIGKILL)
    assert shell.returncode == 0, said
    assert "connected with" in said, said


VOICE = """
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer


class Voice(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.end_headers()
        self.wfile.write(b"<Response><Dial><Conference>ci</Conference></Dial></Response>")

    def log_message(self, *_):
        pass


HTTPServer(("127.0.0.1", int(sys.argv[1])), Voice).serve_forever()
"""


@pytest.mark.parametrize("page", sorted(path.stem for path in HOWTO.glob("*.md")))
def test_every_block_of_settings_is_read_by_the_program(page: str) -> None:
    for block in blocks(page, "toml"):
        tomllib.loads(block)
    for block in blocks(page, "sh"):
        subprocess.run(["bash", "-n"], input=block, text=True, check=True, timeout=60)
