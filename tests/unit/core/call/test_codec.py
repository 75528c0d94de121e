"""Calls to and from stored text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.core.call.codec import call_from_json, call_to_json
from roomtone.core.call.state import Call, CallCallback, CallStatus, CallTopic, HangupParty
from roomtone.core.ids import CallId, ConferenceId, NumberId, ProjectId
from roomtone.core.values import Caller, Direction, Method

VERSION_1 = (
    '{"v":1,"id":"000000000000000000000000000000a0","project":"00000000000000000000000000000acc",'
    '"caller":{"from_":"+1","to":"+2","direction":"inbound","parent":null},"created_ms":1,"updated_ms":4,'
    '"status":"completed","started_ms":2,"ended_ms":3,"number":"00000000000000000000000000000007",'
    '"conference":null,"script":"{\\"v\\":1}","parameters":[["SipCallId","x"]],"hung_up_by":"peer","revision":9,'
    '"callback":{"url":"https://h/c","method":"GET","events":["answered","completed"]},"last_sequence":1,'
    '"sip_status":200,"queue_ms":7,"time_limit_s":null,"record":null,"recording":null}'
)
VERSION_1_BEFORE_CALLBACKS = VERSION_1.partition(',"callback"')[0] + "}"
CALL_1 = Call(
    CallId(0xA0), ProjectId(0xACC), Caller("+1", "+2"), 1, 4, CallStatus.COMPLETED, 2, 3, NumberId(7), None,
    '{"v":1}', (("SipCallId", "x"),), HangupParty.PEER, 9,
    CallCallback("https://h/c", Method.GET, frozenset({CallTopic.ANSWERED, CallTopic.COMPLETED})), 1, 200, 7,
)  # fmt: skip

bits = st.integers(0, 2**128 - 1)
times = st.integers(0, 2**50)
callers = st.builds(
    Caller,
    st.text(),
    st.text(),
    st.sampled_from(Direction),
    st.none() | st.text("0123456789abcdef", min_size=32),
)
callbacks = st.builds(
    CallCallback, st.text(), st.sampled_from(Method), st.frozensets(st.sampled_from(CallTopic))
)
calls = st.builds(
    Call, bits.map(CallId), bits.map(ProjectId), callers, times, times, st.sampled_from(CallStatus),
    st.none() | times, st.none() | times, st.none() | bits.map(NumberId), st.none() | bits.map(ConferenceId),
    st.none() | st.text(), st.lists(st.tuples(st.text(), st.text())).map(tuple),
    st.none() | st.sampled_from(HangupParty), st.integers(0, 2**40), st.none() | callbacks, st.integers(-1, 9),
    st.none() | st.integers(100, 699), times, st.none() | st.integers(0, 86_400),
)  # fmt: skip


@given(calls)
def test_a_call_comes_back_exactly(call):
    assert call_from_json(call_to_json(call)) == call


def test_version_1_is_written_and_read_as_it_always_was():
    assert call_to_json(CALL_1) == VERSION_1
    assert call_from_json(VERSION_1) == CALL_1


def test_a_call_of_the_time_before_callbacks_has_none():
    call = call_from_json(VERSION_1_BEFORE_CALLBACKS)
    assert (call.callback, call.last_sequence, call.sip_status) == (None, -1, None)


def test_a_call_of_another_version_is_named():
    with pytest.raises(ValueError, match="version 2"):
        call_from_json(VERSION_1.replace('"v":1', '"v":2', 1))
