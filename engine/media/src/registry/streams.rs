//! Streams by the call they belong to.

use std::net::{IpAddr, SocketAddr};

use mixer::codec::{longest_payload, Codec, OpusTerms};
use mixer::keying::Keys;
use mixer::stream::{Kit, Stream};
use mixer::terms::{Flow, Format, Identity, Terms};
use mixer::{Change, Figures, StreamId};
use rtrb::RingBuffer;

use super::{Outcome, Post, Refusal, Registry};
use crate::keys;
use crate::ports::PortPair;
use crate::real_time::Order;

/// No address to send to.
const NOWHERE: &str = "0.0.0.0";

/// One open stream.
#[derive(Debug)]
pub(super) struct Line {
    pub id: StreamId,
    /// The thread that carries it.
    pub thread: usize,
    /// The round whose lobby it entered when it came to its thread.
    pub round: usize,
    port: u16,
    /// Whose packets its sockets take, at the port that many share.
    peer: Option<SocketAddr>,
    v4: bool,
    format: wire::Format,
    remote_host: String,
    remote_port: u16,
    flow: wire::Flow,
    /// Of its keys: the brain's, or those agreed on at its door.
    security: Option<wire::Security>,
    door: Option<wire::Door>,
    /// Its counters as they were told last.
    pub latest: Option<Figures>,
}

impl Line {
    /// What is inside its packets.
    pub fn codec(&self) -> wire::Codec {
        self.format.codec
    }
}

/// What the outside gives to a new stream.
pub(crate) struct Outfit {
    pub ports: PortPair,
    pub identity: Identity,
}

impl Registry {
    /// Open a stream and give its port. `outfit` is asked only when the order is otherwise good.
    pub fn open_stream(
        &mut self,
        order: &wire::OpenStream,
        v4: bool,
        outfit: impl FnOnce() -> Option<Outfit>,
    ) -> Result<(u16, Vec<Post>), Refusal> {
        if let Some(line) = self.streams.get(&order.call) {
            return Ok((line.port, Vec::new()));
        }
        // What a browser writes of its address is not where it is.
        let remote = match &order.door {
            Some(_) => (NOWHERE, 0),
            None => (order.remote_host.as_str(), order.remote_port),
        };
        let terms = read_terms(&order.format, remote, order.flow, v4)?;
        let security = order.security.as_ref().filter(|_| order.door.is_none());
        let rekeying = keys::prepare(None, security)?;
        let full = || Refusal::new("no-port", "all RTP ports are taken");
        let place = self.stream_places.take(&order.call).ok_or_else(full)?;
        let Some(Outfit { ports, identity }) = outfit() else {
            self.stream_places.release(place);
            return Err(full());
        };
        let (id, port, peer, round) = (StreamId(place), ports.port, ports.peer, self.next_round);
        let thread = self.thread_for_stream(&order.call);
        self.threads[thread].streams += 1;
        self.next_round = (self.next_round + 1) % self.threads[thread].seats.len();
        let line = Line {
            id,
            thread,
            round,
            port,
            peer,
            v4,
            format: order.format.clone(),
            remote_host: remote.0.to_owned(),
            remote_port: remote.1,
            flow: order.flow,
            security: security.cloned(),
            door: order.door.clone(),
            latest: None,
        };
        self.streams.insert(order.call.clone(), line);
        let stream = Box::new(Stream::new(id, terms, identity));
        let mut orders = vec![Post {
            thread,
            order: Order::Open(id, ports, rekeying, Change::Open(id, stream, round)),
        }];
        orders.extend(self.tap_latecomer(&order.call));
        orders.extend(self.seat_latecomer(&order.call));
        Ok((port, orders))
    }

    /// Where a conference awaits the call, else where there are the fewest.
    fn thread_for_stream(&self, call: &str) -> usize {
        let awaiting = self.seated.get(call).and_then(|room| self.rooms.get(room));
        let fewest = || (0..self.threads.len()).min_by_key(|thread| self.threads[*thread].streams);
        awaiting
            .map(|room| room.thread)
            .or_else(fewest)
            .unwrap_or_default()
    }

