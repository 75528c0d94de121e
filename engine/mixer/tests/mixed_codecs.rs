//! Telephones with different codecs in one conference: everybody hears whom they should, each by their own codec.

use crate::world::{format, tone, Phone, Voice, World, ROOM};
use codecs::codec::ALL;
use mixer::codec::{Codec, OpusTerms};
use mixer::plan::{Hears, Talks};
use mixer::source::Content;
use mixer::terms::Flow;
use mixer::{ConferenceId, SourceId, StreamId};

/// Sequence goes up by one; timestamps by what each packet holds, in ticks of the codec's clock.
fn assert_continuous(phone: &Phone) {
    for pair in phone.got.windows(2) {
        assert_eq!(pair[1].seq, pair[0].seq.wrapping_add(1));
        let step = pair[1].timestamp.wrapping_sub(pair[0].timestamp);
        assert_eq!(
            Some(step),
            phone.codec.ticks_in(&pair[0].payload),
            "{:?}",
            phone.codec
        );
    }
}

fn pairs() -> impl Iterator<Item = (Codec, Codec)> {
    ALL.into_iter().flat_map(|one| ALL.map(|other| (one, other)))
}

#[test]
fn everybody_hears_everybody_but_themselves_through_every_pair_of_codecs() {
    for (one, other) in pairs() {
        let mut world = World::default();
        world.phone_of(one, Voice::Tone(440.0));
        world.phone_of(other, Voice::Tone(700.0));
        world.phone_of(one, Voice::Silence);
        let seats = world.all_in_room();
        world.apply(ROOM, &seats);
        world.run_ms(1_500);
        assert_eq!(world.who_hears_whom(), ["1", "0", "01"], "{one:?} and {other:?}");
        for phone in &world.phones {
            assert_continuous(phone);
            assert_eq!(phone.got.len(), 75, "{one:?} and {other:?}");
        }
        let heard = world.phones[1].level(400, 440.0);
        let db = 20.0 * (heard / 4_000.0).log10();
        assert!(db.abs() < 1.0, "{one:?} to {other:?}: {db:.1} dB");
    }
}

#[test]
fn the_muted_the_held_and_the_whispering_are_heard_by_whom_they_should_be() {
    let music = SourceId(0);
    for (one, other) in pairs() {
        let mut world = World::default();
        world.phone_of(one, Voice::Tone(440.0));
        world.phone_of(other, Voice::Tone(700.0));
        world.phone_of(other, Voice::Tone(1_100.0));
        world.start(music, tone(1_700.0));
        let mut seats = world.all_in_room();
        seats[0].talks = Talks::Nobody;
        seats[1].hears = Hears::Source(music);
        world.apply(ROOM, &seats);
        world.run_ms(1_000);
        let what = format!("{one:?} and {other:?}");
        assert_eq!(world.who_hears_whom(), ["12", "", "1"], "{what}");
        assert!(world.phones[1].hears(1_700.0), "{what}");
        seats[0].talks = Talks::To(StreamId(2));
        seats[1].hears = Hears::Room;
        world.apply(ROOM, &seats);
        world.run_ms(1_000);
        assert_eq!(world.who_hears_whom(), ["12", "2", "01"], "{what}");
        seats[0].talks = Talks::Room;
        world.apply(ROOM, &seats);
        world.run_ms(1_000);
        assert_eq!(world.who_hears_whom(), ["12", "02", "01"], "{what}");
        world.phones.iter().for_each(assert_continuous);
    }
}

#[test]
fn clips_are_heard_at_their_pitch_whatever_the_rate_of_the_mix() {
    let wave = |i: usize| (8_000.0 * (std::f64::consts::TAU * 600.0 * i as f64 / 8_000.0).sin()) as i16;
    let clip = Content::Clip {
        samples: (0..4_000).map(wave).collect(),
        loops: 0,
    };
    for codec in ALL {
        let mut world = World::default();
        world.phone_of(codec, Voice::Tone(440.0));
        world.phone_of(codec, Voice::Tone(700.0));
        world.start(SourceId(1), clip.clone());
        let mut seats = world.all_in_room();
        seats[0].overlays = vec![SourceId(1)];
        world.apply(ROOM, &seats);
        world.run_ms(1_000);
        let level = world.phones[0].level(400, 600.0);
        assert!((7_000.0..9_000.0).contains(&level), "{codec:?}: {level}");
        assert_eq!(world.who_hears_whom(), ["1", "0"], "{codec:?}");
    }
}

#[test]
fn the_silent_share_one_coding_and_the_muted_another_never() {
    for codec in ALL {
        let mut world = World::default();
        for voice in [
            Voice::Tone(440.0),
            Voice::Silence,
            Voice::Silence,
            Voice::Tone(900.0),
        ] {
            world.phone_of(codec, voice);
        }
        let mut seats = world.all_in_room();
        seats[3].talks = Talks::Nobody;
        world.apply(ROOM, &seats);
        world.run_ms(3_000);
        world.forget();
        world.run_ms(1_000);
        let coded = |number: usize| -> Vec<_> {
            let got = world.phones[number].got.iter();
            got.map(|got| got.payload.clone()).collect()
        };
        assert!(coded(1) == coded(2), "{codec:?}");
        assert!(
            coded(1) == coded(3),
            "{codec:?}: the muted hear what the silent hear"
        );
        assert!(coded(0) != coded(1), "{codec:?}");
    }
}

