//! Real sockets on loopback: callers with pitches, steered by orders, measured in what each receives.

mod phone;

use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use media::{Media, Settings};
use phone::{apply, level, open, seat, talk, talk_until, Hall, Phone};

/// The same test on one real-time thread and on three.
macro_rules! on_one_thread_and_on_three {
    ($test:ident, $first_port:expr) => {
        mod $test {
            #[test]
            fn on_one_thread() {
                super::$test(1, $first_port);
            }

            #[test]
            fn on_three_threads() {
                super::$test(3, $first_port + 5_000);
            }
        }
    };
}

/// Who hears whom, as one string of letters for each.
fn who_hears_whom(phones: &[Phone]) -> Vec<String> {
    let heard = |listener: &Phone| {
        phones
            .iter()
            .filter(|talker| listener.hears(talker.hz))
            .map(|it| it.call.clone())
            .collect()
    };
    phones.iter().map(heard).collect()
}

on_one_thread_and_on_three!(hold_mute_whisper_and_barge_are_heard_where_they_should_be, 40_000);

fn hold_mute_whisper_and_barge_are_heard_where_they_should_be(threads: usize, first: u16) {
    let hall = Hall::with_threads(first, threads);
    let mut phones = hall.callers(&[400.0, 700.0, 1_100.0]);
    hall.done(start("hold", 1, tone(2_000.0)));
    let mut plan = |revision: u64, change: &dyn Fn(&mut wire::SeatOrder), rows: [&str; 3], music: bool| {
        let mut seats: Vec<_> = ["a", "b", "c"].map(seat).to_vec();
        change(&mut seats[0]);
        hall.done(apply("room", revision, seats));
        let expected = (rows.map(String::from).to_vec(), music);
        talk_until(&mut phones, 1_000, &expected, |phones| {
            (who_hears_whom(phones), phones[0].hears(2_000.0))
        });
    };
    plan(1, &|_| {}, ["bc", "ac", "ab"], false);
    plan(
        2,
        &|seat| seat.talks = wire::Talks::Nobody,
        ["bc", "c", "b"],
        false,
    );
    let hold = |seat: &mut wire::SeatOrder| {
        seat.talks = wire::Talks::Nobody;
        seat.hears = wire::Hears::Source;
        seat.source = Some("hold".into());
    };
    plan(3, &hold, ["", "c", "b"], true);
    let whisper = |seat: &mut wire::SeatOrder| {
        seat.talks = wire::Talks::Call;
        seat.target = Some("b".into());
    };
    plan(4, &whisper, ["bc", "ac", "b"], false);
    plan(5, &|_| {}, ["bc", "ac", "ab"], false);
    // An older plan is ignored.
    plan(4, &whisper, ["bc", "ac", "ab"], false);
}

on_one_thread_and_on_three!(what_is_sent_is_one_even_stream, 40_100);

fn what_is_sent_is_one_even_stream(threads: usize, first: u16) {
    let hall = Hall::with_threads(first, threads);
    let mut phones = hall.callers(&[400.0, 700.0]);
    hall.done(apply("room", 1, vec![seat("a"), seat("b")]));
    talk(&mut phones, 600);
    hall.done(apply("a", 1, vec![seat("a")]));
    talk(&mut phones, 600);
    hall.done(wire::DropConference {
        n: 1,
        conference: "a".into(),
    });
    talk(&mut phones, 600);
    for phone in &phones {
        let steps = phone.packets.windows(2);
        assert!(steps.clone().all(|pair| pair[1].0 == pair[0].0.wrapping_add(1)));
        // A machine that stalls for more than a frame makes a step of several, never a gap in the numbers.
        let ticks: Vec<u32> = steps.map(|pair| pair[1].1.wrapping_sub(pair[0].1)).collect();
        assert!(
            ticks
                .iter()
                .all(|ticks| ticks % 160 == 0 && (160..80_000).contains(ticks)),
            "{ticks:?}"
        );
        let even = ticks.iter().filter(|ticks| **ticks == 160).count();
        assert!(even > ticks.len() / 2 && ticks.len() > 20, "{ticks:?}");
    }
}

