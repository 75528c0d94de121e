"""Which request goes where: one table, read by the doors, by the compatibility page and by tests.

A route without an endpoint is known from the vendors' specifications and not served yet: it answers 501, so that its
users read why, and everything else under an account is 404. Both dialects are served on every route.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from roomtone.api import (
    accounts,
    applications,
    available,
    bins,
    calls,
    conferences,
    ice,
    keys,
    never,
    notifications,
    numbers,
    participants,
    queues,
    recordings,
    sidecars,
    sip_domains,
    sip_lists,
    streams,
)
from roomtone.api.bodies import LARGEST_DOCUMENT, LARGEST_FORM
from roomtone.api.frontdesk import Endpoint
from roomtone.api.sip_domains import Mappings
from roomtone.core.pool import NumberKind
from roomtone.dialects import (
    account_forms,
    application_forms,
    available_forms,
    bin_forms,
    call_forms,
    call_orders,
    conference_forms,
    ice_resources,
    key_forms,
    notification_forms,
    number_forms,
    paging,
    participant_creation,
    participant_forms,
    queue_forms,
    recording_forms,
    sip_forms,
    stream_forms,
)

Five = tuple[Endpoint, Endpoint, Endpoint, Endpoint, Endpoint]
"""List, create, fetch, update, delete."""

OPEN = "*"
"""A place in a pattern that takes any segment but an empty one."""


@dataclass(frozen=True, slots=True)
class Route:
    """One operation on one resource."""

    name: str
    """``resource.operation``, for logs and pages."""

    method: str
    pattern: tuple[str, ...]
    """Segments after the account; `OPEN` stands for a name."""

    endpoint: Endpoint | None = None
    """None: known, and not served yet."""

    parameters: frozenset[str] = frozenset()
    """What it reads; anything else is ignored and noted in the log."""

    vendors: str = "both"
    """Whose specification has it: ``signalwire``, ``twilio``, ``both`` or ``neither``."""

    largest_body: int = LARGEST_FORM
    partly: str = ""
    """What of it is done, if not all."""
    of_account: bool = True
    """Whether its path goes on after an account; False: it is the list of accounts."""

    @property
    def kind(self) -> str:
        """What it is about: the first part of its name."""
        return self.name.partition(".")[0]

    @property
    def openness(self) -> int:
        """How many of its places are open."""
        return self.pattern.count(OPEN)

    def matches(self, segments: tuple[str, ...]) -> bool:
        """Whether a path is of this route."""
        if len(segments) != len(self.pattern) or "" in segments:
            return False
        for part, segment in zip(self.pattern, segments, strict=True):  # noqa: SIM110 - three times as fast as all()
            if part not in (OPEN, segment):
                return False
        return True

    def names(self, segments: tuple[str, ...]) -> tuple[str, ...]:
        """Give what stands in the open places."""
        return tuple(segment for part, segment in zip(self.pattern, segments, strict=True) if part == OPEN)


_PARTICIPANTS = ("Conferences", OPEN, "Participants")
_NUMBERS = ("IncomingPhoneNumbers",)
_BINS = ("LamlBins",)
_CALLS = ("Calls",)
_RECORDINGS = ("Recordings",)
_NOTIFICATIONS = ("Notifications",)
_APPLICATIONS = ("Applications",)
_QUEUES = ("Queues",)
_AVAILABLE = ("AvailablePhoneNumbers",)
_TOKENS = ("tokens",)
_DOMAINS = ("SIP", "Domains")
_CREDENTIAL_LISTS = ("SIP", "CredentialLists")
_CREDENTIALS = (*_CREDENTIAL_LISTS, OPEN, "Credentials")
_ACCESS_LISTS = ("SIP", "IpAccessControlLists")
_ADDRESSES = (*_ACCESS_LISTS, OPEN, "IpAddresses")


def _keys(name: str, key: str, word: str) -> Iterator[Route]:
    """Name the operations on API keys, which have two names."""
    yield Route(f"{name}.list", "GET", (word,), keys.list_of(key, word), paging.NAMES, "twilio")
    yield Route(f"{name}.create", "POST", (word,), keys.create, key_forms.KEY_NAMES, "twilio")
    yield Route(f"{name}.fetch", "GET", (word, OPEN), keys.fetch, vendors="twilio")
    yield Route(f"{name}.update", "POST", (word, OPEN), keys.update, key_forms.KEY_NAMES, "twilio")
    yield Route(f"{name}.delete", "DELETE", (word, OPEN), keys.delete, vendors="twilio")


def _of_kind(name: str, word: str, kind: NumberKind) -> Iterator[Route]:
    """Name the operations on claimed numbers of one kind."""
    pattern, filters = (*_NUMBERS, word), number_forms.FILTER_NAMES | paging.NAMES
    list_, create = numbers.list_of_kind(kind, word), numbers.create_of_kind(kind)
    yield Route(f"{name}-numbers.list", "GET", pattern, list_, filters, "twilio")
    yield Route(
        f"{name}-numbers.create", "POST", pattern, create, number_forms.CREATE_OF_KIND_NAMES, "twilio"
    )


def _mappings(name: str, kind: Mappings, read: frozenset[str]) -> Iterator[Route]:
    """Name the operations on lists that a domain has taken."""
    pattern = (*_DOMAINS, OPEN, *kind.path)
    yield Route(f"{name}.list", "GET", pattern, kind.list_, paging.NAMES, "twilio")
    yield Route(f"{name}.create", "POST", pattern, kind.create, read, "twilio")
    yield Route(f"{name}.fetch", "GET", (*pattern, OPEN), kind.fetch, vendors="twilio")
    yield Route(f"{name}.delete", "DELETE", (*pattern, OPEN), kind.delete, vendors="twilio")


def _five(
    name: str, pattern: tuple[str, ...], room: Five, create: frozenset[str], update: frozenset[str]
) -> Iterator[Route]:
    """Name the five operations on a resource of Twilio's."""
    yield Route(f"{name}.list", "GET", pattern, room[0], paging.NAMES, "twilio")
    yield Route(f"{name}.create", "POST", pattern, room[1], create, "twilio")
    yield Route(f"{name}.fetch", "GET", (*pattern, OPEN), room[2], vendors="twilio")
    yield Route(f"{name}.update", "POST", (*pattern, OPEN), room[3], update, "twilio")
    yield Route(f"{name}.delete", "DELETE", (*pattern, OPEN), room[4], vendors="twilio")


