"""Connections: whom a registration came over, what is told of their end, and one for all who call the same peer.

Source: RFC 5626, section 5.3; RFC 5923.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid

from engine.brain import Brain
from engine.conftest import NewPhone
from engine.running import Running
from roomtone.link import messages as m


async def test_the_end_of_a_connection_is_told_if_somebody_registered_over_it(
    engine: Running, brain: Brain, new_phone: NewPhone
) -> None:
    silent, phone = await new_phone("TCP"), await new_phone("TCP")
    for one in (silent, phone):
        one.say("OPTIONS")
        await one.hears(200, "OPTIONS")
    phone.say("REGISTER")
    told = await brain.fact(m.Requested, sip_call_id=phone.call_id)
    assert told.flow is not None
    assert told.flow.partition(".")[0] == engine.ready["instance"]
    await silent.close()
    await phone.close()
    await brain.fact(m.FlowClosed, flow=told.flow)
    assert len(brain.told(m.FlowClosed)) == 1


async def test_over_udp_there_is_no_connection(brain: Brain, new_phone: NewPhone) -> None:
    phone = await new_phone()
    phone.say("REGISTER")
    assert (await brain.fact(m.Requested, sip_call_id=phone.call_id)).flow is None


async def test_many_calls_at_once_to_one_peer_share_a_connection(brain: Brain) -> None:
    calls, connections = {uuid.uuid4().hex for _ in range(20)}, []
    heard, all_came = b"", asyncio.Event()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal heard
        connections.append(writer)
        with contextlib.suppress(ConnectionError):
            while piece := await reader.read(65_536):
                heard += piece
                if sum(f"X-Call: {call}".encode() in heard for call in calls) == len(calls):
                    all_came.set()

    async with await asyncio.start_server(listen, "127.0.0.1", 0) as trunk:
        uri = f"sip:1@127.0.0.1:{trunk.sockets[0].getsockname()[1]};transport=tcp"
        for call in calls:
            brain.post(
                m.Invite, call=call, target_uri=uri, hop_uri=None, from_uri="sip:us@127.0.0.1", from_display="",
                to_uri=uri, username=None, password=None, sdp="v=0\r\n", ring_ms=60_000,
                headers=[m.Header(name="X-Call", value=call)],
            )  # fmt: skip
        await asyncio.wait_for(all_came.wait(), 20)
        assert len(connections) == 1
        for writer in connections:
            writer.close()


async def test_a_peer_that_takes_no_connection_fails_all_who_call_it(brain: Brain) -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    uri = f"sip:1@127.0.0.1:{server.sockets[0].getsockname()[1]};transport=tcp"
    server.close()
    await server.wait_closed()
    calls = [uuid.uuid4().hex for _ in range(5)]
    for call in calls:
        brain.post(
            m.Invite, call=call, target_uri=uri, hop_uri=None, from_uri="sip:us@127.0.0.1", from_display="",
            to_uri=uri, username=None, password=None, sdp="v=0\r\n", ring_ms=60_000, headers=[],
        )  # fmt: skip
    for call in calls:
        assert (await brain.fact(m.Ended, call=call, within_s=20)).by is m.EndedBy.TRANSPORT
