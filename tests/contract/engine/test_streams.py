"""Ports, packets and what is told of them."""

from __future__ import annotations

import asyncio
import random

import msgspec
import pytest

from roomtone.link import OrderRefused
from roomtone.link import messages as m
from roomtone.sdp.agreement import Codec
from roomtone.testing.rtp import Packet
from roomtone.testing.rtp_phone import RtpPhone

from .conftest import MUSIC_HZ, STRANGER_HZ, Stage


async def test_opening_twice_gives_the_same_port(stage: Stage) -> None:
    await stage.party("A")
    again = await stage.link.ask(stage.opening("A"), m.Opened)
    assert again.port == stage.ports["A"]
    snapshot = await stage.snapshot()
    assert [(one.call, one.port) for one in snapshot.streams] == [(stage.calls["A"], again.port)]


async def test_ports_are_even_and_from_the_range(stage: Stage) -> None:
    await stage.party("ABCDE")
    ports = list(stage.ports.values())
    assert len(set(ports)) == 5
    assert all(port % 2 == 0 for port in ports)
    assert all(stage.settings.rtp_first <= port <= stage.settings.rtp_last for port in ports)


async def test_when_all_ports_are_taken_the_next_is_refused_until_one_closes(stage: Stage) -> None:
    await stage.party("A")
    room = (stage.settings.rtp_last - stage.settings.rtp_first + 1) // 2 - 1
    for number in range(room):
        await stage.link.ask(stage.opening("A", call=f"{number:032x}"), m.Opened)
    with pytest.raises(OrderRefused, match="no-port"):
        await stage.link.ask(stage.opening("A", call=f"{room:032x}"), m.Opened)
    await stage.link.ask(m.CloseStream(n=0, call=f"{3:032x}"))
    await stage.link.ask(stage.opening("A", call=f"{room:032x}"), m.Opened)


async def test_closing_tells_the_last_statistics_once(stage: Stage) -> None:
    await stage.party("AB")
    await stage.everybody_talks()
    await stage.hears(A="B", B="A")
    for _ in range(2):
        await stage.link.ask(m.CloseStream(n=0, call=stage.calls["A"]))
    told = await stage.fact(m.StreamStatistics, call=stage.calls["A"], last=True)
    assert told.packets_received > 20
    assert told.packets_sent > 20
    assert told.packets_refused == told.packets_duplicate == 0
    await stage.hears(B="")
    assert not any(isinstance(one, m.StreamStatistics) and one.last for one in stage.facts)


async def test_changing_a_stream_that_is_not_there_is_refused(stage: Stage) -> None:
    await stage.party("A")
    with pytest.raises(OrderRefused, match="unknown-stream"):
        await stage.link.ask(stage.changing("A", call=f"{5:032x}"))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"remote_host": "phone.example"}, "bad-address"),
        ({"payload_type": 72}, "bad-format"),
        ({"payload_type": 101}, "bad-format"),
        ({"digit_payload_type": 200}, "bad-format"),
        ({"ptime_ms": 15}, "bad-format"),
        ({"ptime_ms": 0}, "bad-format"),
    ],
)
async def test_a_stream_that_cannot_be_is_refused(stage: Stage, change: dict, code: str) -> None:
    await stage.party("A")
    plain = stage.opening("A")
    if "remote_host" not in change:
        change = {"format": msgspec.structs.replace(plain.format, **change)}
    with pytest.raises(OrderRefused, match=code):
        await stage.link.ask(stage.opening("A", call=f"{9:032x}", **change), m.Opened)
    with pytest.raises(OrderRefused, match=code):
        await stage.link.ask(stage.changing("A", **change))
    snapshot = await stage.snapshot()
    assert [(one.call, one.format) for one in snapshot.streams] == [(stage.calls["A"], plain.format)]


@pytest.mark.parametrize("ptime_ms", [10, 20, 30, 40, 60])
async def test_we_send_packets_of_the_length_that_was_agreed(stage: Stage, ptime_ms: int) -> None:
    await stage.party("AB")
    await stage.link.ask(m.CloseStream(n=0, call=stage.calls["A"]))
    agreed = msgspec.structs.replace(stage.opening("A").format, ptime_ms=ptime_ms)
    opened = await stage.link.ask(stage.opening("A", format=agreed), m.Opened)
    stage.phones["A"].received.clear()
    stage.phones["A"].point("127.0.0.1", opened.port)
    await stage.everybody_talks()
    await stage.hears(A="B", B="A")
    assert {len(one.packet.payload) for one in stage.phones["A"].recent(400)} == {8 * ptime_ms}
    await stage.unbroken("A")


