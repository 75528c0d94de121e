//! Telephones for tests: real sockets on loopback, each with its own pitch, and the media they talk to.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::mpsc::{channel, Receiver};
use std::time::{Duration, Instant};

use media::{Media, Settings};
use mixer::g711::{decode_pcmu, encode_pcmu};
use mixer::rtp::{parse, write_header, Packet, HEADER_BYTES};
use srtp::{Opener, Sealer, Suite, ROOM};

/// The format of every phone unless a test says otherwise.
pub fn format() -> wire::Format {
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

/// Media on loopback, and the facts it tells.
pub struct Hall {
    pub media: Media,
    pub facts: Receiver<wire::Fact>,
    /// Whether its phones may come to a port that they share.
    sharing: bool,
}

impl Hall {
    /// Media with ports from `first` on, of which tests that run at once must have their own.
    pub fn new(first: u16) -> Self {
        Self::with_threads(first, 1)
    }

    /// The same on so many real-time threads.
    pub fn with_threads(first: u16, threads: usize) -> Self {
        Self::with_shared(first, threads, None)
    }

    /// The same with a port that all phones share.
    pub fn with_shared(first: u16, threads: usize, shared_port: Option<u16>) -> Self {
        let (tell, facts) = channel();
        let settings = Settings {
            shared_port,
            bind_host: IpAddr::V4(Ipv4Addr::LOCALHOST),
            rtp_first: first,
            rtp_last: first + 99,
            real_time: false,
            threads,
            ..Settings::default()
        };
        // The receiver may be gone when the test is over.
        let media = Media::start(settings, move |fact| drop(tell.send(fact))).unwrap();
        Self {
            media,
            facts,
            sharing: shared_port.is_some(),
        }
    }

    /// Give an order that must be carried out.
    pub fn done(&self, order: impl Into<wire::Order>) {
        let order = order.into();
        let n = order.n();
        assert_eq!(self.media.carry_out(order), wire::Done { n }.into());
    }

    /// Give an order that must be refused, and say with which code.
    pub fn refused(&self, order: impl Into<wire::Order>) -> String {
        match self.media.carry_out(order.into()) {
            wire::Reply::Refused(refused) => refused.code,
            other => panic!("not refused: {other:?}"),
        }
    }

    /// Open a stream for a phone that is there.
    pub fn open(&self, call: &str, phone: &UdpSocket) -> u16 {
        let order = wire::OpenStream {
            shared: Some(self.sharing),
            ..open(call, phone.local_addr().unwrap())
        };
        match self.media.carry_out(order.into()) {
            wire::Reply::Opened(opened) => opened.port,
            other => panic!("not opened: {other:?}"),
        }
    }

    /// Phones `a`, `b`, … with these pitches, each with an open stream.
    pub fn callers(&self, pitches: &[f64]) -> Vec<Phone> {
        let call = |i: usize| char::from(b'a' + i as u8).to_string();
        pitches
            .iter()
            .enumerate()
            .map(|(i, hz)| Phone::new(self, &call(i), *hz))
            .collect()
    }

    /// Wait for the first fact that fits; all others are let go by.
    pub fn wait_for(&self, fits: impl Fn(&wire::Fact) -> bool) -> wire::Fact {
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let fact = self
                .facts
                .recv_timeout(left)
                .expect("the fact came within a minute");
            if fits(&fact) {
                return fact;
            }
        }
    }

    /// The latest counters of a call; None while nothing was counted.
    pub fn figures(&self, call: &str) -> Option<wire::StreamFigures> {
        let order = wire::TakeStatistics {
            n: 1,
            calls: vec![call.into()],
        };
        match self.media.carry_out(order.into()) {
            wire::Reply::Statistics(mut told) => told.streams.pop(),
            reply => panic!("{reply:?}"),
        }
    }

    /// Wait until the counters of a call fit.
    pub fn counts(&self, call: &str, fits: impl Fn(&wire::StreamFigures) -> bool) -> wire::StreamFigures {
        let until = Instant::now() + Duration::from_secs(60);
        while Instant::now() < until {
            if let Some(figures) = self.figures(call).filter(&fits) {
                return figures;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("call {call} was not counted so within a minute");
    }
}

/// The order that opens a stream towards `remote`.
pub fn open(call: &str, remote: SocketAddr) -> wire::OpenStream {
    wire::OpenStream {
        n: 1,
        call: call.into(),
        format: format(),
        remote_host: remote.ip().to_string(),
        remote_port: remote.port(),
        flow: wire::Flow::Sendrecv,
        security: None,
        door: None,
        shared: None,
        port: None,
    }
}

/// The order that follows a phone to another address.
pub fn follow(call: &str, remote: SocketAddr) -> wire::ChangeStream {
    let open = open(call, remote);
    wire::ChangeStream {
        n: 3,
        call: open.call,
        format: open.format,
        remote_host: open.remote_host,
        remote_port: open.remote_port,
        flow: open.flow,
        security: None,
        door: None,
    }
}

/// Keys for a stream that tell themselves apart by this number.
pub fn security(suite: wire::Suite, number: u8) -> wire::Security {
    let bytes = match suite {
        wire::Suite::Cm80 | wire::Suite::Cm32 => 30,
        wire::Suite::Gcm128 => 28,
        wire::Suite::Gcm256 => 44,
    };
    wire::Security {
        suite,
        send_key: vec![number; bytes].into(),
        receive_key: vec![number ^ 0xFF; bytes].into(),
    }
}

/// The order that agrees on these keys with a phone.
pub fn secure(phone: &Phone, security: &wire::Security) -> wire::ChangeStream {
    wire::ChangeStream {
        security: Some(security.clone()),
        ..follow(&phone.call, phone.socket.local_addr().unwrap())
    }
}

/// A seat in the room.
pub fn seat(call: &str) -> wire::SeatOrder {
    wire::SeatOrder {
        call: call.into(),
        talks: wire::Talks::Room,
        target: None,
        hears: wire::Hears::Room,
        source: None,
        overlays: Vec::new(),
        jitter_buffer: None,
    }
}

/// The order that puts a plan in force.
pub fn apply(conference: &str, revision: u64, seats: Vec<wire::SeatOrder>) -> wire::ApplyPlan {
    wire::ApplyPlan {
        n: 2,
        conference: conference.into(),
        revision,
        seats,
        speech: false,
    }
}

/// One telephone.
pub struct Phone {
    pub call: String,
    pub hz: f64,
    pub socket: UdpSocket,
    pub port: u16,
    pub heard: Vec<i16>,
    pub packets: Vec<(u16, u32)>,
    sent: u16,
    keys: Option<(Sealer, Opener)>,
    /// The packet sent last, as it went.
    pub last: Option<Vec<u8>>,
}

impl Phone {
    pub fn new(hall: &Hall, call: &str, hz: f64) -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        socket.set_nonblocking(true).unwrap();
        let port = hall.open(call, &socket);
        Self::at(call, hz, socket, port)
    }

    /// A phone behind a socket, whose stream is open at a port.
    pub fn at(call: &str, hz: f64, socket: UdpSocket, port: u16) -> Self {
        Self {
            call: call.into(),
            hz,
            socket,
            port,
            heard: Vec::new(),
            packets: Vec::new(),
            sent: 0,
            keys: None,
            last: None,
        }
    }

    /// Somebody who sends from the very socket of a phone, in its name, and with another pitch.
    pub fn beside(other: &Phone, hz: f64) -> Self {
        Self {
            call: "!".into(),
            hz,
            socket: other.socket.try_clone().unwrap(),
            port: other.port,
            heard: Vec::new(),
            packets: Vec::new(),
            sent: other.sent,
            keys: None,
            last: None,
        }
    }

    /// Seal and open from now on, as the other side of what was agreed.
    pub fn agree(&mut self, security: &wire::Security) {
        let suite = match security.suite {
            wire::Suite::Cm80 => Suite::AesCm80,
            wire::Suite::Cm32 => Suite::AesCm32,
            wire::Suite::Gcm128 => Suite::Gcm128,
            wire::Suite::Gcm256 => Suite::Gcm256,
        };
        self.keys = Some((
            Sealer::new(suite, security.receive_key.bytes()).unwrap(),
            Opener::new(suite, security.send_key.bytes()).unwrap(),
        ));
    }

    /// Say the next 20 ms.
    pub fn say(&mut self) {
        let wave = |i: usize| {
            let t = (usize::from(self.sent) * 160 + i) as f64 / 8_000.0;
            encode_pcmu((6_000.0 * (std::f64::consts::TAU * self.hz * t).sin()) as i16)
        };
        let payload: Vec<u8> = (0..160).map(wave).collect();
        self.send(0, &payload);
        self.sent += 1;
    }

    /// Send a payload as the next packet.
    pub fn send(&mut self, payload_type: u8, payload: &[u8]) {
        let (seq, timestamp) = (self.sent, u32::from(self.sent) * 160);
        let packet = Packet {
            marker: false,
            payload_type,
            seq,
            timestamp,
            ssrc: 7,
            payload,
        };
        let mut bytes = [0; HEADER_BYTES];
        write_header(&mut bytes, &packet);
        let mut bytes = [&bytes[..], payload].concat();
        if let Some((sealer, _)) = &mut self.keys {
            let length = bytes.len();
            bytes.resize(length + ROOM, 0);
            let sealed = sealer.rtp(&mut bytes, length).unwrap();
            bytes.truncate(sealed);
        }
        self.post(&bytes);
        self.last = Some(bytes);
    }

    /// Send bytes as they are.
    pub fn post(&self, bytes: &[u8]) {
        self.socket
            .send_to(bytes, (Ipv4Addr::LOCALHOST, self.port))
            .unwrap();
    }

    /// Take what has come.
    pub fn listen(&mut self) {
        let mut bytes = [0; 2_048];
        while let Ok((mut length, _)) = self.socket.recv_from(&mut bytes) {
            if let Some((_, opener)) = &mut self.keys {
                let Ok(opened) = opener.rtp(&mut bytes[..length]) else {
                    continue;
                };
                length = opened;
            }
            let packet = parse(&bytes[..length]).unwrap();
            self.packets.push((packet.seq, packet.timestamp));
            self.heard
                .extend(packet.payload.iter().map(|byte| decode_pcmu(*byte)));
        }
    }

    /// Whether a pitch was in the last 600 ms, at about the level it was said with.
    pub fn hears(&self, hz: f64) -> bool {
        let part = &self.heard[self.heard.len().saturating_sub(4_800)..];
        level(part, hz) > 2_000.0
    }
}

/// Everybody talks and listens for so long, each packet on time.
pub fn talk(phones: &mut [Phone], ms: u64) {
    let start = Instant::now();
    for round in 0..ms / 20 {
        for phone in phones.iter_mut() {
            phone.say();
        }
        let next = start + Duration::from_millis(20 * (round + 1));
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
        for phone in phones.iter_mut() {
            phone.listen();
        }
    }
}

/// Talk for so long, again and again until what is measured is as it should be: a busy machine stumbles, but not always. What
/// is wrong for good is told after twenty times.
pub fn talk_until<T: PartialEq + std::fmt::Debug>(
    phones: &mut [Phone],
    ms: u64,
    expected: &T,
    measure: impl Fn(&[Phone]) -> T,
) {
    let mut found = None;
    for _ in 0..20 {
        talk(phones, ms);
        found = Some(measure(phones));
        if found.as_ref() == Some(expected) {
            return;
        }
    }
    assert_eq!(found.as_ref(), Some(expected));
}

/// The amplitude of one pitch (Goertzel).
pub fn level(samples: &[i16], hz: f64) -> f64 {
    let step = std::f64::consts::TAU * hz / 8_000.0;
    let (mut real, mut imaginary) = (0.0, 0.0);
    for (i, sample) in samples.iter().enumerate() {
        real += f64::from(*sample) * (step * i as f64).cos();
        imaginary += f64::from(*sample) * (step * i as f64).sin();
    }
    2.0 * real.hypot(imaginary) / samples.len().max(1) as f64
}
