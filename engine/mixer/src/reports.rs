//! When a stream reports by RTCP, and what the peer's reports tell.
//!
//! A report every five seconds on average, at random moments so that many streams do not speak at once. A call has two
//! members, so the minimum interval applies and bandwidth need not be divided (RFC 3550, section 6.2).
//!
//! Sources: RFC 3550, sections 6.2 (interval), 6.4.1 (LSR, DLSR and the round trip), 6.3.5; RFC 3605 is not used: RTCP
//! goes to the port above RTP's (RFC 3550, section 11), or to where the peer's reports come from.

use std::net::{IpAddr, SocketAddr};

use crate::moment::{Moment, WallClock};
use crate::reception::Reception;
use crate::rtcp::{self, Cname, Report, SenderFacts};
use crate::sender::Sender;

/// Mean distance of two reports.
const INTERVAL_MS: u64 = 5_000;

/// What one stream knows of reports.
#[derive(Debug)]
pub struct Reports {
    cname: Cname,
    dice: u32,
    due: Option<Moment>,
    heard: Option<Heard>,
    from: Option<SocketAddr>,
    sent_before: u64,
    round_trip_ms: Option<f32>,
    lost_percent: u8,
}

/// The last sender report of the peer.
#[derive(Debug, Clone, Copy)]
struct Heard {
    middle: u32,
    arrived: Moment,
}

impl Reports {
    /// Nothing told yet. `seed` spreads the moments of different streams.
    pub fn new(cname: Cname, seed: u32) -> Self {
        Self {
            cname,
            dice: seed | 1,
            due: None,
            heard: None,
            from: None,
            sent_before: 0,
            round_trip_ms: None,
            lost_percent: 0,
        }
    }

    /// Whether a report is due. Call now and then; the answer is yes once for each report.
    pub fn is_due(&mut self, now: Moment) -> bool {
        let due = *self.due.get_or_insert(now.plus_ms(INTERVAL_MS / 2));
        if now < due {
            return false;
        }
        // Xorshift: any spread will do here, and the mixer has no dice of its own.
        self.dice ^= self.dice << 13;
        self.dice ^= self.dice >> 17;
        self.dice ^= self.dice << 5;
        let interval_ms = INTERVAL_MS / 2 + u64::from(self.dice) % INTERVAL_MS;
        self.due = Some(now.plus_ms(interval_ms));
        true
    }

    /// Hear a report. `host` is where the peer's sound comes from: nobody else may report. Says whether it was one.
    pub fn hear(
        &mut self,
        from: SocketAddr,
        host: Option<IpAddr>,
        datagram: &[u8],
        context: Context,
    ) -> bool {
        if host.is_some_and(|host| host != from.ip()) {
            return false;
        }
        let Ok(told) = rtcp::parse(datagram, context.ours) else {
            return false;
        };
        self.from = Some(from);
        if let Some(ntp) = told.sender_ntp {
            self.heard = Some(Heard {
                middle: (ntp >> 16) as u32,
                arrived: context.arrived,
            });
        }
        if let Some(block) = told.about_us {
            // A loss is believed at once, and forgotten by three quarters with each report that tells of less.
            let percent = (100 * u32::from(block.fraction_lost)).div_ceil(256) as u8;
            self.lost_percent = percent.max(self.lost_percent / 4);
        }
        if let Some(block) = told.about_us.filter(|block| block.last_report != 0) {
            let now = (context.clock.ntp(context.arrived) >> 16) as u32;
            let trip = now.wrapping_sub(block.last_report).wrapping_sub(block.delay);
            // Clocks that step, and peers that invent, give trips of hours, or negative ones.
            if trip < 60 << 16 {
                self.round_trip_ms = Some(trip as f32 * 1_000.0 / 65_536.0);
            }
        }
        true
    }

    /// Write the report of this moment; gives its length in bytes.
    pub fn write(
        &mut self,
        (sender, reception): (&Sender, &mut Reception),
        (now, clock): (Moment, WallClock),
        goodbye: bool,
        out: &mut [u8; rtcp::LONGEST_BYTES],
    ) -> usize {
        let mut block = reception.report();
        if let (Some(block), Some(heard)) = (block.as_mut(), self.heard) {
            block.last_report = heard.middle;
            block.delay = ((now.since_us(heard.arrived).max(0) as u64) * 65_536 / 1_000_000) as u32;
        }
        let sent = sender.packets();
        let facts = SenderFacts {
            ntp: clock.ntp(now),
            timestamp: sender.timestamp(),
            packets: sent as u32,
            bytes: sender.payload_bytes() as u32,
        };
        let sent_since = std::mem::replace(&mut self.sent_before, sent) != sent;
        let report = Report {
            ssrc: sender.ssrc(),
            cname: self.cname,
            sender: sent_since.then_some(facts),
            block,
            goodbye,
        };
        rtcp::write(&report, out)
    }

    /// Where our reports go: where the peer's come from, else the port above its sound.
    pub fn destination(&self, sound: Option<SocketAddr>) -> Option<SocketAddr> {
        let sound = sound?;
        if let Some(from) = self.from.filter(|from| from.ip() == sound.ip()) {
            return Some(from);
        }
        Some(SocketAddr::new(sound.ip(), sound.port().checked_add(1)?))
    }

    /// How many packets of a hundred the peer has lost lately of those we sent.
    pub fn lost_percent(&self) -> u8 {
        self.lost_percent
    }

    /// Time to the peer and back, in ms, once a report told.
    pub fn round_trip_ms(&self) -> Option<f32> {
        self.round_trip_ms
    }
}

/// What is needed to read a report.
#[derive(Debug, Clone, Copy)]
pub struct Context {
    /// Our SSRC.
    pub ours: u32,
    /// When the datagram came.
    pub arrived: Moment,
    /// The wall clock that our sender reports were written with.
    pub clock: WallClock,
}
