//! Whose packets say nothing is not decoded, and yet no beginning is missed, however faint.

use crate::world::{Voice, World, ROOM};
use mixer::codec::Codec;

/// The codecs that tell what is in a packet before it is decoded.
const TELLING: [Codec; 2] = [Codec::Opus, Codec::G722];

/// A talker and a listener who hears every sample.
fn two(codec: Codec) -> World {
    let mut world = World::default();
    world.phone_of(codec, Voice::Silence);
    world.phone_of(Codec::L16Wide, Voice::Silence);
    let seats = world.all_in_room();
    world.apply(ROOM, &seats);
    world
}

/// Speak, be silent for so long, and speak again: when that is heard at half its loudness, in ms.
fn heard_after_ms(codec: Codec, silence_ms: u64, again: Voice, loudness: i16) -> usize {
    let mut world = two(codec);
    world.phones[0].voice = Voice::Tone(440.0);
    world.run_ms(1_000);
    world.phones[0].voice = Voice::Silence;
    world.run_ms(silence_ms);
    world.phones[0].voice = again;
    world.forget();
    world.run_ms(600);
    let heard = world.phones[1].heard();
    let loud = |sample: &i16| sample.unsigned_abs() > loudness.unsigned_abs() / 2;
    heard.iter().position(loud).expect("it is heard") / 16
}

#[test]
fn who_speaks_after_a_long_silence_is_heard_no_later_than_after_a_pause() {
    for codec in TELLING {
        let pause = heard_after_ms(codec, 400, Voice::Tone(440.0), 4_000);
        for silence_ms in [1_500, 2_000, 2_380, 5_000] {
            let late = heard_after_ms(codec, silence_ms, Voice::Tone(440.0), 4_000);
            assert!(
                late <= pause + 20,
                "{codec:?}: {late} ms, after a pause {pause} ms"
            );
        }
    }
}

#[test]
fn who_is_faint_is_heard_too_and_for_as_long_as_they_speak() {
    for codec in TELLING {
        // -45 dB of full scale.
        let faint = Voice::Faint(440.0, 260);
        let pause = heard_after_ms(codec, 400, faint, 260);
        let late = heard_after_ms(codec, 4_000, faint, 260);
        assert!(
            late <= pause + 20,
            "{codec:?}: {late} ms, after a pause {pause} ms"
        );
        let mut world = two(codec);
        world.run_ms(3_000);
        world.phones[0].voice = faint;
        world.run_ms(8_000);
        let level = world.phones[1].level(6_000, 440.0);
        assert!(level > 200.0, "{codec:?}: {level}");
    }
}
