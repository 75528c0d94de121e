//! The bookkeeping against a real-time thread that does at once what it is told.

mod rooms;
mod threads;

use std::net::Ipv4Addr;

use mixer::terms::Identity;
use mixer::{Change, Fact, Figures, SourceId, StreamId};

use super::*;
use crate::ports::PortRange;
use crate::wires::News;

/// A registry, its ports, and a real-time thread that does at once what it is told.
struct Desk {
    registry: Registry,
    ports: PortRange,
    carried_out: Vec<String>,
}

impl Desk {
    fn new(first_port: u16) -> Self {
        Self::with_threads(first_port, 1)
    }

    fn with_threads(first_port: u16, threads: usize) -> Self {
        let limits = Limits {
            streams: 4,
            conferences: 3,
            sources: 4,
            tick_ms: 5,
        };
        let ports = PortRange::new(Ipv4Addr::LOCALHOST.into(), first_port, first_port + 7);
        Self {
            registry: Registry::new(&limits, 4, threads),
            ports,
            carried_out: Vec::new(),
        }
    }

    fn open(&mut self, call: &str) -> Result<u16, Refusal> {
        let order = wire::OpenStream {
            n: 0,
            call: call.into(),
            format: format(),
            remote_host: "127.0.0.1".into(),
            remote_port: 9_000,
            flow: wire::Flow::Sendrecv,
            security: None,
            door: None,
            shared: None,
            port: None,
        };
        let ports = &mut self.ports;
        let identity = Identity {
            ssrc: 1,
            seq: 2,
            timestamp: 3,
            cname: [b'x'; 16],
        };
        let outfit = || {
            Some(Outfit {
                ports: ports.open()?,
                identity,
            })
        };
        let (port, orders) = self.registry.open_stream(&order, true, outfit)?;
        self.do_all(orders);
        Ok(port)
    }

    fn close(&mut self, call: &str) {
        let orders = self.registry.close_stream(call);
        self.do_all(orders);
    }

    fn apply(&mut self, conference: &str, revision: u64, seats: &[wire::SeatOrder]) -> Result<(), Refusal> {
        let order = wire::ApplyPlan {
            n: 0,
            conference: conference.into(),
            revision,
            seats: seats.to_vec(),
            speech: false,
        };
        let orders = self.registry.apply_plan(order)?;
        self.do_all(orders);
        Ok(())
    }

    fn start(&mut self, source: &str, turn: u64, clip: Option<&str>) -> Result<(), Refusal> {
        let content = wire::Content {
            clip: clip.map(Into::into),
            loops: 1,
            tone_hz: None,
            level_db: 0.0,
            duration_ms: 100,
        };
        let order = wire::StartSource {
            n: 0,
            source: source.into(),
            turn,
            content,
        };
        let orders = self.registry.start_source(&order)?;
        self.do_all(orders);
        Ok(())
    }

    fn stop(&mut self, source: &str) {
        let orders = self.registry.stop_source(source);
        self.do_all(orders);
    }

    fn do_all(&mut self, posts: Vec<Post>) {
        for Post { thread, order } in posts {
            let change = match order {
                Order::Leave(stream, _) => {
                    self.carried_out.push(format!("{} leaves {thread}", stream.0));
                    continue;
                }
                Order::Arrive(stream, ..) => {
                    self.carried_out.push(format!("{} comes to {thread}", stream.0));
                    continue;
                }
                Order::Open(stream, _, _, _) => {
                    self.carried_out.push(format!("open {}", stream.0));
                    continue;
                }
                Order::Change(change) | Order::Secure(_, _, _, change) => change,
            };
            self.carried_out.push(match &change {
                Change::Apply(room, plan, _) => format!("apply {} with {}", room.0, plan.len()),
                Change::Close(stream) => format!("close {}", stream.0),
                Change::Drop(room) => format!("drop {}", room.0),
                Change::Start(source, _) => format!("start {}", source.0),
                Change::Stop(source) => format!("stop {}", source.0),
                _ => continue,
            });
            match change {
                Change::Close(stream) => self.registry.hand_back(&Spent::Stream(stream, None)),
                Change::Drop(room) => self.registry.hand_back(&Spent::Conference(room, None)),
                Change::Stop(source) => self.registry.hand_back(&Spent::Source(source, None)),
                _ => {}
            }
        }
    }

