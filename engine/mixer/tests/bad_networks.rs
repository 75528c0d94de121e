//! What a listener hears when the network loses, delays, doubles and reorders a talker's packets. Seeded.

use crate::world::{level, Voice, Weather, World, ROOM};
use mixer::bounds::BufferSize;
use mixer::{Fact, Figures};

const HZ: f64 = 500.0;

/// A talker (0) with this weather, and a listener (1) who says nothing.
fn talker(weather: Weather) -> World {
    let mut world = World::default();
    world.phone(Voice::Tone(HZ));
    world.phone(Voice::Silence);
    world.phones[0].weather = weather;
    let seats = world.all_in_room();
    world.apply(ROOM, &seats);
    world
}

/// The level at which the listener hears the talker's pitch over the last so many ms; it is sent at 4000.
fn heard(world: &World, ms: usize) -> f64 {
    level(&world.phones[1].last_ms(ms), HZ)
}

fn figures(world: &mut World) -> Figures {
    world.run_ms(5_100);
    let told = world.post.facts.iter().rev().find_map(|fact| match fact {
        Fact::Statistics { stream, figures, .. } if *stream == world.phones[0].id => Some(*figures),
        _ => None,
    });
    told.expect("statistics come every five seconds")
}

/// How long it takes from a packet's sending until its sound leaves the mixer, in ms.
fn delay_ms(world: &mut World) -> u64 {
    world.phones[0].voice = Voice::Silence;
    world.run_ms(1_000);
    world.forget();
    let begun = world.now().ms();
    world.phones[0].voice = Voice::Level(8_000);
    world.run_ms(600);
    let loud = |byte: &u8| mixer::g711::decode_pcma(*byte) > 7_000;
    let first = world.phones[1]
        .got
        .iter()
        .find(|got| got.payload.iter().any(loud));
    let first_ms = first.expect("it is heard").ms;
    world.phones[0].voice = Voice::Tone(HZ);
    first_ms - begun
}

#[test]
fn in_a_calm_network_nothing_is_missing_and_the_delay_is_at_most_sixty_ms() {
    let mut world = talker(Weather::default());
    world.run_ms(5_000);
    assert!((heard(&world, 4_000) - 4_000.0).abs() < 60.0);
    // Up to 20 ms until the telephone's next packet, and 40 in the buffer and until the tick.
    let delay = delay_ms(&mut world);
    assert!(delay <= 60, "{delay} ms");
    let figures = world.close(0);
    assert_eq!(
        (
            figures.packets_lost,
            figures.packets_late,
            figures.packets_duplicate
        ),
        (0, 0, 0)
    );
    assert!(figures.jitter_ms < 0.1);
}

#[test]
fn doubled_and_overtaken_packets_are_put_right_without_a_trace() {
    let mut world = talker(Weather {
        doubled: 20,
        ..Weather::default()
    });
    world.run_ms(1_000);
    world.phones[0].weather.overtaken = 10;
    world.run_ms(9_000);
    assert!(
        (heard(&world, 4_000) - 4_000.0).abs() < 60.0,
        "{}",
        heard(&world, 4_000)
    );
    let figures = world.close(0);
    assert!(
        (70..130).contains(&figures.packets_duplicate),
        "{}",
        figures.packets_duplicate
    );
    assert_eq!((figures.packets_lost, figures.packets_refused), (0, 0));
}

#[test]
fn lost_packets_are_counted_and_hardly_missed() {
    let mut world = talker(Weather {
        lost: 5,
        ..Weather::default()
    });
    world.run_ms(20_000);
    assert!(heard(&world, 10_000) > 3_700.0, "{}", heard(&world, 10_000));
    let figures = world.close(0);
    assert!(
        (25..80).contains(&figures.packets_lost),
        "{}",
        figures.packets_lost
    );
    assert_eq!(figures.packets_received + figures.packets_lost, 1_000);
}

