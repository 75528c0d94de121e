"""Transcriptions: their life, who is owed word of it, and what is left of them after a span was silenced."""

from __future__ import annotations

from dataclasses import replace

from roomtone.core import transcription as machine
from roomtone.core.call.state import Call
from roomtone.core.ids import CallId, ProjectId, RecordingId, TranscriptionId
from roomtone.core.moment import Moment
from roomtone.core.notices import notice_from_json, notice_to_json
from roomtone.core.recording.state import Recording, RecordingSource, RecordingStatus
from roomtone.core.recording.wishes import Transcribing
from roomtone.core.transcription import Heard, Segment, TranscriptionStatus
from roomtone.core.values import Caller, Document, Method

NOW = Moment(1_000_000, 1)
RECORDING = Recording(
    RecordingId(5),
    ProjectId(2),
    1,
    1,
    RecordingSource.RECORD_VERB,
    RecordingStatus.COMPLETED,
    CallId(3),
    duration_ms=4_000,
    transcribing=Transcribing("https://app.example/said"),
)
CALL = Call(CallId(3), ProjectId(2), Caller("+1", "+2"), 1, 1, script="where it stands")
FRESH = machine.begun(TranscriptionId(9), RECORDING, Document("https://app.example/said"), NOW)


def said(from_ms: int, to_ms: int, text: str = "word", voice: str = "mix") -> Segment:
    return Segment(from_ms, to_ms, text, voice)


def test_what_a_record_wishes_is_begun_once_it_is_over_under_the_same_id() -> None:
    made = machine.of_verb(RECORDING, NOW)
    assert made is not None
    assert (made.recording, made.call, made.duration_ms, made.due_ms) == (
        RecordingId(5),
        CallId(3),
        4_000,
        1_000_000,
    )
    assert made.callback == Document("https://app.example/said", Method.POST)
    assert machine.of_verb(RECORDING, NOW) == made
    quiet = machine.of_verb(replace(RECORDING, transcribing=Transcribing()), NOW)
    assert quiet is not None
    assert quiet.callback is None
    assert machine.of_verb(replace(RECORDING, transcribing=None), NOW) is None
    assert machine.of_verb(replace(RECORDING, duration_ms=None), NOW) is None


def test_it_is_tried_three_times_ever_later() -> None:
    one, rests = FRESH, []
    for _ in range(machine.TRIES):
        one = machine.failed(machine.tried(one, NOW, 60_000), "it broke", NOW)
        rests.append(one.due_ms)
    assert rests == [1_030_000, 1_300_000, None]
    assert (one.status, one.problem, one.tries) == (TranscriptionStatus.FAILED, "it broke", 3)
    assert machine.failed(FRESH, "gone", NOW, for_good=True).over


def test_each_change_counts() -> None:
    begun = machine.tried(FRESH, NOW, 60_000)
    done = machine.completed(begun, Heard((said(0, 9),)), NOW)
    assert [FRESH.revision, begun.revision, done.revision] == [0, 1, 2]
    assert (begun.due_ms, begun.over, done.due_ms, done.over) == (1_060_000, False, None, True)


def test_each_turn_of_a_speaker_is_a_line_in_the_order_of_time() -> None:
    ann = Heard((said(0, 500, "good", "left"), said(2_000, 2_500, "fine", "left")), "en")
    bob = Heard((said(1_000, 1_500, "how are you", "right"), said(500, 600, "morning", "left")))
    done = machine.completed(FRESH, machine.merged([bob, ann]), NOW)
    assert done.text == "good morning\nhow are you\nfine"
    assert done.heard.language == "en"


def test_word_is_owed_of_its_end_alone_and_keeps_its_shape() -> None:
    assert machine.notices(FRESH, RECORDING, CALL, NOW) == ()
    done = machine.completed(FRESH, Heard((said(0, 9),)), NOW)
    (told,) = machine.notices(done, RECORDING, CALL, NOW)
    assert (told.url, told.method, told.lane, told.sequence) == (
        "https://app.example/said", Method.POST, TranscriptionId(9), 0,
    )  # fmt: skip
    assert told.call == replace(CALL, script=None), "where a call stood in its document is nobody's business"
    assert notice_from_json(notice_to_json(told)) == told
    assert machine.notices(replace(done, callback=None), None, None, NOW) == ()


def test_what_was_said_in_a_silenced_span_is_forgotten() -> None:
    done = machine.completed(FRESH, Heard((said(0, 900), said(900, 1_500), said(1_500, 2_000))), NOW)
    left = machine.silenced(done, 1_000, 1_200, NOW)
    assert [one.from_ms for one in left.heard.segments] == [0, 1_500]
    assert left.revision == done.revision + 1
    assert machine.silenced(done, 2_000, 3_000, NOW) is done
    begun = machine.tried(FRESH, NOW, 60_000)
    again = machine.silenced(begun, 0, 1, NOW)
    assert (again.due_ms, again.tries, again.revision) == (NOW.wall_ms, 0, 2), (
        "what is being made is made anew"
    )
