"""A DNS server of few words on loopback: it knows what a test tells it, and says that there is nothing else.

Source: RFC 1035, section 4 (messages); RFC 2782 (SRV); RFC 3403 (NAPTR).
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import struct
import threading
from dataclasses import dataclass, field

A, SOA, SRV, NAPTR = 1, 6, 33, 35
NO_SUCH_NAME = 3


def spelled(name: str) -> bytes:
    """Write a name as labels."""
    labels = [label.encode() for label in name.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def _text(text: str) -> bytes:
    return bytes([len(text)]) + text.encode()


@dataclass
class Names:
    """One server, over UDP, in a thread of its own: several tests ask it."""

    records: dict[tuple[str, int], list[bytes]] = field(default_factory=dict)
    asked: list[tuple[str, int]] = field(default_factory=list)
    """Name and type of each question."""

    def open(self) -> None:
        """Begin to listen, at a free port."""
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0.2)
        self._open = True
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while self._open:
            with contextlib.suppress(TimeoutError):
                data, asker = self._socket.recvfrom(4_096)
                self._socket.sendto(self._answer(data), asker)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._socket.getsockname()[1])

    def close(self) -> None:
        """Stop."""
        self._open = False
        self._thread.join(10)
        self._socket.close()

    def address(self, name: str, address: str) -> None:
        """Let a name have an address."""
        self.records.setdefault((name, A), []).append(ipaddress.IPv4Address(address).packed)

    def service(self, name: str, port: int, target: str, *, priority: int = 0, weight: int = 0) -> None:
        """Let a service be offered by a host."""
        data = struct.pack("!HHH", priority, weight, port) + spelled(target)
        self.records.setdefault((name, SRV), []).append(data)

    def pointer(self, name: str, service: str, replacement: str, *, order: int = 0) -> None:
        """Let a name point to a service."""
        data = struct.pack("!HH", order, 0) + _text("s") + _text(service) + _text("") + spelled(replacement)
        self.records.setdefault((name, NAPTR), []).append(data)

    def _answer(self, data: bytes) -> bytes:
        at, labels = 12, []
        while data[at]:
            labels.append(data[at + 1 : at + 1 + data[at]].decode())
            at += 1 + data[at]
        question = data[12 : at + 5]
        name, kind = ".".join(labels).lower(), struct.unpack("!H", data[at + 1 : at + 3])[0]
        self.asked.append((name, kind))
        found = self.records.get((name, kind), [])
        is_known = any(known == name for known, _ in self.records)
        flags = 0x8580 | (0 if is_known else NO_SUCH_NAME)
        answers = b"".join(b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 300, len(one)) + one for one in found)
        soa = b"" if found else _start_of_authority()
        head = data[:2] + struct.pack("!HHHHH", flags, 1, len(found), 0 if found else 1, 0)
        return head + question + answers + soa


def _start_of_authority() -> bytes:
    data = spelled("ns.example") + spelled("who.example") + struct.pack("!IIIII", 1, 300, 300, 300, 300)
    return spelled("example") + struct.pack("!HHIH", SOA, 1, 300, len(data)) + data
