//! The brain's side of the program: one attached at a time, orders carried out in order, one reply each.
//!
//! A thread reads and carries out; another writes. So a long order delays the orders behind it, as it must, but never
//! a fact. The reply to an order that waits for a disk comes later than those behind it. A brain that stops reading fills the outbox and hurts nobody else.

use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown as Ways;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use wire::{Order, Reply};

use crate::engine::{refusal, Engine};
use crate::orphan::Watch;
use crate::outbox::{Attachment, Letter, Outbox};

/// Longest wait for Hello on a new connection.
const HELLO_LIMIT: Duration = Duration::from_secs(5);

/// The part of an order that all versions of the protocol share.
#[derive(serde::Deserialize)]
struct Envelope {
    t: String,
    n: u64,
}

/// Names of all orders of this version.
const ORDERS: [&str; 31] = [
    "Hello",
    "TakeSnapshot",
    "Invite",
    "Ring",
    "Answer",
    "Refuse",
    "HangUp",
    "RestoreLeg",
    "Reoffer",
    "Respond",
    "Ask",
    "Shun",
    "OpenStream",
    "ChangeStream",
    "CloseStream",
    "ApplyPlan",
    "DropConference",
    "LoadClip",
    "DropClip",
    "StartSource",
    "StopSource",
    "PlayOnce",
    "PressKeys",
    "TakeStatistics",
    "Record",
    "EndRecording",
    "OpenRelay",
    "TuneRelay",
    "TellRelay",
    "CloseRelay",
    "Shutdown",
];

/// Take connections for as long as the engine lives.
pub fn welcome_all(listener: UnixListener, engine: Arc<Engine>, outbox: Arc<Outbox>, watch: Arc<Watch>) {
    let door = Arc::new(Door {
        engine,
        outbox,
        watch,
        current: Mutex::new(None),
    });
    spawn("brains", move || {
        for stream in listener.incoming() {
            match stream {
                Ok(stream) => {
                    let door = Arc::clone(&door);
                    spawn("brain-in", move || door.serve(&stream));
                }
                Err(why) => {
                    tracing::warn!(%why, "no brain could be let in");
                    std::thread::sleep(Duration::from_millis(200));
                }
            }
        }
    });
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) {
    if let Err(why) = std::thread::Builder::new().name(name.into()).spawn(work) {
        tracing::error!(%why, name, "no thread could be started");
    }
}

/// Where brains come in.
struct Door {
    engine: Arc<Engine>,
    outbox: Arc<Outbox>,
    watch: Arc<Watch>,
    /// The attached brain's connection, to be cut when another takes over.
    current: Mutex<Option<UnixStream>>,
}

/// Why a connection is over.
enum Parting {
    /// The brain closed it, or another took its place.
    Gone,
    /// What came is no order.
    Senseless(String),
}

impl Door {
    fn serve(self: &Arc<Self>, stream: &UnixStream) {
        let attachment = match self.greet(stream) {
            Ok(attachment) => attachment,
            Err(Parting::Gone) => return,
            Err(Parting::Senseless(why)) => {
                tracing::warn!(%why, "connection closed before Hello");
                return;
            }
        };
        match self.obey(stream, attachment) {
            Parting::Gone => tracing::debug!(attachment, "connection closed"),
            Parting::Senseless(why) => {
                tracing::warn!(%why, attachment, "connection closed: no order of the protocol");
            }
        }
        let _ = stream.shutdown(Ways::Both);
        self.part(attachment);
    }

    /// Hear Hello and attach the brain, in place of any other.
    fn greet(self: &Arc<Self>, stream: &UnixStream) -> Result<Attachment, Parting> {
        let _ = stream.set_read_timeout(Some(HELLO_LIMIT));
        let order = match read_order(stream)? {
            Heard::Order(order) => *order,
            Heard::Unknown(envelope) => {
                return Err(Parting::Senseless(format!("{} before Hello", envelope.t)))
            }
        };
        let _ = stream.set_read_timeout(None);
        let Order::Hello(hello) = order else {
            say(
                stream,
                &refusal(order.n(), "hello-first", "the first order must be Hello"),
            );
            return Err(Parting::Senseless("another order before Hello".into()));
        };
        if !wire::compatible(wire::VERSION, &hello.protocol) {
            let text = format!(
                "this engine speaks {}, the brain {}",
                wire::VERSION,
                hello.protocol
            );
            say(stream, &refusal(hello.n, "version", &text));
            return Err(Parting::Senseless(text));
        }
        self.attach(stream, &hello)
    }

