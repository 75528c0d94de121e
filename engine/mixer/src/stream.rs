//! One RTP session: what comes from a peer, and what goes to it.
//!
//! Ties together the latch, the count, the jitter buffer, the digits, the sender and the reports of one call. Knows
//! nothing of conferences except where it sits.
//!
//! Allocates when it is made; nothing later does.

mod attending;
mod receiving;

use codecs::opus::Joiner;

use crate::bounds::BufferSize;
use crate::codec::{Codec, Coding};
use crate::converter::Converter;
use crate::digits::DigitListener;
use crate::ears::Tap;
use crate::frame::{samples_at, FRAME_MS, SILENCE};
use crate::gain::Gain;
use crate::gate::Gate;
use crate::jitter::JitterBuffer;
use crate::keying::{Keying, Keys};
use crate::lane::{Lane, Own, Ride};
use crate::latch::Latch;
use crate::limiter::Limiter;
use crate::mixer::{ConferenceId, StreamId};
use crate::moment::Moment;
use crate::outlet::{Fact, Figures, Outlet};
use crate::plan::Talks;
use crate::reception::Reception;
use crate::reports::Reports;
use crate::sender::{Route, Sender};
use crate::speech::{Change, SpeechDetector};
use crate::terms::{Format, Identity, Terms};
use crate::tones::ToneListener;

/// Where a stream sits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Home {
    /// In no plan: in the lobby of this round, at this place.
    Lobby { round: usize, place: usize },
    /// In the plan of this conference.
    Seat(ConferenceId),
}

/// All that a stream has for its codec: made with the stream, and anew when another codec is agreed.
#[derive(Debug)]
pub struct Kit {
    jitter: JitterBuffer,
    /// From the decoder's rate to the mix's.
    way_in: Converter,
    /// None while it is lent out.
    lane: Option<Box<Lane>>,
}

impl Kit {
    /// What this format needs. Allocates.
    pub fn new(format: &Format) -> Self {
        let coding = format.coding();
        Self {
            jitter: JitterBuffer::new(coding.codec, coding.rate_hz),
            way_in: Converter::new(coding.rate_hz),
            lane: Some(Box::new(Lane::new(coding))),
        }
    }
}

/// One RTP session.
#[derive(Debug)]
pub struct Stream {
    id: StreamId,
    terms: Terms,
    latch: Latch,
    reception: Reception,
    kit: Kit,
    coding: Coding,
    digits: DigitListener,
    keying: Keying,
    wants_tones: bool,
    tones: ToneListener,
    pressed_tone: Option<char>,
    reports: Reports,
    figures: Figures,
    silence: Silence,
    figures_due: Option<Moment>,
    pub(crate) sender: Sender,
    pub(crate) ride: Ride,
    pub(crate) gate: Gate,
    pub(crate) limiter: Limiter,
    speech: SpeechDetector,
    /// Whether the brain asked who speaks here.
    watched: bool,
    gain: Gain,
    pub(crate) home: Home,
    talks: Talks,
    buffer: BufferSize,
    /// Which of its conference's beeps it hears.
    pub(crate) beeps: u8,
    /// Marks those that the plan just applied has named.
    pub(crate) mark: u64,
    pub(crate) tap: Tap,
}

/// Whether keys can come in no other way than as tones; Opus and wide sound are left alone.
fn wants_tones(terms: &Terms) -> bool {
    let telephone = matches!(terms.format.codec, Codec::Pcmu | Codec::Pcma);
    telephone && terms.format.digit_payload_type.is_none() && terms.flow.receives()
}

/// What is known of the peer's packets coming or not.
#[derive(Debug, Clone, Copy, Default)]
struct Silence {
    /// When the last came, or when we began to wait.
    since: Option<Moment>,
    /// Whether packets are coming, as far as has been told.
    heard: bool,
    /// Whether it has been told that they are not.
    told: bool,
    /// Whether the last one said that no more need be expected for a while.
    resting: bool,
}