on_one_thread_and_on_three!(
    a_clip_is_heard_at_its_pitch_ends_once_and_is_in_the_snapshot,
    40_200
);

fn a_clip_is_heard_at_its_pitch_ends_once_and_is_in_the_snapshot(threads: usize, first: u16) {
    let hall = Hall::with_threads(first, threads);
    let mut phones = hall.callers(&[400.0]);
    let wave = |i: i32| (8_000.0 * (std::f64::consts::TAU * 900.0 * f64::from(i) / 44_100.0).sin()) as i16;
    let pcm: Vec<u8> = (0..44_100).flat_map(|i| wave(i).to_le_bytes()).collect();
    let load = |rate_hz, pcm: &[u8]| wire::LoadClip {
        n: 1,
        clip: "song".into(),
        rate_hz,
        pcm: pcm.to_vec().into(),
    };
    assert_eq!(hall.refused(load(44_100, &pcm[1..])), "bad-clip");
    assert_eq!(hall.refused(load(0, &pcm)), "bad-clip");
    hall.done(load(44_100, &pcm));
    hall.done(load(8_000, &[]));
    let mut listener = seat("a");
    listener.hears = wire::Hears::Source;
    listener.source = Some("music".into());
    hall.done(apply("a", 1, vec![listener]));
    let song = wire::Content {
        clip: Some("song".into()),
        ..tone(0.0)
    };
    let song = wire::Content {
        tone_hz: None,
        ..song
    };
    // Played again while the machine stumbles over it.
    let turn = (9..29).find(|turn| {
        hall.done(start("music", *turn, song.clone()));
        talk(&mut phones, 800);
        let heard = &phones[0].heard[phones[0].heard.len().saturating_sub(3_200)..];
        (level(heard, 900.0) - 8_000.0).abs() < 400.0
    });
    let turn = turn.expect("the clip is heard at its pitch and level");
    hall.done(wire::DropClip {
        n: 1,
        clip: "song".into(),
    });
    let ended = wire::SourceEnded {
        source: "music".into(),
        turn,
    };
    let ended = wire::Fact::from(ended);
    hall.wait_for(|fact| *fact == ended);
    let (streams, plans, sources, clips) = hall.media.snapshot();
    assert_eq!((streams.len(), streams[0].conference.as_deref()), (1, Some("a")));
    assert_eq!(streams[0].port, phones[0].port);
    assert_eq!(
        plans,
        [wire::PlanState {
            conference: "a".into(),
            revision: 1,
            thread: plans[0].thread,
        }]
    );
    assert_eq!(
        sources,
        [wire::SourceState {
            source: "music".into(),
            turn,
            ended: true
        }]
    );
    assert_eq!(clips, [""; 0]);
}

on_one_thread_and_on_three!(
    what_happens_on_a_line_is_told_and_the_last_counters_when_it_closes,
    40_300
);

fn what_happens_on_a_line_is_told_and_the_last_counters_when_it_closes(threads: usize, first: u16) {
    let hall = Hall::with_threads(first, threads);
    let mut phones = hall.callers(&[400.0]);
    let heard = |fact: &wire::Fact| matches!(fact, wire::Fact::StreamHeard(_));
    talk(&mut phones, 200);
    let address = phones[0].socket.local_addr().unwrap();
    let told = hall.wait_for(heard);
    let expected = wire::StreamHeard {
        call: "a".into(),
        remote_host: address.ip().to_string(),
        remote_port: address.port(),
    };
    assert_eq!(told, expected.into());
    phones[0].send(101, &[7, 0x8A, 2, 128]);
    let told = hall.wait_for(|fact| matches!(fact, wire::Fact::Digit(_)));
    assert_eq!(
        told,
        wire::Digit {
            call: "a".into(),
            digit: "7".into(),
            duration_ms: 80,
            source: Some(wire::DigitSource::Rtp),
        }
        .into()
    );
    for _ in 0..2 {
        hall.done(wire::CloseStream {
            n: 3,
            call: "a".into(),
        });
    }
    let last = hall.wait_for(|fact| matches!(fact, wire::Fact::StreamStatistics(_)));
    let wire::Fact::StreamStatistics(last) = last else {
        unreachable!()
    };
    assert!(
        last.last && last.packets_received == 11 && last.packets_refused == 0,
        "{last:?}"
    );
    assert!(hall.media.snapshot().0.is_empty());
}