def _sip() -> Iterator[Route]:
    """Name the operations on SIP domains, and on lists of phones and networks."""
    domains, lists, names = sip_domains, sip_lists, sip_forms
    yield from _five(
        "sip-domains",
        _DOMAINS,
        (domains.list_, domains.create, domains.fetch, domains.update, domains.delete),
        names.DOMAIN_NAMES,
        names.DOMAIN_NAMES,
    )
    phones, networks = names.CREDENTIAL_LINK_NAMES, names.ACCESS_LINK_NAMES
    yield from _mappings("sip-call-credential-mappings", domains.CALLS, phones)
    yield from _mappings("sip-call-access-mappings", domains.NETWORKS, networks)
    yield from _mappings("sip-registration-mappings", domains.REGISTRATIONS, phones)
    yield from _mappings("sip-credential-mappings", domains.OLD_CALLS, phones)
    yield from _mappings("sip-access-mappings", domains.OLD_NETWORKS, networks)
    any_list, address = names.LIST_NAMES, names.ADDRESS_NAMES
    for name, pattern, room, create, update in (
        ("credential-lists", _CREDENTIAL_LISTS, lists.CREDENTIAL_LISTS, any_list, any_list),
        ("credentials", _CREDENTIALS, lists.CREDENTIALS, names.CREDENTIAL_NAMES, names.PASSWORD_NAMES),
        ("access-lists", _ACCESS_LISTS, lists.ACCESS_LISTS, any_list, any_list),
        ("addresses", _ADDRESSES, lists.ADDRESSES, address, address),
    ):
        five = (room.list_, room.create, room.fetch, room.update, room.delete)
        yield from _five(f"sip-{name}", pattern, five, create, update)


def _streams(
    name: str, above: tuple[str, ...], endpoints: tuple[Endpoint, Endpoint], vendors: str
) -> Iterator[Route]:
    """Name the operations on streams of a call or a conference."""
    create, update = endpoints
    path = (*above, OPEN, "Streams")
    yield Route(f"{name}.create", "POST", path, create, stream_forms.CREATE_NAMES, vendors)
    yield Route(f"{name}.update", "POST", (*path, OPEN), update, stream_forms.UPDATE_NAMES, vendors)


def _none_of(name: str, word: str, methods: tuple[str, ...], vendors: str = "both") -> Iterator[Route]:
    """Name the operations on what there is none of."""
    verbs = {"GET": "fetch", "POST": "update", "DELETE": "delete"}
    yield Route(
        f"{name}.list",
        "GET",
        (word,),
        never.list_of(name, word),
        paging.NAMES,
        vendors,
    )
    for method in methods:
        yield Route(
            f"{name}.{verbs[method]}", method, (word, OPEN), never.one, vendors=vendors, partly="always 404"
        )


