//! What recordings and listening servers are given: who is in it and who is not, and that all of it lies on one clock.

use std::collections::BTreeMap;

use crate::world::{level_at, seat, tone, Voice, World, ROOM};
use mixer::codec::Codec;
use mixer::plan::{Hears, Talks};
use mixer::{Change, ConferenceId, Ear, RoomTap, SourceId, StreamId, Tap};

const ROOM_MARK: u32 = 1_000;
const SOURCE_MARK: u32 = 2_000;

/// Listen to everything of everybody; a phone's mark is its number.
fn listen(world: &mut World) {
    for number in 0..world.phones.len() as u32 {
        let tap = [Ear::In, Ear::Said, Ear::Out]
            .into_iter()
            .fold(Tap::marked(number), Tap::with);
        world.change(Change::TapStream(StreamId(number), tap));
    }
    listen_to_room(world, None);
}

fn listen_to_room(world: &mut World, source: Option<SourceId>) {
    let mut tap = RoomTap {
        room: Some(ROOM_MARK),
        ..RoomTap::default()
    };
    tap.sources[0] = source.map(|source| (source, SOURCE_MARK));
    world.change(Change::TapRoom(ROOM, tap));
}

/// Phones in the room, of which each has a pitch of its own: 400, 500 ...
fn room_of(codecs: &[Codec]) -> World {
    let mut world = World::default();
    for (number, codec) in codecs.iter().enumerate() {
        world.phone_of(*codec, Voice::Tone(pitch(number)));
    }
    let seats = world.all_in_room();
    world.apply(ROOM, &seats);
    listen(&mut world);
    world
}

fn pitch(number: usize) -> f64 {
    400.0 + 100.0 * number as f64
}

/// What one ear has heard in the last second, one frame after the other.
fn heard(world: &World, mark: u32, ear: Ear) -> (Vec<i16>, u32) {
    let since = world.now().us().saturating_sub(1_000_000);
    let frames = world.post.heard.iter();
    let mut rate_hz = 8_000;
    let frames = frames.filter(|it| (it.mark, it.ear) == (mark, ear) && it.us >= since);
    let samples = frames.flat_map(|it| {
        rate_hz = it.rate_hz;
        it.frame.clone()
    });
    (samples.collect(), rate_hz)
}

/// The numbers of the phones whose pitch is heard there, one digit each; "m" for the music at 2 kHz.
fn pitches(world: &World, mark: u32, ear: Ear) -> String {
    let (sound, rate_hz) = heard(world, mark, ear);
    let there = |hz: f64| sound.len() > 4_000 && level_at(&sound, hz, rate_hz) > 1_000.0;
    let voices = (0..world.phones.len()).filter(|number| there(pitch(*number)));
    let music = there(2_000.0).then_some("m".to_owned());
    voices.map(|number| number.to_string()).chain(music).collect()
}

/// After a change, what is heard in the room, what each says to it, and what comes from each.
fn told(world: &mut World) -> (String, Vec<String>, Vec<String>) {
    world.run_ms(1_500);
    let each = |ear| {
        (0..world.phones.len() as u32)
            .map(|mark| pitches(world, mark, ear))
            .collect()
    };
    (
        pitches(world, ROOM_MARK, Ear::Room),
        each(Ear::Said),
        each(Ear::In),
    )
}

fn rows(rows: [&str; 4]) -> Vec<String> {
    rows.map(str::to_owned).to_vec()
}

#[test]
fn in_the_room_are_those_who_talk_to_it_and_no_music_whisper_or_beep() {
    for codecs in [
        [Codec::Pcmu; 4],
        [Codec::G722; 4],
        [Codec::Pcmu, Codec::Opus, Codec::Opus, Codec::G722],
    ] {
        let mut world = room_of(&codecs);
        let all = rows(["0", "1", "2", "3"]);
        assert_eq!(
            told(&mut world),
            ("0123".into(), all.clone(), all.clone()),
            "{codecs:?}"
        );
        world.start(SourceId(0), tone(2_000.0));
        let mut seats = world.all_in_room();
        // Held with music, muted, a coach.
        (seats[0].hears, seats[0].talks) = (Hears::Source(SourceId(0)), Talks::Nobody);
        seats[1].talks = Talks::Nobody;
        seats[2].talks = Talks::To(StreamId(3));
        world.apply(ROOM, &seats);
        world.beep(ROOM, tone_for(900), &[StreamId(3)]);
        let said = rows(["", "", "", "3"]);
        assert_eq!(told(&mut world), ("3".into(), said, all.clone()), "{codecs:?}");
        let sent = |number| pitches(&world, number, Ear::Out);
        assert_eq!(
            [sent(0), sent(1), sent(2), sent(3)],
            ["m", "3", "3", "2m"],
            "{codecs:?}"
        );
        world.apply(ROOM, &world.all_in_room());
        assert_eq!(told(&mut world), ("0123".into(), all.clone(), all), "{codecs:?}");
    }
}

fn tone_for(ms: u32) -> mixer::source::Content {
    mixer::source::Content::Tone {
        hz: 2_000.0,
        level_db: -10.0,
        duration_ms: ms,
    }
}

#[test]
fn what_is_sent_is_what_the_phone_hears_whatever_the_way_to_it() {
    for codecs in [
        [Codec::Pcmu; 3],
        [Codec::L16Wide; 3],
        [Codec::Pcmu, Codec::G722, Codec::Opus],
    ] {
        let mut world = room_of(&codecs);
        world.phones[2].voice = Voice::Silence;
        world.run_ms(2_000);
        for (number, phone) in world.phones.iter().enumerate() {
            let (sent, rate_hz) = heard(&world, number as u32, Ear::Out);
            for hz in [pitch(0), pitch(1)] {
                let (said, got) = (level_at(&sent, hz, rate_hz), phone.level(1_000, hz));
                assert!(
                    (said - got).abs() < 400.0,
                    "{codecs:?}, {number}: {said} at {hz}, {got}"
                );
            }
        }
    }
}