async def test_a_reinvite_moves_a_stream_to_another_address_and_keeps_the_port(stage: Stage) -> None:
    await stage.party("AB")
    await stage.everybody_talks()
    await stage.hears(A="B", B="A")
    old, moved = stage.phones["A"], await RtpPhone.open(MUSIC_HZ)
    try:
        await stage.link.ask(stage.changing("A", remote_port=moved.port))
        moved.point("127.0.0.1", stage.ports["A"])
        await old.pause()
        stage.phones["A"] = moved
        await stage.hears(A="B", B="music")
    finally:
        await old.close()


async def test_a_reinvite_changes_the_codec_on_the_fly(stage: Stage) -> None:
    await stage.party("AB")
    await stage.everybody_talks()
    await stage.hears(A="B", B="A")
    alaw = m.Format(codec=m.Codec.PCMA, payload_type=8, digit_payload_type=101, ptime_ms=20)
    await stage.link.ask(stage.changing("A", format=alaw))
    stage.phones["A"].settings = type(stage.phones["A"].settings)(codec=Codec.PCMA)
    await stage.phones["A"].wait_for_packets(20)
    await stage.hears(A="B", B="A")
    assert {one.packet.payload_type for one in stage.phones["A"].recent(300)} == {8}
    await stage.unbroken("A")


@pytest.mark.parametrize(
    ("flow", "a_hears", "b_hears"), [("sendonly", "B", ""), ("recvonly", "", "A"), ("inactive", "", "")]
)
async def test_the_direction_is_kept_to(stage: Stage, flow: str, a_hears: str, b_hears: str) -> None:
    """Directions are the engine's: sendonly means that A's packets are not listened to."""
    await stage.party("AB")
    await stage.everybody_talks()
    await stage.hears(A="B", B="A")
    await stage.link.ask(stage.changing("A", flow=m.Flow(flow)))
    await hear_while_packets_may_stop(stage, A=a_hears, B=b_hears)
    await stage.link.ask(stage.changing("A"))
    await stage.hears(A="B", B="A")


async def hear_while_packets_may_stop(stage: Stage, **expected: str) -> None:
    async with asyncio.timeout(5):
        while {letter: stage.heard(letter) for letter in expected} != expected:
            await stage.phones["B"].wait_for_packets(2)
    await stage.phones["B"].wait_for_packets(20)
    assert {letter: stage.heard(letter) for letter in expected} == expected


async def test_sequence_and_timestamp_go_on_through_every_change(stage: Stage) -> None:
    await stage.party("ABC")
    await stage.start("hold", tone_hz=MUSIC_HZ)
    rest = [stage.seat("B"), stage.seat("C")]
    await stage.plan(stage.seat("A"), *rest)
    await stage.hears(A="B C")
    await stage.plan(stage.seat("A", "nobody", "hold"), *rest)
    await stage.hears(A="music")
    await stage.start("hold", turn=2, tone_hz=MUSIC_HZ, duration_ms=100)
    await stage.hears(A="")
    await stage.link.ask(m.DropConference(n=0, conference=f"{1:032x}"))
    await stage.plan(stage.seat("A"), *rest, conference=2)
    await stage.hears(A="B C")
    gap_ms = stage.phones["A"].longest_gap_ms(2_000)
    await stage.unbroken("A")
    assert gap_ms < 60 or gap_ms < 60 + await stage.stood_still_ms()


async def test_what_is_sent_has_one_ssrc_and_twenty_milliseconds(stage: Stage) -> None:
    await stage.party("AB")
    await stage.everybody_talks()
    await stage.hears(A="B", B="A")
    for letter, kind in (("A", 0), ("B", 8)):
        packets = [one.packet for one in stage.phones[letter].recent(500)]
        assert len({packet.ssrc for packet in packets}) == 1
        assert {len(packet.payload) for packet in packets} == {160}
        assert {packet.payload_type for packet in packets} == {kind}


# Digits --------------------------------------------------------------------------------------------------------------


