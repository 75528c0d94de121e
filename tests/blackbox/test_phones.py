"""Phones that are not ours: SIPp with sound of its own, baresip, calls by TCP, PCMA, hold by the phone itself."""

from __future__ import annotations

import contextlib
import itertools
import socket
from pathlib import Path

import pytest

from roomtone.sdp.agreement import Codec
from roomtone.testing.rtp_phone import RtpPhone
from roomtone.testing.sip_caller import SipCaller
from roomtone.testing.tones import HEARD_DB, PITCHES_HZ
from stage.baresip import MODULES, BaresipCaller
from stage.ears import settle
from stage.scene import Scene


async def test_baresip_and_sipp_hear_each_other(scene: Scene, baresip: str, tmp_path: Path) -> None:
    number = await scene.open_line("baresip")
    ann = await scene.enter("ann", number)
    phone = await BaresipCaller.dial(
        "bob", number, scene.server.sip_address, tmp_path / "bob", pitch_hz=PITCHES_HZ[5]
    )
    try:
        await scene.customer.wait_for_event("conference-start")
        await phone.wait_for_samples(6000)
        assert phone.levels(PITCHES_HZ[:1])[PITCHES_HZ[0]] > HEARD_DB
        assert phone.levels(PITCHES_HZ[5:6])[PITCHES_HZ[5]] < HEARD_DB, "nobody hears themselves"
        await settle([ann.phone], 20)
        assert ann.phone.heard((PITCHES_HZ[5],)) == {PITCHES_HZ[5]}
    finally:
        await phone.close()
    await scene.customer.wait_for_event("participant-leave")


@pytest.mark.parametrize("codec", MODULES)
async def test_baresip_with_any_codec_and_a_telephone_hear_each_other(
    scene: Scene, baresip: str, tmp_path: Path, codec: str
) -> None:
    number = await scene.open_line(codec.replace("/", " "))
    ann = await scene.enter("ann", number)
    phone = await BaresipCaller.dial(
        "bob", number, scene.server.sip_address, tmp_path / "bob", pitch_hz=PITCHES_HZ[5], codec=codec
    )
    try:
        await scene.customer.wait_for_event("conference-start")
        await phone.wait_for_samples(int(codec.split("/")[1]))
        assert phone.levels(PITCHES_HZ[:1])[PITCHES_HZ[0]] > HEARD_DB
        assert phone.levels(PITCHES_HZ[5:6])[PITCHES_HZ[5]] < HEARD_DB, "nobody hears themselves"
        assert phone.rate_hz == int(codec.split("/")[1]), "it is this codec that was agreed"
        await settle([ann.phone], 50)
        assert ann.phone.heard((PITCHES_HZ[5],)) == {PITCHES_HZ[5]}
    finally:
        await phone.close()


PAIRS = [pair for pair in itertools.combinations_with_replacement(MODULES, 2) if "L16/8000/1" not in pair]
"""Of every two codecs; L16 at 8 kHz differs from PCMU in its bytes only."""


@pytest.mark.parametrize("codecs", PAIRS, ids=" and ".join)
async def test_two_of_baresip_hear_each_other_and_not_themselves(
    scene: Scene, baresip: str, tmp_path: Path, codecs: tuple[str, str]
) -> None:
    number = await scene.open_line(" ".join(codecs).replace("/", " "))
    async with contextlib.AsyncExitStack() as leaving:
        phones = []
        for name, pitch_hz, codec in zip(("ann", "bob"), PITCHES_HZ, codecs, strict=False):
            phone = await BaresipCaller.dial(
                name, number, scene.server.sip_address, tmp_path / name, pitch_hz=pitch_hz, codec=codec
            )
            leaving.push_async_callback(phone.close)
            phones.append(phone)
        await scene.customer.wait_for_event("conference-start")
        for phone, codec in zip(phones, codecs, strict=True):
            await phone.wait_for_samples(int(codec.split("/")[1]))
        heard = [{hz for hz, db in phone.levels(PITCHES_HZ[:2]).items() if db > HEARD_DB} for phone in phones]
        assert heard == [{PITCHES_HZ[1]}, {PITCHES_HZ[0]}]


async def test_baresip_hears_that_a_sipp_caller_is_muted(scene: Scene, baresip: str, tmp_path: Path) -> None:
    number = await scene.open_line("baresip hears")
    ann = await scene.enter("ann", number)
    phone = await BaresipCaller.dial(
        "bob", number, scene.server.sip_address, tmp_path / "bob", pitch_hz=PITCHES_HZ[5]
    )
    try:
        heard = []
        for muted in ("false", "true", "false"):
            await scene.update(ann, Muted=muted)
            await phone.wait_for_samples(6000)
            heard.append(phone.levels(PITCHES_HZ[:1])[PITCHES_HZ[0]] > HEARD_DB)
        assert heard == [True, False, True]
    finally:
        await phone.close()


async def test_sipp_streams_sound_of_its_own(scene: Scene, tmp_path: Path) -> None:
    """SIPp sends the audio itself (rtp_stream); a listener hears its pitch."""
    number = await scene.open_line("rtp stream")
    ann = await scene.enter("ann", number)
    bob = await scene.enter("bob", number, pitch_hz=None, streams_hz=1427.0)
    await settle([ann.phone], 40)
    assert ann.phone.heard((1427.0,)) == {1427.0}
    assert bob.is_up