    /// Bring a call's stream to a thread, into the lobby of a round, with its ports.
    pub(super) fn move_stream(&mut self, call: &str, thread: usize, round: usize) -> Vec<Post> {
        let Some(line) = self.streams.get_mut(call).filter(|line| line.thread != thread) else {
            return Vec::new();
        };
        let before = std::mem::replace(&mut line.thread, thread);
        line.round = round;
        self.threads[before].streams -= 1;
        self.threads[thread].streams += 1;
        let (way_out, way_in) = RingBuffer::new(1);
        let leave = Post {
            thread: before,
            order: Order::Leave(line.id, way_out),
        };
        let arrive = Post {
            thread,
            order: Order::Arrive(line.id, way_in, round),
        };
        vec![leave, arrive]
    }

    /// The peer by whose address a stream can be told from all others at the shared port; None: it cannot, or may not.
    pub fn peer_to_share(&self, order: &wire::OpenStream) -> Option<SocketAddr> {
        let host = order.remote_host.parse().ok()?;
        let peer = SocketAddr::new(host, order.remote_port);
        let possible = order.shared == Some(true) && is_reachable(peer) && order.door.is_none();
        (possible && !self.is_taken(peer)).then_some(peer)
    }

    /// Whether a stream at the shared port has this peer.
    fn is_taken(&self, peer: SocketAddr) -> bool {
        self.streams.values().any(|line| line.peer == Some(peer))
    }

    /// Sockets for a stream at the shared port that has got another peer; None: those it has will do.
    fn readdress(
        &self,
        line: &Line,
        remote: SocketAddr,
        connect: impl FnOnce(SocketAddr) -> Option<PortPair>,
    ) -> Result<Option<PortPair>, Refusal> {
        if line.peer.is_none() || line.peer == Some(remote) || !is_reachable(remote) {
            return Ok(None);
        }
        if self.is_taken(remote) {
            let text = format!("another stream at the shared port has {remote}");
            return Err(Refusal::new("address-taken", text));
        }
        let none = || Refusal::new("no-port", format!("the shared port takes no {remote}"));
        connect(remote).map(Some).ok_or_else(none)
    }

    /// Follow a re-INVITE. `connect` gives sockets at the shared port for another peer.
    pub fn change_stream(
        &mut self,
        order: &wire::ChangeStream,
        connect: impl FnOnce(SocketAddr) -> Option<PortPair>,
    ) -> Outcome {
        let unknown = || Refusal::new("unknown-stream", format!("call {} has no stream", order.call));
        let line = self.streams.get(&order.call).ok_or_else(unknown)?;
        let at_door = line.door.is_some();
        if at_door != order.door.is_some() {
            return Err(Refusal::new(
                "bad-door",
                "a stream has a door from the beginning, or never",
            ));
        }
        // Where a browser is, and its keys, its door finds out.
        let remote = if at_door {
            (line.remote_host.clone(), line.remote_port)
        } else {
            (order.remote_host.clone(), order.remote_port)
        };
        let security = if at_door { &line.security } else { &order.security }.clone();
        let terms = read_terms(&order.format, (&remote.0, remote.1), order.flow, line.v4)?;
        let rekeying = keys::prepare(line.security.as_ref(), security.as_ref())?;
        let ports = self.readdress(line, terms.remote, connect)?;
        let line = self.streams.get_mut(&order.call).ok_or_else(unknown)?;
        line.peer = ports.as_ref().map_or(line.peer, |ports| ports.peer);
        let before = read_format(&line.format).map(|format| format.coding());
        let recoded = before != Ok(terms.format.coding());
        let kit = recoded.then(|| Box::new(Kit::new(&terms.format)));
        line.format = order.format.clone();
        (line.remote_host, line.remote_port) = remote;
        line.flow = order.flow;
        (line.security, line.door) = (security, order.door.clone());
        Ok(vec![Post {
            thread: line.thread,
            order: Order::Secure(line.id, ports, rekeying, Change::Alter(line.id, terms, kit)),
        }])
    }