async def test_each_key_is_told_once(stage: Stage) -> None:
    await stage.party("AB")
    await stage.everybody_talks()
    await stage.hears(A="B", B="A")
    for digit in "159#*0":
        stage.phones["A"].press(digit, 100)
    told = [(await stage.fact(m.Digit, call=stage.calls["A"])).digit for _ in range(6)]
    assert told == list("159#*0")
    await stage.phones["A"].wait_for_packets(20)
    assert not any(isinstance(one, m.Digit) for one in stage.facts)


async def test_a_key_is_told_whether_seated_or_not_and_is_not_heard(stage: Stage) -> None:
    await stage.party("A")
    stage.phones["A"].press("5", 60)
    told = await stage.fact(m.Digit, call=stage.calls["A"])
    assert told.digit == "5"
    assert 40 <= told.duration_ms <= 60


# Speech --------------------------------------------------------------------------------------------------------------


async def test_who_speaks_is_told_from_start_to_stop(stage: Stage) -> None:
    await stage.phone("A", pitch_hz=None)
    await stage.phone("B", pitch_hz=None)
    await stage.plan(stage.seat("A"), stage.seat("B"), speech=True)
    await stage.phones["A"].wait_for_packets(50)
    assert not any(isinstance(one, m.SpeechStarted) for one in stage.facts), "silence is no speech"
    stage.phones["A"].say(MUSIC_HZ)
    await stage.fact(m.SpeechStarted, call=stage.calls["A"])
    await stage.phones["A"].wait_for_packets(25)
    assert not any(isinstance(one, m.SpeechStopped) for one in stage.facts)
    stage.phones["A"].say(None)
    await stage.fact(m.SpeechStopped, call=stage.calls["A"])


async def test_speech_is_not_told_unless_the_plan_asks_for_it(stage: Stage) -> None:
    await stage.party("AB")
    await stage.everybody_talks()
    await stage.hears(A="B", B="A")
    assert not any(isinstance(one, m.SpeechStarted) for one in stage.facts)


async def test_who_is_muted_while_speaking_has_stopped(stage: Stage) -> None:
    await stage.party("AB")
    await stage.plan(stage.seat("A"), stage.seat("B"), speech=True)
    await stage.fact(m.SpeechStarted, call=stage.calls["A"])
    await stage.plan(stage.seat("A", talks="nobody"), stage.seat("B"), speech=True)
    await stage.fact(m.SpeechStopped, call=stage.calls["A"])


# Silence of the line -------------------------------------------------------------------------------------------------


async def test_the_first_packets_are_told_with_where_they_come_from(stage: Stage) -> None:
    phone = await stage.phone("A")
    told = await stage.fact(m.StreamHeard, call=stage.calls["A"])
    assert (told.remote_host, told.remote_port) == ("127.0.0.1", phone.port)


async def test_a_line_that_falls_silent_is_told_once_and_again_when_it_is_back(stage: Stage) -> None:
    phone = await stage.phone("A")
    await stage.fact(m.StreamHeard, call=stage.calls["A"])
    await phone.pause()
    told = await stage.fact(m.StreamSilent, within_s=15, call=stage.calls["A"])
    assert told.silent_ms >= 1_000
    await phone.wait_for_packets(50)
    assert not any(isinstance(one, m.StreamSilent) for one in stage.facts)
    phone.resume()
    await stage.fact(m.StreamHeard, call=stage.calls["A"])


async def counted(stage: Stage, calls: list[str], streams: int, above: int) -> list[m.StreamFigures]:
    """Ask until so many streams are counted, and more packets of each than before."""
    for _ in range(300):
        told = (await stage.link.ask(m.TakeStatistics(n=0, calls=calls), m.Statistics)).streams
        if len(told) == streams and all(one.packets_received > above for one in told):
            return told
        await asyncio.sleep(0.1)
    raise AssertionError(f"not counted within half a minute: {told}")


async def test_statistics_are_given_when_asked_for(stage: Stage) -> None:
    await stage.party("AB")
    mine = [stage.calls["A"], f"{7:032x}"]
    before = -1
    for _ in range(3):
        (told,) = await counted(stage, mine, 1, before)
        assert told.call == stage.calls["A"]
        before = told.packets_received
    everybody = await counted(stage, [], 2, 10)
    assert {one.call for one in everybody} == {stage.calls["A"], stage.calls["B"]}
    assert all(fact.last for fact in stage.facts if isinstance(fact, m.StreamStatistics))
    await stage.link.ask(m.CloseStream(n=0, call=stage.calls["A"]))
    assert (await stage.link.ask(m.TakeStatistics(n=0, calls=mine), m.Statistics)).streams == []