impl Stream {
    /// Open a stream.
    pub fn new(id: StreamId, terms: Terms, identity: Identity) -> Self {
        let mut kit = Kit::new(&terms.format);
        let lane = kit.lane.take().expect("just made");
        let mut reception = Reception::default();
        reception.set_clock(terms.format.codec.clock_rate_hz());
        Self {
            id,
            terms,
            latch: Latch::new(terms.remote),
            reception,
            kit,
            coding: terms.format.coding(),
            digits: DigitListener::counting(terms.format.digit_clock_rate_hz),
            keying: Keying::default(),
            wants_tones: wants_tones(&terms),
            tones: ToneListener::default(),
            pressed_tone: None,
            reports: Reports::new(identity.cname, identity.ssrc),
            figures: Figures::default(),
            silence: Silence::default(),
            figures_due: None,
            sender: Sender::new(&identity),
            ride: Ride::Own(Own::new(lane)),
            gate: Gate::default(),
            limiter: Limiter::default(),
            speech: SpeechDetector::default(),
            watched: false,
            gain: Gain::default(),
            home: Home::Lobby { round: 0, place: 0 },
            talks: Talks::Nobody,
            buffer: BufferSize::default(),
            beeps: 0,
            mark: 0,
            tap: Tap::default(),
        }
    }

    /// Follow a re-INVITE. `kit` is needed when the coding changes; what is not needed any more is given back. Its lane
    /// must be its own.
    pub(crate) fn change(&mut self, terms: Terms, kit: Option<Box<Kit>>, now: Moment) -> Option<Box<Kit>> {
        let coding = terms.format.coding();
        if coding != self.coding && kit.is_none() {
            debug_assert!(false, "another coding needs another kit");
            return None;
        }
        self.latch.reopen(terms.remote, now);
        let mut spent = kit;
        if coding != self.coding {
            self.refit(coding, spent.as_deref_mut());
        }
        if terms.format != self.terms.format {
            self.sender.restart();
        }
        if terms.format.digit_clock_rate_hz != self.terms.format.digit_clock_rate_hz {
            self.digits = DigitListener::counting(terms.format.digit_clock_rate_hz);
        }
        if terms.flow.receives() != self.terms.flow.receives() {
            self.silence = Silence {
                since: Some(now),
                heard: false,
                ..self.silence
            };
            self.kit.jitter.reset();
        }
        if terms.format.digit_payload_type.is_none() {
            // What was still to be pressed cannot be said any more.
            self.keying = Keying::default();
        }
        self.wants_tones = wants_tones(&terms);
        self.terms = terms;
        spent
    }

    /// Exchange all that is for one codec.
    fn refit(&mut self, coding: Coding, kit: Option<&mut Kit>) {
        let (Some(kit), Ride::Own(own)) = (kit, &mut self.ride) else {
            return;
        };
        if let Some(lane) = kit.lane.take() {
            kit.lane = Some(std::mem::replace(own, Own::new(lane)).lane);
        }
        std::mem::swap(&mut kit.jitter, &mut self.kit.jitter);
        self.kit.jitter.set_size(self.buffer);
        std::mem::swap(&mut kit.way_in, &mut self.kit.way_in);
        self.reception.set_clock(coding.codec.clock_rate_hz());
        self.coding = coding;
    }

    /// How its sound is coded.
    pub(crate) fn coding(&self) -> Coding {
        self.coding
    }

    /// Whether it hears a mix at this rate by way of a lane; else its codec takes frames as they are.
    pub(crate) fn needs_lane(&self, mix_hz: u32) -> bool {
        let idle = matches!(&self.ride, Ride::Own(own) if own.lane.is_plain());
        !idle || mix_hz != self.coding.rate_hz
    }

    /// Whether its frame is due at this tick.
    pub(crate) fn is_due(&mut self, now: Moment) -> bool {
        self.sender.is_due(self.coding.codec, now)
    }

    /// The peer's terms.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Whether what was taken last is noise of the peer's own telling, and no voice.
    pub(crate) fn makes_noise(&self) -> bool {
        self.kit.jitter.is_noise()
    }

    /// Take the next frame of the peer at the rate of the mix; silent when nobody is to hear it. Says whether there is
    /// anything to look at: not when the peer itself told that there is not.
    pub(crate) fn listen(&mut self, audible: bool, (now, mix_hz): (Moment, u32), frame: &mut [i16]) -> bool {
        let audible = audible && self.terms.flow.receives();
        if !audible {
            self.gate.shut();
        }
        let Kit { jitter, way_in, .. } = &mut self.kit;
        jitter.expect_silence(self.gate.is_asleep());
        way_in.aim(jitter.rate_hz(), mix_hz);
        if way_in.is_plain() && (audible || !self.wants_tones) {
            jitter.pull(audible, now, frame);
            self.hear_tones(frame);
            return !self.kit.jitter.dozes();
        }
        let mut heard = SILENCE;
        let heard = &mut heard[..samples_at(jitter.rate_hz())];
        jitter.pull(audible || self.wants_tones, now, heard);
        self.hear_tones(heard);
        if !audible {
            heard.fill(0);
        }
        self.kit.way_in.convert(heard, frame);
        !self.kit.jitter.dozes()
    }