    fn done(&mut self) -> Vec<String> {
        std::mem::take(&mut self.carried_out)
    }

    fn seated(&self) -> Vec<(String, Option<String>)> {
        let states = self.registry.stream_states();
        let mut seated: Vec<_> = states
            .into_iter()
            .map(|state| (state.call, state.conference))
            .collect();
        seated.sort();
        seated
    }
}

fn format() -> wire::Format {
    wire::Format {
        codec: wire::Codec::Pcmu,
        payload_type: 0,
        digit_payload_type: Some(101),
        ptime_ms: 20,
        clock_rate_hz: None,
        digit_clock_rate_hz: None,
        noise_payload_type: None,
        opus: None,
    }
}

fn seat(call: &str, source: Option<&str>) -> wire::SeatOrder {
    wire::SeatOrder {
        call: call.into(),
        talks: wire::Talks::Room,
        target: None,
        hears: if source.is_some() {
            wire::Hears::Source
        } else {
            wire::Hears::Room
        },
        source: source.map(Into::into),
        overlays: Vec::new(),
        jitter_buffer: None,
    }
}

fn code(outcome: Result<(), Refusal>) -> &'static str {
    outcome.expect_err("refused").code
}

#[test]
fn when_all_streams_are_open_the_next_is_refused_until_one_closes() {
    let mut desk = Desk::new(37_060);
    for call in ["a", "b", "c", "d"] {
        desk.open(call).unwrap();
    }
    assert_eq!(desk.open("e").unwrap_err().code, "no-port");
    desk.close("b");
    desk.open("e").unwrap();
    assert_eq!(desk.open("e").unwrap(), desk.open("e").unwrap());
}

#[test]
fn an_end_is_told_of_the_turn_that_plays_and_once() {
    let mut desk = Desk::new(37_070);
    desk.start("music", 7, None).unwrap();
    let end = |turn| {
        News::Fact(Fact::SourceEnded {
            source: SourceId(0),
            turn,
        })
    };
    assert_eq!(desk.registry.tell(end(6)), None, "what it played before");
    let told = wire::SourceEnded {
        source: "music".into(),
        turn: 7,
    };
    assert_eq!(desk.registry.tell(end(7)), Some(told.into()));
    assert_eq!(desk.registry.tell(end(7)), None);
    assert!(desk.registry.source_states()[0].ended);
    desk.start("music", 8, None).unwrap();
    assert!(!desk.registry.source_states()[0].ended);
    desk.stop("music");
    assert_eq!(desk.registry.tell(end(8)), None, "what was stopped has no end");
}

#[test]
fn the_last_counters_of_a_closed_stream_still_find_its_name() {
    let mut desk = Desk::new(37_080);
    desk.open("a").unwrap();
    let orders = desk.registry.close_stream("a");
    let fact = News::Fact(Fact::Statistics {
        stream: StreamId(0),
        last: true,
        figures: Figures::default(),
    });
    assert!(matches!(desk.registry.tell(fact), Some(wire::Fact::StreamStatistics(it)) if it.call == "a"));
    desk.do_all(orders);
    assert_eq!(desk.registry.tell(fact), None);
    assert!(
        desk.registry.close_stream("a").is_empty(),
        "closing again does nothing"
    );
}

