"""A phone of few words for tests: raw SIP over UDP or TCP, one dialog, every message in the test's hands.

It does no transactions of its own (nothing is sent twice, nothing is answered unasked), so that each test decides what
the engine gets to see.
"""

from __future__ import annotations

import asyncio
import re
import ssl
import uuid
from dataclasses import dataclass, field

SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 40000 RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
)


def shown(host: str) -> str:
    """Write a host as URIs and Via headers do."""
    return f"[{host}]" if ":" in host else host


@dataclass(frozen=True)
class Message:
    """A request or response, taken apart just enough."""

    start: str
    headers: tuple[tuple[str, str], ...]
    body: str

    @classmethod
    def parse(cls, data: bytes) -> Message:
        head, _, body = data.decode(errors="replace").partition("\r\n\r\n")
        start, *lines = head.split("\r\n")
        pairs = (line.split(":", 1) for line in lines if ":" in line)
        return cls(start, tuple((name.strip().lower(), value.strip()) for name, value in pairs), body)

    @property
    def status(self) -> int:
        return int(self.start.split()[1]) if self.start.startswith("SIP/2.0 ") else 0

    @property
    def method(self) -> str:
        return self.header("cseq").split()[1]

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name.lower()), "")

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name.lower()]


@dataclass
class Phone:
    """One user agent with one dialog."""

    engine: tuple[str, int]
    transport: str = "UDP"
    call_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    tag: str = field(default_factory=lambda: uuid.uuid4().hex[:8])
    to_tag: str = ""
    cseq: int = 0
    branch: str = ""
    contact: str = ""
    local: str = "127.0.0.1"
    tls: ssl.SSLContext | None = None

    async def open(self) -> Phone:
        loop = asyncio.get_running_loop()
        self.inbox: asyncio.Queue[Message] = asyncio.Queue()
        if self.transport == "UDP":
            inbox = self.inbox

            class Ears(asyncio.DatagramProtocol):
                def datagram_received(self, data: bytes, _addr: object) -> None:
                    inbox.put_nowait(Message.parse(data))

            self._udp, _ = await loop.create_datagram_endpoint(
                Ears, remote_addr=self.engine, local_addr=(self.local, 0)
            )
            self.address = self._udp.get_extra_info("sockname")
        else:
            reader, self._tcp = await asyncio.open_connection(
                *self.engine, ssl=self.tls, local_addr=(self.local, 0)
            )
            self.address = self._tcp.get_extra_info("sockname")
            self._listening = asyncio.create_task(self._listen(reader))
        return self

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        while True:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
                return
            length = re.search(rb"(?i)content-length: *(\d+)", head)
            self.inbox.put_nowait(
                Message.parse(head + await reader.readexactly(int(length[1]) if length else 0))
            )

    async def close(self) -> None:
        if self.transport == "UDP":
            self._udp.close()
        else:
            self._tcp.close()
            await self._listening

    @property
    def _by(self) -> str:
        return "" if self.transport == "UDP" else f";transport={self.transport.lower()}"

    async def is_cut_off(self, within_s: float = 5.0) -> bool:
        """Whether the engine closes the stream, now or soon."""
        done, _ = await asyncio.wait([self._listening], timeout=within_s)
        return bool(done)

    # --- saying -------------------------------------------------------------------------------------------------------

    def send(self, data: str | bytes) -> None:
        raw = data.encode() if isinstance(data, str) else data
        if self.transport == "UDP":
            self._udp.sendto(raw)
        else:
            self._tcp.write(raw)

    def compose(
        self, method: str, body: str = "", *, headers: str = "", cseq: int | None = None, via: str = ""
    ) -> str:
        """Write a request; ACK and CANCEL keep the number (and a CANCEL the branch) of the request before."""
        if cseq is None:
            self.cseq += method not in {"ACK", "CANCEL"}
            cseq = self.cseq
        if method != "CANCEL":
            self.branch = f"z9hG4bK{uuid.uuid4().hex[:12]}"
        port = self.address[1]
        host, engine = shown(self.address[0]), shown(self.engine[0])
        contact = self.contact or f"<sip:phone@{host}:{port}{self._by}>"
        to = "<sip:1234@roomtone.test>" + (
            f";tag={self.to_tag}" if self.to_tag and method != "CANCEL" else ""
        )
        kind = "Content-Type: application/sdp\r\n" if body and "Content-Type" not in headers else ""
        return (
            f"{method} sip:1234@{engine}:{self.engine[1]} SIP/2.0\r\n"
            f"Via: {via or f'SIP/2.0/{self.transport} {host}:{port};rport;branch={self.branch}'}\r\n"
            f'From: "A Phone" <sip:phone@roomtone.test>;tag={self.tag}\r\nTo: {to}\r\n'
            f"Call-ID: {self.call_id}\r\nCSeq: {cseq} {method}\r\nMax-Forwards: 70\r\nContact: {contact}\r\n"
            f"{headers}{kind}Content-Length: {len(body.encode())}\r\n\r\n{body}"
        )

    def say(self, method: str, body: str = "", **more: object) -> str:
        """Send a request and give it back, so that it can be sent again."""
        text = self.compose(method, body, **more)  # type: ignore[arg-type]
        self.send(text)
        return text

    def respond(self, request: Message, status: str = "200 OK", body: str = "") -> None:
        kept = ("via", "from", "to", "call-id", "cseq")
        lines = [f"{name}: {value}" for name, value in request.headers if name in kept]
        if body:
            contact = f"<sip:phone@{shown(self.address[0])}:{self.address[1]}{self._by}>"
            lines += [f"Contact: {contact}", "Content-Type: application/sdp"]
        self.send("\r\n".join([f"SIP/2.0 {status}", *lines, f"Content-Length: {len(body)}", "", body]))

    # --- hearing ------------------------------------------------------------------------------------------------------

    async def hears(self, status: int, method: str | None = None, within_s: float = 15.0) -> Message:
        """Wait for a response of this status, letting others pass."""
        async with asyncio.timeout(within_s):
            while True:
                message = await self.inbox.get()
                if message.status == status and (method is None or message.method == method):
                    if tag := re.search(r";tag=([^;\s]+)", message.header("to")):
                        self.to_tag = self.to_tag or (
                            tag[1] if message.method == "INVITE" and status < 300 else ""
                        )
                    return message

    async def asked(self, method: str, within_s: float = 15.0) -> Message:
        """Wait for a request of this method."""
        async with asyncio.timeout(within_s):
            while True:
                message = await self.inbox.get()
                if not message.status and message.start.startswith(method + " "):
                    return message

    def heard(self) -> list[Message]:
        """Take everything that has arrived, waiting for nothing."""
        return [self.inbox.get_nowait() for _ in range(self.inbox.qsize())]