SERVED = (
    Route(
        "participants.list",
        "GET",
        _PARTICIPANTS,
        participants.list_,
        participant_forms.FILTER_NAMES | paging.NAMES,
    ),
    Route("participants.fetch", "GET", (*_PARTICIPANTS, OPEN), participants.fetch),
    Route(
        "participants.update",
        "POST",
        (*_PARTICIPANTS, OPEN),
        participants.update,
        participant_forms.UPDATE_NAMES,
    ),
    Route("participants.delete", "DELETE", (*_PARTICIPANTS, OPEN), participants.delete),
    Route(
        "conferences.list",
        "GET",
        ("Conferences",),
        conferences.list_,
        conference_forms.FILTER_NAMES | paging.NAMES,
    ),
    Route("conferences.fetch", "GET", ("Conferences", OPEN), conferences.fetch),
    Route(
        "conferences.update",
        "POST",
        ("Conferences", OPEN),
        conferences.update,
        conference_forms.UPDATE_NAMES,
    ),
    Route("numbers.create", "POST", _NUMBERS, numbers.create, number_forms.CREATE_NAMES),
    Route("numbers.list", "GET", _NUMBERS, numbers.list_, number_forms.FILTER_NAMES | paging.NAMES),
    Route("numbers.fetch", "GET", (*_NUMBERS, OPEN), numbers.fetch),
    Route("numbers.update", "POST", (*_NUMBERS, OPEN), numbers.update, number_forms.UPDATE_NAMES),
    Route("numbers.delete", "DELETE", (*_NUMBERS, OPEN), numbers.delete),
    Route("bins.create", "POST", _BINS, bins.create, bin_forms.NAMES, "signalwire", LARGEST_DOCUMENT),
    Route("bins.list", "GET", _BINS, bins.list_, bin_forms.FILTER_NAMES | paging.NAMES, "signalwire"),
    Route("bins.fetch", "GET", (*_BINS, OPEN), bins.fetch, vendors="signalwire"),
    Route(
        "bins.update", "POST", (*_BINS, OPEN), bins.update, bin_forms.NAMES, "signalwire", LARGEST_DOCUMENT
    ),
    Route("bins.delete", "DELETE", (*_BINS, OPEN), bins.delete, vendors="signalwire"),
    Route("calls.list", "GET", _CALLS, calls.list_, call_forms.FILTER_NAMES | paging.NAMES),
    Route("calls.create", "POST", _CALLS, calls.create, call_orders.CREATE_NAMES),
    Route("calls.update", "POST", (*_CALLS, OPEN), calls.update, call_orders.UPDATE_NAMES),
    Route("calls.fetch", "GET", (*_CALLS, OPEN), calls.fetch),
    Route("calls.delete", "DELETE", (*_CALLS, OPEN), calls.delete),
    Route("call-media.fetch", "GET", (*_CALLS, OPEN, "Media"), calls.media, vendors="neither"),
    Route(
        "recordings.list", "GET", _RECORDINGS, recordings.list_, recording_forms.FILTER_NAMES | paging.NAMES
    ),
    Route(
        "recordings.fetch",
        "GET",
        (*_RECORDINGS, OPEN),
        recordings.fetch,
        frozenset({"IncludeSoftDeleted"}),
    ),
    Route(
        "recording-moments.fetch", "GET", (*_RECORDINGS, OPEN, "Moments"), sidecars.moments, vendors="neither"
    ),
    Route(
        "recording-tracks.fetch", "GET", (*_RECORDINGS, OPEN, "Tracks"), sidecars.tracks, vendors="neither"
    ),
    Route(
        "recording-redactions.create",
        "POST",
        (*_RECORDINGS, OPEN, "Redactions"),
        sidecars.redact,
        sidecars.REDACTION_NAMES,
        "neither",
    ),
    Route("recordings.delete", "DELETE", (*_RECORDINGS, OPEN), recordings.delete),
    Route(
        "notifications.list",
        "GET",
        _NOTIFICATIONS,
        notifications.list_,
        notification_forms.FILTER_NAMES | paging.NAMES,
        "twilio",
    ),
    Route("notifications.fetch", "GET", (*_NOTIFICATIONS, OPEN), notifications.fetch, vendors="twilio"),
    Route(
        "call-notifications.list",
        "GET",
        (*_CALLS, OPEN, *_NOTIFICATIONS),
        notifications.list_of_call,
        notification_forms.FILTER_NAMES | paging.NAMES,
        "twilio",
    ),
    Route(
        "call-notifications.fetch",
        "GET",
        (*_CALLS, OPEN, *_NOTIFICATIONS, OPEN),
        notifications.fetch_of_call,
        vendors="twilio",
    ),
    Route(
        "conference-recordings.list",
        "GET",
        ("Conferences", OPEN, *_RECORDINGS),
        recordings.list_of_conference,
        recording_forms.DATE_NAMES | paging.NAMES,
    ),
    Route(
        "conference-recordings.fetch",
        "GET",
        ("Conferences", OPEN, *_RECORDINGS, OPEN),
        recordings.fetch_of_conference,
    ),
    Route(
        "conference-recordings.delete",
        "DELETE",
        ("Conferences", OPEN, *_RECORDINGS, OPEN),
        recordings.delete_of_conference,
    ),
    Route(
        "call-recordings.list",
        "GET",
        (*_CALLS, OPEN, *_RECORDINGS),
        recordings.list_of_call,
        recording_forms.DATE_NAMES | paging.NAMES,
        "twilio",
    ),
    Route(
        "call-recordings.fetch",
        "GET",
        (*_CALLS, OPEN, *_RECORDINGS, OPEN),
        recordings.fetch_of_call,
        vendors="twilio",
    ),
    Route(
        "call-recordings.delete",
        "DELETE",
        (*_CALLS, OPEN, *_RECORDINGS, OPEN),
        recordings.delete_of_call,
        vendors="twilio",
    ),
    Route("applications.create", "POST", _APPLICATIONS, applications.create, application_forms.NAMES),
    Route(
        "applications.list",
        "GET",
        _APPLICATIONS,
        applications.list_,
        application_forms.FILTER_NAMES | paging.NAMES,
    ),
    Route("applications.fetch", "GET", (*_APPLICATIONS, OPEN), applications.fetch),
    Route(
        "applications.update", "POST", (*_APPLICATIONS, OPEN), applications.update, application_forms.NAMES
    ),
    Route("applications.delete", "DELETE", (*_APPLICATIONS, OPEN), applications.delete),
    Route("queues.create", "POST", _QUEUES, queues.create, queue_forms.NAMES),
    Route("queues.list", "GET", _QUEUES, queues.list_, paging.NAMES),
    Route("queues.fetch", "GET", (*_QUEUES, OPEN), queues.fetch),
    Route("queues.update", "POST", (*_QUEUES, OPEN), queues.update, queue_forms.NAMES),
    Route("queues.delete", "DELETE", (*_QUEUES, OPEN), queues.delete),
    Route("queue-members.list", "GET", (*_QUEUES, OPEN, "Members"), queues.list_members, paging.NAMES),
    Route("queue-members.fetch", "GET", (*_QUEUES, OPEN, "Members", OPEN), queues.fetch_member),
    Route(
        "queue-members.update",
        "POST",
        (*_QUEUES, OPEN, "Members", OPEN),
        queues.update_member,
        queue_forms.MEMBER_NAMES,
    ),
    Route("available-numbers.list", "GET", _AVAILABLE, available.list_countries),
    Route("available-numbers.fetch", "GET", (*_AVAILABLE, OPEN), available.fetch_country),
    *(
        Route(
            f"available-{name}-numbers.list",
            "GET",
            (*_AVAILABLE, OPEN, word),
            available.list_numbers(kind, word),
            available_forms.FILTER_NAMES | paging.NAMES,
            vendors,
        )
        for name, word, kind, vendors in (
            ("local", "Local", NumberKind.LOCAL, "both"),
            ("toll-free", "TollFree", NumberKind.TOLL_FREE, "both"),
            ("mobile", "Mobile", NumberKind.MOBILE, "twilio"),
        )
    ),
    Route(
        "imported-numbers.create",
        "POST",
        ("ImportedPhoneNumbers",),
        numbers.import_,
        number_forms.IMPORT_NAMES,
        "signalwire",
    ),
    Route(
        "participants.create",
        "POST",
        _PARTICIPANTS,
        participants.create,
        participant_creation.NAMES,
        "twilio",
    ),
    Route(
        "accounts.list",
        "GET",
        (),
        accounts.list_,
        account_forms.FILTER_NAMES | paging.NAMES,
        of_account=False,
    ),
    Route("accounts.create", "POST", (), accounts.create, account_forms.CREATE_NAMES, of_account=False),
    Route("accounts.fetch", "GET", (), accounts.fetch),
    Route("accounts.update", "POST", (), accounts.update, account_forms.UPDATE_NAMES),
    Route("tokens.create", "POST", _TOKENS, keys.create_token, key_forms.TOKEN_CREATE_NAMES, "signalwire"),
    Route(
        "tokens.update",
        "PATCH",
        (*_TOKENS, OPEN),
        keys.update_token,
        key_forms.TOKEN_UPDATE_NAMES,
        "signalwire",
    ),
    Route("tokens.delete", "DELETE", (*_TOKENS, OPEN), keys.delete, vendors="signalwire"),
    *_keys("keys", "keys", "Keys"),
    *_keys("signing-keys", "signing_keys", "SigningKeys"),
    Route("ice-servers.create", "POST", ("Tokens",), ice.create, ice_resources.TTL_NAMES, "twilio"),
    *_of_kind("local", "Local", NumberKind.LOCAL),
    *_of_kind("mobile", "Mobile", NumberKind.MOBILE),
    *_of_kind("toll-free", "TollFree", NumberKind.TOLL_FREE),
    Route(
        "call-recordings.update",
        "POST",
        (*_CALLS, OPEN, *_RECORDINGS, OPEN),
        recordings.update_of_call,
        recording_forms.UPDATE_NAMES,
    ),
    Route(
        "conference-recordings.update",
        "POST",
        ("Conferences", OPEN, *_RECORDINGS, OPEN),
        recordings.update_of_conference,
        recording_forms.UPDATE_NAMES,
    ),
    Route(
        "call-recordings.create",
        "POST",
        (*_CALLS, OPEN, *_RECORDINGS),
        recordings.create_of_call,
        recording_forms.CREATE_NAMES,
    ),
    Route(
        "conference-recordings.create",
        "POST",
        ("Conferences", OPEN, *_RECORDINGS),
        recordings.create_of_conference,
        recording_forms.CREATE_NAMES_OF_CONFERENCE,
        "neither",
    ),
    *_streams("call-streams", _CALLS, (streams.create_of_call, streams.update_of_call), "both"),
    *_streams(
        "conference-streams",
        ("Conferences",),
        (streams.create_of_conference, streams.update_of_conference),
        "signalwire",
    ),
    *_none_of("messages", "Messages", ("GET", "POST", "DELETE")),
    *_none_of("transcriptions", "Transcriptions", ("GET", "DELETE")),
    *_none_of("faxes", "Faxes", ("GET", "POST", "DELETE"), "signalwire"),
    *_sip(),
)
"""What Roomtone does."""