#[test]
fn the_buffer_grows_with_jitter_and_shrinks_again_in_silence() {
    let mut world = talker(Weather::default());
    let calm = figures(&mut world);
    assert!(calm.depth_ms <= 40.0, "{}", calm.depth_ms);
    world.phones[0].weather.jitter_ms = 80;
    world.run_ms(10_000);
    let settled = figures(&mut world);
    assert!(settled.jitter_ms > 10.0, "{}", settled.jitter_ms);
    let late_before = settled.packets_late;
    world.run_ms(20_000);
    assert!(heard(&world, 10_000) > 3_800.0, "{}", heard(&world, 10_000));
    let figures_then = figures(&mut world);
    assert!(
        figures_then.packets_late - late_before < 13,
        "less than one in a hundred"
    );
    assert!(delay_ms(&mut world) <= 160);
    world.phones[0].weather.jitter_ms = 0;
    world.phones[0].voice = Voice::Silence;
    world.run_ms(20_000);
    let settled = figures(&mut world);
    assert!(settled.depth_ms <= 40.0, "{}", settled.depth_ms);
    assert!(delay_ms(&mut world) <= 60);
}

#[test]
fn clocks_that_drift_apart_neither_starve_the_buffer_nor_fill_it() {
    for drift_ppm in [-1_000, 1_000] {
        let mut world = talker(Weather {
            jitter_ms: 4,
            ..Weather::default()
        });
        world.phones[0].drift_ppm = drift_ppm;
        for _ in 0..20 {
            // Somebody who speaks and pauses, for 100 seconds: the clocks part by 100 ms.
            world.phones[0].voice = Voice::Tone(HZ);
            world.run_ms(3_500);
            world.phones[0].voice = Voice::Silence;
            world.run_ms(1_500);
            world.forget();
        }
        let figures = figures(&mut world);
        assert!(
            (20.0..=60.0).contains(&figures.depth_ms),
            "{drift_ppm} ppm: {} ms",
            figures.depth_ms
        );
        assert_eq!(
            (figures.packets_late, figures.packets_lost),
            (0, 0),
            "{drift_ppm} ppm"
        );
        assert!(delay_ms(&mut world) <= 80, "{drift_ppm} ppm");
    }
}

#[test]
fn clocks_that_drift_under_a_sound_without_pause_keep_within_bounds() {
    for drift_ppm in [-1_000, 1_000] {
        let mut world = talker(Weather::default());
        world.phones[0].drift_ppm = drift_ppm;
        for _ in 0..12 {
            world.run_ms(10_000);
            world.forget();
        }
        let figures = figures(&mut world);
        assert!(
            figures.depth_ms <= 120.0,
            "{drift_ppm} ppm: {} ms",
            figures.depth_ms
        );
        assert!(heard(&world, 4_000) > 3_800.0);
    }
}

#[test]
fn an_outage_that_ends_in_a_burst_leaves_no_lasting_delay() {
    let mut world = talker(Weather::default());
    world.run_ms(2_000);
    let from = world.tick;
    // A second's packets are all held back, and come at once.
    world.phones[0].weather.jitter_ms = 0;
    let release_us = world.now().us() + 1_000_000;
    for _ in 0..50 {
        let payload = vec![world.phones[0].code(3_000); 160];
        let datagram = world.phones[0].packet(0, &payload);
        world.entrust_at(0, release_us, datagram);
    }
    world.phones[0].voice = Voice::Nothing;
    world.run_ms(1_000);
    world.phones[0].voice = Voice::Tone(HZ);
    world.run_ms(4_000);
    assert_eq!(world.tick - from, 1_000);
    assert!((heard(&world, 400) - 4_000.0).abs() < 400.0);
    let delay = delay_ms(&mut world);
    assert!(delay <= 80, "{delay} ms");
}