# Strangers and garbage -----------------------------------------------------------------------------------------------


async def test_we_send_where_packets_really_come_from(stage: Stage) -> None:
    """A phone behind a translator names an address that is not where its packets come from."""
    await stage.party("AB")
    elsewhere = await RtpPhone.open()
    await stage.link.ask(m.CloseStream(n=0, call=stage.calls["A"]))
    opened = await stage.link.ask(stage.opening("A", remote_port=elsewhere.port), m.Opened)
    await elsewhere.close()
    stage.phones["A"].point("127.0.0.1", opened.port)
    await stage.everybody_talks()
    await stage.hears(A="B", B="A")


async def test_after_the_latch_a_stranger_is_refused_and_learns_nothing(stage: Stage) -> None:
    await stage.party("AB")
    await stage.everybody_talks()
    await stage.hears(A="B", B="A")
    stranger = await RtpPhone.open(STRANGER_HZ)
    try:
        stranger.point("127.0.0.1", stage.ports["A"])
        await stage.phones["A"].wait_for_packets(40)
        await stage.hears(A="B", B="A")
        assert not stranger.received
    finally:
        await stranger.close()
    await stage.link.ask(m.CloseStream(n=0, call=stage.calls["A"]))
    told = await stage.fact(m.StreamStatistics, call=stage.calls["A"], last=True)
    assert told.packets_refused >= 30


async def test_what_was_learnt_is_kept_after_the_first_seconds(stage: Stage) -> None:
    """From an address that was never announced, too, only the one that was caught is heard once the latch has closed."""
    await stage.party("AB")
    await stage.link.ask(m.CloseStream(n=0, call=stage.calls["A"]))
    announced = await RtpPhone.open()
    opened = await stage.link.ask(stage.opening("A", remote_port=announced.port), m.Opened)
    await announced.close()
    stage.phones["A"].point("127.0.0.1", opened.port)
    await stage.everybody_talks()
    await stage.hears(A="B", B="A")
    await stage.phones["A"].wait_for_packets(170, within_s=20)  # 3.4 s
    stranger = await RtpPhone.open(STRANGER_HZ)
    try:
        stranger.point("127.0.0.1", opened.port)
        await stage.phones["A"].wait_for_packets(40)
        await stage.hears(A="B", B="A")
        assert not stranger.received
    finally:
        await stranger.close()


async def test_a_reinvite_opens_the_latch_again(stage: Stage) -> None:
    await stage.party("AB")
    await stage.everybody_talks()
    await stage.hears(A="B", B="A")
    old, elsewhere, announced = stage.phones["A"], await RtpPhone.open(MUSIC_HZ), await RtpPhone.open()
    try:
        await stage.link.ask(stage.changing("A", remote_port=announced.port))
        await announced.close()
        await old.pause()
        elsewhere.point("127.0.0.1", stage.ports["A"])
        stage.phones["A"] = elsewhere
        await stage.hears(A="B", B="music")
    finally:
        await old.close()


async def test_garbage_is_counted_and_the_conversation_goes_on(stage: Stage) -> None:
    await stage.party("AB")
    await stage.everybody_talks()
    await stage.hears(A="B", B="A")
    phone, dice = stage.phones["A"], random.Random(7)
    for number in range(500):
        phone.send_raw(dice.randbytes(dice.randrange(0, 300)))
        if number % 20 == 0:
            await phone.wait_for_packets(1)  # no more than a socket's buffer takes
    wrong_type = Packet(77, 1, 1, 1, b"x" * 160).pack()
    for _ in range(20):
        phone.send_raw(wrong_type)
    cut = Packet(0, 1, 1, 1, b"").pack()
    for length in range(12):
        phone.send_raw(cut[:length])
    await stage.hears(A="B", B="A")
    await stage.link.ask(m.CloseStream(n=0, call=stage.calls["A"]))
    told = await stage.fact(m.StreamStatistics, call=stage.calls["A"], last=True)
    assert told.packets_refused >= 400
