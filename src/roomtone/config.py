"""Settings: one value, read once, from options over environment over file over defaults.

Everything is checked before anything starts, and a complaint names the setting and the rule. No other room reads the
environment. `docs/reference/settings.md` lists every field; a test compares the two.
"""

from __future__ import annotations

import ipaddress
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from roomtone.archive import Bucket, Form, read_url
from roomtone.archive import Settings as ArchiveSettings
from roomtone.core.entrance import LOOPBACK, Network
from roomtone.core.ice import IceServers, read_urls
from roomtone.core.ids import ProjectId
from roomtone.core.pool import FICTIONAL, Pool, read_pool
from roomtone.core.recording.retention import Retention
from roomtone.core.routing import Trunk, read_trunks, with_logins
from roomtone.dialects import sids
from roomtone.sdp.crypto import Encryption
from roomtone.sip.digest import ALGORITHMS, Algorithm

PREFIX = "ROOMTONE_"
"""An environment variable is this and the setting's name in capitals: ``ROOMTONE_RTP_PORTS``."""


DECLARED = ("endpoint", "domain", "trunk")
"""Tables of a file that are no settings (`roomtone.declared` reads them)."""


class ConfigProblem(Exception):  # noqa: N818 - it is the user's to mend
    """A setting breaks a rule; the text names both."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen."""

    host: str
    """An IP address or a name of this machine."""

    port: int
    """0 to 65535; 0 takes a free one."""

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class PortRange:
    """UDP ports for audio, first and last included; 0-0 takes a free range."""

    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"


