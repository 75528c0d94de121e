//! A mixer in virtual time, with telephones around it and a network in between that can be made as bad as wanted.
//!
//! Everything is seeded: a test that fails fails again. What each telephone receives is kept, packet by packet.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::collections::BTreeMap;
use std::net::SocketAddr;

use codecs::{Decoder, Encoder, LONGEST_PAYLOAD};
use mixer::bounds::BufferSize;
use mixer::codec::{Codec, Coding};
use mixer::g711;
use mixer::plan::{Hears, Plan, SeatOrder, Talks};
use mixer::rtp::{parse, write_header, Packet, HEADER_BYTES};
use mixer::source::{Content, Once, Player};
use mixer::stage::Stage;
use mixer::stream::{Kit, Stream};
use mixer::terms::{Flow, Format, Identity, Terms};
use mixer::{
    Change, ConferenceId, Ear, Fact, Figures, Heard, Limits, Mixer, Moment, Outlet, SourceId, Spent,
    StreamId, WallClock,
};

pub const TICK_MS: u64 = 5;
pub const ROOM: ConferenceId = ConferenceId(0);

/// Everything the mixer gave.
#[derive(Default)]
pub struct Post {
    pub packets: Vec<(StreamId, SocketAddr, Vec<u8>)>,
    pub reports: Vec<(StreamId, SocketAddr, Vec<u8>)>,
    pub facts: Vec<Fact>,
    pub spent: Vec<Spent>,
    pub heard: Vec<Caught>,
}

/// A frame that somebody listened to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caught {
    pub us: u64,
    pub mark: u32,
    pub ear: Ear,
    pub rate_hz: u32,
    pub frame: Vec<i16>,
}

impl Outlet for Post {
    fn sound(&mut self, stream: StreamId, to: SocketAddr, packet: &[u8]) -> bool {
        self.packets.push((stream, to, packet.to_vec()));
        true
    }

    fn report(&mut self, stream: StreamId, to: SocketAddr, packet: &[u8]) {
        self.reports.push((stream, to, packet.to_vec()));
    }

    fn fact(&mut self, fact: Fact) {
        self.facts.push(fact);
    }

    fn heard(&mut self, heard: Heard<'_>) {
        self.heard.push(Caught {
            us: heard.at.us(),
            mark: heard.mark,
            ear: heard.ear,
            rate_hz: heard.rate_hz,
            frame: heard.frame.to_vec(),
        });
    }

    fn spent(&mut self, spent: Spent) -> Result<(), Spent> {
        self.spent.push(spent);
        Ok(())
    }
}

/// What a telephone says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Voice {
    /// A pitch in Hz, loud enough to be heard and low enough for many.
    Tone(f64),
    /// A pitch of this amplitude.
    Faint(f64, i16),
    /// Two pitches at once.
    Key(f64, f64),
    /// The same sample over and over: any leak of it is seen, down to a single sample.
    Level(i16),
    /// Digital silence.
    Silence,
    /// No packets at all.
    Nothing,
}

/// One packet as a telephone received it.
#[derive(Debug, Clone)]
pub struct Got {
    pub ms: u64,
    pub marker: bool,
    pub payload_type: u8,
    pub seq: u16,
    pub timestamp: u32,
    pub ssrc: u32,
    pub payload: Vec<u8>,
}

/// What the network does to the packets of a telephone.
#[derive(Debug, Clone, Copy, Default)]
pub struct Weather {
    /// The delay lies evenly between 0 and this.
    pub jitter_ms: u64,
    /// Of a hundred packets, so many are lost, come twice, or are overtaken by the next one.
    pub lost: u64,
    pub doubled: u64,
    pub overtaken: u64,
}

/// One telephone.
pub struct Phone {
    pub id: StreamId,
    pub voice: Voice,
    pub codec: Codec,
    /// Rate of what it says and hears, in Hz.
    pub rate_hz: u32,
    encoder: Encoder,
    pub address: SocketAddr,
    pub ssrc: u32,
    pub seq: u16,
    pub timestamp: u32,
    pub ptime_ms: u64,
    pub weather: Weather,
    /// Its clock runs fast by this many parts in a million.
    pub drift_ppm: i64,
    pub got: Vec<Got>,
    spoken: u64,
    next_us: u64,
}

/// The mixer, its telephones and the time.
pub struct World {
    pub mixer: Mixer,
    pub post: Post,
    pub phones: Vec<Phone>,
    pub tick: u64,
    pub dice: Dice,
    under_way: BTreeMap<(u64, u64), (usize, SocketAddr, Vec<u8>)>,
    posted: u64,
    due: Vec<StreamId>,
}

