//! What a trained ear would object to: noise, aliases, clicks, a voice that is too faint among others.

use std::f64::consts::TAU;

use crate::world::{level_at, seat, Phone, Voice, World, ROOM};
use codecs::codec::ALL;
use mixer::codec::Codec;
use mixer::plan::Talks;
use mixer::{Change, ConferenceId, StreamId};

/// A talker with one codec and a listener with another, after some seconds of a pitch.
fn heard(from: Codec, to: Codec, hz: f64) -> World {
    let mut world = World::default();
    world.phone_of(from, Voice::Tone(hz));
    world.phone_of(to, Voice::Silence);
    let seats = world.all_in_room();
    world.apply(ROOM, &seats);
    world.run_ms(4_000);
    world
}

/// Power of the pitch beside that of everything else, in dB.
fn purity_db(phone: &Phone, hz: f64) -> f64 {
    let samples = phone.last_ms(1_000);
    let tone = level_at(&samples, hz, phone.rate_hz).powi(2) / 2.0;
    let all = samples
        .iter()
        .map(|sample| f64::from(*sample).powi(2))
        .sum::<f64>()
        / samples.len() as f64;
    10.0 * (tone / (all - tone).max(1e-9)).log10()
}

/// The sharpest corner of what was heard in the last so many ms, beyond those of the pitch itself, as a share of its
/// loudness.
fn sharpness(phone: &Phone, ms: usize, hz: f64) -> f64 {
    let samples = phone.last_ms(ms);
    let corner = |w: &[i16]| (f64::from(w[0]) - 2.0 * f64::from(w[1]) + f64::from(w[2])).abs();
    let sharpest = samples.windows(3).map(corner).fold(0.0, f64::max);
    sharpest / 4_000.0 - (TAU * hz / f64::from(phone.rate_hz)).powi(2)
}

/// What each codec does to a pure tone by itself, in dB of noise below it.
fn floor_db(codec: Codec) -> f64 {
    match codec {
        Codec::Pcmu | Codec::Pcma => 34.0,
        Codec::G722 => 40.0,
        Codec::L16Narrow | Codec::L16Wide => 60.0,
        Codec::Opus => 36.0,
    }
}

#[test]
fn a_tone_comes_through_every_pair_of_codecs_as_pure_as_the_worse_of_them() {
    for from in ALL {
        for to in ALL {
            let world = heard(from, to, 1_004.0);
            let purity = purity_db(&world.phones[1], 1_004.0);
            let due = floor_db(from).min(floor_db(to)) - 3.0;
            println!("{from:?} to {to:?}: {purity:.1} dB");
            assert!(purity > due, "{from:?} to {to:?}: {purity:.1} dB, due {due:.1}");
        }
    }
}

#[test]
fn what_a_telephone_cannot_hear_is_not_folded_into_what_it_can() {
    for (hz, alias) in [(5_000.0, 3_000.0), (6_300.0, 1_700.0), (7_000.0, 1_000.0)] {
        let world = heard(Codec::L16Wide, Codec::Pcmu, hz);
        let folded = world.phones[1].level(1_000, alias);
        let db = 20.0 * (folded.max(0.01) / 4_000.0).log10();
        assert!(db < -50.0, "{hz} Hz at {alias} Hz: {db:.1} dB");
    }
    for hz in [500.0, 1_500.0, 3_000.0] {
        let world = heard(Codec::L16Narrow, Codec::L16Wide, hz);
        let image = world.phones[1].level(1_000, 8_000.0 - hz);
        let db = 20.0 * (image.max(0.01) / 4_000.0).log10();
        assert!(db < -50.0, "{hz} Hz: an image of {db:.1} dB");
    }
}

#[test]
fn the_measure_finds_a_leap_of_one_millisecond() {
    let mut world = heard(Codec::L16Wide, Codec::L16Wide, 440.0);
    let calm = sharpness(&world.phones[1], 1_000, 440.0);
    let phone = &mut world.phones[1];
    let middle = phone.got.len() - 20;
    phone.got[middle].payload.drain(..32);
    assert!(calm < 0.02 && sharpness(phone, 1_000, 440.0) > 0.2);
}

#[test]
fn no_click_is_heard_when_the_rate_of_the_mix_changes() {
    let hz = 440.0;
    for (from, to) in ALL.iter().flat_map(|from| ALL.map(|to| (*from, to))) {
        let mut world = World::default();
        world.phone_of(from, Voice::Tone(hz));
        world.phone_of(to, Voice::Silence);
        world.phone_of(Codec::G722, Voice::Silence);
        world.phone_of(Codec::Opus, Voice::Silence);
        world.phone_of(Codec::Opus, Voice::Silence);
        let here = |numbers: &[u32]| -> Vec<_> { numbers.iter().map(|n| seat(StreamId(*n))).collect() };
        world.apply(ROOM, &here(&[0, 1]));
        world.run_ms(3_000);
        let usual = sharpness(&world.phones[1], 1_000, hz);
        world.forget();
        // 8 or 16 or 48 kHz, as far as the two let it be lower.
        for who in [
            &[0, 1, 2][..],
            &[0, 1],
            &[0, 1, 3, 4],
            &[0, 1, 2],
            &[0, 1, 3, 4],
            &[0, 1],
        ] {
            world.apply(ROOM, &here(who));
            world.run_ms(300);
        }
        let changed = sharpness(&world.phones[1], 1_600, hz);
        println!("{from:?} to {to:?}: {usual:.3}, {changed:.3}");
        assert!(
            changed < usual.max(0.0) * 1.3 + 0.05,
            "{from:?} to {to:?}: {usual:.3}, {changed:.3}"
        );
    }
}