#[test]
fn a_call_is_heard_in_the_lobby_and_after_it_has_gone_to_another_thread() {
    let mut world = World::default();
    world.phone_of(Codec::G722, Voice::Tone(pitch(0)));
    listen(&mut world);
    world.run_ms(1_500);
    assert_eq!(pitches(&world, 0, Ear::In), "0");
    assert!(heard(&world, 0, Ear::Said).0.is_empty() && heard(&world, 0, Ear::Out).0.is_empty());
    let mut other = World::default();
    std::mem::swap(&mut world.mixer, &mut other.mixer);
    let stream = other.mixer.take_out(StreamId(0), &mut other.post).unwrap();
    world.change(Change::Open(StreamId(0), stream, 1));
    world.apply(ConferenceId(3), &[seat(StreamId(0))]);
    world.run_ms(1_500);
    assert_eq!(
        (pitches(&world, 0, Ear::In), pitches(&world, 0, Ear::Said)),
        ("0".into(), "0".into())
    );
    world.switch(0, Codec::Pcmu);
    world.run_ms(1_500);
    assert_eq!(pitches(&world, 0, Ear::In), "0");
    assert_eq!(heard(&world, 0, Ear::In).1, 8_000);
    world.change(Change::TapStream(StreamId(0), Tap::default()));
    world.post.heard.clear();
    world.run_ms(500);
    assert!(world.post.heard.is_empty());
}

#[test]
fn an_announcement_is_told_where_it_plays_and_begins_for_nobody_who_only_listens() {
    let mut world = room_of(&[Codec::Pcmu, Codec::Pcmu]);
    listen_to_room(&mut world, Some(SourceId(1)));
    world.run_ms(200);
    world.start(SourceId(1), tone_for(400));
    let mut seats = world.all_in_room();
    seats[0].overlays = vec![SourceId(1)];
    world.apply(ROOM, &seats);
    world.post.heard.clear();
    world.run_ms(1_000);
    let of = |mark, ear| -> BTreeMap<u64, Vec<i16>> {
        let frames = world
            .post
            .heard
            .iter()
            .filter(move |it| (it.mark, it.ear) == (mark, ear));
        frames.map(|it| (it.us, it.frame.clone())).collect()
    };
    let (announced, sent, other) = (of(SOURCE_MARK, Ear::Source), of(0, Ear::Out), of(1, Ear::Said));
    assert_eq!(announced.len(), 20, "400 ms of it");
    for (us, frame) in &announced {
        let sum: Vec<i16> = frame.iter().zip(&other[us]).map(|(a, b)| a + b).collect();
        assert_eq!(sum, sent[us], "as it is heard, sample by sample");
    }
}

#[test]
fn tracks_and_mix_lie_on_one_clock_for_an_hour_of_drifting_phones() {
    let mut world = room_of(&[Codec::Pcmu, Codec::Pcma]);
    for (phone, ppm) in world.phones.iter_mut().zip([200, -200]) {
        phone.drift_ppm = ppm;
        phone.weather.jitter_ms = 15;
    }
    let mut compared = 0;
    for minute in 0..60 {
        world.forget();
        world.post.heard.clear();
        world.post.reports.clear();
        world.post.facts.clear();
        world.run_ms(60_000);
        let mut sums: BTreeMap<u64, Vec<i16>> = BTreeMap::new();
        for said in world.post.heard.iter().filter(|it| it.ear == Ear::Said) {
            let sum = sums.entry(said.us).or_insert_with(|| vec![0; said.frame.len()]);
            sum.iter_mut()
                .zip(&said.frame)
                .for_each(|(total, sample)| *total += sample);
        }
        for room in world.post.heard.iter().filter(|it| it.ear == Ear::Room) {
            assert_eq!(sums[&room.us], room.frame, "minute {minute}, {} us", room.us);
            compared += 1;
        }
    }
    assert!(compared > 60 * 2_900, "{compared}");
}

#[test]
fn an_impulse_is_at_the_same_sample_of_its_track_and_of_the_mix_whatever_the_rate_of_the_mix() {
    let mut world = room_of(&[Codec::Pcmu, Codec::G722, Codec::Opus, Codec::Opus]);
    for phone in &mut world.phones {
        phone.voice = Voice::Silence;
    }
    let mut rates = Vec::new();
    for who in [&[0][..], &[0, 1], &[0, 2, 3], &[0, 1], &[0]] {
        let seats: Vec<_> = who.iter().map(|number| seat(StreamId(*number))).collect();
        world.apply(ROOM, &seats);
        world.run_ms(500);
        world.post.heard.clear();
        world.phones[0].voice = Voice::Level(9_000);
        world.run_ms(20);
        world.phones[0].voice = Voice::Silence;
        world.run_ms(500);
        let of = |mark, ear| {
            let frames = world
                .post
                .heard
                .iter()
                .filter(move |it| (it.mark, it.ear) == (mark, ear));
            frames
                .map(|it| (it.us, it.rate_hz, it.frame.clone()))
                .collect::<Vec<_>>()
        };
        let said = of(0, Ear::Said);
        assert!(!said.is_empty());
        assert_eq!(said, of(ROOM_MARK, Ear::Room));
        rates.push(said[0].1);
    }
    assert_eq!(rates, [8_000, 16_000, 48_000, 16_000, 8_000]);
}
