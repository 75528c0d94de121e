//! What is told: digits, speech, silence of the line, ends of sources, counters; each once.

use std::net::SocketAddr;

use crate::world::{format, Voice, World, ROOM};
use mixer::codec::Codec;
use mixer::plan::Talks;
use mixer::source::Content;
use mixer::terms::{Flow, Format};
use mixer::{Change, Fact, SourceId, Spent, StreamId};

fn told<T>(world: &World, pick: impl Fn(&Fact) -> Option<T>) -> Vec<T> {
    world.post.facts.iter().filter_map(pick).collect()
}

fn keys(world: &World) -> String {
    told(world, |fact| match fact {
        Fact::Digit { key, .. } => Some(*key),
        _ => None,
    })
    .into_iter()
    .collect()
}

fn speech(world: &World) -> Vec<(char, u32)> {
    told(world, |fact| match fact {
        Fact::SpeechStarted(stream) => Some(('+', stream.0)),
        Fact::SpeechStopped(stream) => Some(('-', stream.0)),
        _ => None,
    })
}

/// Press a key for 100 ms: five packets and three ends, the sound pausing meanwhile.
fn press(world: &mut World, number: usize, code: u8, lost: &[usize]) {
    for i in 1..=7_u16 {
        let (ended, duration) = (i > 4, (i.min(5) * 160).to_be_bytes());
        let flags = if ended { 0x8A } else { 0x0A };
        let datagram = world.phones[number].packet(101, &[code, flags, duration[0], duration[1]]);
        if !lost.contains(&usize::from(i)) {
            let from = world.phones[number].address;
            world.feed(number, from, &datagram);
        }
        world.phones[number].voice = Voice::Nothing;
        world.run_ms(20);
    }
    world.phones[number].timestamp = world.phones[number].timestamp.wrapping_add(800);
    world.phones[number].voice = Voice::Silence;
    world.run_ms(200);
}

#[test]
fn each_press_is_told_once_whatever_is_lost_of_it() {
    let mut world = World::default();
    world.phone(Voice::Silence);
    world.run_ms(500);
    press(&mut world, 0, 5, &[]);
    press(&mut world, 0, 5, &[4, 5, 6]);
    press(&mut world, 0, 11, &[1, 2, 3, 4]);
    press(&mut world, 0, 10, &[2, 3, 4, 5, 6, 7]);
    assert_eq!(keys(&world), "55#*");
    let figures = world.close(0);
    assert_eq!(figures.packets_refused, 0);
    assert_eq!(
        (figures.packets_late, figures.packets_duplicate),
        (0, 0),
        "events are no loss of sound"
    );
}

#[test]
fn a_press_does_not_disturb_what_is_said_afterwards() {
    let mut world = World::default();
    world.phone(Voice::Tone(500.0));
    world.phone(Voice::Silence);
    let seats = world.all_in_room();
    world.apply(ROOM, &seats);
    world.run_ms(500);
    press(&mut world, 0, 1, &[]);
    world.phones[0].voice = Voice::Tone(500.0);
    world.run_ms(1_000);
    assert!(world.phones[1].hears(500.0));
    assert_eq!(world.close(0).packets_lost, 0);
}

#[test]
fn speech_is_told_of_those_who_talk_to_somebody_in_a_plan_that_asks() {
    let mut world = World::default();
    for _ in 0..4 {
        world.phone(Voice::Silence);
    }
    let mut seats = world.all_in_room();
    seats[1].talks = Talks::Nobody;
    seats[2].talks = Talks::To(StreamId(0));
    world.apply_watched(ROOM, &seats, true);
    world.run_ms(1_000);
    assert_eq!(speech(&world), []);
    for phone in &mut world.phones {
        phone.voice = Voice::Tone(400.0);
    }
    world.run_ms(1_000);
    let mut started = speech(&world);
    started.sort_unstable();
    assert_eq!(
        started,
        [('+', 0), ('+', 2), ('+', 3)],
        "the muted one is not told"
    );
    for phone in &mut world.phones {
        phone.voice = Voice::Silence;
    }
    world.run_ms(1_000);
    assert_eq!(speech(&world).iter().filter(|(what, _)| *what == '-').count(), 3);
}

#[test]
fn who_is_muted_leaves_or_is_no_longer_watched_has_stopped_speaking() {
    for stop in 0..4 {
        let mut world = World::default();
        world.phone(Voice::Tone(400.0));
        world.phone(Voice::Silence);
        let mut seats = world.all_in_room();
        world.apply_watched(ROOM, &seats, true);
        world.run_ms(1_000);
        assert_eq!(speech(&world), [('+', 0)]);
        match stop {
            0 => {
                seats[0].talks = Talks::Nobody;
                world.apply_watched(ROOM, &seats, true);
            }
            1 => world.apply_watched(ROOM, &seats[1..], true),
            2 => world.apply_watched(ROOM, &seats, false),
            _ => drop(world.close(0)),
        }
        world.run_ms(1_000);
        assert_eq!(speech(&world), [('+', 0), ('-', 0)], "case {stop}");
    }
}

