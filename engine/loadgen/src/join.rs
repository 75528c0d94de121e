//! Plays the brain of an engine: a stream for each endpoint, a plan for each conference in which all talk to all.
//!
//! Orders are made from their fields by name, so that an order that has got a field more, which may be left out, can be
//! given by this program as it is.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Shutdown};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::{json, Value};
use wire::{Order, Reply};

use crate::layout::Layout;
use crate::play::Server;
use crate::score::{Score, FRAMES_PER_S};

/// Longest wait for a reply.
const PATIENCE: Duration = Duration::from_secs(20);

/// Replies outstanding at most.
const AHEAD: usize = 64;

/// A connection to an engine, kept open for as long as the endpoints play.
pub struct Brain {
    stream: UnixStream,
    n: u64,
}

/// The connection of a brain that only listens any more. The engine is held for as long as this is.
pub struct Attached {
    stream: UnixStream,
    ticks: Arc<Mutex<Vec<wire::TickStatistics>>>,
}

impl Attached {
    /// Let go, and give what the engine told of its ticks.
    pub fn part(self) -> Vec<wire::TickStatistics> {
        let _ = self.stream.shutdown(Shutdown::Both);
        std::mem::take(&mut *self.ticks.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Brain {
    /// Attach to an engine.
    pub fn attach(socket: &Path) -> Result<Self, String> {
        let shown = socket.display();
        let stream = UnixStream::connect(socket).map_err(|why| format!("{shown}: {why}"))?;
        stream
            .set_read_timeout(Some(PATIENCE))
            .map_err(|why| why.to_string())?;
        let mut brain = Self { stream, n: 0 };
        brain.ask::<wire::Hello>(json!({ "protocol": wire::VERSION, "brain": "loadgen" }))?;
        brain.ask::<wire::TakeSnapshot>(json!({}))?;
        Ok(brain)
    }

    /// Open a stream for every endpoint and seat them in conferences. Gives where to send their sound.
    pub fn seat_all(&mut self, score: &Score, layout: Layout, host: Ipv4Addr) -> Result<Server, String> {
        let format = json!({
            "codec": score.codec, "payload_type": score.payload_type, "digit_payload_type": null, "ptime_ms": 20,
            "clock_rate_hz": score.timestamp_step * FRAMES_PER_S,
        });
        let open = |endpoint: usize| {
            let at = layout.address_of(endpoint);
            let (host, port) = (at.ip().to_string(), at.port());
            json!({
                "call": call_of(endpoint), "format": format, "remote_host": host, "remote_port": port,
                "flow": "sendrecv",
            })
        };
        let replies = self.ask_all::<wire::OpenStream>((0..layout.endpoints()).map(open))?;
        let ports = replies
            .into_iter()
            .map(opened_port)
            .collect::<Result<Vec<_>, _>>()?;
        let endpoints: Vec<usize> = (0..layout.endpoints()).collect();
        let plans = endpoints.chunks(score.conference_size).map(plan_of);
        self.ask_all::<wire::ApplyPlan>(plans)?;
        Server::new(IpAddr::V4(host), ports)
    }

    /// Let every conference be recorded, each into a folder of its own in this one: the mix, and perhaps a track for each
    /// endpoint.
    pub fn record_all(&mut self, score: &Score, layout: Layout, wanted: (&Path, bool)) -> Result<(), String> {
        let endpoints: Vec<usize> = (0..layout.endpoints()).collect();
        let conferences = endpoints.chunks(score.conference_size);
        let orders: Vec<Value> = conferences.map(|members| record_of(members, wanted)).collect();
        for order in &orders {
            let folder = order["folder"].as_str().unwrap_or_default();
            std::fs::create_dir(folder).map_err(|why| format!("{folder}: {why}"))?;
        }
        self.ask_all::<wire::Record>(orders.into_iter())?;
        Ok(())
    }

    /// Read all that the engine still tells, in a thread of its own, and keep what it says of its ticks.
    pub fn listen_on(mut self) -> std::io::Result<Attached> {
        let (stream, ticks) = (self.stream.try_clone()?, Arc::new(Mutex::new(Vec::new())));
        self.stream.set_read_timeout(None)?;
        let kept = ticks.clone();
        std::thread::Builder::new().name("facts".into()).spawn(move || {
            while let Ok(body) = self.hear() {
                if let Ok(wire::Fact::TickStatistics(told)) = wire::decode::<wire::Fact>(&body) {
                    kept.lock().unwrap_or_else(PoisonError::into_inner).push(told);
                }
            }
        })?;
        Ok(Attached { stream, ticks })
    }

    fn ask<T: DeserializeOwned + Into<Order>>(&mut self, fields: Value) -> Result<Reply, String> {
        let mut replies = self.ask_all::<T>(std::iter::once(fields))?;
        replies.pop().ok_or_else(|| "no reply".into())
    }

    /// Give orders, some ahead of their replies; the first refusal ends it.
    fn ask_all<T: DeserializeOwned + Into<Order>>(
        &mut self,
        all: impl Iterator<Item = Value>,
    ) -> Result<Vec<Reply>, String> {
        let (mut replies, mut given) = (Vec::new(), 0);
        for fields in all {
            self.n += 1;
            let order = order::<T>(self.n, fields)?;
            self.stream
                .write_all(&wire::encode(&order))
                .map_err(|why| why.to_string())?;
            given += 1;
            if given - replies.len() >= AHEAD {
                replies.push(self.hear_reply()?);
            }
        }
        while replies.len() < given {
            replies.push(self.hear_reply()?);
        }
        Ok(replies)
    }

    /// The next reply; facts on the way are passed over.
    fn hear_reply(&mut self) -> Result<Reply, String> {
        loop {
            let body = self.hear()?;
            match wire::decode::<Reply>(&body) {
                Ok(Reply::Refused(it)) => {
                    return Err(format!("the engine refuses: {} ({})", it.text, it.code))
                }
                Ok(reply) => return Ok(reply),
                Err(_) => {}
            }
        }
    }

    fn hear(&mut self) -> Result<Vec<u8>, String> {
        let mut field = [0; 4];
        self.read(&mut field)?;
        let mut body = vec![0; wire::body_length(field).map_err(|why| why.to_string())?];
        self.read(&mut body)?;
        Ok(body)
    }

    fn read(&mut self, bytes: &mut [u8]) -> Result<(), String> {
        self.stream
            .read_exact(bytes)
            .map_err(|why| format!("the engine does not reply: {why}"))
    }
}

fn order<T: DeserializeOwned + Into<Order>>(n: u64, mut fields: Value) -> Result<Order, String> {
    fields["n"] = n.into();
    let order: T = serde_json::from_value(fields).map_err(|why| format!("this engine's protocol: {why}"))?;
    Ok(order.into())
}

fn opened_port(reply: Reply) -> Result<u16, String> {
    match reply {
        Reply::Opened(it) => Ok(it.port),
        other => Err(format!("not the reply to OpenStream: {other:?}")),
    }
}

fn plan_of(members: &[usize]) -> Value {
    let seat = |endpoint: &usize| {
        json!({
            "call": call_of(*endpoint), "talks": "room", "target": null, "hears": "room", "source": null,
            "overlays": [],
        })
    };
    let seats: Vec<Value> = members.iter().map(seat).collect();
    json!({ "conference": conference_of(members), "revision": 1, "seats": seats, "speech": false })
}

fn record_of(members: &[usize], (folder, tracks): (&Path, bool)) -> Value {
    let track = |name: String, ear: &str, subject: String| json!({ "name": name, "heard": [{ "ear": ear, "subject": subject }], "sources": [] });
    let conference = conference_of(members);
    let own = |endpoint: &usize| track(format!("call-{}", call_of(*endpoint)), "said", call_of(*endpoint));
    let mut all = vec![track("mix".into(), "room", conference.clone())];
    all.extend(members.iter().filter(|_| tracks).map(own));
    let folder = folder.join(&conference);
    json!({
        "recording": conference, "folder": folder.display().to_string(), "rate_hz": 8_000, "reel": "running",
        "tracks": all,
    })
}

fn conference_of(members: &[usize]) -> String {
    format!("c0{:030x}", members.first().copied().unwrap_or_default())
}

fn call_of(endpoint: usize) -> String {
    format!("ca{endpoint:030x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_orders_are_of_the_protocol() {
        let plan = order::<wire::ApplyPlan>(7, plan_of(&[10, 11, 12])).unwrap();
        let Order::ApplyPlan(plan) = plan else {
            panic!("{plan:?}")
        };
        assert_eq!((plan.n, plan.seats.len(), plan.speech), (7, 3, false));
        assert_eq!(plan.seats[2].call, call_of(12));
        assert_eq!(plan.conference.len(), 32);
        let record = record_of(&[10, 11], (Path::new("/there"), true));
        let Order::Record(record) = order::<wire::Record>(8, record).unwrap() else {
            panic!("no order to record")
        };
        assert_eq!((record.tracks.len(), record.recording), (3, plan.conference));
        assert!(order::<wire::HangUp>(1, json!({})).is_err());
    }
}