#[test]
fn a_new_source_a_jump_of_time_and_a_restart_of_numbers_are_survived() {
    type Jolt = fn(&mut crate::world::Phone);
    let jolts: [(&str, Jolt); 6] = [
        ("a new SSRC", |phone| {
            phone.ssrc += 1;
            phone.seq = 7;
            phone.timestamp = 99;
        }),
        ("a jump of the timestamp ahead", |phone| {
            phone.timestamp = phone.timestamp.wrapping_add(1_000_000);
        }),
        ("a small jump ahead", |phone| {
            phone.timestamp = phone.timestamp.wrapping_add(4_000);
        }),
        ("a jump of the timestamp back", |phone| {
            phone.timestamp = phone.timestamp.wrapping_sub(1_000_000);
        }),
        ("a small jump back", |phone| {
            phone.timestamp = phone.timestamp.wrapping_sub(800);
        }),
        ("a restart of the sequence", |phone| {
            phone.seq = phone.seq.wrapping_add(30_000);
        }),
    ];
    for (what, jolt) in jolts {
        let mut world = talker(Weather::default());
        world.run_ms(2_000);
        jolt(&mut world.phones[0]);
        world.run_ms(300);
        world.forget();
        world.run_ms(1_000);
        assert!(
            (heard(&world, 1_000) - 4_000.0).abs() < 100.0,
            "{what}: {}",
            heard(&world, 1_000)
        );
        let delay = delay_ms(&mut world);
        assert!(delay <= 80, "{what}: {delay} ms");
    }
}

#[test]
fn packets_of_ten_to_sixty_ms_are_all_understood() {
    for ptime_ms in [10, 20, 30, 40, 50, 60] {
        let mut world = talker(Weather::default());
        world.phones[0].ptime_ms = ptime_ms;
        world.run_ms(3_000);
        assert!(
            (heard(&world, 2_000) - 4_000.0).abs() < 60.0,
            "{ptime_ms} ms: {}",
            heard(&world, 2_000)
        );
        let figures = world.close(0);
        assert_eq!(
            (figures.packets_lost, figures.packets_late),
            (0, 0),
            "{ptime_ms} ms"
        );
    }
}

#[test]
fn after_a_pause_without_packets_the_first_word_is_whole() {
    let mut world = talker(Weather::default());
    world.run_ms(1_000);
    for _ in 0..5 {
        // Silence suppression: no packets, timestamps go on, sequence numbers do not.
        world.phones[0].voice = Voice::Nothing;
        world.run_ms(2_000);
        world.phones[0].timestamp = world.phones[0].timestamp.wrapping_add(16_000);
        world.forget();
        world.phones[0].voice = Voice::Level(2_000);
        world.run_ms(200);
        world.phones[0].voice = Voice::Nothing;
        world.run_ms(300);
        let full = world.phones[1]
            .heard()
            .iter()
            .filter(|sample| (1_900..2_100).contains(*sample))
            .count();
        // Ten packets, one of which is blended in; the repetition after the end adds up to 10 ms at full level.
        assert!((1_500..=1_800).contains(&full), "{full}");
    }
    let figures = world.close(0);
    assert_eq!(
        (figures.packets_lost, figures.packets_late),
        (0, 0),
        "a pause is no loss"
    );
}

#[test]
fn in_the_worst_of_networks_nothing_breaks_and_numbers_add_up() {
    let mut world = talker(Weather {
        jitter_ms: 150,
        lost: 30,
        doubled: 20,
        overtaken: 30,
    });
    world.run_ms(60_000);
    world.phones[0].weather = Weather::default();
    world.run_ms(10_000);
    assert!((heard(&world, 2_000) - 4_000.0).abs() < 100.0, "and it recovers");
    let figures = world.close(0);
    let came = figures.packets_received - figures.packets_duplicate;
    assert!(came + figures.packets_lost <= 3_500 + figures.packets_duplicate);
    assert!(figures.packets_lost > 500);
}

/// The steepest step from one sample to the next.
fn steepest(samples: &[i16]) -> i32 {
    let step = |pair: &[i16]| (i32::from(pair[1]) - i32::from(pair[0])).abs();
    samples.windows(2).map(step).max().unwrap_or(0)
}

