//! Silence that is told instead of sent (RFC 3389), both ways; and the floor under silence for those who know no such thing.

use crate::world::{format, Got, Voice, World, ROOM};
use mixer::codec::Codec;
use mixer::terms::{Flow, Format};
use mixer::{Fact, StreamId};

const CN: u8 = 13;

fn with_noise(codec: Codec, ptime_ms: u16) -> Format {
    Format {
        noise_payload_type: Some(CN),
        ..format(codec, ptime_ms)
    }
}

/// The phone says that it is silent but for noise, and that its clock has gone on.
fn tell_noise(world: &mut World, number: usize, level: u8) {
    let phone = &mut world.phones[number];
    let datagram = phone.packet(CN, &[level]);
    let from = phone.address;
    world.feed(number, from, &datagram);
}

/// Let a phone pause, with a packet of noise once a second, its clock going on.
fn pause(world: &mut World, number: usize, level: u8, seconds: u32) {
    world.phones[number].voice = Voice::Nothing;
    for _ in 0..seconds {
        tell_noise(world, number, level);
        world.run_ms(1_000);
        let phone = &mut world.phones[number];
        phone.timestamp = phone.timestamp.wrapping_add(phone.codec.clock_rate_hz());
    }
}

fn loudness_db(samples: &[i16]) -> f64 {
    let power: f64 = samples.iter().map(|sample| f64::from(*sample).powi(2)).sum();
    10.0 * (power / samples.len() as f64 / 32_768.0_f64.powi(2))
        .max(1e-12)
        .log10()
}

fn speech(world: &World) -> Vec<&Fact> {
    let told = |fact: &&Fact| matches!(fact, Fact::SpeechStarted(_) | Fact::SpeechStopped(_));
    world.post.facts.iter().filter(told).collect()
}

fn two(format: Format) -> World {
    let mut world = World::default();
    world.phone_with(Voice::Tone(500.0), format, Flow::SendReceive);
    world.phone(Voice::Silence);
    let seats = world.all_in_room();
    world.apply_watched(ROOM, &seats, true);
    world.run_ms(2_000);
    world
}

#[test]
fn who_tells_of_noise_is_neither_lost_nor_speaking_nor_in_the_way_of_others() {
    for codec in [Codec::Pcmu, Codec::Pcma, Codec::G722] {
        for told in [format(codec, 20), with_noise(codec, 20)] {
            let mut world = two(told);
            assert!(world.phones[1].hears(500.0), "{codec:?}");
            let before = speech(&world).len();
            world.phones[0].voice = Voice::Nothing;
            tell_noise(&mut world, 0, 40);
            world.run_ms(200);
            let noise_db = loudness_db(&world.phones[1].last_ms(100));
            assert!((noise_db + 40.0).abs() < 4.0, "{codec:?}: {noise_db}");
            world.run_ms(800);
            let phone = &mut world.phones[0];
            phone.timestamp = phone.timestamp.wrapping_add(phone.codec.clock_rate_hz());
            pause(&mut world, 0, 20, 9);
            let rest_db = loudness_db(&world.phones[1].last_ms(8_000));
            assert!(rest_db < -60.0, "{codec:?}: the gate has shut it out: {rest_db}");
            let after = speech(&world);
            assert!(!after[before..]
                .iter()
                .any(|fact| matches!(fact, Fact::SpeechStarted(_))));
            world.phones[0].voice = Voice::Tone(500.0);
            world.run_ms(600);
            assert!(world.phones[1].hears(500.0), "{codec:?}: back again");
            let figures = world.close(0);
            assert_eq!(
                (figures.packets_lost, figures.packets_refused),
                (0, 0),
                "{codec:?}"
            );
        }
    }
}

#[test]
fn one_who_rests_is_told_silent_only_when_reports_fail_to_come_too() {
    let silent = |world: &World| {
        let told = |fact: &&Fact| {
            matches!(
                fact,
                Fact::StreamSilent {
                    stream: StreamId(0),
                    ..
                }
            )
        };
        world.post.facts.iter().filter(told).count()
    };
    let mut world = two(with_noise(Codec::Pcmu, 20));
    world.phones[0].voice = Voice::Nothing;
    tell_noise(&mut world, 0, 60);
    let report = [0x80, 201, 0, 1, 0, 0, 0, 5];
    for _ in 0..8 {
        world.run_ms(5_000);
        let (from, now) = (world.phones[0].address, world.now());
        world.mixer.receive_report(StreamId(0), from, &report, now);
    }
    assert_eq!(silent(&world), 0);
    world.run_ms(19_000);
    assert_eq!(silent(&world), 0);
    world.run_ms(2_000);
    assert_eq!(silent(&world), 1);
}