#[test]
fn who_goes_from_one_thread_to_another_is_heard_on_and_misses_nothing() {
    let hall = Hall::with_threads(41_200, 3);
    let mut phones = hall.callers(&[400.0, 700.0, 1_100.0, 1_500.0]);
    hall.done(apply("one", 1, vec![seat("a"), seat("b")]));
    hall.done(apply("two", 1, vec![seat("c"), seat("d")]));
    let threads = |hall: &Hall| -> Vec<_> {
        let mut streams = hall.media.snapshot().0;
        streams.sort_by(|a, b| a.call.cmp(&b.call));
        streams.into_iter().map(|stream| stream.thread).collect()
    };
    talk_until(
        &mut phones,
        600,
        &["b", "a", "d", "c"].map(String::from).to_vec(),
        who_hears_whom,
    );
    let before = threads(&hall);
    assert_ne!(before[0], before[2], "two conferences, two threads");
    for revision in (2..8).step_by(2) {
        hall.done(apply("one", revision, vec![seat("b")]));
        hall.done(apply("two", revision, vec![seat("a"), seat("c"), seat("d")]));
        talk_until(
            &mut phones,
            600,
            &["cd", "", "ad", "ac"].map(String::from).to_vec(),
            who_hears_whom,
        );
        assert_eq!(threads(&hall)[0], before[2]);
        hall.done(apply("two", revision + 1, vec![seat("c"), seat("d")]));
        hall.done(apply("one", revision + 1, vec![seat("a"), seat("b")]));
        talk_until(
            &mut phones,
            600,
            &["b", "a", "d", "c"].map(String::from).to_vec(),
            who_hears_whom,
        );
    }
    assert_eq!(threads(&hall), before);
    let numbers: Vec<u16> = phones[0].packets.iter().map(|packet| packet.0).collect();
    assert!(numbers.windows(2).all(|pair| pair[1] == pair[0].wrapping_add(1)));
    hall.done(wire::CloseStream {
        n: 1,
        call: "a".into(),
    });
    let last = |fact: &wire::Fact| matches!(fact, wire::Fact::StreamStatistics(it) if it.last);
    let wire::Fact::StreamStatistics(last) = hall.wait_for(last) else {
        unreachable!()
    };
    assert!(last.packets_received > 200, "{last:?}");
    let lost = (last.packets_lost, last.packets_duplicate, last.packets_refused);
    assert_eq!(lost, (0, 0, 0));
}

