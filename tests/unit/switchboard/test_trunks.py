"""Trunks at work: limits, who is there, and whose calls are believed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from roomtone.core.call.messages import PeerReplied
from roomtone.core.entrance import Entrance
from roomtone.core.ids import CallId
from roomtone.core.refusals import Reason, Refused
from roomtone.core.routing import Trunk
from roomtone.switchboard.calling import Calling, Outward
from roomtone.switchboard.trunks import Trunks
from roomtone.testing.recorders import RecordingSignalling

from .conftest import Board

CARRIER = Trunk(
    "sip:one.example",
    ("+",),
    name="carrier",
    others=("sip:192.0.2.7",),
    calls=2,
    options_s=30,
    allow=("198.51.100.0/24",),
)


def trunks(board: Board, *these: Trunk) -> Trunks:
    return Trunks(these, board.store, board.signalling, board.clock, board.dice, Entrance())


async def test_a_trunk_carries_as_many_calls_as_it_may(board: Board) -> None:
    one = trunks(board, CARRIER)
    for number in (1, 2):
        one.took(CallId(number), await one.way("+15550100"))
    with pytest.raises(Refused):
        await one.way("+15550100")
    one.ended(CallId(1))
    assert (await one.way("+15550100")).trunk == "carrier"


async def test_a_trunk_is_sent_so_many_calls_a_second_and_another_takes_the_rest(board: Board) -> None:
    slow = Trunk("sip:slow.example", ("+1",), calls_per_s=1)
    one = trunks(board, slow, Trunk("sip:other.example", ("+",)))
    first = await one.way("+15550100")
    one.took(CallId(1), first)
    assert (first.address, (await one.way("+15550100")).address) == ("sip:slow.example", "sip:other.example")
    board.clock.advance(1.0)
    assert (await one.way("+15550100")).address == "sip:slow.example"


async def test_who_does_not_answer_is_skipped_and_comes_back(board: Board) -> None:
    one = trunks(board, CARRIER)
    await one._look()
    (first, uri), _ = board.signalling.probes
    assert uri == "sip:one.example"
    one.replied(PeerReplied(first, 408, "nobody"))
    way = await one.way("+15550100")
    assert (way.address, way.otherwise) == ("sip:192.0.2.7", ())
    board.clock.advance(31.0)
    await one._look()
    again = next(request for request, asked in board.signalling.probes[2:] if asked == uri)
    one.replied(PeerReplied(again, 404, "there, at least"))
    way = await one.way("+15550100")
    assert [way.address, way.otherwise[0].address] == ["sip:one.example", "sip:192.0.2.7"]


async def test_a_removed_trunk_is_believed_no_more_while_the_names_of_others_are_slow(board: Board) -> None:
    entrance = Entrance()
    one = Trunks((), board.store, board.signalling, board.clock, board.dice, entrance)
    await board.store.add_trunk(CARRIER, 0)
    await one.heed()
    assert entrance.is_trunk("198.51.100.44")
    await board.store.add_trunk(replace(CARRIER, name="slow", allow=()), 0)
    await board.store.remove_trunk(CARRIER.name)
    board.signalling.locate = SlowNames().locate  # type: ignore[method-assign]
    await one.heed(within_s=0.01)
    assert not entrance.is_trunk("198.51.100.44")


async def test_calls_of_a_trunk_come_from_its_addresses_and_networks(board: Board) -> None:
    board.signalling.addresses = {"one.example": ("203.0.113.9",), "192.0.2.7": ("192.0.2.7",)}
    entrance = Entrance()
    one = Trunks((CARRIER,), board.store, board.signalling, board.clock, board.dice, entrance)
    await one._look()
    assert all(entrance.is_trunk(host) for host in ("203.0.113.9", "192.0.2.7", "198.51.100.44"))
    assert not entrance.is_trunk("203.0.113.10")


async def test_a_change_is_heeded_at_once(board: Board) -> None:
    entrance = Entrance()
    one = Trunks((), board.store, board.signalling, board.clock, board.dice, entrance)
    await one._look()
    await board.store.add_trunk(CARRIER, 1)
    await one.heed()
    assert entrance.is_trunk("198.51.100.44")
    assert (await one.way("+15550100")).trunk == "carrier"
    await board.store.remove_trunk("carrier")
    await one.heed()
    assert not entrance.is_trunk("198.51.100.44")


class SlowNames(RecordingSignalling):
    """Never says where a name leads."""

    def __init__(self) -> None:
        super().__init__()
        self.sought = asyncio.Event()

    async def locate(self, host: str) -> Sequence[str]:
        del host
        self.sought.set()
        await asyncio.Event().wait()
        raise AssertionError


async def test_slow_names_hold_up_nobody_who_changes_a_trunk_and_are_looked_up_again(board: Board) -> None:
    names = SlowNames()
    one = Trunks((CARRIER,), board.store, names, board.clock, board.dice, Entrance())
    await one.heed(0.01)
    assert names.sought.is_set()
    names.sought.clear()
    looking = asyncio.ensure_future(one._look())
    async with asyncio.timeout(5):
        await names.sought.wait()
    looking.cancel()


async def test_who_is_not_asked_any_more_is_not_known_to_be_gone(board: Board) -> None:
    one = trunks(board)
    await board.store.add_trunk(CARRIER, 1)
    await one._look()
    assert one.answers("sip:one.example") is None
    for request, _ in board.signalling.probes:
        one.replied(PeerReplied(request, 408, "nobody"))
    assert one.answers("sip:one.example") is False
    await board.store.change_trunk("carrier", lambda stored: replace(stored, options_s=0.0))
    await one.heed()
    assert one.answers("sip:one.example") is None


@pytest.mark.parametrize("fault", [Refused(Reason.UNAVAILABLE, problem="away"), asyncio.CancelledError()])
async def test_a_call_that_could_not_be_begun_takes_no_place(board: Board, fault: BaseException) -> None:
    one = trunks(board, CARRIER)
    calling = Calling(Outward((CARRIER,), 0), None, one)
    one.took(CallId(1), await one.way("+15550100"))
    one.took(CallId(2), await one.way("+15550100"))
    with pytest.raises(type(fault)), calling.unless_failed(CallId(2)):
        raise fault
    assert (await one.way("+15550100")).trunk == "carrier"