#[test]
fn a_line_is_told_heard_silent_and_heard_again_once_each() {
    let mut world = World::default();
    world.phone(Voice::Nothing);
    let lines = |world: &World| {
        told(world, |fact| match fact {
            Fact::StreamSilent { silent_ms, .. } => Some(format!("silent {silent_ms}")),
            Fact::StreamHeard { remote, .. } => Some(format!("heard {remote}")),
            _ => None,
        })
    };
    world.run_ms(12_000);
    assert_eq!(lines(&world), ["silent 5000"]);
    world.phones[0].voice = Voice::Silence;
    world.run_ms(12_000);
    assert_eq!(lines(&world)[1..], ["heard 127.0.0.1:10000"]);
    world.phones[0].voice = Voice::Nothing;
    world.run_ms(12_000);
    assert_eq!(lines(&world).len(), 3);
    assert!(lines(&world)[2].starts_with("silent 50"));
}

#[test]
fn a_line_that_is_to_be_silent_is_not_told_to_be() {
    let mut world = World::default();
    world.phone_with(
        Voice::Nothing,
        format(mixer::codec::Codec::Pcmu, 20),
        Flow::SendOnly,
    );
    world.run_ms(12_000);
    assert!(!world
        .post
        .facts
        .iter()
        .any(|fact| matches!(fact, Fact::StreamSilent { .. })));
}

#[test]
fn the_end_of_a_source_is_told_once_with_its_turn_whether_heard_or_not() {
    let ends = |world: &World| {
        told(world, |fact| match fact {
            Fact::SourceEnded { source, turn } => Some((source.0, *turn)),
            _ => None,
        })
    };
    let mut world = World::default();
    world.start(
        SourceId(5),
        Content::Clip {
            samples: vec![1; 4_000].into(),
            loops: 2,
        },
    );
    world.run_ms(900);
    assert_eq!(ends(&world), []);
    world.run_ms(1_000);
    assert_eq!(ends(&world), [(5, 1)]);
    world.start(SourceId(5), Content::Silence { duration_ms: 100 });
    world.run_ms(50);
    world.change(Change::Stop(SourceId(5)));
    world.run_ms(500);
    assert_eq!(ends(&world), [(5, 1)], "what was stopped has no end");
}

#[test]
fn counters_are_told_every_second_and_last_at_the_end() {
    let mut world = World::default();
    world.phone(Voice::Silence);
    world.run_ms(20_500);
    let counters = told(&world, |fact| match fact {
        Fact::Statistics { last, figures, .. } => Some((*last, figures.packets_received)),
        _ => None,
    });
    assert_eq!(counters.len(), 21, "the first soon, and one a second");
    assert!(counters.iter().all(|(last, _)| !last));
    assert!(counters.windows(2).all(|pair| pair[1].1 == pair[0].1 + 50));
    let figures = world.close(0);
    assert_eq!(figures.packets_sent, 1_025);
    assert!(matches!(
        world.post.spent.last(),
        Some(Spent::Stream(StreamId(0), Some(_)))
    ));
}

#[test]
fn strangers_wrong_types_and_echoes_are_refused_counted_and_unheard() {
    let mut world = World::default();
    world.phone(Voice::Tone(500.0));
    world.phone(Voice::Silence);
    let seats = world.all_in_room();
    world.apply(ROOM, &seats);
    world.run_ms(4_000);
    let stranger = SocketAddr::from(([127, 0, 0, 9], 9_999));
    let friend = world.phones[0].address;
    let loud = vec![world.phones[0].code(30_000); 160];
    for i in 0..50_u16 {
        let mut packet = mixer::rtp::Packet {
            marker: false,
            payload_type: 0,
            seq: i,
            timestamp: u32::from(i) * 160,
            ssrc: 1,
            payload: &loud,
        };
        world.feed(0, stranger, &crate::world::datagram(&packet));
        packet.payload_type = 96;
        world.feed(0, friend, &crate::world::datagram(&packet));
        (packet.payload_type, packet.ssrc) = (0, 0xA000_0000);
        world.feed(0, friend, &crate::world::datagram(&packet));
        world.run_ms(20);
    }
    assert!(world.phones[1].loudest() < 6_000);
    let figures = world.close(0);
    assert_eq!((figures.packets_refused, figures.packets_lost), (150, 0));
}

#[test]
fn a_phone_without_events_presses_keys_by_tones_muted_or_not() {
    for talks in [Talks::Room, Talks::Nobody] {
        let mut world = World::default();
        let plain = Format::plain(Codec::Pcmu, 0);
        world.phone_with(Voice::Silence, plain, Flow::SendReceive);
        world.phone(Voice::Silence);
        let mut seats = world.all_in_room();
        seats[0].talks = talks;
        world.apply(ROOM, &seats);
        world.run_ms(500);
        world.phones[0].voice = Voice::Key(770.0, 1_336.0);
        world.run_ms(100);
        world.phones[0].voice = Voice::Silence;
        world.run_ms(500);
        assert_eq!(keys(&world), "5", "{talks:?}");
        assert_eq!(
            world.phones[1].loudest() > 1_000,
            talks == Talks::Room,
            "{talks:?}"
        );
    }
}

#[test]
fn tones_of_a_phone_that_sends_events_are_no_keys() {
    let mut world = World::default();
    world.phone(Voice::Key(770.0, 1_336.0));
    let seats = world.all_in_room();
    world.apply(ROOM, &seats);
    world.run_ms(500);
    assert_eq!(keys(&world), "");
}