#[test]
fn a_flood_of_strangers_is_counted_and_harms_no_other_even_when_sockets_are_tied() {
    let hall = Hall::new(41_400);
    let mut phones = hall.callers(&[400.0, 700.0, 1_100.0]);
    hall.done(apply("room", 1, vec![seat("a"), seat("b"), seat("c")]));
    // Longer than it takes to tie a socket.
    talk(&mut phones, 4_000);
    talk_until(
        &mut phones,
        600,
        &["bc", "ac", "ab"].map(String::from).to_vec(),
        who_hears_whom,
    );
    let stranger = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let mut foreign = [0x80, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 9].to_vec();
    foreign.extend([0x10; 160]);
    // A hundred times what a telephone sends.
    let port = phones[0].port;
    let flood = |phones: &mut [Phone]| {
        for _ in 0..100 {
            stranger
                .send_to(&foreign, (Ipv4Addr::LOCALHOST, port))
                .unwrap_or(0);
        }
        talk(phones, 20);
    };
    // Whether the flooded one gets through depends on how promptly this machine runs the thread; the others do.
    let others_hear = |phones: &[Phone]| {
        phones[1].hears(1_100.0)
            && phones[2].hears(700.0)
            && phones[0].hears(700.0)
            && phones[0].hears(1_100.0)
    };
    let counted = |figures: wire::StreamFigures| figures.packets_refused > 0;
    // Until a look for strangers has seen some: 5 s, or more on a busy machine.
    for _ in 0..3_000 {
        flood(&mut phones);
        if hall.figures("a").is_some_and(counted) {
            break;
        }
    }
    let heard = (0..1_000).any(|_| {
        flood(&mut phones);
        others_hear(&phones)
    });
    assert!(heard, "while the flood goes on");
    hall.done(wire::CloseStream {
        n: 1,
        call: "a".into(),
    });
    let last = |fact: &wire::Fact| matches!(fact, wire::Fact::StreamStatistics(it) if it.last);
    let wire::Fact::StreamStatistics(last) = hall.wait_for(last) else {
        unreachable!()
    };
    assert!(last.packets_refused > 0, "{last:?}");
}

#[test]
fn each_thread_tells_how_it_kept_its_time() {
    let hall = Hall::with_threads(41_300, 2);
    hall.callers(&[400.0]);
    let mut told = [false; 2];
    while told != [true; 2] {
        let fact = hall.wait_for(|fact| matches!(fact, wire::Fact::TickStatistics(_)));
        let wire::Fact::TickStatistics(ticks) = fact else {
            unreachable!()
        };
        assert!(
            ticks.ticks > 0 && ticks.late_p50_us <= ticks.late_p999_us,
            "{ticks:?}"
        );
        assert!(ticks.late_p999_us <= ticks.late_max_us, "{ticks:?}");
        assert_eq!(ticks.streams, u32::from(ticks.thread == 0), "{ticks:?}");
        told[usize::from(ticks.thread)] = true;
    }
}

#[test]
fn a_closed_port_can_be_opened_again_at_once_even_when_it_was_the_last() {
    let settings = Settings {
        bind_host: IpAddr::V4(Ipv4Addr::LOCALHOST),
        rtp_first: 40_400,
        rtp_last: 40_403,
        real_time: false,
        ..Settings::default()
    };
    let media = Media::start(settings, |_| {}).unwrap();
    let remote = ([127, 0, 0, 1], 9_000).into();
    let port = |call: &str| match media.carry_out(open(call, remote).into()) {
        wire::Reply::Opened(opened) => opened.port,
        _ => 0,
    };
    let first = port("a");
    assert!(
        first % 2 == 0 && port("a") == first,
        "an open stream answers with its port"
    );
    assert!(port("b") > 0 && port("c") == 0);
    for turn in 0..20 {
        let (leaving, coming) = if turn % 2 == 0 { ("a", "c") } else { ("c", "a") };
        media.carry_out(
            wire::CloseStream {
                n: 0,
                call: leaving.into(),
            }
            .into(),
        );
        assert!(port(coming) > 0, "turn {turn}");
    }
    media.stop();
    UdpSocket::bind((Ipv4Addr::LOCALHOST, first)).expect("stopping frees the ports");
}

#[test]
fn reports_go_to_the_port_above_the_sound() {
    let hall = Hall::new(40_500);
    // Two neighbouring ports, as a telephone has them.
    let pair = (41_000..42_000).step_by(2).find_map(|port| {
        let bind = |port: u16| UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).ok();
        Some((bind(port)?, bind(port + 1)?))
    });
    let (sound, reports) = pair.unwrap();
    hall.open("a", &sound);
    reports.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut bytes = [0; 500];
    let (length, _) = reports.recv_from(&mut bytes).unwrap();
    let told = mixer::rtcp::parse(&bytes[..length], 0).unwrap();
    assert!(
        told.sender_ntp.unwrap() >> 32 > 3_900_000_000,
        "the wall clock, since 1900"
    );
}