async def test_pcma_and_pcmu_callers_hear_each_other(scene: Scene) -> None:
    number = await scene.open_line("both laws")
    await scene.enter("ann", number, codec=Codec.PCMA)
    await scene.enter("bob", number, codec=Codec.PCMU)
    await scene.expect({"ann": {"bob"}, "bob": {"ann"}})


@pytest.mark.slow
async def test_a_phone_that_sends_nothing_any_more_is_kept_unless_it_is_said_otherwise(scene: Scene) -> None:
    ann, bob = await scene.gather(2, "kept")
    await ann.phone.pause()
    await ann.phone.wait_for_packets(600, within_s=60)
    assert (ann.is_up, bob.is_up) == (True, True)


async def test_a_call_by_tcp(scene: Scene) -> None:
    number = await scene.open_line("tcp")
    ann = await scene.enter("ann", number, transport="t1")
    await scene.enter("bob", number)
    await scene.expect({"ann": {"bob"}, "bob": {"ann"}})
    assert (await scene.rest.delete(scene.path(ann))).status == 204
    assert await ann.over() == 0, "the BYE came down the same connection"


@pytest.mark.parametrize("name", ["ann", "bob"])
async def test_a_phone_puts_the_conference_on_hold_and_comes_back(scene: Scene, name: str) -> None:
    """re-INVITE with sendonly: the answer is recvonly and the phone gets no more sound; then sendrecv again."""
    await scene.gather(2, f"phone hold {name}")
    caller = scene.callers[name]
    caller.tell("HOLD")
    assert await caller.wait_for("held") == "held a=recvonly"
    other = scene.callers["bob" if name == "ann" else "ann"]
    await settle([other.phone], 20)
    assert len(caller.phone.recent(200)) == 0, "sendonly means: send me nothing"
    caller.tell("RESUME")
    assert await caller.wait_for("resumed") == "resumed a=sendrecv"
    await scene.expect({"ann": {"bob"}, "bob": {"ann"}})


async def test_a_phone_moves_its_sound_to_another_port(scene: Scene) -> None:
    """re-INVITE with a new port: sound goes there, the conference never notices."""
    number = await scene.open_line("moves")
    second = await RtpPhone.open(PITCHES_HZ[7])
    ann = await scene.enter("ann", number)
    bob = await scene.enter("bob", number, second_port=second.port)
    try:
        bob.tell("MOVE")
        await bob.wait_for("moved")
        await bob.phone.pause()
        second.point("127.0.0.1", bob.server_port)
        await settle([second, ann.phone], 40)
        assert second.heard((PITCHES_HZ[0],)) == {PITCHES_HZ[0]}
        assert ann.phone.heard((PITCHES_HZ[7],)) == {PITCHES_HZ[7]}
    finally:
        await second.close()


def ask_options(address: tuple[str, int]) -> str:
    request = (
        f"OPTIONS sip:{address[0]} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{{port}};branch=z9hG4bKopt;rport\r\n"
        "From: <sip:test@127.0.0.1>;tag=1\r\nTo: <sip:127.0.0.1>\r\nCall-ID: options@test\r\nCSeq: 1 OPTIONS\r\n"
        "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    )
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(5)
        sock.sendto(request.format(port=sock.getsockname()[1]).encode(), address)
        return sock.recv(4096).decode()


async def test_options_is_answered(scene: Scene) -> None:
    assert ask_options(scene.server.sip_address).startswith("SIP/2.0 200")


async def test_a_caller_who_gives_up_while_it_rings_is_487(scene: Scene) -> None:
    """A Pause before anything else lets it ring; CANCEL ends it, and no conference ever comes to be."""
    document = '<Response><Pause length="20"/><Hangup/></Response>'
    number = await scene.claim(scene.customer.host("/voice/rings", document))
    caller = SipCaller(scene.server.sip_address, number)
    async with caller:
        await caller.ringing()
        await caller.hang_up()
        assert (await caller.ended()).status == 487


@pytest.mark.parametrize(("attribute", "stays"), [("true", False), ("false", True)])
async def test_star_leaves_where_the_document_says_so(scene: Scene, attribute: str, stays: bool) -> None:
    """RFC 4733 digits: a star, and only where hangupOnStar is set, goes on to the next verb."""
    document = scene.dial_conference(f"star {attribute}").replace(
        "<Dial>", f'<Dial hangupOnStar="{attribute}">'
    )
    number = await scene.claim(scene.customer.host("/voice/star", document))
    ann, bob = await scene.enter("ann", number), await scene.enter("bob", number)
    ann.phone.press("*")
    await settle([bob.phone], 40)
    if not stays:
        assert await ann.over() == 0
    assert len(await scene.participants()) == (2 if stays else 1)


async def test_a_time_limit_takes_a_caller_out(scene: Scene) -> None:
    document = scene.dial_conference("limited").replace("<Dial>", '<Dial timeLimit="1">')
    ann = await scene.enter("ann", await scene.claim(scene.customer.host("/voice/limited", document)))
    assert await ann.over() == 0
    await scene.customer.wait_for_event("conference-end")


async def test_many_short_calls_leave_nothing_behind(scene: Scene) -> None:
    number = await scene.open_line("short calls")
    for turn in range(6):
        caller = await scene.enter(f"ann{turn}", number, pitch_hz=None)
        await caller.hang_up()
        await scene.customer.wait_for_event("participant-leave", caller.call_sid)
    listed = (await scene.rest.get("Conferences.json?FriendlyName=short%20calls")).body["conferences"]
    assert [one["status"] for one in listed] == ["completed"] * 6