impl Default for World {
    fn default() -> Self {
        let limits = Limits {
            streams: 64,
            conferences: 16,
            sources: 16,
            tick_ms: TICK_MS,
        };
        Self {
            mixer: Mixer::new(limits, WallClock::default()),
            post: Post::default(),
            phones: Vec::new(),
            tick: 0,
            dice: Dice(0x2545_F491_4F6C_DD1D),
            under_way: BTreeMap::new(),
            posted: 0,
            due: Vec::new(),
        }
    }
}

impl World {
    pub fn now(&self) -> Moment {
        self.mixer.moment_of(self.tick)
    }

    pub fn change(&mut self, change: Change) {
        let now = self.now();
        self.mixer.carry_out(change, now, &mut self.post);
    }

    /// A telephone that speaks µ-law, or A-law if its number is odd.
    pub fn phone(&mut self, voice: Voice) -> usize {
        let number = self.phones.len();
        let codec = if number.is_multiple_of(2) {
            Codec::Pcmu
        } else {
            Codec::Pcma
        };
        self.phone_with(voice, format(codec, 20), Flow::SendReceive)
    }

    pub fn phone_with(&mut self, voice: Voice, format: Format, flow: Flow) -> usize {
        let number = self.phones.len();
        let id = StreamId(number as u32);
        let address = SocketAddr::from(([127, 0, 0, 1], 10_000 + 2 * number as u16));
        let identity = Identity {
            ssrc: 0xA000_0000 + number as u32,
            seq: 65_530,
            timestamp: u32::MAX - 1_000,
            cname: *b"0123456789abcdef",
        };
        let stream = Box::new(Stream::new(
            id,
            Terms {
                format,
                remote: address,
                flow,
            },
            identity,
        ));
        self.change(Change::Open(id, stream, number % self.mixer.rounds()));
        let rate_hz = format.coding().rate_hz;
        self.phones.push(Phone {
            id,
            voice,
            codec: format.codec,
            rate_hz,
            encoder: Encoder::new(Coding::plain(format.codec, rate_hz)).unwrap(),
            address,
            ssrc: 0xB000_0000 + number as u32,
            seq: 65_000,
            timestamp: 4_000_000_000,
            ptime_ms: 20,
            weather: Weather::default(),
            drift_ppm: 0,
            got: Vec::new(),
            spoken: 0,
            next_us: self.now().us() + 3_000 * number as u64 % 20_000,
        });
        number
    }

    /// A telephone with this codec.
    pub fn phone_of(&mut self, codec: Codec, voice: Voice) -> usize {
        self.phone_with(voice, format(codec, 20), Flow::SendReceive)
    }

    /// Let a telephone agree on another codec.
    pub fn switch(&mut self, number: usize, codec: Codec) {
        let format = format(codec, 20);
        let terms = Terms {
            format,
            remote: self.phones[number].address,
            flow: Flow::SendReceive,
        };
        let kit = Some(Box::new(Kit::new(&format)));
        self.change(Change::Alter(StreamId(number as u32), terms, kit));
        let phone = &mut self.phones[number];
        (phone.codec, phone.rate_hz) = (codec, format.coding().rate_hz);
        phone.encoder = Encoder::new(format.coding()).unwrap();
    }

    /// Seats in the room, all talking and hearing.
    pub fn all_in_room(&self) -> Vec<SeatOrder> {
        self.phones.iter().map(|phone| seat(phone.id)).collect()
    }

    pub fn apply(&mut self, conference: ConferenceId, seats: &[SeatOrder]) {
        self.apply_watched(conference, seats, false);
    }

    pub fn apply_watched(&mut self, conference: ConferenceId, seats: &[SeatOrder], speech: bool) {
        self.change(Change::Enlarge(Box::new(Stage::new(64))));
        let round = conference.0 as usize % self.mixer.rounds();
        self.change(Change::Apply(
            conference,
            Box::new(Plan::new(seats, speech)),
            round,
        ));
    }

    pub fn start(&mut self, source: SourceId, content: Content) {
        self.change(Change::Start(source, Box::new(Player::new(content, 1))));
    }

    pub fn beep(&mut self, conference: ConferenceId, content: Content, streams: &[StreamId]) {
        let once = Once {
            player: Player::new(content, 0),
            streams: streams.to_vec(),
        };
        self.change(Change::PlayOnce(conference, Box::new(once)));
    }

    /// Let time pass: telephones speak, the network carries, the mixer ticks.
    pub fn run_ms(&mut self, ms: u64) {
        for _ in 0..ms / TICK_MS {
            for number in 0..self.phones.len() {
                self.speak(number);
            }
            self.carry();
            self.mixer.tick(self.tick, &mut self.post);
            self.hand_over();
            self.tick += 1;
        }
    }

    /// Let the clock go on without a tick: the machine stalls.
    pub fn stall_ms(&mut self, ms: u64) {
        for _ in 0..ms / TICK_MS {
            for number in 0..self.phones.len() {
                self.speak(number);
            }
            self.tick += 1;
        }
    }

