"""Start, Stop and Connect: how they are read, and what the script makes of them."""

from __future__ import annotations

import pytest

from roomtone.core.streaming import StreamCodec, StreamTrack, StreamWish
from roomtone.core.values import Document, Method
from roomtone.cxml import messages as cxml
from roomtone.cxml.oddities import Oddity
from roomtone.cxml.parse import parse
from roomtone.cxml.script import Stage, begin, dump, load, step
from roomtone.cxml.verbs import Connect, Start, Stop

URL = "https://app.example/voice"


def read(inner: str):
    return parse(f"<Response>{inner}</Response>", URL)


def test_a_stream_is_read_whole() -> None:
    [verb] = read(
        "<Start><Stream name=' s ' url='wss://s/x' track='both_tracks' codec='L16@16000h' realtime='true' "
        "statusCallback='/news' statusCallbackMethod='GET' authBearerToken='t'>"
        "<Parameter name='a' value='1'/><Parameter value='2'/></Stream></Start>"
    ).verbs
    assert verb == Start(
        StreamWish(
            "wss://s/x",
            "s",
            StreamTrack.BOTH,
            StreamCodec.L16_16K,
            Document("https://app.example/news", Method.GET),
            (("a", "1"),),
            "t",
        )
    )


def test_connect_is_two_way_and_hears_the_phone_alone() -> None:
    [verb] = read("<Connect action='/on'><Stream url='/s' track='both_tracks'/></Connect>").verbs
    assert verb == Connect(StreamWish("wss://app.example/s", two_way=True), "https://app.example/on")
    assert read("<Stop><Stream name='s'/></Stop>").verbs == (Stop("s"),)


@pytest.mark.parametrize(
    ("inner", "reason"),
    [
        ("<Start/>", Oddity.NOUN_MISSING),
        ("<Start><Siprec/></Start>", Oddity.NOUN_NOT_SUPPORTED),
        ("<Stop><Stream/></Stop>", Oddity.NOUN_MISSING),
        ("<Start><Stream name='x'/></Start>", Oddity.URL_INVALID),
        ("<Connect><Stream url='https://s/'/></Connect>", Oddity.URL_INVALID),
    ],
)
def test_what_cannot_be_is_skipped_and_told(inner: str, reason: Oddity) -> None:
    found = read(inner)
    assert found.verbs == ()
    assert reason in [one.reason for one in found.warnings]


@pytest.mark.parametrize(
    "attribute", ["track='all'", "codec='MP3'", "bidir='maybe'", "authBearerToken='a b'"]
)
def test_a_wrong_attribute_takes_its_default(attribute: str) -> None:
    found = read(f"<Start><Stream url='wss://s/' {attribute}/></Start>")
    assert found.verbs == (Start(StreamWish("wss://s/")),)
    assert [one.reason for one in found.warnings] == [Oddity.ATTRIBUTE_INVALID]


def test_a_conference_names_its_streams() -> None:
    inner = (
        "<Dial><Conference streamUrl='wss://p/'>room<Stream url='wss://s/' bidir='true'/></Conference></Dial>"
    )
    [dial] = read(inner).verbs
    assert dial.conference.name == "room"
    assert dial.conference.carried == (StreamWish("wss://p/"), StreamWish("wss://s/", two_way=True))


def script_of(inner: str):
    return step(begin(None, text=f"<Response>{inner}</Response>"), cxml.Started())


def test_start_and_stop_are_over_at_once() -> None:
    found = script_of(
        "<Start><Stream name='s' url='wss://s/'/></Start><Stop><Stream name='s'/></Stop><Pause/>"
    )
    assert found.orders == (
        cxml.StartStream(StreamWish("wss://s/", "s")),
        cxml.StopStream("s"),
        cxml.Wait(1),
    )


def test_connect_waits_for_its_server_and_then_the_next_verb_comes() -> None:
    found = script_of("<Connect><Stream url='wss://s/'/></Connect><Pause length='3'/>")
    assert found.orders == (cxml.Answer(), cxml.ConnectStream(StreamWish("wss://s/", two_way=True)))
    assert found.script.stage is Stage.STREAMING
    resumed = step(load(dump(found.script)), cxml.Resumed())
    assert resumed.orders == (cxml.ResumeStream(),)
    assert step(found.script, cxml.StreamEnded(lasted=True)).orders == (cxml.Wait(3),)


def test_connect_asks_its_action() -> None:
    found = script_of("<Connect action='https://app/on'><Stream url='wss://s/'/></Connect><Hangup/>")
    asked = step(found.script, cxml.StreamEnded(lasted=True))
    assert asked.orders == (cxml.FetchDocument("https://app/on", Method.POST),)