    /// A phone of G.711 that agreed on no events has no way but tones.
    fn hear_tones(&mut self, frame: &[i16]) {
        if self.wants_tones {
            self.pressed_tone = self.pressed_tone.or(self.tones.hear(frame));
        }
    }

    /// Take the next frame and let it go: the stream is in no conference.
    pub(crate) fn pass(&mut self, now: Moment) {
        let mut unheard = SILENCE;
        let samples = samples_at(self.kit.jitter.rate_hz());
        self.kit
            .jitter
            .pull(self.wants_tones, now, &mut unheard[..samples]);
        self.hear_tones(&unheard[..samples]);
    }

    /// Follow who is speaking; in a frame that is known to be silent, nobody.
    pub(crate) fn watch_speech(&mut self, frame: Option<&[i16]>, outlet: &mut impl Outlet) {
        let change = match frame {
            Some(frame) => self.speech.hear(frame),
            None => self.speech.hush(),
        };
        self.tell_speech(change, outlet);
    }

    /// Bring a frame that was looked for speech nearer to the loudness of others.
    pub(crate) fn level(&mut self, frame: &mut [i16]) {
        self.gain.apply(frame, self.speech.is_speaking());
    }

    /// How many packets of a hundred the peer loses of ours, as far as is known.
    pub(crate) fn lost_percent(&self) -> u8 {
        self.reports.lost_percent()
    }

    fn tell_speech(&self, change: Option<Change>, outlet: &mut impl Outlet) {
        match change.filter(|_| self.watched) {
            Some(Change::Started) => outlet.fact(Fact::SpeechStarted(self.id)),
            Some(Change::Stopped) => outlet.fact(Fact::SpeechStopped(self.id)),
            None => {}
        }
    }

    /// Take a seat, or leave one: whoever hears this stream from now on hears nothing of before.
    pub(crate) fn sit(&mut self, home: Home, talks: Talks, watched: bool, outlet: &mut impl Outlet) {
        let moved = self.home != home;
        if moved {
            self.beeps = 0;
        }
        if moved || self.talks != talks {
            self.kit.jitter.forget_voice();
            self.kit.way_in.forget();
        }
        if !watched || matches!(talks, Talks::Nobody) {
            let change = self.speech.hush();
            self.tell_speech(change, outlet);
        }
        let asked = watched && !self.watched;
        (self.home, self.talks, self.watched) = (home, talks, watched);
        if asked && self.speech.is_speaking() {
            // They began before anybody asked.
            self.tell_speech(Some(Change::Started), outlet);
        }
    }

    /// Let so much of what the peer says wait.
    pub(crate) fn set_buffer(&mut self, size: BufferSize) {
        self.buffer = size;
        self.kit.jitter.set_size(size);
    }

    /// Send the frame that is due, coded; or let it pass when nothing is to be sent. `silent`: there is nothing to hear in it.
    pub(crate) fn send(
        &mut self,
        (payload, silent): (&[u8], bool),
        joiner: &mut Joiner,
        outlet: &mut impl Outlet,
    ) {
        match self.latch.destination() {
            Some(to) if self.sends() => {
                let route = Route {
                    stream: self.id,
                    to,
                    format: &self.terms.format,
                };
                let clock_hz = route.format.digit_clock_rate_hz;
                let frame_ticks = (clock_hz / 1_000) as u16 * FRAME_MS as u16;
                if let Some(event) = self.keying.next(frame_ticks) {
                    self.sender.key(route, event, outlet);
                } else if !self.sender.leaves_out(route, silent, outlet) {
                    self.sender.send(route, joiner, payload, outlet);
                }
            }
            _ => self.sender.skip(self.coding.codec),
        }
    }

    /// Press keys, after those that wait already. A stream without a payload type for them goes on with its sound.
    pub(crate) fn press(&mut self, keys: &Keys) {
        if self.terms.format.digit_payload_type.is_some() {
            self.keying.press(keys);
        }
    }

    /// Whether we send at all.
    pub(crate) fn sends(&self) -> bool {
        self.terms.flow.sends()
    }
}