/// Sequence numbers go up by one, and timestamps go with the time.
fn assert_timeline(got: &[Got], clock_rate_hz: u32) {
    for pair in got.windows(2) {
        assert_eq!(pair[1].seq, pair[0].seq.wrapping_add(1));
        let (ms, ticks) = (
            pair[1].ms - pair[0].ms,
            pair[1].timestamp.wrapping_sub(pair[0].timestamp),
        );
        let media_ms = u64::from(ticks) * 1_000 / u64::from(clock_rate_hz);
        assert!(
            ms.abs_diff(media_ms) <= 60,
            "{media_ms} ms of timestamps in {ms} ms"
        );
    }
}

#[test]
fn silence_is_told_once_a_second_to_who_agreed_and_the_sound_after_it_is_marked() {
    for (codec, ptime_ms) in [
        (Codec::Pcmu, 20),
        (Codec::Pcma, 30),
        (Codec::Pcmu, 60),
        (Codec::G722, 20),
        (Codec::L16Narrow, 10),
    ] {
        let mut world = World::default();
        world.phone(Voice::Silence);
        world.phone_with(Voice::Silence, with_noise(codec, ptime_ms), Flow::SendReceive);
        let seats = world.all_in_room();
        world.apply(ROOM, &seats);
        world.run_ms(5_240);
        let got = &world.phones[1].got;
        let sound = got.iter().filter(|got| got.payload_type != CN).count();
        assert!(sound <= 240 / usize::from(ptime_ms), "{codec:?}: {sound}");
        let told: Vec<_> = got.iter().filter(|got| got.payload_type == CN).collect();
        assert_eq!(told.len(), 6, "{codec:?}");
        assert!(told.iter().all(|got| got.payload.len() == 1 && !got.marker));
        assert_timeline(got, codec.clock_rate_hz());

        world.phones[0].voice = Voice::Tone(500.0);
        world.run_ms(1_000);
        assert_timeline(&world.phones[1].got, codec.clock_rate_hz());
        let got = &mut world.phones[1].got;
        let marked = got.iter().skip(1).filter(|got| got.marker).count();
        assert_eq!(marked, 1, "{codec:?}: the first of the sound, and no other");
        got.retain(|got| got.payload_type != CN);
        assert!(world.phones[1].hears(500.0), "{codec:?}");
    }
}

#[test]
fn who_speaks_alone_is_sent_no_silence_either_and_others_are_sent_all_of_it() {
    let mut world = World::default();
    world.phone_with(Voice::Tone(500.0), with_noise(Codec::Pcmu, 20), Flow::SendReceive);
    world.phone(Voice::Silence);
    let seats = world.all_in_room();
    world.apply(ROOM, &seats);
    world.run_ms(4_000);
    assert!(world.phones[0].got.len() < 20, "{}", world.phones[0].got.len());
    assert_eq!(world.phones[1].got.len(), 200);
    world.phones[0].voice = Voice::Silence;
    world.run_ms(4_000);
    assert_eq!(
        world.phones[1].got.len(),
        400,
        "nothing was agreed: silence is sent"
    );
}

#[test]
fn a_floor_is_heard_in_silence_by_who_agreed_on_nothing_and_not_beside_a_voice() {
    for codec in [Codec::Pcmu, Codec::G722, Codec::L16Wide] {
        let mut world = World::default();
        world.mixer.set_noise_floor(60);
        world.phone_of(codec, Voice::Silence);
        world.phone_with(Voice::Silence, with_noise(Codec::Pcma, 20), Flow::SendReceive);
        let seats = world.all_in_room();
        world.apply(ROOM, &seats);
        world.run_ms(3_000);
        let floor_db = loudness_db(&world.phones[0].last_ms(1_000));
        assert!((floor_db + 60.0).abs() < 4.0, "{codec:?}: {floor_db}");
        assert!(world.phones[1].got.len() < 20, "silence is told, not sent");
        world.phones[1].voice = Voice::Level(3_000);
        world.run_ms(1_000);
        let heard = world.phones[0].last_ms(400);
        let (least, most) = (heard.iter().min().unwrap(), heard.iter().max().unwrap());
        assert!(
            most - least < 200,
            "{codec:?}: a voice is as it was: {least} to {most}"
        );
    }
}
