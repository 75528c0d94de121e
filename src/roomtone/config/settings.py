"""All that can be set, with its defaults: one value."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from roomtone.archive import Form
from roomtone.core.entrance import LOOPBACK, Network
from roomtone.core.ids import ProjectId
from roomtone.core.pool import FICTIONAL, Pool
from roomtone.core.recording.retention import Retention
from roomtone.core.routing import Trunk
from roomtone.dialects.public_urls import NOTHING_SAID, PublicUrls
from roomtone.sdp.crypto import Encryption
from roomtone.sip.digest import ALGORITHMS, Algorithm


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

    sip_connections: int = 0
    """TCP, TLS and WebSocket connections that one address (IPv6: one /64) may have of the 2,000 there are; 0: a quarter of
    them, and programs of this machine all."""

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

    sign_as: PublicUrls = NOTHING_SAID
    """Addresses of applications behind a proxy, as asked and as seen: ``http://10.0.0.5:3000=https://app.example.com``,
    apart by commas. The signatures are over what is seen."""

    callback_log_days: float = 7.0
    """Days that the delivery log keeps what was said to customers' servers; 0: nothing is kept."""

    allow_networks: tuple[Network, ...] | None = None
    """Networks, besides public addresses, that documents, callbacks, audio and streams may be on. None: this machine
    alone where nobody but this machine is served (development), else none."""

    busy_at: float = 85.0
    """Percent of its time that a real-time thread may use; from there on new calls are refused. 0: they never are."""

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

    operator: ProjectId | None = None
    """The project that may make and change trunks by the API and in the console; None: none may."""

    calls_per_s: float = 1.0
    """Calls that each project may begin a second, the others waiting for their turn; 0: as many as come."""

    callback_attempts: int = 0
    """How often a callback is tried, whatever fails; 0: as the project's vendor does. 0 to 1000."""

    callback_give_up_s: float = 86_400.0
    """Seconds that a callback may be owed while its server is away, or between attempts; 60 to 2,592,000."""

    callback_days: float = 30.0
    """Days that callbacks are kept after they arrived or were given up; 0: for ever."""

    ice_servers: tuple[str, ...] = ()
    """STUN and TURN servers that ``Tokens`` tells browsers of, apart by commas."""

    turn_secret_file: Path | None = None
    """File with the secret that makes passes for those TURN servers (coturn's ``static-auth-secret``)."""

    rate_limit: float | None = None
    """Requests a second that one project may send, twice as many at once; 0 is no limit. None: none where nobody
    but this machine is served, else 100."""

    wrong_logins: float | None = None
    """Wrong credentials a minute that may come from one address before it must wait; 0 is no limit. None: none where
    nobody but this machine is served, else 30."""

    transcriber: str = "off"
    """What writes down what was said in recordings: ``off``, or a command that reads a WAV file and writes text or JSON."""

    speech: str = "auto"
    """What speaks: ``auto``: eSpeak NG if it is there; ``off``; or a command that reads text and writes a WAV file."""

    metrics: Address | None = None
    """Where figures for Prometheus are told, without a password; None: nowhere, and nothing is counted."""

    traces: str = ""
    """URL of a collector that takes OpenTelemetry's traces (OTLP over HTTP); empty: nothing is traced."""

    traces_share: float = 1.0
    """Of the traces that begin here, how many are kept, 0 to 1."""

    log_level: str = "info"
    """How much is logged: debug, info, warning or error."""

    log_format: str = "text"
    """How: text, lines for people; json, an object a line."""

    @property
    def outward(self) -> tuple[Network, ...]:
        """Networks, besides public addresses, that may be asked."""
        if self.allow_networks is not None:
            return self.allow_networks
        return () if self.in_production else LOOPBACK

    @property
    def asked_at_most(self) -> tuple[float, float]:
        """Requests a second of a project, and wrong credentials a minute from an address; 0 is no limit."""
        requests, wrong = (100.0, 30.0) if self.in_production else (0.0, 0.0)
        return (
            requests if self.rate_limit is None else self.rate_limit,
            wrong if self.wrong_logins is None else self.wrong_logins,
        )

    @property
    def in_production(self) -> bool:
        """Whether others than this machine's own programs are served, be it by way of a proxy."""
        host = urlsplit(self.public_url).hostname or "localhost"
        return self.reached_from_afar or not (host == "localhost" or _is_loopback(host))

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
