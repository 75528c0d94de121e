"""Where a customer's WebSocket is, if it may be asked. The connection itself is the engine's.

Source: Twilio TwiML "Stream", SignalWire cXML "Stream": ``wss:`` only. Without TLS nothing but this machine is asked, and
that only where the operator allows this machine to be asked at all.
"""

from __future__ import annotations

import asyncio
import ipaddress
from urllib.parse import urlsplit

from roomtone.core.streaming import Located, NotLocated, StreamFault
from roomtone.net.client import AddressRefused, Client

PATIENCE_S = 5.0
"""Seconds that finding a name may take."""

PORTS = {"wss": 443, "ws": 80}


class Sockets:
    """Finds servers by the guarded client's rules."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def locate(self, url: str) -> Located | NotLocated:
        """Find the addresses of a URL's host; never raises for a fault of the world."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
            async with asyncio.timeout(PATIENCE_S):
                found = await self._client.locate(host, port)
            roots = await asyncio.to_thread(lambda: self._client.further_roots)
        except (ValueError, KeyError):
            return NotLocated(StreamFault.INVALID_URL, "not a wss: URL")
        except AddressRefused as why:
            return NotLocated(StreamFault.INVALID_URL, str(why))
        except TimeoutError:
            return NotLocated(StreamFault.NO_CONNECTION, "the name of the server was not found in time")
        except OSError:
            return NotLocated(StreamFault.CONNECTION_REFUSED, "the name of the server was not found")
        if parts.scheme == "ws":
            found = tuple(one for one in found if _is_here(one))
        if not found:
            return NotLocated(
                StreamFault.INVALID_URL, "without TLS only this machine is asked: give a wss: URL"
            )
        return Located(found, roots)


def _is_here(address: str) -> bool:
    ip = address.rpartition(":")[0].strip("[]")
    return ipaddress.ip_address(ip.partition("%")[0]).is_loopback