def _not_yet(name: str, pattern: str, operations: str, vendors: str = "both") -> Iterator[Route]:
    """Name a resource that is not served yet: its pattern, and its operations as verbs of two letters."""
    verbs = {"li": "GET", "fe": "GET", "cr": "POST", "up": "POST", "de": "DELETE", "pa": "PATCH"}
    full = {"li": "list", "fe": "fetch", "cr": "create", "up": "update", "de": "delete", "pa": "update"}
    segments = tuple(pattern.split("/"))
    for short in operations.split():
        yield Route(f"{name}.{full[short]}", verbs[short], segments, vendors=vendors)


KNOWN = (
    *_not_yet("messages", "Messages", "cr"),
    *_not_yet("faxes", "Faxes", "cr", "signalwire"),
)
"""What the vendors do and Roomtone does not do yet."""

ROUTES = SERVED + KNOWN

_BY_BEGINNING: dict[tuple[bool, int, str], list[Route]] = defaultdict(list)
"""By whether an account stands before them, how many segments they have, and the first of these, which is a word."""
for _route in ROUTES:
    _BY_BEGINNING[_route.of_account, len(_route.pattern), "".join(_route.pattern[:1])].append(_route)
for _routes in _BY_BEGINNING.values():
    _routes.sort(key=lambda one: -one.openness)


def find(segments: tuple[str, ...], *, of_account: bool = True) -> dict[str, Route]:
    """Give the routes of a path by their method; none: the path is unknown. GET stands for HEAD, too.

    Where a word and an open place fit alike, the word does.
    """
    likely = _BY_BEGINNING.get((of_account, len(segments), segments[0] if segments else ""), ())
    fitting = [route for route in likely if route.matches(segments)]
    found = {route.method: route for route in fitting}
    if "GET" in found:
        found["HEAD"] = found["GET"]
    return found