#[test]
fn no_click_is_heard_when_the_listener_begins_and_ceases_to_speak() {
    let hz = 440.0;
    for to in ALL {
        let mut world = World::default();
        world.phone_of(Codec::L16Wide, Voice::Tone(hz));
        world.phone_of(to, Voice::Silence);
        world.phone_of(to, Voice::Silence);
        let seats = world.all_in_room();
        world.apply(ROOM, &seats);
        world.run_ms(3_000);
        let usual = sharpness(&world.phones[1], 1_000, hz);
        world.forget();
        for turn in 0..4 {
            world.phones[1].voice = if turn % 2 == 0 {
                Voice::Tone(900.0)
            } else {
                Voice::Silence
            };
            world.run_ms(1_000);
        }
        let moved = sharpness(&world.phones[1], 3_800, hz);
        println!("{to:?}: {usual:.3}, {moved:.3}");
        assert!(
            moved < usual.max(0.0) * 1.3 + 0.05,
            "{to:?}: {usual:.3}, {moved:.3}"
        );
        assert!(
            world.phones[1].level(3_000, 900.0) < 40.0,
            "{to:?}: nobody hears themselves"
        );
    }
}

#[test]
fn each_of_two_five_or_twenty_is_as_loud_as_alone_until_the_sum_is_full() {
    for codec in [Codec::Pcmu, Codec::G722, Codec::Opus] {
        for speakers in [2, 5, 20] {
            let mut world = World::default();
            let pitch = |number: usize| 300.0 + 130.0 * number as f64;
            for number in 0..speakers {
                world.phone_of(codec, Voice::Tone(pitch(number)));
            }
            let listener = world.phone_of(Codec::L16Wide, Voice::Silence);
            let seats = world.all_in_room();
            world.apply(ROOM, &seats);
            world.run_ms(2_000);
            let levels: Vec<f64> = (0..speakers)
                .map(|number| world.phones[listener].level(1_000, pitch(number)))
                .collect();
            let quietest = levels.iter().copied().fold(f64::MAX, f64::min);
            let loudest = levels.iter().copied().fold(0.0, f64::max);
            assert!(20.0 * (loudest / quietest).log10() < 3.0, "{codec:?}: {levels:?}");
            if speakers <= 5 {
                assert!(
                    (quietest / 4_000.0).log10() * 20.0 > -2.0,
                    "{codec:?}: {levels:?}"
                );
            }
            let clipped = world.phones[listener]
                .last_ms(1_000)
                .windows(3)
                .filter(|run| run.iter().all(|sample| sample.unsigned_abs() >= 32_766))
                .count();
            assert_eq!(clipped, 0, "{codec:?}, {speakers}");
        }
    }
}

#[test]
fn one_who_leaves_does_not_disturb_those_who_shared_with_them() {
    let hz = 440.0;
    for codec in ALL {
        let mut world = World::default();
        world.phone_of(Codec::L16Wide, Voice::Tone(hz));
        for _ in 0..4 {
            world.phone_of(codec, Voice::Silence);
        }
        let seats = world.all_in_room();
        world.apply(ROOM, &seats);
        world.run_ms(3_000);
        let usual = sharpness(&world.phones[4], 1_000, hz);
        world.forget();
        world.change(Change::Close(StreamId(1)));
        world.run_ms(300);
        world.apply(ROOM, &[&seats[..1], &seats[3..]].concat());
        world.run_ms(300);
        let mut muted = seats.clone();
        muted[3].talks = Talks::Nobody;
        world.apply(ROOM, &[&muted[..1], &muted[3..]].concat());
        world.run_ms(300);
        let after = sharpness(&world.phones[4], 850, hz);
        assert!(
            after < usual.max(0.0) * 1.3 + 0.05,
            "{codec:?}: {usual:.3}, {after:.3}"
        );
        assert!(world.phones[4].hears(hz) && world.phones[3].hears(hz));
    }
}

/// Two of four go to another conference, of the same thread or of another one.
fn moved(codec: Codec, to_another_thread: bool) -> World {
    let mut world = World::default();
    world.phone_of(codec, Voice::Tone(440.0));
    for _ in 0..3 {
        world.phone_of(codec, Voice::Silence);
    }
    let seats = world.all_in_room();
    world.apply(ROOM, &seats);
    world.run_ms(3_000);
    if to_another_thread {
        // A thread has a mixer of its own. The listener has shared an encoder with those who stay behind.
        let mut left = World::default();
        std::mem::swap(&mut world.mixer, &mut left.mixer);
        for number in [0, 1] {
            let stream = left.mixer.take_out(StreamId(number), &mut left.post);
            world.change(Change::Open(StreamId(number), stream.unwrap(), 0));
        }
    } else {
        world.apply(ROOM, &seats[2..]);
    }
    world.apply(ConferenceId(4), &seats[..2]);
    world.run_ms(1_000);
    world
}

#[test]
fn who_goes_to_another_thread_takes_decoder_and_encoder_along() {
    let hz = 440.0;
    for codec in [Codec::G722, Codec::Opus] {
        let [across, beside] = [true, false].map(|to_another_thread| moved(codec, to_another_thread));
        let [far, near] = [&across, &beside].map(|world| sharpness(&world.phones[1], 1_500, hz));
        println!("{codec:?}: {near:.3} beside, {far:.3} across");
        assert!(
            far < near * 1.1 + 0.02,
            "{codec:?}: {near:.3} beside, {far:.3} across"
        );
        let listener = &across.phones[1];
        assert!(listener.hears(hz), "{codec:?}");
        let steps = listener.got.windows(2);
        assert!(
            steps.clone().count() > 180
                && steps
                    .clone()
                    .all(|pair| pair[1].seq == pair[0].seq.wrapping_add(1))
        );
    }
}
