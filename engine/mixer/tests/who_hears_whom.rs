//! Who hears whom, by pitch, in virtual time; and that nothing leaks when a plan takes the place of another.

use crate::world::{level, tone, Voice, World, ROOM};
use mixer::plan::{Hears, SeatOrder, Talks};
use mixer::source::Content;
use mixer::{Change, ConferenceId, SourceId, StreamId};

const MUSIC: SourceId = SourceId(3);
const ANNOUNCEMENT: SourceId = SourceId(4);
const PITCHES: [f64; 5] = [300.0, 500.0, 800.0, 1_250.0, 1_900.0];

fn party(size: usize) -> World {
    let mut world = World::default();
    for hz in &PITCHES[..size] {
        world.phone(Voice::Tone(*hz));
    }
    world
}

/// Apply a plan in which seat 0 is as given and all others are in the room, and say who hears whom then.
fn with_first(size: usize, change: impl Fn(&mut SeatOrder)) -> Vec<String> {
    let mut world = party(size);
    world.start(MUSIC, tone(2_500.0));
    let mut seats = world.all_in_room();
    change(&mut seats[0]);
    world.apply(ROOM, &seats);
    world.run_ms(1_000);
    world.who_hears_whom()
}

/// What everybody hears of a party of this size without themselves and without `unheard`.
fn all_but(size: usize, unheard: &str) -> Vec<String> {
    let others = |listener: usize| {
        (0..size)
            .filter(|n| *n != listener)
            .map(|n| n.to_string())
            .filter(|n| !unheard.contains(n))
            .collect()
    };
    (0..size).map(others).collect()
}

#[test]
fn in_a_room_everybody_hears_everybody_else() {
    for size in [2, 3, 5] {
        assert_eq!(with_first(size, |_| {}), all_but(size, ""));
    }
}

#[test]
fn the_muted_hear_and_are_not_heard() {
    for size in [2, 3, 5] {
        assert_eq!(
            with_first(size, |seat| seat.talks = Talks::Nobody),
            all_but(size, "0")
        );
    }
}

#[test]
fn the_held_hear_music_alone_and_are_not_heard() {
    for size in [2, 3, 5] {
        let mut world = party(size);
        world.start(MUSIC, tone(2_500.0));
        let mut seats = world.all_in_room();
        (seats[0].talks, seats[0].hears) = (Talks::Nobody, Hears::Source(MUSIC));
        world.apply(ROOM, &seats);
        world.run_ms(1_000);
        let mut expected = all_but(size, "0");
        expected[0].clear();
        assert_eq!(world.who_hears_whom(), expected);
        assert!(world.phones[0].hears(2_500.0));
        assert!(!world.phones[1].hears(2_500.0));
    }
}

#[test]
fn a_whisper_reaches_one_and_the_whisperer_hears_the_room() {
    for size in [3, 5] {
        let mut expected = all_but(size, "0");
        expected[1].insert(0, '0');
        assert_eq!(
            with_first(size, |seat| seat.talks = Talks::To(StreamId(1))),
            expected
        );
    }
}

#[test]
fn a_whisper_to_somebody_without_a_seat_reaches_nobody() {
    assert_eq!(
        with_first(3, |seat| seat.talks = Talks::To(StreamId(60))),
        all_but(3, "0")
    );
    assert_eq!(with_first(3, |seat| seat.talks = Talks::Absent), all_but(3, "0"));
}

#[test]
fn who_talks_to_themselves_hears_themselves_and_nobody_else_does() {
    assert_eq!(
        with_first(3, |seat| seat.talks = Talks::To(StreamId(0))),
        ["012", "2", "1"]
    );
}

#[test]
fn a_whisper_to_the_held_reaches_nobody() {
    let mut world = party(3);
    world.start(MUSIC, tone(2_500.0));
    let mut seats = world.all_in_room();
    seats[0].talks = Talks::To(StreamId(1));
    (seats[1].talks, seats[1].hears) = (Talks::Nobody, Hears::Source(MUSIC));
    world.apply(ROOM, &seats);
    world.run_ms(1_000);
    assert_eq!(world.who_hears_whom(), ["2", "", ""]);
}