@dataclass(frozen=True, slots=True)
class Settings:
    """All that `roomtone serve` can be told."""

    data: Path = Path("roomtone-data")
    """Folder of the database, the certificates and the engine's socket; made if it is not there."""

    http: Address | None = Address("127.0.0.1", 8080)
    """Where the API is served without TLS; ``off`` for not at all."""

    https: Address | None = Address("127.0.0.1", 8443)
    """Where the API is served with TLS, by a certificate of the local CA; ``off`` for not at all."""

    sip: Address = Address("127.0.0.1", 5060)
    """Where phones call, by UDP and TCP."""

    sips: Address | None = None
    """Where phones call by TLS; None: nowhere, though calls of ours may still go by TLS."""

    tls_certificate: Path | None = None
    """Our certificate towards phones and trunks, with its chain, PEM; None: the one of the local CA."""

    tls_key: Path | None = None
    """The key of that certificate, PEM."""

    tls_trust: Path | None = None
    """CAs to believe, besides the system's and our own, when we call by TLS, PEM."""

    tls_clients: Path | None = None
    """CAs of which everybody who calls by TLS must have a certificate, PEM; None: nobody needs one."""

    dns_servers: tuple[Address, ...] = ()
    """DNS servers to ask where calls of ours go; none: the system's."""

    srtp: Encryption = Encryption.TLS
    """What sound is encrypted: ``off``; ``tls``: of calls over TLS, if they will; ``required``: of all calls over TLS;
    ``anywhere``: of calls over UDP and TCP as well, if they will, though others may read their keys."""

    rtp_ports: PortRange = PortRange(20000, 29999)
    """UDP ports for audio: an even one for each call, and the odd one above it for RTCP."""

    rtp_trunk_port: int = 0
    """Even UDP port for audio that calls from trunks share, and the odd one above it for RTCP; 0: each call has its own.
    Only for trunks that send from the address in their SDP: nothing from elsewhere is heard there."""

    rtp_host: str = ""
    """IP address that callers send their audio to; empty: the SIP host (or 127.0.0.1 where that is a wildcard)."""

    media_threads: int | None = None
    """Real-time threads that mix, 1 to 256; None: one less than there are processors, at least one."""

    leave_out_silence: bool = True
    """Whether silence is left out towards phones that agree to comfort noise (RFC 3389)."""

    noise_floor_db: int = 0
    """Noise that silence in a conference is filled with, -90 to -40 dB of full scale; 0: silence is silent."""

    automatic_gain: bool = False
    """Whether those who speak faintly and loudly are brought nearer to one another in conferences."""

    entry_sound: Path | None = None
    """An audio file that a conference hears when somebody comes (`beep`), ten seconds at most; None: a tone."""

    exit_sound: Path | None = None
    """An audio file that a conference hears when somebody goes; None: a lower tone."""

    public_url: str = ""
    """How customers' programs reach the API, for URLs we hand out; empty: the http address, else the https one."""

    allow_networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = (
        ipaddress.IPv4Network("127.0.0.0/8"),
        ipaddress.IPv6Network("::1/128"),
    )
    """Networks, besides public addresses, that documents and callbacks may be on; default: this machine only."""

    drain_s: float = 5.0
    """Seconds that SIGTERM gives calls to end by themselves; 0 to 3600."""

    orphan_s: int = 120
    """Seconds that the engine keeps calls up while no brain is there; 5 to 86400."""

    open_networks: tuple[Network, ...] = LOOPBACK
    """Networks whose calls need no password, apart by commas; default: this machine only."""

    open_numbers: tuple[str, ...] = ()
    """Numbers that everybody may call without a password, by how they begin, apart by commas; ``+``: all."""

    sip_digests: tuple[Algorithm, ...] = ALGORITHMS
    """How phones prove their password, the best first: ``SHA-256,MD5``; some phones know MD5 alone and give up."""

    silent_hang_up_s: float = 0.0
    """Seconds without a packet from a phone that end its call; 0: none do. Else 10 to 86400."""

    recording_rate_hz: int = 16_000
    """Samples a second of recordings: 8000, 16000, 24000 or 48000."""

    recording_tracks: bool = False
    """Whether each participant of a recorded conference has a track of their own, too."""

    recording_form: Form = Form.WAV
    """How recordings are kept: ``wav`` or ``flac``; they are delivered in every form either way."""

    recording_public: bool = False
    """Whether whoever knows the address of a recording's sound may fetch it without a password."""

    recording_cache_mb: int = 1_024
    """Megabytes of recordings in other forms that are kept, made when they are first asked for."""

    recording_days: Retention = Retention()  # noqa: RUF009 - frozen
    """Days that recordings are kept; 0: for ever. ``30,AC…=7``: 7 those of one project."""

    recording_storage: str = ""
    """Where finished recordings are brought: ``s3://bucket/prefix``; empty: they stay in the data folder."""

    recording_s3_endpoint: str = ""
    """URL of a service that speaks S3; empty: Amazon's."""

    recording_s3_region: str = ""
    """Region of the bucket; empty: as ``AWS_REGION`` says, else us-east-1."""

    recording_s3_login_file: Path | None = None
    """File with a line ``KEY-ID SECRET``; None: ``AWS_ACCESS_KEY_ID`` and so on, or the machine's role."""

    number_pool: Pool = FICTIONAL
    """Numbers offered to be claimed: E.164 ranges apart by commas, with ``mobile:`` or ``toll-free:`` before one."""

    trunks: tuple[Trunk, ...] = ()
    """Where calls of ours may go besides this machine: ``+1,+44=sip:gateway.example;transport=tcp``, apart by spaces."""

    trunk_logins_file: Path | None = None
    """File with a line ``host username password`` for each trunk that asks who calls."""

    calls_per_s: float = 1.0
    """Calls that each project may begin a second, the others waiting for their turn; 0: as many as come."""

    ice_servers: tuple[str, ...] = ()
    """STUN and TURN servers that ``Tokens`` tells browsers of, apart by commas."""

    turn_secret_file: Path | None = None
    """File with the secret that makes passes for those TURN servers (coturn's ``static-auth-secret``)."""

    rate_limit: float | None = None
    """Requests a second that one project may send, twice as many at once; 0 is no limit. None: none where only this
    machine can reach the API, else 100."""

    wrong_logins: float | None = None
    """Wrong credentials a minute that may come from one address before it must wait; 0 is no limit. None: none where
    only this machine can reach the API, else 30."""

    speech: str = "auto"
    """What speaks: ``auto``: eSpeak NG if it is there; ``off``; or a command that reads text and writes a WAV file."""

    log_level: str = "info"
    """How much is logged: debug, info, warning or error."""

    @property
    def reached_from_afar(self) -> bool:
        """Whether the API listens on anything but this machine's own addresses."""
        hosts = {one.host for one in (self.http, self.https) if one is not None}
        return not all(host == "localhost" or _is_loopback(host) for host in hosts)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def load(options: Mapping[str, str | None], environment: Mapping[str, str], file: Path | None) -> Settings:
    """Compose the settings: an option beats the environment, that beats the file, that beats the default.

    Args:
        options: Setting names and texts from the command line; None: not given.
        environment: The process's environment.
        file: A TOML file with setting names as keys, or None.

    Raises:
        ConfigProblem: A name is unknown or a value breaks its rule.
    """
    texts = _file_texts(file)
    for name in _names():
        if (found := environment.get(PREFIX + name.upper())) is not None:
            texts[name] = found
        if (given := options.get(name)) is not None:
            texts[name] = given
    settings = Settings(**{name: _read(name, text) for name, text in texts.items()})  # type: ignore[arg-type]
    if (settings.tls_certificate is None) != (settings.tls_key is None):
        raise ConfigProblem("tls_certificate and tls_key: one is of no use without the other")
    archive(settings)
    if ice(settings).need_secret:
        raise ConfigProblem(
            "ice_servers: turn: needs turn_secret_file, the secret that the TURN server knows, too"
        )
    return settings


