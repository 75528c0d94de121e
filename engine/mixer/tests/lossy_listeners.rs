//! What receivers report of losses is heeded: then Opus packets carry a copy of the one before, and no longer than needed.

use crate::voices::{lay, samples, talk};
use crate::world::{format, Voice, World, ROOM};
use codecs::opus::OpusTerms;
use codecs::Decoder;
use mixer::codec::Codec;
use mixer::terms::{Flow, Format};

const RATE_HZ: usize = 16_000;
const FRAME: usize = RATE_HZ / 50;
const SECONDS: usize = 14;

fn opus(fec: bool) -> Format {
    let terms = OpusTerms {
        fec,
        max_playback_hz: 16_000,
        ..OpusTerms::default()
    };
    Format {
        opus: terms,
        ..format(Codec::Opus, 20)
    }
}

/// A receiver report of a phone: so many of 256 packets were lost.
fn report(world: &mut World, number: usize, fraction_lost: u8) {
    let mut bytes = vec![0x81, 201, 0, 7, 0, 0, 0, 5];
    bytes.extend(0xA000_0000_u32.wrapping_add(number as u32).to_be_bytes());
    bytes.extend([fraction_lost, 0, 0, 9]);
    bytes.extend([0; 16]);
    let (from, now) = (world.phones[number].address, world.now());
    world
        .mixer
        .receive_report(world.phones[number].id, from, &bytes, now);
}

/// A voice, and two phones with Opus who listen; the first of them reports this loss every two seconds.
fn listened(fraction_lost: impl Fn(usize) -> u8, fec: [bool; 2]) -> World {
    let mut world = World::default();
    world.phone_of(Codec::L16Wide, Voice::Nothing);
    for fec in fec {
        world.phone_with(Voice::Silence, opus(fec), Flow::SendReceive);
    }
    let seats = world.all_in_room();
    world.apply(ROOM, &seats);
    let mut sound = vec![0.0; SECONDS * RATE_HZ];
    lay(&mut sound, &talk(5, RATE_HZ, SECONDS * RATE_HZ), -22.0);
    for (at, frame) in samples(&sound).chunks_exact(FRAME).enumerate() {
        let payload: Vec<u8> = frame.iter().flat_map(|sample| sample.to_be_bytes()).collect();
        let datagram = world.phones[0].packet(0, &payload);
        let from = world.phones[0].address;
        world.feed(0, from, &datagram);
        if at % 100 == 10 {
            report(&mut world, 1, fraction_lost(at / 50));
        }
        world.run_ms(20);
    }
    world
}

/// The share of a phone's packets, from one second to another, that hold a copy of the one before.
fn copies(world: &World, number: usize, from_s: usize, to_s: usize) -> f32 {
    let got = &world.phones[number].got[50 * from_s..50 * to_s];
    let mut decoder = Decoder::new(Codec::Opus, RATE_HZ as u32).unwrap();
    let held = got
        .iter()
        .filter(|got| decoder.recover(&got.payload, &mut [0; FRAME]));
    held.count() as f32 / got.len() as f32
}

/// One packet in five is lost, mostly by twos, as bursts on a wireless network come; written by hand and always the same.
fn is_lost(at: usize) -> bool {
    const PATTERN: &[u8; 100] =
        b"....xx.....x......xxx.....xx........x...xx......x.....xxx.......xx....x.....xx........x...xx....xx.x";
    PATTERN[at % PATTERN.len()] == b'x'
}

/// How much what is heard through the losses differs from what would have been heard without, in dB below the voice.
fn harm_db(world: &World, number: usize) -> f32 {
    let mut whole = Decoder::new(Codec::Opus, RATE_HZ as u32).unwrap();
    let mut broken = Decoder::new(Codec::Opus, RATE_HZ as u32).unwrap();
    let got = &world.phones[number].got;
    let (mut harm, mut voice) = (1.0_f32, 1.0_f32);
    for at in 50 * 4..got.len() - 1 {
        let (mut right, mut heard) = ([0; FRAME], [0; FRAME]);
        whole.decode(&got[at].payload, &mut right).unwrap();
        if !is_lost(at) {
            broken.decode(&got[at].payload, &mut heard).unwrap();
        } else if is_lost(at + 1) || !broken.recover(&got[at + 1].payload, &mut heard) {
            broken.conceal(&mut heard);
        }
        for (right, heard) in right.iter().zip(heard) {
            harm += (f32::from(*right) - f32::from(heard)).powi(2);
            voice += f32::from(*right).powi(2);
        }
    }
    10.0 * (harm / voice).log10()
}

#[test]
fn copies_come_with_losses_and_go_with_them_for_all_who_share_the_encoder() {
    let world = listened(|second| if second < 6 { 60 } else { 0 }, [true, true]);
    for number in [1, 2] {
        let (during, after) = (copies(&world, number, 2, 6), copies(&world, number, 13, 14));
        assert!(during > 0.8, "phone {number}: {during}");
        assert!(after < 0.1, "phone {number}: {after}");
    }
}

#[test]
fn without_losses_or_without_the_wish_there_are_none() {
    let world = listened(|_| 0, [true, true]);
    assert!(copies(&world, 1, 2, 14) < 0.01);
    let world = listened(|_| 60, [true, false]);
    assert!(copies(&world, 1, 2, 14) > 0.8);
    assert!(
        copies(&world, 2, 2, 14) < 0.01,
        "who did not ask for copies is sent none"
    );
}

#[test]
fn a_voice_comes_through_a_recorded_pattern_of_losses_better_with_copies() {
    let without = harm_db(&listened(|_| 0, [true, true]), 1);
    let with = harm_db(&listened(|_| 51, [true, true]), 1);
    assert!(
        with < without - 1.5,
        "{with} dB with copies, {without} dB without"
    );
}