#[test]
fn facts_that_nobody_takes_are_dropped_and_counted_and_orders_go_on() {
    // A machine that does not run the thread in time has nothing to drop: then it is given longer.
    let told_and_dropped = [50, 500, 5_000]
        .iter()
        .find_map(|patience_ms| facts_that_nobody_takes(Duration::from_millis(*patience_ms)));
    let (told, dropped) = told_and_dropped.expect("some facts were dropped");
    assert!(
        told >= 16 && told + dropped >= 40,
        "{told} told, {dropped} dropped"
    );
}

/// Tell forty facts, which wait for so long; gives how many were told and how many dropped, if any were.
fn facts_that_nobody_takes(patience: Duration) -> Option<(u64, u64)> {
    let gate = Arc::new(Mutex::new(()));
    let (tell, facts) = channel();
    let settings = Settings {
        bind_host: IpAddr::V4(Ipv4Addr::LOCALHOST),
        rtp_first: 40_600,
        rtp_last: 40_699,
        facts_queue: 16,
        real_time: false,
        ..Settings::default()
    };
    let forwarders_gate = gate.clone();
    let blocking = move |fact| {
        let _gate = forwarders_gate.lock().unwrap();
        drop(tell.send(fact));
    };
    let media = Media::start(settings, blocking).unwrap();
    let closed = gate.lock().unwrap();
    for i in 0..50 {
        let call = format!("call {i}");
        let opened = media.carry_out(open(&call, ([127, 0, 0, 1], 9_000).into()).into());
        assert!(matches!(opened, wire::Reply::Opened(_)), "{i}: {opened:?}");
        // Each close tells the last counters; its port waits for the forwarder as well.
        if i < 40 {
            let done = media.carry_out(wire::CloseStream { n: 1, call }.into());
            assert_eq!(done, wire::Done { n: 1 }.into());
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    std::thread::sleep(patience);
    drop(closed);
    let last = |fact: &wire::Fact| matches!(fact, wire::Fact::StreamStatistics(it) if it.last);
    let (mut told, mut dropped) = (0, 0);
    while told + dropped < 40 {
        match facts.recv_timeout(Duration::from_secs(30)).unwrap() {
            wire::Fact::FactsDropped(some) => dropped += some.count,
            fact => told += u64::from(last(&fact)),
        }
    }
    (dropped > 0).then_some((told, dropped))
}

#[test]
fn settings_that_cannot_work_are_refused_at_the_start() {
    let bad = [
        Settings {
            rtp_first: 41_000,
            rtp_last: 40_000,
            ..Settings::default()
        },
        Settings {
            rtp_first: 41_001,
            rtp_last: 41_002,
            ..Settings::default()
        },
        Settings {
            tick_ms: 7,
            ..Settings::default()
        },
    ];
    for settings in bad {
        assert!(Media::start(settings, |_| {}).is_err(), "{settings:?}");
    }
}

#[test]
fn orders_that_are_not_about_media_are_refused() {
    let hall = Hall::new(40_700);
    assert_eq!(hall.refused(wire::TakeSnapshot { n: 4 }), "not-media");
    assert_eq!(
        hall.refused(wire::HangUp {
            n: 4,
            call: "a".into(),
            reason: String::new()
        }),
        "not-media"
    );
}

fn start(source: &str, turn: u64, content: wire::Content) -> wire::StartSource {
    wire::StartSource {
        n: 5,
        source: source.into(),
        turn,
        content,
    }
}

fn tone(hz: f32) -> wire::Content {
    wire::Content {
        clip: None,
        loops: 1,
        tone_hz: Some(hz),
        level_db: -12.0,
        duration_ms: 0,
    }
}