def ice(settings: Settings) -> IceServers:
    """Give the STUN and TURN servers, with what passes are made of.

    Raises:
        ConfigProblem: The secret cannot be read.
    """
    file = settings.turn_secret_file
    try:
        secret = "" if file is None else file.read_text().strip()
    except (OSError, UnicodeDecodeError) as problem:
        raise ConfigProblem(f"turn_secret_file: {file}: {problem}") from problem
    return IceServers(settings.ice_servers, secret)


def trunks(settings: Settings) -> tuple[Trunk, ...]:
    """Give the trunks with what they are told of who calls.

    Raises:
        ConfigProblem: The file cannot be read, or has a line of another shape.
    """
    file = settings.trunk_logins_file
    if file is None:
        return settings.trunks
    try:
        return with_logins(settings.trunks, file.read_text())
    except (OSError, ValueError) as problem:
        raise ConfigProblem(f"trunk_logins_file: {file}: {problem}") from problem


def archive(settings: Settings) -> ArchiveSettings:
    """Give what the archive of recordings is to know.

    Raises:
        ConfigProblem: The login cannot be read, or is of another shape.
    """
    bucket = None
    if settings.recording_storage:
        key_id, secret = _login(settings.recording_s3_login_file)
        named = read_url(settings.recording_storage)
        bucket = Bucket(
            named.name,
            named.prefix,
            settings.recording_s3_endpoint,
            settings.recording_s3_region,
            key_id,
            secret,
        )
    return ArchiveSettings(
        settings.data, settings.recording_form, settings.recording_cache_mb * 1_000_000, bucket
    )


def _login(file: Path | None) -> tuple[str, str]:
    """Read the login of a bucket; empty: the environment has it, or the machine."""
    if file is None:
        return "", ""
    try:
        words = file.read_text().split()
    except (OSError, UnicodeDecodeError) as problem:
        raise ConfigProblem(f"recording_s3_login_file: {file}: {problem}") from problem
    if len(words) != 2:
        raise ConfigProblem(f"recording_s3_login_file: {file}: takes one line, KEY-ID SECRET")
    return words[0], words[1]


def _names() -> list[str]:
    return [field.name for field in fields(Settings)]


def _file_texts(file: Path | None) -> dict[str, str]:
    if file is None:
        return {}
    try:
        table = tomllib.loads(file.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise ConfigProblem(f"{file}: {problem}") from problem
    table = {name: value for name, value in table.items() if name not in DECLARED}
    for group in [name for name, value in table.items() if isinstance(value, dict)]:
        table |= {f"{group}_{name}": value for name, value in table.pop(group).items()}
    for name in table:
        if name not in _names():
            raise ConfigProblem(f"{file}: {name}: there is no such setting; known: {', '.join(_names())}")
    return {name: ",".join(value) if isinstance(value, list) else str(value) for name, value in table.items()}


def _read(name: str, text: str) -> object:
    try:
        return READERS[name](text.strip())
    except ValueError as problem:
        raise ConfigProblem(f"{name}: {text!r}: {problem}") from problem


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


def _level(text: str) -> str:
    if text.lower() not in {"debug", "info", "warning", "error"}:
        raise ValueError("takes debug, info, warning or error")
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
    "rtp_host": _ip,
    "media_threads": lambda text: None if text == "auto" else int(_within(1, 256)(text)),
    "leave_out_silence": _yes_or_no,
    "noise_floor_db": lambda text: 0 if text == "0" else int(_within(-90, -40)(text)),
    "automatic_gain": _yes_or_no,
    "entry_sound": _file,
    "exit_sound": _file,
    "public_url": _url,
    "allow_networks": _networks,
    "open_networks": _networks,
    "open_numbers": _prefixes,
    "sip_digests": _digests,
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
    "calls_per_s": _within(0, 10_000),
    "ice_servers": read_urls,
    "turn_secret_file": _file,
    "rate_limit": lambda text: None if text == "auto" else _within(0, 1_000_000)(text),
    "wrong_logins": lambda text: None if text == "auto" else _within(0, 1_000_000)(text),
    "speech": _speech,
    "log_level": _level,
}
"""How each setting is read from text; a ValueError says which rule it breaks."""