    fn speak(&mut self, number: usize) {
        let now_us = self.now().us();
        while self.phones[number].next_us <= now_us {
            let at_us = self.phones[number].next_us;
            let phone = &mut self.phones[number];
            let step_us = phone.ptime_ms as i64 * 1_000;
            phone.next_us += (step_us - step_us * phone.drift_ppm / 1_000_000) as u64;
            let payload = phone.next_payload();
            if phone.voice != Voice::Nothing {
                let datagram = phone.packet(0, &payload);
                self.entrust(number, at_us, datagram);
            }
        }
    }

    fn entrust(&mut self, number: usize, at_us: u64, datagram: Vec<u8>) {
        let weather = self.phones[number].weather;
        if self.dice.percent(weather.lost) {
            return;
        }
        let mut arrives_us = at_us + self.dice.below(1_000 * weather.jitter_ms + 1);
        if self.dice.percent(weather.overtaken) {
            arrives_us += 1_000 * self.phones[number].ptime_ms + 1_000;
        }
        if self.dice.percent(weather.doubled) {
            self.entrust_at(number, arrives_us + 1_000, datagram.clone());
        }
        self.entrust_at(number, arrives_us, datagram);
    }

    /// Let a datagram of a telephone arrive at a moment of the test's choice.
    pub fn entrust_at(&mut self, number: usize, arrives_us: u64, datagram: Vec<u8>) {
        self.posted += 1;
        let from = self.phones[number].address;
        self.under_way
            .insert((arrives_us, self.posted), (number, from, datagram));
    }

    /// Feed a datagram at once.
    pub fn feed(&mut self, number: usize, from: SocketAddr, datagram: &[u8]) {
        let (id, now) = (self.phones[number].id, self.now());
        self.mixer.receive(id, from, datagram, now, &mut self.post);
    }

    /// Hand the datagrams that have arrived to the streams that the coming tick serves, as sockets would.
    fn carry(&mut self) {
        self.mixer.due(self.tick, &mut self.due);
        let now_us = self.now().us();
        let arrived: Vec<_> = self
            .under_way
            .iter()
            .take_while(|((us, _), _)| *us <= now_us)
            .filter(|(_, (number, _, _))| self.due.contains(&self.phones[*number].id))
            .map(|(key, _)| *key)
            .collect();
        for key in arrived {
            let (number, from, datagram) = self.under_way.remove(&key).unwrap();
            let id = self.phones[number].id;
            self.mixer
                .receive(id, from, &datagram, Moment::from_us(key.0), &mut self.post);
        }
    }

    fn hand_over(&mut self) {
        let ms = self.now().ms();
        for (stream, _, bytes) in self.post.packets.drain(..) {
            let packet = parse(&bytes).unwrap();
            let phone = self.phones.iter_mut().find(|phone| phone.id == stream).unwrap();
            phone.got.push(Got {
                ms,
                marker: packet.marker,
                payload_type: packet.payload_type,
                seq: packet.seq,
                timestamp: packet.timestamp,
                ssrc: packet.ssrc,
                payload: packet.payload.to_vec(),
            });
        }
    }

    /// Forget what was received so far.
    pub fn forget(&mut self) {
        for phone in &mut self.phones {
            phone.got.clear();
        }
    }

    /// Close a stream and give its last counters.
    pub fn close(&mut self, number: usize) -> Figures {
        self.change(Change::Close(self.phones[number].id));
        let last = self.post.facts.iter().rev().find_map(|fact| match fact {
            Fact::Statistics {
                figures, last: true, ..
            } => Some(*figures),
            _ => None,
        });
        last.expect("the last statistics are told")
    }

    /// For each telephone, the numbers of those whose pitch it has heard in the last 400 ms, as one digit each.
    pub fn who_hears_whom(&self) -> Vec<String> {
        let hears = |listener: &Phone, hz: f64| listener.hears(hz);
        let row = |listener: &Phone| {
            let heard = |other: &(usize, &Phone)| match other.1.voice {
                Voice::Tone(hz) => hears(listener, hz),
                _ => false,
            };
            self.phones
                .iter()
                .enumerate()
                .filter(heard)
                .map(|(number, _)| number.to_string())
                .collect()
        };
        self.phones.iter().map(row).collect()
    }
}

impl Phone {
    /// What it says next, coded.
    pub fn next_payload(&mut self) -> Vec<u8> {
        let samples = u64::from(self.rate_hz / 1_000) * self.ptime_ms;
        let frame: Vec<i16> = (self.spoken..self.spoken + samples)
            .map(|at| self.voice_at(at))
            .collect();
        self.spoken += samples;
        let mut payload = vec![0; LONGEST_PAYLOAD];
        let bytes = self.encoder.encode(&frame, &mut payload);
        payload.truncate(bytes);
        payload
    }