#[test]
fn clocks_that_drift_under_a_sound_without_pause_are_followed_without_a_click() {
    for drift_ppm in [-1_000, 1_000] {
        let mut world = talker(Weather::default());
        world.run_ms(1_000);
        world.forget();
        world.phones[0].drift_ppm = drift_ppm;
        // The tone's own steepest step: 4000 · 2π · 500 / 8000, and the coding's error.
        let own = 1_571;
        for _ in 0..12 {
            world.run_ms(10_000);
            let steep = steepest(&world.phones[1].heard());
            assert!(steep < own + 250, "{drift_ppm} ppm: {steep}");
            // In pieces so short that periods taken out do not turn the phase against itself.
            let heard = world.phones[1].heard();
            let quietest = heard
                .chunks_exact(400)
                .map(|piece| level(piece, HZ))
                .fold(f64::MAX, f64::min);
            assert!(quietest > 3_400.0, "{drift_ppm} ppm: {quietest}");
            world.forget();
        }
        let figures = figures(&mut world);
        assert!(
            figures.depth_ms <= 60.0,
            "{drift_ppm} ppm: {} ms",
            figures.depth_ms
        );
        assert_eq!((figures.packets_late, figures.packets_lost), (0, 0));
    }
}

#[test]
fn a_drift_that_goes_on_leaves_no_delay() {
    for drift_ppm in [-200, 200] {
        let mut world = talker(Weather {
            jitter_ms: 3,
            ..Weather::default()
        });
        world.phones[0].drift_ppm = drift_ppm;
        // The clocks part by a quarter of a second, four times as much as may wait.
        for _ in 0..40 {
            world.run_ms(30_000);
            world.post.facts.clear();
            world.forget();
        }
        let figures = figures(&mut world);
        assert!(
            (20.0..=60.0).contains(&figures.depth_ms),
            "{drift_ppm} ppm: {} ms",
            figures.depth_ms
        );
        assert!(delay_ms(&mut world) <= 80, "{drift_ppm} ppm");
        assert_eq!(figures.packets_lost, 0);
        assert!(
            figures.packets_late <= 3,
            "{drift_ppm} ppm: {}",
            figures.packets_late
        );
    }
}

/// Depth and late packets after a minute of this weather under this size.
fn under(size: BufferSize, weather: Weather) -> (f32, u64, u64) {
    let mut world = World::default();
    world.phone(Voice::Tone(HZ));
    world.phone(Voice::Silence);
    world.phones[0].weather = weather;
    let mut seats = world.all_in_room();
    seats[0].buffer = size;
    world.apply(ROOM, &seats);
    world.run_ms(60_000);
    let figures = figures(&mut world);
    let deepest = figures.recent.depths_ms.iter().copied().max().unwrap_or(0);
    let delay = delay_ms(&mut world);
    (f32::from(deepest), figures.packets_late, delay)
}

#[test]
fn the_size_of_the_buffer_bounds_what_waits() {
    let rough = Weather {
        jitter_ms: 150,
        ..Weather::default()
    };
    for (size, most_ms) in [
        (BufferSize::Off, 40.0),
        (BufferSize::Small, 60.0),
        (BufferSize::Medium, 120.0),
        (BufferSize::Large, 300.0),
    ] {
        let (calm_ms, calm_late, delay) = under(size, Weather::default());
        assert!(
            calm_ms <= 40.0 && calm_late == 0 && delay <= 60,
            "{size:?}: {calm_ms}, {delay} ms"
        );
        let (deepest_ms, _, _) = under(size, rough);
        // What comes between two frames is cut at the next one.
        assert!(deepest_ms <= most_ms + 20.0, "{size:?}: {deepest_ms}");
    }
    let lost = |size| under(size, rough).1;
    assert!(
        lost(BufferSize::Large) < lost(BufferSize::Off),
        "patience is what a buffer is for"
    );
}

#[test]
fn the_last_seconds_are_told() {
    let mut world = talker(Weather::default());
    world.run_ms(10_000);
    let recent = figures(&mut world).recent;
    assert!(matches!(recent.mix_delay_ms, Some(5.0..=40.0)), "{recent:?}");
    assert!(
        recent.depths_ms.iter().all(|ms| (20..=60).contains(ms)),
        "{recent:?}"
    );
    // A sine of 4000 has a mean absolute sample of 2546: -22.2 dB.
    assert!((recent.level_db.unwrap() + 22.2).abs() < 0.5, "{recent:?}");
}
