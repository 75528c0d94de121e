//! What is due now and then: silence and counters to be told, reports to be sent.

use super::Stream;
use crate::frame::FRAME_MS;
use crate::moment::{Moment, WallClock};
use crate::outlet::{Fact, Figures, Outlet};
use crate::rtcp;
use crate::tones;

/// A stream of which nothing has come for this long is told as silent.
const SILENT_MS: u64 = 5_000;

/// The same when the peer has said that it is silent, but for noise: then reports are a sign of life, too, which come every
/// five seconds or so.
const RESTING_MS: u64 = 20_000;

/// Distance of two tellings of the counters.
const FIGURES_MS: u64 = 1_000;

impl Stream {
    /// Do what is due: tell silence, counters and late digits, and report to the peer. Call once for each frame.
    pub(crate) fn attend(&mut self, now: Moment, clock: WallClock, outlet: &mut impl Outlet) {
        self.watch_silence(now, outlet);
        if let Some(key) = self.pressed_tone.take() {
            outlet.fact(Fact::Digit {
                stream: self.id,
                key,
                duration_ms: tones::TOLD_MS,
                by_tone: true,
            });
        }
        if let Some(pressed) = self.digits.overdue(now) {
            let (key, duration_ms) = (pressed.key, pressed.duration_ms);
            outlet.fact(Fact::Digit {
                stream: self.id,
                key,
                duration_ms,
                by_tone: false,
            });
        }
        // However many were opened at once, they tell one after the other.
        let first_ms = FRAME_MS * (1 + u64::from(self.id.0) % (FIGURES_MS / FRAME_MS));
        if now >= *self.figures_due.get_or_insert(now.plus_ms(first_ms)) {
            self.figures_due = Some(now.plus_ms(FIGURES_MS));
            outlet.fact(Fact::Statistics {
                stream: self.id,
                last: false,
                figures: self.figures(),
            });
            self.kit.jitter.begin_recent();
        }
        if self.reports.is_due(now) {
            self.report(now, clock, false, outlet);
        }
    }

    fn watch_silence(&mut self, now: Moment, outlet: &mut impl Outlet) {
        let since = *self.silence.since.get_or_insert(now);
        let silent_ms = now.since_ms(since);
        let patience_ms = if self.silence.resting {
            RESTING_MS
        } else {
            SILENT_MS
        };
        if self.silence.told || silent_ms < patience_ms || !self.terms.flow.receives() {
            return;
        }
        self.silence.told = true;
        self.silence.heard = false;
        outlet.fact(Fact::StreamSilent {
            stream: self.id,
            silent_ms: silent_ms as u32,
        });
    }

    fn report(&mut self, now: Moment, clock: WallClock, goodbye: bool, outlet: &mut impl Outlet) {
        let Some(to) = self.reports.destination(self.latch.destination()) else {
            return;
        };
        let mut bytes = [0; rtcp::LONGEST_BYTES];
        let length = self.reports.write(
            (&self.sender, &mut self.reception),
            (now, clock),
            goodbye,
            &mut bytes,
        );
        outlet.report(self.id, to, &bytes[..length]);
    }

    /// Say goodbye and tell the last counters.
    pub(crate) fn close(&mut self, now: Moment, clock: WallClock, outlet: &mut impl Outlet) {
        let change = self.speech.hush();
        self.tell_speech(change, outlet);
        self.report(now, clock, true, outlet);
        outlet.fact(Fact::Statistics {
            stream: self.id,
            last: true,
            figures: self.figures(),
        });
    }

    /// The counters, as they are now.
    pub fn figures(&self) -> Figures {
        Figures {
            packets_sent: self.sender.packets(),
            packets_lost: (self.reception.lost() + self.figures.packets_duplicate as i64).max(0) as u64,
            jitter_ms: self.reception.jitter_ms(),
            depth_ms: self.kit.jitter.depth_ms() as f32,
            round_trip_ms: self.reports.round_trip_ms(),
            recent: self.kit.jitter.recent(),
            ..self.figures
        }
    }
}