    fn attach(self: &Arc<Self>, stream: &UnixStream, hello: &wire::Hello) -> Result<Attachment, Parting> {
        let own = |_| Parting::Gone;
        let (kept, out) = (stream.try_clone().map_err(own)?, stream.try_clone().map_err(own)?);
        let mut current = self.current.lock();
        let attachment = self.outbox.attach();
        if let Some(before) = current.replace(kept) {
            tracing::info!(attachment, "another brain takes over");
            let _ = before.shutdown(Ways::Both);
        }
        self.outbox.reply(attachment, self.engine.welcome(hello.n).into());
        self.engine.take_calls(true);
        drop(current);
        tracing::info!(attachment, brain = %hello.brain, protocol = %hello.protocol, "brain attached");
        let door = Arc::clone(self);
        spawn("brain-out", move || door.write_out(out, attachment));
        Ok(attachment)
    }

    fn part(&self, attachment: Attachment) {
        let mut current = self.current.lock();
        if self.outbox.detach(attachment) {
            self.engine.take_calls(false);
            *current = None;
            tracing::warn!(
                attachment,
                "brain gone; new calls are refused until one comes back"
            );
        }
    }

    /// Carry out orders until the connection is over.
    fn obey(&self, stream: &UnixStream, attachment: Attachment) -> Parting {
        loop {
            match read_order(stream) {
                Ok(Heard::Order(order)) => {
                    if let Order::Record(order) = *order {
                        let outbox = Arc::clone(&self.outbox);
                        self.engine
                            .record(&order, move |reply| outbox.reply(attachment, reply));
                    } else {
                        self.outbox.reply(attachment, self.carry_out(*order));
                    }
                }
                Ok(Heard::Unknown(envelope)) => {
                    let text = format!("this engine knows no {}", envelope.t);
                    self.outbox
                        .reply(attachment, refusal(envelope.n, "unknown-order", &text));
                }
                Err(parting) => return parting,
            }
        }
    }

    fn carry_out(&self, order: Order) -> Reply {
        let ending = match &order {
            Order::Shutdown(it) => Some(Duration::from_millis(it.within_ms.into())),
            _ => None,
        };
        let reply = self.engine.carry_out(order);
        if let Some(within) = ending {
            self.engine.take_calls(false);
            self.watch.end("shutdown", within);
        }
        reply
    }

    fn write_out(&self, mut stream: UnixStream, attachment: Attachment) {
        while let Some(letters) = self.outbox.take(attachment) {
            for (at, letter) in letters.iter().enumerate() {
                let frame = match letter {
                    Letter::Reply(reply) => wire::encode(reply),
                    Letter::Fact(fact) => wire::encode(fact),
                };
                if stream.write_all(&frame).is_err() {
                    self.outbox.give_back(letters[at..].to_vec());
                    let _ = stream.shutdown(Ways::Both);
                    return;
                }
            }
        }
    }
}

/// What came in a frame.
enum Heard {
    Order(Box<Order>),
    /// An order of a later version.
    Unknown(Envelope),
}

fn read_order(stream: &UnixStream) -> Result<Heard, Parting> {
    let body = read_frame(stream)?;
    match wire::decode::<Order>(&body) {
        Ok(order) => Ok(Heard::Order(Box::new(order))),
        Err(why) => match wire::decode::<Envelope>(&body) {
            Ok(envelope) if !ORDERS.contains(&envelope.t.as_str()) => Ok(Heard::Unknown(envelope)),
            _ => Err(Parting::Senseless(why.to_string())),
        },
    }
}

fn read_frame(mut stream: &UnixStream) -> Result<Vec<u8>, Parting> {
    let mut field = [0; 4];
    stream.read_exact(&mut field).map_err(|why| parting(&why))?;
    let length = wire::body_length(field).map_err(|why| Parting::Senseless(why.to_string()))?;
    // Grown as it comes: what is announced is not believed before it is here.
    let mut body = Vec::new();
    let read = stream
        .take(length as u64)
        .read_to_end(&mut body)
        .map_err(|why| parting(&why))?;
    if read < length {
        return Err(Parting::Gone);
    }
    Ok(body)
}

fn parting(why: &std::io::Error) -> Parting {
    match why.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => Parting::Senseless("no Hello in time".into()),
        _ => Parting::Gone,
    }
}

fn say(mut stream: &UnixStream, reply: &Reply) {
    let _ = stream.write_all(&wire::encode(reply));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_orders_is_the_protocols() {
        let definition = include_str!("../../wire/protocol.toml");
        let named: Vec<_> = definition
            .lines()
            .filter_map(|line| line.strip_prefix("[order.")?.split([']', '.']).next())
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect();
        let mut ours = ORDERS;
        ours.sort_unstable();
        assert_eq!(named, ours);
    }
}
