"""A proxy and registrar that is not ours: kamailio (Debian package), on loopback, with a configuration made for one test.

It insists on staying in the path (Record-Route), keeps registrations in memory without asking for a password, and forks a
call to all places somebody has registered. Whatever does not come from Roomtone and is no registration goes to Roomtone.
"""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Self

from stage.sipp import free_port

PROGRAM = shutil.which("kamailio") or shutil.which("kamailio", path="/usr/sbin:/usr/local/sbin")

CONFIG = """#!KAMAILIO
debug=2
log_stderror=yes
fork=no
children=1
disable_tcp=yes
auto_aliases=no
listen=udp:127.0.0.1:{port}
mpath="{modules}"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "siputils.so"
loadmodule "textops.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
modparam("rr", "append_fromtag", 1)
modparam("usrloc", "db_mode", 0)

request_route {{
    if (!mf_process_maxfwd_header("10")) {{
        sl_send_reply("483", "Too Many Hops");
        exit;
    }}
    if (is_method("CANCEL")) {{
        if (t_check_trans()) t_relay();
        exit;
    }}
    if (has_totag()) {{
        if (loose_route()) {{
            t_relay();
        }} else if (is_method("ACK")) {{
            if (t_check_trans()) t_relay();
        }} else {{
            sl_send_reply("404", "Without A Route");
        }}
        exit;
    }}
    t_check_trans();
    if (is_method("REGISTER")) {{
        save("location");
        exit;
    }}
    record_route();
    if ($sp == {server}) {{
        if (!lookup("location")) {{
            sl_send_reply("404", "Not Found");
            exit;
        }}
    }} else {{
        $du = "sip:127.0.0.1:{server}";
    }}
    t_relay();
}}
"""


def modules() -> str:
    """Where Debian puts kamailio's modules."""
    found = next(Path("/usr/lib").glob("**/kamailio/modules/tm.so"), None)
    assert found is not None, "kamailio has no modules"
    return f"{found.parent}/"


class Kamailio:
    """One kamailio process in front of a server."""

    def __init__(self, folder: Path, server: int) -> None:
        self.port = free_port()
        self._folder = folder
        self.server = server
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        assert PROGRAM is not None, "kamailio is not installed"
        self._folder.mkdir()
        (self._folder / "kamailio.cfg").write_text(self.config())
        with (self._folder / "output").open("wb") as output:
            self._process = await asyncio.create_subprocess_exec(
                PROGRAM, "-DD", "-E", "-f", str(self._folder / "kamailio.cfg"), "-Y", str(self._folder),
                "-P", str(self._folder / "pid"), "-m", "32", "-M", "8",
                stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip
        await self._until_it_answers()
        return self

    def config(self) -> str:
        """Give what it is to do."""
        return CONFIG.format(port=self.port, server=self.server, modules=modules())

    async def _until_it_answers(self) -> None:
        """A request without a route is answered 404 by itself: then it is up."""
        loop = asyncio.get_running_loop()
        answered = asyncio.Event()

        class Ears(asyncio.DatagramProtocol):
            def datagram_received(self, data: bytes, addr: object) -> None:
                answered.set()

            def error_received(self, exc: Exception) -> None:
                """Not up yet."""

        transport, _ = await loop.create_datagram_endpoint(
            Ears, remote_addr=("127.0.0.1", self.port), local_addr=("127.0.0.1", 0)
        )
        port = transport.get_extra_info("sockname")[1]
        ask = (
            f"OPTIONS sip:x@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bKready\r\n"
            f"From: <sip:t@h>;tag=1\r\nTo: <sip:x@h>;tag=2\r\nCall-ID: ready{port}\r\nCSeq: 1 OPTIONS\r\n"
            "Max-Forwards: 5\r\nContent-Length: 0\r\n\r\n"
        )
        try:
            async with asyncio.timeout(30):
                while not answered.is_set():
                    assert self._process is not None
                    assert self._process.returncode is None, self.output
                    transport.sendto(ask.encode())
                    await asyncio.sleep(0.1)
        finally:
            transport.close()

    @property
    def output(self) -> str:
        """What it printed."""
        return (self._folder / "output").read_text(errors="replace")

    async def __aexit__(self, *_: object) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            try:
                async with asyncio.timeout(10):
                    await self._process.wait()
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