    /// Let a stream send where its door has found the peer, and seal with what was agreed on there.
    pub fn settle(
        &mut self,
        stream: StreamId,
        way: Option<SocketAddr>,
        agreed: Option<wire::Security>,
    ) -> Outcome {
        let unknown = || Refusal::new("unknown-stream", "the stream was closed meanwhile");
        let found = self
            .streams
            .values_mut()
            .find(|line| line.id == stream && line.door.is_some());
        let line = found.ok_or_else(unknown)?;
        if let Some(way) = way {
            (line.remote_host, line.remote_port) = (way.ip().to_string(), way.port());
        }
        let security = agreed.or_else(|| line.security.clone());
        let rekeying = keys::prepare(line.security.as_ref(), security.as_ref())?;
        line.security = security;
        let terms = read_terms(
            &line.format,
            (&line.remote_host, line.remote_port),
            line.flow,
            line.v4,
        )?;
        Ok(vec![Post {
            thread: line.thread,
            order: Order::Secure(stream, None, rekeying, Change::Alter(stream, terms, None)),
        }])
    }

    /// Send nothing more to a peer that has left its door, not even reports (RFC 7675, section 5.1): the keys are taken
    /// away, and without keys nothing leaves. The call is the brain's to end.
    pub fn part(&mut self, call: &str) -> Outcome {
        let unknown = || Refusal::new("unknown-stream", "the stream was closed meanwhile");
        let found = self.streams.get_mut(call).filter(|line| line.door.is_some());
        let line = found.ok_or_else(unknown)?;
        let rekeying = keys::prepare(line.security.as_ref(), None)?;
        (line.security, line.flow) = (None, wire::Flow::Inactive);
        let remote = (line.remote_host.as_str(), line.remote_port);
        let terms = read_terms(&line.format, remote, line.flow, line.v4)?;
        Ok(vec![Post {
            thread: line.thread,
            order: Order::Secure(line.id, None, rekeying, Change::Alter(line.id, terms, None)),
        }])
    }

    /// The mixer's number of a call's stream.
    pub fn stream_of(&self, call: &str) -> Option<StreamId> {
        self.streams.get(call).map(|line| line.id)
    }

    /// Press keys on a stream, as events beside its sound.
    pub fn press_keys(&self, order: &wire::PressKeys) -> Outcome {
        let unknown = || Refusal::new("unknown-stream", format!("call {} has no stream", order.call));
        let line = self.streams.get(&order.call).ok_or_else(unknown)?;
        if line.format.digit_payload_type.is_none() {
            return Err(Refusal::new("no-events", "the peer takes no telephone events"));
        }
        let keys = Keys::read(&order.keys)
            .ok_or_else(|| Refusal::new("bad-keys", "keys are up to 100 of 0-9 * # A-D, w and W"))?;
        Ok(vec![Post {
            thread: line.thread,
            order: Order::Change(Change::Press(line.id, keys)),
        }])
    }

    /// Close a stream, if it is open.
    pub fn close_stream(&mut self, call: &str) -> Vec<Post> {
        let Some(line) = self.streams.remove(call) else {
            return Vec::new();
        };
        self.stream_places.owe(line.id.0);
        self.stream_places.release(line.id.0);
        self.threads[line.thread].streams -= 1;
        vec![Post {
            thread: line.thread,
            order: Order::Change(Change::Close(line.id)),
        }]
    }

    /// Whether a port is about to be free: its stream was closed, and the real-time thread still has it.
    pub fn is_closing(&self) -> bool {
        self.stream_places.owes()
    }

    /// All open streams.
    pub fn stream_states(&self) -> Vec<wire::StreamState> {
        let state = |(call, line): (&String, &Line)| wire::StreamState {
            call: call.clone(),
            port: line.port,
            format: line.format.clone(),
            remote_host: line.remote_host.clone(),
            remote_port: line.remote_port,
            flow: line.flow,
            conference: self.seated.get(call).cloned(),
            thread: Some(line.thread as u16),
            security: line.security.clone().filter(|_| line.door.is_none()),
            door: line.door.clone(),
        };
        self.streams.iter().map(state).collect()
    }
}

fn is_reachable(peer: SocketAddr) -> bool {
    !peer.ip().is_unspecified() && peer.port() != 0
}