#[test]
fn a_change_of_codec_amid_a_call_is_followed_by_both_sides() {
    let mut world = World::default();
    world.phone_of(Codec::Pcmu, Voice::Tone(440.0));
    world.phone_of(Codec::Pcma, Voice::Tone(700.0));
    world.phone_of(Codec::Opus, Voice::Tone(1_100.0));
    let seats = world.all_in_room();
    world.apply(ROOM, &seats);
    for codec in [Codec::Opus, Codec::G722, Codec::L16Wide, Codec::Pcma, Codec::Opus] {
        world.switch(0, codec);
        world.forget();
        world.run_ms(1_500);
        assert_eq!(world.who_hears_whom(), ["12", "02", "01"], "{codec:?}");
        assert_continuous(&world.phones[0]);
    }
}

#[test]
fn people_who_move_between_conferences_take_their_sound_along() {
    let mut world = World::default();
    for (codec, hz) in [
        (Codec::Opus, 440.0),
        (Codec::G722, 700.0),
        (Codec::Opus, 1_100.0),
        (Codec::Pcmu, 1_500.0),
    ] {
        world.phone_of(codec, Voice::Tone(hz));
    }
    let seats = world.all_in_room();
    for turn in 0..6 {
        let (here, there) = seats.split_at(1 + turn % 3);
        world.apply(ConferenceId(turn as u32 % 3), here);
        world.apply(ConferenceId(turn as u32 % 3 + 3), there);
        world.forget();
        world.run_ms(1_500);
        let hears: Vec<String> = (0..4)
            .map(|me| {
                let with_me = |other: &usize| (*other < here.len()) == (me < here.len()) && *other != me;
                (0..4).filter(with_me).map(|other| other.to_string()).collect()
            })
            .collect();
        assert_eq!(world.who_hears_whom(), hears, "turn {turn}");
    }
}

#[test]
fn packets_of_every_agreed_length_leave_whole_and_on_time() {
    for (codec, lengths) in [
        (Codec::G722, &[10, 20, 30, 40, 50, 60][..]),
        (Codec::L16Wide, &[10, 20, 30, 40]),
        (Codec::L16Narrow, &[10, 20, 60]),
        (Codec::Opus, &[20, 40, 60]),
    ] {
        for ptime_ms in lengths {
            let mut world = World::default();
            world.phone_of(codec, Voice::Tone(500.0));
            world.phone_with(Voice::Silence, format(codec, *ptime_ms), Flow::SendReceive);
            let seats = world.all_in_room();
            world.apply(ROOM, &seats);
            world.run_ms(2_400);
            let phone = &world.phones[1];
            assert_eq!(
                phone.got.len(),
                2_400 / usize::from(*ptime_ms),
                "{codec:?}, {ptime_ms} ms"
            );
            assert_continuous(phone);
            assert!(phone.hears(500.0), "{codec:?}, {ptime_ms} ms");
        }
    }
}

#[test]
fn packets_of_every_length_are_understood() {
    for codec in ALL {
        for ptime_ms in [10, 20, 40, 60]
            .into_iter()
            .filter(|ms| codec != Codec::L16Wide || *ms < 60)
        {
            let mut world = World::default();
            world.phone_of(codec, Voice::Tone(500.0));
            world.phone_of(Codec::L16Wide, Voice::Silence);
            world.phones[0].ptime_ms = ptime_ms;
            let seats = world.all_in_room();
            world.apply(ROOM, &seats);
            world.run_ms(3_000);
            let level = world.phones[1].level(1_000, 500.0);
            assert!(
                (level - 4_000.0).abs() < 400.0,
                "{codec:?}, {ptime_ms} ms: {level}"
            );
            let figures = world.close(0);
            assert_eq!(
                (
                    figures.packets_lost,
                    figures.packets_late,
                    figures.packets_refused
                ),
                (0, 0, 0)
            );
        }
    }
}

#[test]
fn lost_packets_are_hardly_missed_with_any_codec() {
    for codec in ALL {
        let mut world = World::default();
        world.phone_of(codec, Voice::Tone(500.0));
        world.phone_of(Codec::L16Wide, Voice::Silence);
        world.phones[0].weather.lost = 5;
        let seats = world.all_in_room();
        world.apply(ROOM, &seats);
        world.run_ms(10_000);
        let level = world.phones[1].level(5_000, 500.0);
        assert!(level > 3_600.0, "{codec:?}: {level}");
    }
}

#[test]
fn who_asked_for_silence_to_be_left_out_gets_none_and_the_time_goes_on() {
    let mut world = World::default();
    let mut quiet = format(Codec::Opus, 20);
    quiet.opus = OpusTerms {
        dtx: true,
        ..OpusTerms::default()
    };
    world.phone_with(Voice::Silence, quiet, Flow::SendReceive);
    world.phone_of(Codec::Opus, Voice::Silence);
    let seats = world.all_in_room();
    world.apply(ROOM, &seats);
    world.run_ms(4_000);
    world.forget();
    world.run_ms(2_000);
    assert!(world.phones[0].got.len() < 20, "{}", world.phones[0].got.len());
    world.phones[1].voice = Voice::Tone(500.0);
    world.run_ms(2_000);
    assert!(world.phones[0].hears(500.0));
    let got = &world.phones[0].got;
    let (first, last) = (&got[0], got.last().unwrap());
    assert_eq!(
        u64::from(last.timestamp.wrapping_sub(first.timestamp)),
        48 * (last.ms - first.ms)
    );
}