    fn voice_at(&self, at: u64) -> i16 {
        let turns = |hz: f64| std::f64::consts::TAU * hz * at as f64 / f64::from(self.rate_hz);
        match self.voice {
            Voice::Tone(hz) => (4_000.0 * turns(hz).sin()) as i16,
            Voice::Faint(hz, amplitude) => (f64::from(amplitude) * turns(hz).sin()) as i16,
            Voice::Key(low, high) => (4_000.0 * (turns(low).sin() + turns(high).sin())) as i16,
            Voice::Level(sample) => sample,
            Voice::Silence | Voice::Nothing => 0,
        }
    }

    /// One sample of G.711.
    pub fn code(&self, sample: i16) -> u8 {
        match self.codec {
            Codec::Pcma => g711::encode_pcma(sample),
            _ => g711::encode_pcmu(sample),
        }
    }

    /// Write the next packet; sound moves the timestamp on, events do not.
    pub fn packet(&mut self, payload_type: u8, payload: &[u8]) -> Vec<u8> {
        let payload_type = match payload_type {
            0 => format(self.codec, 20).payload_type,
            other => other,
        };
        let (seq, timestamp, ssrc) = (self.seq, self.timestamp, self.ssrc);
        self.seq = self.seq.wrapping_add(1);
        if payload_type != 101 {
            let ticks = self.codec.ticks_in(payload).unwrap_or(0);
            self.timestamp = self.timestamp.wrapping_add(ticks);
        }
        datagram(&Packet {
            marker: false,
            payload_type,
            seq,
            timestamp,
            ssrc,
            payload,
        })
    }

    /// Everything heard, in samples at its rate.
    pub fn heard(&self) -> Vec<i16> {
        let mut decoder = Decoder::new(self.codec, self.rate_hz).unwrap();
        let mut samples = vec![0; 60 * self.rate_hz as usize / 1_000];
        let mut heard = Vec::new();
        for got in &self.got {
            let count = decoder.decode(&got.payload, &mut samples).unwrap();
            heard.extend_from_slice(&samples[..count]);
        }
        heard
    }

    /// The last so many ms of it.
    pub fn last_ms(&self, ms: usize) -> Vec<i16> {
        let heard = self.heard();
        let samples = self.rate_hz as usize / 1_000 * ms;
        heard[heard.len().saturating_sub(samples)..].to_vec()
    }

    /// The level of one pitch in the last so many ms.
    pub fn level(&self, ms: usize, hz: f64) -> f64 {
        level_at(&self.last_ms(ms), hz, self.rate_hz)
    }

    /// The loudest sample heard.
    pub fn loudest(&self) -> u16 {
        self.heard()
            .iter()
            .map(|sample| sample.unsigned_abs())
            .max()
            .unwrap_or(0)
    }

    pub fn hears(&self, hz: f64) -> bool {
        self.level(400, hz) > 1_000.0
    }
}

pub fn format(codec: Codec, ptime_ms: u16) -> Format {
    let payload_type = match codec {
        Codec::Pcmu => 0,
        Codec::Pcma => 8,
        Codec::G722 => 9,
        Codec::L16Narrow => 96,
        Codec::L16Wide => 97,
        Codec::Opus => 111,
    };
    Format {
        digit_payload_type: Some(101),
        ptime_ms,
        ..Format::plain(codec, payload_type)
    }
}

pub fn seat(stream: StreamId) -> SeatOrder {
    SeatOrder {
        stream,
        talks: Talks::Room,
        hears: Hears::Room,
        overlays: Vec::new(),
        buffer: BufferSize::default(),
    }
}

pub fn datagram(packet: &Packet<'_>) -> Vec<u8> {
    let mut head = [0; HEADER_BYTES];
    write_header(&mut head, packet);
    [&head[..], packet.payload].concat()
}

pub fn tone(hz: f32) -> Content {
    Content::Tone {
        hz,
        level_db: -18.0,
        duration_ms: 0,
    }
}

/// The amplitude of one pitch in telephone sound.
pub fn level(samples: &[i16], hz: f64) -> f64 {
    level_at(samples, hz, 8_000)
}

/// The amplitude of one pitch (Goertzel's question, asked directly).
pub fn level_at(samples: &[i16], hz: f64, rate_hz: u32) -> f64 {
    let step = std::f64::consts::TAU * hz / f64::from(rate_hz);
    let (mut real, mut imaginary) = (0.0, 0.0);
    for (i, sample) in samples.iter().enumerate() {
        real += f64::from(*sample) * (step * i as f64).cos();
        imaginary += f64::from(*sample) * (step * i as f64).sin();
    }
    2.0 * real.hypot(imaginary) / samples.len().max(1) as f64
}

/// Seeded chance (xorshift64).
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    pub fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }
}