fn read_terms(
    format: &wire::Format,
    (host, port): (&str, u16),
    flow: wire::Flow,
    v4: bool,
) -> Result<Terms, Refusal> {
    let address: IpAddr = host
        .parse()
        .map_err(|_| Refusal::new("bad-address", format!("{host:?} is not an IP address")))?;
    if address.is_ipv4() != v4 && !address.is_unspecified() {
        return Err(Refusal::new(
            "bad-address",
            format!("{host} is not of the family that the ports are bound to"),
        ));
    }
    Ok(Terms {
        format: read_format(format)?,
        remote: SocketAddr::new(address, port),
        flow: read_flow(flow),
    })
}

fn read_format(format: &wire::Format) -> Result<Format, Refusal> {
    // 64 to 95 cannot be told from RTCP (RFC 5761, section 4).
    let possible = |kind: u8| kind < 64 || (96..128).contains(&kind);
    let (digits, noise) = (format.digit_payload_type, format.noise_payload_type);
    let fits = |kind: u8| possible(kind) && kind != format.payload_type;
    if !possible(format.payload_type)
        || !digits.is_none_or(fits)
        || !noise.is_none_or(|kind| fits(kind) && noise != digits)
    {
        return Err(Refusal::new(
            "bad-format",
            "payload types are 0-63 or 96-127, and differ",
        ));
    }
    if !(10..=60).contains(&format.ptime_ms) || !format.ptime_ms.is_multiple_of(10) {
        return Err(Refusal::new("bad-format", "ptime_ms is 10, 20, 30, 40, 50 or 60"));
    }
    let codec = read_codec(format)?;
    let payload_bytes = codec.bytes_per_ms().unwrap_or(0) * usize::from(format.ptime_ms);
    let uncut = codec == Codec::Opus && !format.ptime_ms.is_multiple_of(20);
    if payload_bytes > longest_payload(codec) || uncut {
        let text = format!("{} ms of {:?} make no packet", format.ptime_ms, format.codec);
        return Err(Refusal::new("bad-format", text));
    }
    Ok(Format {
        codec,
        payload_type: format.payload_type,
        digit_payload_type: digits,
        noise_payload_type: noise,
        ptime_ms: format.ptime_ms,
        digit_clock_rate_hz: format.digit_clock_rate_hz.unwrap_or(codec.clock_rate_hz()),
        opus: read_opus(format),
    })
}

/// A codec with the clock it has; no clock means one of 8 kHz.
fn read_codec(format: &wire::Format) -> Result<Codec, Refusal> {
    let clock_rate_hz = format.clock_rate_hz.unwrap_or(8_000);
    let codec = match (format.codec, clock_rate_hz) {
        (wire::Codec::Pcmu, _) => Codec::Pcmu,
        (wire::Codec::Pcma, _) => Codec::Pcma,
        (wire::Codec::G722, _) => Codec::G722,
        (wire::Codec::L16, 16_000) => Codec::L16Wide,
        (wire::Codec::L16, _) => Codec::L16Narrow,
        (wire::Codec::Opus, _) => Codec::Opus,
    };
    if codec.clock_rate_hz() != clock_rate_hz {
        let text = format!("{:?} has no clock of {clock_rate_hz} Hz", format.codec);
        return Err(Refusal::new("bad-format", text));
    }
    Ok(codec)
}

fn read_opus(format: &wire::Format) -> OpusTerms {
    let asked = format.opus.as_ref().filter(|_| format.codec == wire::Codec::Opus);
    asked.map_or_else(OpusTerms::default, |asked| OpusTerms {
        bitrate_bps: asked.bitrate_bps,
        fec: asked.fec,
        dtx: asked.dtx,
        max_playback_hz: match asked.max_playback_hz {
            0 => OpusTerms::default().max_playback_hz,
            hz => hz,
        },
        ..OpusTerms::default()
    })
}

fn read_flow(flow: wire::Flow) -> Flow {
    match flow {
        wire::Flow::Sendrecv => Flow::SendReceive,
        wire::Flow::Sendonly => Flow::SendOnly,
        wire::Flow::Recvonly => Flow::ReceiveOnly,
        wire::Flow::Inactive => Flow::Inactive,
    }
}