#[test]
fn who_hears_nothing_hears_nothing_and_is_heard() {
    let mut expected = all_but(3, "");
    expected[0].clear();
    assert_eq!(with_first(3, |seat| seat.hears = Hears::Nothing), expected);
}

#[test]
fn an_overlay_plays_over_the_room_and_over_music_in_one_ear() {
    let mut world = party(3);
    world.start(MUSIC, tone(2_500.0));
    world.start(ANNOUNCEMENT, tone(3_100.0));
    let mut seats = world.all_in_room();
    seats[0].overlays = vec![ANNOUNCEMENT];
    (seats[1].talks, seats[1].hears) = (Talks::Nobody, Hears::Source(MUSIC));
    seats[1].overlays = vec![ANNOUNCEMENT];
    world.apply(ROOM, &seats);
    world.run_ms(1_000);
    assert_eq!(world.who_hears_whom(), ["2", "", "0"]);
    let hears = |hz| {
        world
            .phones
            .iter()
            .map(|phone| phone.hears(hz))
            .collect::<Vec<_>>()
    };
    assert_eq!(hears(3_100.0), [true, true, false]);
    assert_eq!(hears(2_500.0), [false, true, false]);
}

#[test]
fn conferences_do_not_hear_one_another_and_a_stream_sits_where_it_was_named_last() {
    let mut world = party(4);
    let seats = world.all_in_room();
    world.apply(ROOM, &seats[..3]);
    world.apply(ConferenceId(1), &seats[2..]);
    world.run_ms(1_000);
    assert_eq!(world.who_hears_whom(), ["1", "0", "3", "2"]);
    world.change(Change::Drop(ConferenceId(1)));
    world.run_ms(1_000);
    assert_eq!(
        world.who_hears_whom(),
        ["1", "0", "", ""],
        "a dropped conference falls silent"
    );
}

#[test]
fn who_is_in_no_plan_hears_and_says_nothing() {
    let mut world = party(3);
    let seats = world.all_in_room();
    world.apply(ROOM, &seats);
    world.run_ms(500);
    world.apply(ROOM, &seats[..2]);
    world.run_ms(1_000);
    assert_eq!(world.who_hears_whom(), ["1", "0", ""]);
}

#[test]
fn those_who_hear_the_same_hear_it_bit_for_bit_as_those_who_have_a_mix_of_their_own() {
    let mut world = World::default();
    world.phone(Voice::Tone(300.0));
    world.phone(Voice::Tone(500.0));
    for _ in 0..4 {
        world.phone(Voice::Silence);
    }
    let mut seats = world.all_in_room();
    seats[3].talks = Talks::Nobody;
    world.start(ANNOUNCEMENT, Content::Silence { duration_ms: 0 });
    // An overlay of silence changes nothing but takes this listener out of those who share.
    seats[4].overlays = vec![ANNOUNCEMENT];
    world.apply(ROOM, &seats);
    world.run_ms(500);
    world.forget();
    world.run_ms(500);
    let coded = |number: usize| -> Vec<u8> {
        world.phones[number]
            .got
            .iter()
            .flat_map(|got| got.payload.clone())
            .collect()
    };
    assert!(coded(2) == coded(4));
    assert!(coded(3) == coded(5));
    assert!(world.phones[2].hears(300.0) && world.phones[2].hears(500.0));
}

#[test]
fn a_beep_is_heard_by_those_named_once_and_by_nobody_else() {
    let mut world = party(3);
    let seats = world.all_in_room();
    world.apply(ROOM, &seats);
    world.run_ms(500);
    world.forget();
    let beep = Content::Tone {
        hz: 2_500.0,
        level_db: -12.0,
        duration_ms: 200,
    };
    world.beep(ROOM, beep, &[StreamId(0), StreamId(2)]);
    world.run_ms(500);
    let beeped = |number: usize| {
        let heard = world.phones[number].heard();
        let parts = heard.chunks_exact(160).map(|part| level(part, 2_500.0) > 3_000.0);
        parts.filter(|is_loud| *is_loud).count()
    };
    assert_eq!(
        [beeped(0), beeped(1), beeped(2)],
        [10, 0, 10],
        "200 ms are ten frames"
    );
    assert_eq!(world.who_hears_whom(), all_but(3, ""));
}