#[test]
fn streams_with_impossible_terms_are_refused() {
    let mut desk = Desk::new(37_090);
    desk.open("a").unwrap();
    let change = |edit: &dyn Fn(&mut wire::ChangeStream)| {
        let mut order = wire::ChangeStream {
            n: 0,
            call: "a".into(),
            format: format(),
            remote_host: "127.0.0.1".into(),
            remote_port: 1,
            flow: wire::Flow::Inactive,
            security: None,
            door: None,
        };
        edit(&mut order);
        order
    };
    let mut refused = |edit: &dyn Fn(&mut wire::ChangeStream)| {
        desk.registry
            .change_stream(&change(edit), |_| None)
            .map(drop)
            .expect_err("refused")
            .code
    };
    assert_eq!(refused(&|order| order.call = "b".into()), "unknown-stream");
    assert_eq!(
        refused(&|order| order.remote_host = "phone.example".into()),
        "bad-address"
    );
    assert_eq!(
        refused(&|order| order.remote_host = "2001:db8::1".into()),
        "bad-address"
    );
    assert_eq!(refused(&|order| order.format.ptime_ms = 25), "bad-format");
    assert_eq!(refused(&|order| order.format.ptime_ms = 0), "bad-format");
    assert_eq!(refused(&|order| order.format.payload_type = 72), "bad-format");
    assert_eq!(
        refused(&|order| order.format.codec = wire::Codec::Opus),
        "bad-format",
        "Opus without its clock"
    );
    assert_eq!(
        refused(&|order| {
            order.format.codec = wire::Codec::L16;
            order.format.clock_rate_hz = Some(16_000);
            order.format.ptime_ms = 60;
        }),
        "bad-format"
    );
    assert_eq!(
        refused(&|order| order.format.noise_payload_type = Some(101)),
        "bad-format"
    );
    assert_eq!(
        refused(&|order| order.format.digit_payload_type = Some(0)),
        "bad-format"
    );
    assert_eq!(desk.registry.stream_states()[0].flow, wire::Flow::Sendrecv);
    assert_eq!(
        desk.registry
            .change_stream(&change(&|_| {}), |_| None)
            .map(|orders| orders.len()),
        Ok(1)
    );
}

#[test]
fn content_that_cannot_play_is_refused() {
    let mut desk = Desk::new(37_100);
    desk.registry.keep_clip("here".into(), vec![0; 8].into());
    desk.start("s", 1, Some("here")).unwrap();
    assert_eq!(code(desk.start("s", 2, Some("gone"))), "unknown-clip");
    assert_eq!(desk.registry.source_states()[0].turn, 1, "what plays goes on");
    let once = |tone_hz: Option<f32>, clip: Option<&str>, duration_ms: u32| wire::PlayOnce {
        n: 0,
        conference: "nowhere".into(),
        content: wire::Content {
            clip: clip.map(Into::into),
            loops: 0,
            tone_hz,
            level_db: -10.0,
            duration_ms,
        },
        calls: Vec::new(),
    };
    let refused = |order| {
        desk.registry
            .play_once(&order)
            .map(drop)
            .expect_err("refused")
            .code
    };
    assert_eq!(refused(once(Some(440.0), None, 0)), "endless");
    assert_eq!(refused(once(None, Some("here"), 0)), "endless");
    assert_eq!(refused(once(Some(440.0), Some("here"), 9)), "bad-content");
    assert_eq!(refused(once(Some(f32::NAN), None, 9)), "bad-content");
    assert_eq!(refused(once(Some(4_000.0), None, 9)), "bad-content");
    assert!(
        desk.registry.play_once(&once(Some(440.0), None, 9)).is_ok(),
        "to nobody"
    );
}

#[test]
fn the_latest_counters_of_a_stream_are_kept_for_whoever_asks() {
    let mut desk = Desk::new(37_300);
    desk.open("a").unwrap();
    desk.open("b").unwrap();
    let all = |desk: &Desk, calls: &[String]| -> Vec<(String, u64)> {
        let told = desk.registry.statistics(calls).into_iter();
        let mut told: Vec<_> = told.map(|it| (it.call, it.packets_received)).collect();
        told.sort();
        told
    };
    assert_eq!(all(&desk, &[]), []);
    for (stream, packets_received) in [(0, 1), (0, 2), (1, 3)] {
        let figures = Figures {
            packets_received,
            ..Figures::default()
        };
        let fact = Fact::Statistics {
            stream: StreamId(stream),
            last: false,
            figures,
        };
        assert_eq!(
            desk.registry.tell(News::Fact(fact)),
            None,
            "it is not told by itself"
        );
    }
    assert_eq!(all(&desk, &[]), [("a".into(), 2), ("b".into(), 3)]);
    assert_eq!(all(&desk, &["b".into(), "x".into()]), [("b".into(), 3)]);
    let orders = desk.registry.close_stream("b");
    desk.do_all(orders);
    assert_eq!(all(&desk, &[]), [("a".into(), 2)]);
}
