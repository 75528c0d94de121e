//! Tracks lie beside one another to the sample, however fast the clocks run that sent them: an hour of virtual time.

use std::collections::BTreeMap;

use crate::world::{Caught, Voice, Weather, World, ROOM};
use mixer::codec::Codec;
use mixer::{Change, Ear, RoomTap, StreamId, Tap};

const ROOM_MARK: u32 = 1_000;
const DRIFTS_PPM: [i64; 4] = [300, -300, 50, 0];

/// An hour, in seconds.
const HOUR_S: u64 = 3_600;

fn drifting() -> World {
    let mut world = World::default();
    for (number, drift_ppm) in DRIFTS_PPM.into_iter().enumerate() {
        let phone = world.phone_of(Codec::Pcmu, Voice::Silence);
        world.phones[phone].drift_ppm = drift_ppm;
        world.phones[phone].weather = Weather {
            jitter_ms: 15,
            lost: number as u64 % 2,
            ..Weather::default()
        };
        let tap = Tap::marked(number as u32).with(Ear::Said);
        world.change(Change::TapStream(StreamId(number as u32), tap));
    }
    let seats = world.all_in_room();
    world.apply(ROOM, &seats);
    let tap = RoomTap {
        room: Some(ROOM_MARK),
        ..RoomTap::default()
    };
    world.change(Change::TapRoom(ROOM, tap));
    world
}

/// The rounds of what was heard: the room's, and the sum of what each said; silence is an empty frame.
fn rounds(heard: Vec<Caught>) -> BTreeMap<u64, (Vec<i16>, Vec<i32>)> {
    let mut rounds: BTreeMap<u64, (Vec<i16>, Vec<i32>)> = BTreeMap::new();
    for caught in heard {
        let (room, sum) = rounds.entry(caught.us).or_default();
        if caught.ear == Ear::Room {
            *room = caught.frame;
            continue;
        }
        sum.resize(caught.frame.len(), 0);
        for (total, sample) in sum.iter_mut().zip(caught.frame) {
            *total += i32::from(sample);
        }
    }
    rounds
}

#[test]
fn after_an_hour_of_drift_the_tracks_still_make_the_mix_to_the_sample() {
    let mut world = drifting();
    let (mut compared, mut last_us) = (0, None);
    for second in 0..HOUR_S {
        for number in 0..DRIFTS_PPM.len() {
            // Each speaks in turns of their own: beginnings and ends are where tracks would slip.
            let speaks = (second / (3 + number as u64)).is_multiple_of(2);
            world.phones[number].voice = if speaks {
                Voice::Faint(300.0 + 130.0 * number as f64, 2_500)
            } else {
                Voice::Silence
            };
        }
        world.run_ms(1_000);
        world.forget();
        let heard = std::mem::take(&mut world.post.heard);
        world.post = crate::world::Post::default();
        for (us, (room, sum)) in rounds(heard) {
            assert!(
                last_us.is_none_or(|last| us > last && (us - last) % 20_000 == 0),
                "{us}"
            );
            last_us = Some(us);
            let mix: Vec<i32> = room.iter().map(|sample| i32::from(*sample)).collect();
            if mix != sum {
                let silent = |it: &[i32]| it.iter().all(|sample| *sample == 0);
                assert!(
                    silent(&mix) && silent(&sum),
                    "second {second}: a track is not where it was heard"
                );
            }
            compared += mix.len();
        }
    }
    let hour = HOUR_S as usize * 8_000;
    assert!(
        compared > hour * 8 / 10,
        "{compared} samples of {hour} were compared"
    );
}
