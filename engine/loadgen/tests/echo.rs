//! Played against its own echo: all that is said comes back, to who said it, and is counted and kept.

use std::net::Ipv4Addr;
use std::time::Duration;

use loadgen::echo::{Echo, Way};
use loadgen::layout::Layout;
use loadgen::meter::Meter;
use loadgen::play::{play, Server};
use loadgen::report::Report;
use loadgen::score::{Act, Score};
use serde_bytes::ByteBuf;

const ENDPOINTS: usize = 12;
const FRAMES: u32 = 25;
const HOST: Ipv4Addr = Ipv4Addr::new(127, 9, 255, 1);

/// Each endpoint says its own number, and every frame's.
fn score() -> Score {
    let take = |endpoint: usize| {
        (0..FRAMES as u8)
            .map(|frame| ByteBuf::from(vec![endpoint as u8, frame]))
            .collect()
    };
    let act = Act {
        name: "only".into(),
        frames: FRAMES,
        cast: (0..ENDPOINTS as u16).collect(),
        offsets: vec![0; ENDPOINTS],
        listeners: (0..ENDPOINTS as u32).collect(),
        callers: vec![3],
    };
    Score {
        codec: "PCMU".into(),
        payload_type: 0,
        timestamp_step: 160,
        conference_size: ENDPOINTS,
        takes: (0..ENDPOINTS).map(take).collect(),
        acts: vec![act],
    }
}

fn play_against_echo(way: Way) -> Report {
    let mut echo = Echo::bind(ENDPOINTS, HOST, if way == Way::Epoll { 37_000 } else { 37_100 }).unwrap();
    let server = Server::new(HOST.into(), echo.ports().unwrap()).unwrap();
    let echoing = std::thread::spawn(move || echo.run(way, Duration::from_millis(1_500)));
    let layout = Layout::new(ENDPOINTS, 4, 9).unwrap();
    let report = play(&score(), layout, server, &Meter::new(None).unwrap()).unwrap();
    echoing.join().unwrap().unwrap();
    report
}

/// One after the other: both use the same addresses.
#[test]
fn what_is_said_comes_back_and_is_accounted_for() {
    for way in [Way::Epoll, Way::Tick] {
        let report = play_against_echo(way);
        let act = &report.acts[0];
        assert_eq!(act.sent + act.unsent, u64::from(FRAMES) * ENDPOINTS as u64);
        assert!(act.received > 0 && act.received <= act.sent && act.strays == 0);
        assert_eq!(act.received, act.captured.len() as u64);
        assert!(act
            .captured
            .iter()
            .all(|(endpoint, _, _, payload)| payload[0] == *endpoint as u8));
        let frames: Vec<_> = act.said.iter().map(|(_, _, at)| *at).collect();
        assert!(frames.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(act.said.iter().all(|(endpoint, _, _)| *endpoint == 3));
    }
}
