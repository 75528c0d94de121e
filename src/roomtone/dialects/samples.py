"""Resources as they may look, bare and full: what the reference and the OpenAPI document are read from.

The shape of a resource is written once, in the functions that write it. So a description of that shape is made by
letting them write a few values, between which every field that can be null is null once and set once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from roomtone.core.access import Key, Permission
from roomtone.core.application import Address, Application
from roomtone.core.audio_file import AudioFile
from roomtone.core.call.messages import StreamFigures
from roomtone.core.call.state import Call, CallStatus
from roomtone.core.conference.messages import AnnouncementFailed, ConferenceStarted, ParticipantLeft
from roomtone.core.conference.state import Conference, EndReason, LeaveReason, Participant, Status
from roomtone.core.endpoint import (
    AccessLink,
    AccessList,
    CredentialLink,
    CredentialList,
    Domain,
    Endpoint,
    IpAddress,
)
from roomtone.core.ice import IceServers, issue
from roomtone.core.ids import (
    AccessListId,
    ApplicationId,
    AudioFileId,
    BinId,
    CallId,
    ConferenceId,
    CredentialListId,
    DomainId,
    EndpointId,
    IpAddressId,
    KeyId,
    NotificationId,
    NumberId,
    ParticipantId,
    ProjectId,
    QueueId,
    RecordingId,
    StreamId,
    TranscriptionId,
)
from roomtone.core.inspection import About, Logged, Said
from roomtone.core.notification import Notification
from roomtone.core.passes import Pass
from roomtone.core.project import Bin, Number, Project
from roomtone.core.queueing import Member, Queue
from roomtone.core.recording.sidecar import FileNote, Noted, Redaction, Sidecar
from roomtone.core.recording.state import Recording, RecordingFault, RecordingSource, RecordingStatus
from roomtone.core.routing import Trunk
from roomtone.core.streaming import Stream, StreamStatus, StreamWish
from roomtone.core.transcription import Heard, Segment, Transcription, TranscriptionStatus
from roomtone.core.values import Caller, Direction, Document, HouseMusic
from roomtone.dialects import hearing_resources, pass_forms, sidecar_resources
from roomtone.dialects.audio_file_resources import audio_file
from roomtone.dialects.check_resources import Remark, checked
from roomtone.dialects.delivery_resources import deliveries, replay
from roomtone.dialects.dialect import Dialect, Resource
from roomtone.dialects.media_resources import call_media, conference_statistics
from roomtone.dialects.notification_resources import notification
from roomtone.dialects.paging import Page, PageRequest
from roomtone.dialects.signature_key import signature_key
from roomtone.dialects.sip_resources import (
    access_list,
    credential,
    credential_list,
    domain,
    ip_address,
    mapping,
    old_mapping,
)
from roomtone.dialects.stream_resources import stream
from roomtone.dialects.timeline_resources import timeline
from roomtone.dialects.transcription_resources import segments, transcription
from roomtone.dialects.trunk_resources import TrunkStanding, trunk

_AT = 1_700_000_000_000
_OWNER = ProjectId(0xAC0000000000000000000000000000AC)
_THERE = Address("https://example.com/voice")
_URL = "https://room.example"

_ROOM = Conference(ConferenceId(0xCF), _OWNER, "Room", _AT, _AT)
_OVER = replace(_ROOM, status=Status.COMPLETED, end_reason=EndReason.LAST_LEFT, ended_by=CallId(1))
_ALICE = Participant(ParticipantId(1), CallId(1), Caller("+12125550100", "+12125550101"), _AT, _AT)
_COACH = replace(_ALICE, label="coach", coaching=True, coached=CallId(2), hold=HouseMusic())
_HEARD = replace(
    _ROOM,
    status=Status.IN_PROGRESS,
    participants=(
        _ALICE,
        replace(_COACH, id=ParticipantId(2), call=CallId(2), hold=Document(_URL)),
        replace(_COACH, id=ParticipantId(3), call=CallId(3), label="boss", hold=None),
    ),
)
_HAPPENED = (
    (1, _AT, ConferenceStarted()),
    (2, _AT, ParticipantLeft(CallId(1), LeaveReason.HUNG_UP, CallStatus.COMPLETED)),
    (3, _AT, AnnouncementFailed(_URL, CallId(1), "it is no audio")),
)
_RINGING = Call(CallId(1), _OWNER, Caller("sip:ann@example.com", "+12125550100"), _AT, _AT)
_DONE = replace(
    _RINGING,
    caller=Caller("+12125550100", "+12125550101", Direction.OUTBOUND_DIAL, CallId(2).hex),
    status=CallStatus.COMPLETED,
    started_ms=_AT,
    ended_ms=_AT + 61_000,
    number=NumberId(1),
    sip_status=200,
    parameters=(("ForwardedFrom", "+12125550102"),),
)
_BARE_NUMBER = Number(NumberId(1), _OWNER, "+12125550100", "Desk", _AT, _AT)
_FULL_NUMBER = replace(
    _BARE_NUMBER,
    voice=Document(_URL),
    voice_fallback=Document(_URL),
    application=ApplicationId(1),
    status_callback=Document(_URL),
)
_SOUND = AudioFile(AudioFileId(1), _OWNER, "gong.wav", "audio/wav", 16_044, 1.0, _AT)
_FIGURES = StreamFigures(
    CallId(1), 10, 11, 1, 2, 3, 4, 0.5, 20.0, 30.0, codec="PCMU", mix_delay_ms=25.0, depths_ms=(20.0, 25.0),
    level_db=-30.0,
)  # fmt: skip
_BARE_FIGURES = StreamFigures(CallId(1), 0, 0, 0, 0, 0, 0, 0.0, 0.0, None)
_BARE_BIN = Bin(BinId(1), _OWNER, "hello", "<Response/>", _AT, _AT)
_BARE_APPLICATION = Application(ApplicationId(1), _OWNER, "", _AT, _AT)
_FULL_APPLICATION = Application(
    ApplicationId(1), _OWNER, "Desk", _AT, _AT, _THERE, _THERE, _THERE, _THERE, _THERE, _THERE, _URL
)
_QUEUE = Queue(QueueId(1), _OWNER, "support", _AT, _AT)
_MEMBER = Member(CallId(1), _QUEUE, _AT, 1, 30)
_WARNED = Notification(NotificationId(1), _OWNER, _AT, 12200, "It is odd", CallId(1), url=_URL)
_FAILED = Notification(NotificationId(1), _OWNER, _AT, 11200, "It failed", failed=True)
_RUNNING = Recording(
    RecordingId(1), _OWNER, _AT, _AT, RecordingSource.DIAL, call=CallId(1), conference=ConferenceId(1)
)
_RECORDED = replace(
    _RUNNING, status=RecordingStatus.ABSENT, started_ms=_AT, ended_ms=_AT + 5_000, fault=RecordingFault.SILENT
)

_BARE_INSIDE = Sidecar(
    _RUNNING.id.hex, 16_000, 16_000, _AT, files=(FileNote("sound.wav", "0" * 64, 32_044, ("mix",)),)
)
_INSIDE = replace(
    _BARE_INSIDE,
    files=(
        *_BARE_INSIDE.files,
        FileNote(f"call-{CallId(1).hex}.flac", "1" * 64, 9_000, (f"call-{CallId(1).hex}",)),
        FileNote("tracks.flac", "2" * 64, 9_000, (f"call-{CallId(1).hex}",)),
    ),
    moments=(Noted(0, "join", CallId(1).hex, "coach", _AT), Noted(5, "pause")),
    redactions=(Redaction(1, 2),),
    cut_samples=7,
    lost_samples=3,
)

_STREAM = Stream(StreamId(1), _OWNER, StreamWish("wss://ear.example/"), _AT, _AT)
_STREAMS = (
    _STREAM,
    replace(_STREAM, wish=StreamWish("wss://ear.example/", "mine"), status=StreamStatus.IN_PROGRESS),
    replace(_STREAM, status=StreamStatus.STOPPED),
)

_WRITTEN = Transcription(
    TranscriptionId(1),
    _OWNER,
    _RUNNING.id,
    _AT,
    _AT,
    5_000,
    status=TranscriptionStatus.COMPLETED,
    heard=Heard(
        (Segment(0, 900, "Good morning", "mix"), Segment(900, 1_500, "Morning", f"call-{CallId(1).hex}")),
        "en",
    ),
)
_TRANSCRIPTIONS = (
    _WRITTEN,
    replace(_WRITTEN, status=TranscriptionStatus.FAILED, heard=Heard(), problem="it failed"),
)

_PROJECT = Project(_OWNER, "one", "twilio", "key", _AT)
_BELOW = replace(_PROJECT, id=ProjectId(1), parent=_OWNER)
_KEY = Key(KeyId(1), _OWNER, "key", frozenset(Permission), _AT, _AT)

_PASS = issue(
    IceServers(("stun:ice.example:3478", "turn:ice.example:3478?transport=udp"), "secret"), "one", 60, _AT
)

_PASSES = (
    Pass(_OWNER, "alice", ("conference:Daily",), 1_700_003_600, muted=True),
    Pass(_OWNER, "bob", (), 1_700_007_200, incoming=True),
)

_DOMAIN = Domain(DomainId(1), _OWNER, "pbx.example.com", _AT)
_FULL_DOMAIN = replace(
    _DOMAIN, voice=Document(_URL), voice_fallback=Document(_URL), status_callback=Document(_URL)
)
_PHONES = CredentialList(CredentialListId(1), _OWNER, "phones", _AT, _AT)
_PHONE = Endpoint(EndpointId(1), _OWNER, "alice", "", "", _AT, _PHONES.id)
_NETWORKS = AccessList(AccessListId(1), _OWNER, "office", _AT, _AT)
_NETWORK = IpAddress(IpAddressId(1), _OWNER, _NETWORKS.id, "office", "192.0.2.0", 24, _AT, _AT)
_OF_PHONES, _OF_NETWORKS = CredentialLink(_PHONES.id, _AT), AccessLink(_NETWORKS.id, _AT)

_TRUNK = Trunk("sip:sbc.example", ("+1",), name="carrier")
_FULL_TRUNK = replace(
    _TRUNK, username="acme", others=("sip:sbc2.example",), codecs=("PCMA",), calls=30,
    calls_per_s=0.5, allow=("198.51.100.0/24",), options_s=30.0,
)  # fmt: skip

_SAID = Said("POST", _URL, (("X-A", "b"),), (("CallSid", "CA"),), "text", answered=(("x-a", "b"),), body="ok")
_TOLD = Logged(
    About(_OWNER, CallId(1), ConferenceId(1)), "call-completed", "e" * 32, 1, _AT, 20, 204, None, _SAID
)
_UNTOLD = replace(_TOLD, about=About(_OWNER), event_id="", status=None, problem="no connection")

_Write = Callable[[Dialect], Sequence[Resource]]


def _participants(dialect: Dialect) -> Sequence[Resource]:
    """Give those who are there, and, where the dialect tells it, how long one waited who has just been called in."""
    written = [dialect.resources.participant(_ROOM, one) for one in (_ALICE, _COACH)]
    waited = [{**one, "queue_time": "0"} for one in written[:1] if "queue_time" in one]
    return [*written, *waited]


def _deliveries(subject: CallId | ConferenceId) -> _Write:
    """Give the log of a call or a conference, of which there is more and is not."""
    lines = [(2, _TOLD), (1, _UNTOLD)]
    return lambda d: [deliveries(_OWNER, subject, lines, d.sids, more=more) for more in (False, True)]


RESOURCES: Mapping[str, _Write] = MappingProxyType(
    {
        "participants": _participants,
        "conferences": lambda d: [d.resources.conference(one) for one in (_ROOM, _OVER)],
        "calls": lambda d: [d.resources.call(one) for one in (_RINGING, _DONE)],
        **dict.fromkeys(
            ("replays", "call-replays", "conference-replays"),
            lambda _: [replay("e" * 32, 1), replay(None, 2)],
        ),
        "call-deliveries": _deliveries(CallId(1)),
        "conference-deliveries": _deliveries(_ROOM.id),
        "call-media": lambda d: [call_media(_RINGING, one, d.sids) for one in (_FIGURES, _BARE_FIGURES)],
        "conference-statistics": lambda d: [
            conference_statistics(_HEARD, {one.call: one}, d.sids) for one in (_FIGURES, _BARE_FIGURES)
        ],
        "notifications": lambda d: [
            notification(one, d, _URL, full=full) for one, full in ((_WARNED, False), (_FAILED, True))
        ],
        "call-notifications": lambda d: [
            notification(one, d, _URL, full=full) for one, full in ((_WARNED, False), (_FAILED, True))
        ],
        "recordings": lambda d: [
            d.resources.recording(one)
            for one in (_RUNNING, _RECORDED, replace(_RUNNING, conference=None), replace(_RUNNING, call=None))
        ],
        "call-recordings": lambda d: [
            d.resources.call_recording(one)
            for one in (_RUNNING, _RECORDED, replace(_RUNNING, conference=None))
        ],
        "conference-recordings": lambda d: [
            d.resources.conference_recording(one)
            for one in (_RUNNING, _RECORDED, replace(_RUNNING, call=None))
        ],
        "conference-mix": lambda d: [
            hearing_resources.mix(_HEARD, d.sids),
            hearing_resources.mix(_HEARD, d.sids, at_ms=_AT, most=2),
            hearing_resources.mix(_OVER, d.sids),
        ],
        "conference-timeline": lambda d: [
            timeline(one, ((_COACH, _AT), (_ALICE, None)), _HAPPENED, d.sids, more=more)
            for one, more in ((_OVER, False), (_HEARD, True))
        ],
        "document-checks": lambda _: [
            checked(
                (("Say", "Hello"),), (Remark(12200, "odd", "what it is", "what to do"), Remark(1, "odd"))
            ),
            checked((), (), Remark(12100, "no XML", "what it is", "what to do")),
        ],
        "recording-moments": lambda d: [
            sidecar_resources.moments(_RUNNING, one, d.sids, waits=one is _INSIDE)
            for one in (_INSIDE, _BARE_INSIDE)
        ],
        "recording-tracks": lambda d: [
            sidecar_resources.tracks(_RUNNING, one, d.sids) for one in (_INSIDE, _BARE_INSIDE)
        ],
        "recording-redactions": lambda d: [sidecar_resources.redactions(_RUNNING, _INSIDE, d.sids)],
        "transcriptions": lambda d: [transcription(one, d) for one in _TRANSCRIPTIONS],
        "transcription-segments": lambda d: [segments(one, d) for one in _TRANSCRIPTIONS],
        "call-streams": lambda d: [stream(replace(one, call=CallId(1)), d) for one in _STREAMS],
        "conference-streams": lambda d: [stream(replace(one, conference=_ROOM.id), d) for one in _STREAMS],
        "numbers": lambda d: [d.resources.number(one) for one in (_BARE_NUMBER, _FULL_NUMBER)],
        "local-numbers": lambda d: [d.resources.number_of_kind(one) for one in (_BARE_NUMBER, _FULL_NUMBER)],
        "bins": lambda d: [
            d.resources.bin(one, _URL) for one in (_BARE_BIN, replace(_BARE_BIN, accessed_ms=_AT))
        ],
        "audio-files": lambda d: [
            audio_file(one, d.sids, _URL) for one in (_SOUND, replace(_SOUND, media_type=""))
        ],
        "applications": lambda d: [
            d.resources.application(one) for one in (_BARE_APPLICATION, _FULL_APPLICATION)
        ],
        "queues": lambda d: [
            d.resources.queue(one, (_MEMBER,)) for one in (_QUEUE, replace(_QUEUE, max_size=9))
        ],
        "accounts": lambda d: [
            d.accounts.account(replace(one, dialect=d.name), fresh=fresh, trusted=True)
            for one, fresh in ((_PROJECT, False), (_BELOW, True))
        ],
        "keys": lambda d: [d.accounts.key(_KEY), d.accounts.key(_KEY, "secret")],
        "signing-keys": lambda d: [d.accounts.key(_KEY), d.accounts.key(_KEY, "secret")],
        "signature-keys": lambda d: [
            signature_key(_PROJECT, _AT, d.sids),
            signature_key(_PROJECT.rekeyed("PSK_…", _AT, _AT + 1), _AT, d.sids, fresh=True),
        ],
        "join-tokens": lambda d: [
            pass_forms.resource(one, f"{one.identity}.b.c", d.sids.show) for one in _PASSES
        ],
        "ice-servers": lambda d: [d.accounts.ice_token(_OWNER, _PASS)],
        "tokens": lambda d: [d.accounts.token(_KEY)],
        "trunks": lambda d: [
            trunk(one, _OWNER, TrunkStanding(settled, 1, {one.uri: up}.get), d.sids.show)
            for one, settled, up in ((_TRUNK, True, True), (_FULL_TRUNK, False, False))
        ],
        "queue-members": lambda d: [d.resources.member(_MEMBER)],
        "sip-domains": lambda d: [domain(one, d) for one in (_DOMAIN, _FULL_DOMAIN)],
        "sip-credential-lists": lambda d: [credential_list(_PHONES, d)],
        "sip-credentials": lambda d: [credential(_PHONE, d)],
        "sip-access-lists": lambda d: [access_list(_NETWORKS, d)],
        "sip-addresses": lambda d: [ip_address(_NETWORK, d)],
        "sip-call-credential-mappings": lambda d: [mapping(_OF_PHONES, _PHONES, d)],
        "sip-call-access-mappings": lambda d: [mapping(_OF_NETWORKS, _NETWORKS, d)],
        "sip-credential-mappings": lambda d: [old_mapping(_OF_PHONES, _PHONES, d, _DOMAIN.id)],
        "sip-access-mappings": lambda d: [old_mapping(_OF_NETWORKS, _NETWORKS, d, _DOMAIN.id)],
        "available-numbers": lambda d: [d.resources.free_country(_OWNER, "US")],
        "available-local-numbers": lambda d: [d.resources.free_number("+12125550100")],
    }
)
"""By the kind of their routes: a few of each, between which nothing that varies stays the same."""

EMPTY = frozenset({"faxes", "messages"})
"""Kinds of which there are none, and lists all the same."""

LIKE: Mapping[str, str] = MappingProxyType(
    {
        "available-toll-free-numbers": "available-local-numbers",
        "available-mobile-numbers": "available-local-numbers",
        "imported-numbers": "numbers",
        "recording-transcriptions": "transcriptions",
        "mobile-numbers": "local-numbers",
        "sip-registration-mappings": "sip-call-credential-mappings",
        "toll-free-numbers": "local-numbers",
    }
)
"""Kinds that look like another."""

KEYS: Mapping[str, str] = MappingProxyType(
    {
        "numbers": "incoming_phone_numbers",
        "signing-keys": "signing_keys",
        "audio-files": "audio_files",
        "local-numbers": "incoming_phone_numbers",
        "bins": "laml_bins",
        "queue-members": "queue_members",
        "call-notifications": "notifications",
        "call-recordings": "recordings",
        "conference-recordings": "recordings",
        "available-local-numbers": "available_phone_numbers",
        "sip-access-lists": "ip_access_control_lists",
        "sip-access-mappings": "ip_access_control_list_mappings",
        "sip-addresses": "ip_addresses",
        "sip-call-access-mappings": "contents",
        "sip-call-credential-mappings": "contents",
        "sip-credential-lists": "credential_lists",
        "sip-credential-mappings": "credential_list_mappings",
        "sip-credentials": "credentials",
        "sip-domains": "domains",
    }
)
"""The key of the records in a list, where it is not the kind's own name."""


def of(kind: str, dialect: Dialect) -> Sequence[Resource]:
    """Give resources of a kind; none if the kind is not known here."""
    write = RESOURCES.get(LIKE.get(kind, kind))
    return [] if write is None else write(dialect)


def pages_of(kind: str, dialect: Dialect) -> Sequence[Resource]:
    """Give pages of a kind's list: the first of several, one in the middle; none if the kind is not known here."""
    items = of(kind, dialect)
    kind = LIKE.get(kind, kind)
    if kind == "available-numbers":
        return [dialect.resources.countries(_OWNER, ["US"])] if items else []
    if not items and kind not in EMPTY:
        return []
    page = Page(KEYS.get(kind, kind), _OWNER, ("Things",), (), PageRequest(), items, None, "PA1")
    middle = replace(page, request=PageRequest(1, 50, "PA1"), newer="PB1", older=None)
    write = dialect.resources.free_numbers if kind == "available-local-numbers" else dialect.resources.page
    return [write(page), write(middle)]
