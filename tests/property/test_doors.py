"""Whatever is sent to the REST doors, a JSON answer comes back, and it is never our fault."""

from __future__ import annotations

import asyncio
import json
from urllib.parse import quote, urlencode
from xml.etree import ElementTree as ET

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from doors import FORM, TOKEN, Doors, basic, join
from roomtone.api.routes import OPEN, ROUTES, SERVED
from roomtone.core.conference.messages import LegEnded
from roomtone.core.conference.state import Conference
from roomtone.core.ids import CallId
from roomtone.dialects import DIALECTS

NAMES = sorted({name for route in ROUTES for name in route.parameters} | {"PhoneNumber>", "", "x"})
LITERALS = sorted({part for route in ROUTES for part in route.pattern if part != OPEN})
KNOWN_VALUES = [
    "true", "false", "", "0", "1", "-1", "GET", "post", "completed", "init", "http://h/", "http://[", "+15551234567",
    "2023-11-14", "PA1", "PB" + "0" * 40, "9" * 30, "<Response>{{#a}}</Response>", "\x00", "\ud800", "é", "%", "AC",
]  # fmt: skip
texts = st.one_of(st.sampled_from(KNOWN_VALUES), st.text(max_size=20))
segments = st.one_of(
    st.sampled_from(
        [
            *LITERALS,
            "{account}",
            "{room}",
            "{call}",
            "",
            "%",
            "%ff",
            "%2F",
            ".json",
            "..",
            "a.xml",
            "Queues.csv",
        ]
    ),
    st.text(max_size=8).map(lambda text: quote(text, safe="", errors="replace")),
)
paths = st.one_of(
    st.lists(segments, max_size=5),
    st.sampled_from(SERVED).flatmap(
        lambda route: st.tuples(
            *(
                st.sampled_from(["{room}", "{call}", "{number}", "{bin}"]) if part == OPEN else st.just(part)
                for part in route.pattern
            )
        ).map(list)
    ),
)
pairs = st.lists(st.tuples(st.sampled_from(NAMES), texts), max_size=6)
bodies = st.one_of(
    st.binary(max_size=60),
    pairs.map(lambda fields: urlencode(fields, errors="replace").encode()),
    pairs.map(lambda fields: json.dumps(dict(fields)).encode()),
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(NAMES), inner, max_size=3)
        ),
        max_leaves=6,
    ).map(lambda value: json.dumps(value).encode()),
)
types = st.sampled_from(
    [FORM, "application/json", "", "text/xml", "multipart/form-data", "application/json; charset=x"]
)
methods = st.sampled_from(["GET", "POST", "DELETE", "HEAD", "PUT", "PATCH", "OPTIONS", "BREW"])
prefixes = st.sampled_from(["/2010-04-01/Accounts", "/api/laml/2010-04-01/Accounts", "/laml-bins", "", "/x"])


@settings(deadline=None)
@given(
    name=st.sampled_from(list(DIALECTS)),
    method=methods,
    prefix=prefixes,
    path=paths,
    query=st.one_of(
        pairs.map(lambda fields: urlencode(fields, errors="replace").encode()), st.binary(max_size=30)
    ),
    body=bodies,
    type_=types,
    known=st.booleans(),
)
def test_no_request_however_malformed_is_our_fault(
    name: str, method: str, prefix: str, path: list[str], query: bytes, body: bytes, type_: str, known: bool
) -> None:
    async def ask() -> None:
        doors = Doors()
        speaker = doors.speaker(name)
        room = await doors.open(speaker.project, "Room", 1, join(2, label="é"))
        number = await speaker.post("IncomingPhoneNumbers", PhoneNumber="+15551230000")
        bin_ = await speaker.post("LamlBins", Name="a")
        names = {"account": speaker.sid, "room": speaker.show(room.id), "call": speaker.show(CallId(1))}
        names |= {"number": number.json["sid"], "bin": bin_.json["sid"]}
        parts = [names.get(part.strip("{}"), part) if part.startswith("{") else part for part in path]
        whole = "/".join([prefix, *([speaker.sid] if "Accounts" in prefix else []), *parts]).encode()
        headers = [("content-type", type_), basic(speaker.sid if known else "x", TOKEN)]
        reply = await doors.call(method, whole + b"?" + query, body, headers)
        assert reply.status < 500 or reply.status == 501, "501 is what is known and not served yet"
        if reply.content and reply.headers["content-type"].startswith("application/json"):
            assert isinstance(reply.json, dict)
            if reply.status >= 400:
                assert list(reply.json) == ["code", "message", "more_info", "status"]
                assert reply.json["status"] == reply.status
        elif reply.content and reply.headers["content-type"].startswith("application/xml"):
            kinds = [one.tag for one in ET.fromstring(reply.content)]
            assert kinds == ["RestException"] or reply.status < 300
        elif method not in {"HEAD", "OPTIONS"}:
            assert reply.status in {200, 204}
        if reply.status >= 400:
            assert reply.headers["hint"]

    asyncio.run(ask())


class Walk(RuleBasedStateMachine):
    """Somebody walks the pages of a conference while people come and go.

    Whoever was there from the walk's beginning to its end is met exactly once; nobody is met twice; whoever came
    after the walk began is not met at all, since lists begin with the newest.
    """

    def __init__(self) -> None:
        super().__init__()
        self.doors = Doors()
        self.customer = self.doors.speaker("twilio")
        self.next_call = 1
        self.met: list[str] = []
        self.uri: str | None = None

    @initialize(people=st.integers(1, 8), size=st.integers(1, 3), same_instant=st.booleans())
    def begin(self, people: int, size: int, same_instant: bool) -> None:
        self.same_instant = same_instant
        self.room: Conference = asyncio.run(self.doors.open(self.customer.project, "Room"))
        self.come(people + 1)  # one who never leaves keeps the conference alive
        self.faithful = self.show(1)
        self.stayed = {self.show(call) for call in range(1, self.next_call)}
        self.uri = f"{self.customer.people(self.room)}?PageSize={size}"

    def show(self, call: int) -> str:
        return self.customer.show(CallId(call))

    @rule(people=st.integers(1, 3))
    def come(self, people: int = 1) -> None:
        for _ in range(people):
            if not self.same_instant:
                self.doors.clock.advance(1)
            self.room = asyncio.run(self.doors.switchboard.take(self.room, join(self.next_call)))
            self.next_call += 1

    @rule(who=st.integers(2, 20))
    def go(self, who: int) -> None:
        if self.room.find(CallId(who)) is not None:
            self.room = asyncio.run(self.doors.switchboard.take(self.room, LegEnded(CallId(who))))
            self.stayed.discard(self.show(who))

    @rule()
    def turn_the_page(self) -> None:
        if self.uri is None:
            return
        reply = asyncio.run(self.customer.get(self.uri))
        assert reply.status == 200
        self.met += [one["call_sid"] for one in reply.json["participants"]]
        self.uri = reply.json["next_page_uri"]

    @invariant()
    def nobody_is_met_twice(self) -> None:
        assert len(set(self.met)) == len(self.met)

    def teardown(self) -> None:
        while self.uri is not None:
            self.turn_the_page()
        if hasattr(self, "stayed"):
            assert self.stayed <= set(self.met)
        self.nobody_is_met_twice()


def test_a_walk_meets_whoever_stayed_exactly_once() -> None:
    run_state_machine_as_test(Walk, settings=settings(max_examples=30, stateful_step_count=25, deadline=None))