#[test]
fn more_beeps_than_there_is_room_for_end_the_oldest_and_disturb_nothing() {
    let mut world = party(2);
    let seats = world.all_in_room();
    world.apply(ROOM, &seats);
    for _ in 0..30 {
        world.beep(
            ROOM,
            Content::Tone {
                hz: 2_500.0,
                level_db: -30.0,
                duration_ms: 100,
            },
            &[StreamId(0)],
        );
    }
    world.run_ms(1_000);
    assert_eq!(world.who_hears_whom(), all_but(2, ""));
    assert!(!world.phones[0].hears(2_500.0));
}

// Transitions: the one whose voice must not be heard says 8000 in every sample, the others say 100. --------------------

const SECRET: i16 = 8_000;
const PLAIN: i16 = 100;
/// No sum of plain voices comes near this, and every sum with the secret one exceeds it.
const LEAK: u16 = 2_000;

fn coach_and_two() -> (World, Vec<SeatOrder>) {
    let mut world = World::default();
    world.phone(Voice::Level(SECRET));
    world.phone(Voice::Level(PLAIN));
    world.phone(Voice::Level(PLAIN));
    let seats = world.all_in_room();
    (world, seats)
}

#[test]
fn no_sample_of_a_whisper_comes_into_the_room_however_the_plans_change() {
    let (mut world, seats) = coach_and_two();
    world.phones[0].weather.lost = 20;
    world.phones[0].weather.jitter_ms = 40;
    let with = |talks: Talks| {
        let mut seats = seats.clone();
        seats[0].talks = talks;
        seats
    };
    world.apply(ROOM, &with(Talks::Nobody));
    world.run_ms(300);
    for round in 0..200 {
        let talks = [Talks::To(StreamId(1)), Talks::Nobody, Talks::Absent][round % 3];
        world.apply(ROOM, &with(talks));
        world.run_ms(5 + 5 * (round as u64 % 13));
    }
    assert!(world.phones[1].loudest() > LEAK, "the coached did hear it");
    assert!(world.phones[2].loudest() < LEAK);
    assert!(world.phones[0].loudest() < LEAK, "and nobody hears themselves");
}

#[test]
fn no_sample_of_the_room_reaches_the_held_from_the_first_frame_after_the_switch() {
    let (mut world, mut seats) = coach_and_two();
    for held_frames in 1..40 {
        seats[1].hears = Hears::Room;
        world.apply(ROOM, &seats);
        world.run_ms(100);
        assert!(world.phones[1].loudest() > LEAK);
        seats[1].hears = Hears::Source(MUSIC);
        world.forget();
        world.apply(ROOM, &seats);
        world.run_ms(5 * held_frames);
        assert!(world.phones[1].loudest() < LEAK);
    }
}

#[test]
fn no_sample_of_the_muted_is_heard_from_the_first_frame_after_the_switch() {
    let (mut world, mut seats) = coach_and_two();
    world.phones[0].weather.lost = 30;
    for muted_frames in 1..40 {
        seats[0].talks = Talks::Room;
        world.apply(ROOM, &seats);
        world.run_ms(200);
        seats[0].talks = Talks::Nobody;
        world.forget();
        world.apply(ROOM, &seats);
        world.run_ms(5 * muted_frames);
        assert!(world.phones[1].loudest() < LEAK && world.phones[2].loudest() < LEAK);
    }
}

#[test]
fn what_was_whispered_is_not_repeated_to_the_room_when_packets_are_lost_after_the_switch() {
    let (mut world, mut seats) = coach_and_two();
    seats[0].talks = Talks::To(StreamId(1));
    world.apply(ROOM, &seats);
    world.run_ms(500);
    // Everything said from now on is lost; what is in the buffer still comes, and belongs to the whisper's listener.
    world.phones[0].weather.lost = 100;
    world.run_ms(60);
    world.forget();
    seats[0].talks = Talks::Room;
    world.apply(ROOM, &seats);
    world.run_ms(200);
    assert!(world.phones[2].loudest() < LEAK);
}
