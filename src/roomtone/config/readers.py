"""How each setting is read from text: one function each, and the table that names them."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from pathlib import Path

from roomtone.archive import Form, read_url
from roomtone.config.settings import Address, PortRange
from roomtone.core.ice import read_urls
from roomtone.core.ids import ProjectId
from roomtone.core.pool import read_pool
from roomtone.core.recording.retention import Retention
from roomtone.core.routing import read_trunks
from roomtone.dialects import sids
from roomtone.dialects.public_urls import read_public_urls
from roomtone.sdp.crypto import Encryption
from roomtone.sip.digest import Algorithm


def _address(text: str) -> Address:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:
        raise ValueError("takes HOST:PORT, with a port of 0 to 65535")
    return Address(host.strip("[]"), int(port))


def _address_or_off(text: str) -> Address | None:
    return None if text == "off" else _address(text)


def _addresses(text: str) -> tuple[Address, ...]:
    """Read IP addresses and ports, apart by commas."""
    found = tuple(_address(part.strip()) for part in text.split(",") if part.strip())
    for one in found:
        ipaddress.ip_address(one.host)
    return found


def _even_port(text: str) -> int:
    port = int(text)
    if port != 0 and (port % 2 or not 1024 <= port <= 65534):
        raise ValueError("takes an even port between 1024 and 65534, or 0")
    return port


def _ports(text: str) -> PortRange:
    first, dash, last = text.partition("-")
    if not dash or not first.isdecimal() or not last.isdecimal():
        raise ValueError("takes FIRST-LAST")
    ports = PortRange(int(first), int(last))
    if (ports.first, ports.last) == (0, 0):
        return ports
    if ports.first > ports.last:
        raise ValueError("is empty; first must be ≤ last")
    if ports.first < 1024 or ports.last > 65535 or ports.last - ports.first < 3:
        raise ValueError("takes at least four ports between 1024 and 65535")
    return ports


def _networks(text: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())


def _prefixes(text: str) -> tuple[str, ...]:
    found = tuple(part.strip() for part in text.split(",") if part.strip())
    if not all(re.fullmatch(r"\+\d{0,15}", one) for one in found):
        raise ValueError("takes +, +49 or +15551230000, apart by commas")
    return found


def _digests(text: str) -> tuple[Algorithm, ...]:
    found = tuple(part.strip().upper() for part in text.split(","))
    if not set(found) <= set(Algorithm) or not found:
        raise ValueError("takes MD5, SHA-256 or both, apart by commas")
    return tuple(dict.fromkeys(Algorithm(one) for one in found))


def _url(text: str) -> str:
    if text and not text.startswith(("http://", "https://")):
        raise ValueError("takes a URL that begins with http:// or https://")
    return text.rstrip("/")


def _collector(text: str) -> str:
    return "" if text == "off" else _url(text).removesuffix("/v1/traces")


def _file(text: str) -> Path | None:
    return Path(text).absolute() if text else None


def _encryption(text: str) -> Encryption:
    if text.lower() not in set(Encryption):
        raise ValueError(f"takes {', '.join(Encryption)}")
    return Encryption(text.lower())


def _ip(text: str) -> str:
    return str(ipaddress.ip_address(text)) if text else ""


def _within(low: float, high: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        value = float(text)
        if not low <= value <= high:
            raise ValueError(f"takes {low:g} to {high:g}")
        return value

    return read


def _yes_or_no(text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise ValueError("takes true or false")
    return text.lower() == "true"


def _transcriber(text: str) -> str:
    from roomtone.transcripts import transcriber_of

    transcriber_of(text)
    return text


def _speech(text: str) -> str:
    from roomtone.documents.speech import engine_of

    engine_of(text)
    return text


def _rate(text: str) -> int:
    if text not in {"8000", "16000", "24000", "48000"}:
        raise ValueError("takes 8000, 16000, 24000 or 48000")
    return int(text)


def _form(text: str) -> Form:
    if text.lower() not in {Form.WAV, Form.FLAC}:
        raise ValueError("takes wav or flac")
    return Form(text.lower())


def _storage(text: str) -> str:
    if text:
        read_url(text)
    return text


def _retention(text: str) -> Retention:
    """Read days, and days of single projects, apart by commas."""
    days, of = 0.0, []
    for part in filter(None, (one.strip() for one in text.split(","))):
        sid, equals, own = part.rpartition("=")
        value = _within(0, 36_500)(own)
        project = sids.parse(ProjectId, sid.strip()) if equals else None
        if equals and project is None:
            raise ValueError(f"{sid!r} is no project; takes DAYS and SID=DAYS, apart by commas")
        if project is None:
            days = value
        else:
            of.append((project, value))
    return Retention(days, tuple(of))


def _project(text: str) -> ProjectId | None:
    found = sids.parse(ProjectId, text) if text else None
    if text and found is None:
        raise ValueError("takes the sid of a project: a dashed UUID, or AC and 32 hex digits")
    return found


def _level(text: str) -> str:
    if text.lower() not in {"debug", "info", "warning", "error"}:
        raise ValueError("takes debug, info, warning or error")
    return text.lower()


def _log_format(text: str) -> str:
    if text.lower() not in {"text", "json"}:
        raise ValueError("takes text or json")
    return text.lower()


READERS: dict[str, Callable[[str], object]] = {
    "data": lambda text: Path(text).absolute(),
    "http": _address_or_off,
    "https": _address_or_off,
    "sip": _address,
    "sips": _address_or_off,
    "tls_certificate": _file,
    "tls_key": _file,
    "tls_trust": _file,
    "tls_clients": _file,
    "dns_servers": _addresses,
    "srtp": _encryption,
    "rtp_ports": _ports,
    "rtp_trunk_port": _even_port,
    "sip_connections": lambda text: int(_within(0, 2_000)(text)),
    "rtp_host": _ip,
    "media_threads": lambda text: None if text == "auto" else int(_within(1, 256)(text)),
    "leave_out_silence": _yes_or_no,
    "noise_floor_db": lambda text: 0 if text == "0" else int(_within(-90, -40)(text)),
    "automatic_gain": _yes_or_no,
    "entry_sound": _file,
    "exit_sound": _file,
    "public_url": _url,
    "sign_as": read_public_urls,
    "callback_log_days": _within(0, 36_500),
    "allow_networks": lambda text: None if text == "auto" else _networks(text),
    "open_networks": _networks,
    "open_numbers": _prefixes,
    "sip_digests": _digests,
    "busy_at": _within(0, 100),
    "drain_s": _within(0, 3600),
    "orphan_s": lambda text: int(_within(5, 86400)(text)),
    "silent_hang_up_s": lambda text: 0.0 if text == "0" else _within(10, 86400)(text),
    "recording_rate_hz": _rate,
    "recording_tracks": _yes_or_no,
    "recording_form": _form,
    "recording_public": _yes_or_no,
    "recording_cache_mb": lambda text: int(_within(1, 10_000_000)(text)),
    "recording_days": _retention,
    "recording_storage": _storage,
    "recording_s3_endpoint": _url,
    "recording_s3_region": str,
    "recording_s3_login_file": _file,
    "number_pool": read_pool,
    "trunks": read_trunks,
    "trunk_logins_file": _file,
    "operator": _project,
    "calls_per_s": _within(0, 10_000),
    "callback_attempts": lambda text: int(_within(0, 1_000)(text)),
    "callback_give_up_s": _within(60, 2_592_000),
    "callback_days": _within(0, 36_500),
    "ice_servers": read_urls,
    "turn_secret_file": _file,
    "rate_limit": lambda text: None if text == "auto" else _within(0, 1_000_000)(text),
    "wrong_logins": lambda text: None if text == "auto" else _within(0, 1_000_000)(text),
    "speech": _speech,
    "transcriber": _transcriber,
    "metrics": _address_or_off,
    "traces": _collector,
    "traces_share": _within(0, 1),
    "log_level": _level,
    "log_format": _log_format,
}
"""How each setting is read from text; a ValueError says which rule it breaks."""
