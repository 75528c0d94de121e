from __future__ import annotations

from roomtone.link import messages as m
from roomtone.media.picture import Picture, Playing

FORMAT = m.Format(codec=m.Codec.PCMU, payload_type=0, digit_payload_type=101, ptime_ms=20)
SILENCE = m.Content(clip=None, loops=1, tone_hz=None, level_db=0.0, duration_ms=0)


def plan(revision: int) -> m.ApplyPlan:
    return m.ApplyPlan(n=0, conference="c", revision=revision, seats=[], speech=False)


def state(port: int) -> m.StreamState:
    return m.StreamState(
        call="a",
        port=port,
        format=FORMAT,
        remote_host="127.0.0.1",
        remote_port=4_000,
        flow=m.Flow.SENDRECV,
        conference=None,
    )


def test_the_plan_of_the_highest_revision_counts() -> None:
    picture = Picture()
    for revision in (2, 3, 1):
        picture.plan(plan(revision))
    assert picture.plans == {"c": plan(3)}


def test_what_has_ended_is_forgotten_unless_something_else_plays_there() -> None:
    picture = Picture()
    playing = Playing(m.StartSource(n=0, source="s", turn=4, content=SILENCE), None)
    picture.sources["s"] = playing
    picture.ended("s", 2)
    picture.ended("other", 4)
    assert picture.sources == {"s": playing}
    picture.ended("s", 4)
    assert picture.sources == {}


def test_a_stream_of_an_earlier_brain_is_known_as_the_engine_has_it() -> None:
    picture = Picture()
    picture.learn([state(20_000)])
    picture.learn([state(20_002)])
    assert picture.streams["a"].port == 20_000, "what is known is not learned again"
    moved = m.ChangeStream(
        n=0, call="a", format=FORMAT, remote_host="127.0.0.2", remote_port=5_000, flow=m.Flow.SENDONLY
    )
    picture.changed(moved)
    stream = picture.streams["a"]
    assert (stream.port, stream.remote_host, stream.remote_port, stream.flow) == (
        20_000,
        "127.0.0.2",
        5_000,
        m.Flow.SENDONLY,
    )
