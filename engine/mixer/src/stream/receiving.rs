//! What comes from the peer: which datagrams are of this session, and where each goes.

use std::net::SocketAddr;

use super::{Silence, Stream};
use crate::codec::longest_payload;
use crate::jitter::{Content, Verdict};
use crate::moment::{Moment, WallClock};
use crate::noise::Noise;
use crate::outlet::{Fact, Outlet};
use crate::reception::Standing;
use crate::reports::Context;
use crate::rtp::{self, Packet};

/// The payload type of comfort noise beside a clock of 8,000 Hz, agreed or not (RFC 3551, table 4).
const NOISE_PAYLOAD_TYPE: u8 = 13;

/// What a packet of the peer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sound,
    Digit,
    Noise,
}

impl Stream {
    /// Take a datagram from the RTP port.
    pub(crate) fn receive(
        &mut self,
        from: SocketAddr,
        datagram: &[u8],
        arrived: Moment,
        outlet: &mut impl Outlet,
    ) {
        let Some((packet, kind)) = self.wanted(datagram) else {
            self.figures.packets_refused += 1;
            return;
        };
        if !self.latch.admit(from, packet.seq, arrived) {
            self.figures.packets_refused += 1;
            return;
        }
        self.figures.packets_received += 1;
        self.note_heard(from, arrived, outlet);
        self.silence.resting = kind == Kind::Noise;
        match self.reception.count(packet.ssrc, packet.seq) {
            Standing::Within => {}
            Standing::Suspect => return,
            Standing::Restart => {
                self.kit.jitter.reset();
                self.digits.reset();
            }
        }
        if kind != Kind::Digit {
            self.reception.time(packet.timestamp, arrived);
        }
        if self.terms.flow.receives() {
            if kind == Kind::Digit {
                self.hear_digit(&packet, arrived, outlet);
            }
            self.keep(&packet, kind, arrived);
        }
    }

    /// Count a datagram that was refused before it came here.
    pub(crate) fn refuse(&mut self) {
        self.figures.packets_refused += 1;
    }

    /// A packet of this session, and what it holds; None for whatever else came to the port.
    fn wanted<'a>(&self, datagram: &'a [u8]) -> Option<(Packet<'a>, Kind)> {
        let packet = rtp::parse(datagram).ok()?;
        let kind = self.kind_of(packet.payload_type)?;
        // Our own source from elsewhere is our own packet coming back (RFC 3550, section 8.2).
        let looped = packet.ssrc == self.sender.ssrc();
        let codec = self.terms.format.codec;
        let readable = match kind {
            Kind::Sound => codec.ticks_in(packet.payload).is_some(),
            Kind::Digit => true,
            Kind::Noise => !packet.payload.is_empty(),
        };
        let fits = packet.payload.len() <= longest_payload(codec);
        (!looped && readable && fits).then_some((packet, kind))
    }

    fn kind_of(&self, payload_type: u8) -> Option<Kind> {
        let format = &self.terms.format;
        let noise_too = format.codec.clock_rate_hz() == 8_000 && payload_type == NOISE_PAYLOAD_TYPE;
        match Some(payload_type) {
            kind if kind == format.digit_payload_type => Some(Kind::Digit),
            kind if kind == Some(format.payload_type) => Some(Kind::Sound),
            kind if kind == format.noise_payload_type || noise_too => Some(Kind::Noise),
            _ => None,
        }
    }

    fn hear_digit(&mut self, packet: &Packet<'_>, now: Moment, outlet: &mut impl Outlet) {
        match self.digits.hear(packet.timestamp, packet.payload, now) {
            Ok(Some(pressed)) => {
                let (key, duration_ms) = (pressed.key, pressed.duration_ms);
                outlet.fact(Fact::Digit {
                    stream: self.id,
                    key,
                    duration_ms,
                    by_tone: false,
                });
            }
            Ok(None) => {}
            Err(_) => self.figures.packets_refused += 1,
        }
    }

    fn keep(&mut self, packet: &Packet<'_>, kind: Kind, arrived: Moment) {
        let content = match kind {
            Kind::Sound => Content::Sound(packet.payload),
            Kind::Digit => Content::Other,
            Kind::Noise => Noise::level_in(packet.payload).map_or(Content::Other, Content::Noise),
        };
        match self
            .kit
            .jitter
            .insert(packet.seq, packet.timestamp, content, arrived)
        {
            Verdict::Kept => {}
            Verdict::Late => self.figures.packets_late += 1,
            Verdict::Duplicate => self.figures.packets_duplicate += 1,
            Verdict::NoRoom => self.figures.packets_refused += 1,
        }
    }

    fn note_heard(&mut self, from: SocketAddr, arrived: Moment, outlet: &mut impl Outlet) {
        if !self.silence.heard {
            outlet.fact(Fact::StreamHeard {
                stream: self.id,
                remote: from,
            });
        }
        self.silence = Silence {
            since: Some(arrived),
            heard: true,
            told: false,
            resting: self.silence.resting,
        };
    }

    /// Take a datagram from the RTCP port.
    pub(crate) fn receive_report(
        &mut self,
        from: SocketAddr,
        datagram: &[u8],
        arrived: Moment,
        clock: WallClock,
    ) {
        let context = Context {
            ours: self.sender.ssrc(),
            arrived,
            clock,
        };
        if !self.reports.hear(from, self.latch.host(), datagram, context) {
            self.figures.packets_refused += 1;
        } else if self.silence.resting && !self.silence.told {
            self.silence.since = Some(arrived);
        }
    }
}
