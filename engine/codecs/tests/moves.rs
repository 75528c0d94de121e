//! A listener who moves between the shared encoder and an own one hears no click.
//!
//! A sweep and a voice are heard by one listener who speaks now and then. While they speak the shared encoder codes the
//! room with them in it, an own one the room without them. Measured are corners in what they hear (a click is one), and
//! how far they are from one who never moved. A naive move, to a fresh encoder and straight back, is measured too, so
//! that the measure is known to find what it looks for.

use std::f64::consts::TAU;

use codecs::codec::PATIENCE_FRAMES;
use codecs::opus::OpusTerms;
use codecs::{Codec, Coding, Decoder, Encoder, LONGEST_PAYLOAD};

const FRAMES: usize = 400;

/// Frames at which the listener begins and stops to speak.
const TURNS: [(usize, usize); 4] = [(40, 60), (120, 121), (190, 220), (290, 310)];

#[derive(Debug, Clone, Copy, PartialEq)]
enum How {
    /// As the crate's documentation has it.
    Properly,
    /// A fresh encoder each time, and back at once.
    Naively,
}

fn sweep(t: f64, _: u32) -> f64 {
    let (seconds, highest) = (FRAMES as f64 / 50.0, 3_200.0);
    9_000.0 * (TAU * (150.0 * t + (highest - 150.0) / 2.0 / seconds * t * t)).sin()
}

fn voice(t: f64, noise: u32) -> f64 {
    let phase = TAU * (140.0 * t + 3.0 * (t * 5.0).sin());
    let wave = |k: u32| (phase * f64::from(k) + f64::from(k * k)).sin() / f64::from(k);
    let envelope = (TAU * 3.0 * t).sin().max(0.0).powi(2);
    4_000.0 * envelope * (1..20).map(wave).sum::<f64>() + f64::from(noise) / 1_000.0 - 32.0
}

fn sound(rate_hz: u32, of: impl Fn(f64, u32) -> f64) -> Vec<i16> {
    let mut noise = 1_u32;
    let sample = |at: usize| {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        of(at as f64 / f64::from(rate_hz), noise >> 16) as i16
    };
    (0..FRAMES * rate_hz as usize / 50).map(sample).collect()
}

/// The two encoders of a group, and where the listener is.
struct Listener {
    shared: Encoder,
    own: Encoder,
    decoder: Decoder,
    /// Frames since they stopped speaking; None when with the others.
    settled: Option<u32>,
}

impl Listener {
    fn new(coding: Coding) -> Self {
        Self {
            shared: Encoder::new(coding).unwrap(),
            own: Encoder::new(coding).unwrap(),
            decoder: Decoder::new(coding.codec, coding.rate_hz).unwrap(),
            settled: None,
        }
    }

    fn hear(&mut self, (others, room): (&[i16], &[i16]), how: How, heard: &mut [i16]) {
        let speaks = others != room;
        if speaks && self.settled.is_none() {
            match how {
                How::Properly => self.own.follow(&self.shared).unwrap(),
                How::Naively => self.own.restart(*self.shared.coding()).unwrap(),
            }
        }
        self.settled = match (self.settled, how) {
            _ if speaks => Some(0),
            (Some(frames), How::Properly) if !self.may_move(frames) => Some(frames + 1),
            _ => None,
        };
        let mut payload = [0; LONGEST_PAYLOAD];
        let mut bytes = self.shared.encode(room, &mut payload);
        if self.settled.is_some() {
            bytes = self.own.encode(others, &mut payload);
        }
        assert_eq!(self.decoder.decode(&payload[..bytes], heard), Ok(heard.len()));
    }

    fn may_move(&self, frames: u32) -> bool {
        frames >= PATIENCE_FRAMES
            || frames >= self.own.coding().codec.settling_frames() && self.own.agrees_with(&self.shared)
    }
}

/// What the listener hears, and what somebody hears who has an own encoder all the time.
fn listen(coding: Coding, others: &[i16], how: How) -> (Vec<i16>, Vec<i16>) {
    let frame = coding.rate_hz as usize / 50;
    let (mut listener, mut unmoved) = (Listener::new(coding), Listener::new(coding));
    let (mut heard, mut expected) = (vec![0; others.len()], vec![0; others.len()]);
    for (at, part) in others.chunks(frame).enumerate() {
        let mut room = part.to_vec();
        if TURNS.iter().any(|(from, to)| (*from..*to).contains(&at)) {
            let hum = |i: usize| 5_000.0 * (TAU * 440.0 * i as f64 / f64::from(coding.rate_hz)).sin() + 9.0;
            room.iter_mut()
                .enumerate()
                .for_each(|(i, sample)| *sample += hum(at * frame + i) as i16);
        }
        let place = at * frame..(at + 1) * frame;
        listener.hear((part, &room), how, &mut heard[place.clone()]);
        unmoved.hear((part, part), how, &mut expected[place]);
    }
    (heard, expected)
}

/// The highest second difference after the codec's own beginning: a click is a sharp corner.
fn sharpest(sound: &[i16]) -> f64 {
    let corner = |w: &[i16]| f64::from(w[0]) - 2.0 * f64::from(w[1]) + f64::from(w[2]);
    sound[sound.len() / 20..]
        .windows(3)
        .map(|w| corner(w).abs())
        .fold(0.0, f64::max)
}

/// The loudest 20 ms of what was heard beyond what was said, in dB below the loudest 20 ms of what was said. A codec adds
/// noise of its own, and delay; so only how loud each frame is, is compared.
fn swell_db(heard: &[i16], expected: &[i16], frame: usize) -> f64 {
    let rms =
        |part: &[i16]| (part.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / part.len() as f64).sqrt();
    let loudest = expected.chunks(frame).map(rms).fold(0.0, f64::max);
    let pairs = heard.chunks(frame).zip(expected.chunks(frame)).skip(FRAMES / 20);
    let swell = pairs
        .map(|(ours, theirs)| (rms(ours) - rms(theirs)).abs())
        .fold(1.0, f64::max);
    20.0 * (swell / loudest).log10()
}

fn opus(rate_hz: u32, fec: bool) -> Coding {
    let opus = OpusTerms {
        fec,
        ..OpusTerms::default()
    };
    Coding {
        opus,
        ..Coding::plain(Codec::Opus, rate_hz)
    }
}

fn codings() -> [Coding; 5] {
    let g722 = Coding::plain(Codec::G722, 16_000);
    [
        g722,
        opus(8_000, false),
        opus(16_000, false),
        opus(16_000, true),
        opus(48_000, false),
    ]
}

/// Corners compared with those of one who never moved, and the swell.
fn clicks(coding: Coding, of: impl Fn(f64, u32) -> f64, how: How) -> (f64, f64) {
    let (heard, expected) = listen(coding, &sound(coding.rate_hz, of), how);
    let swell = swell_db(&heard, &expected, coding.rate_hz as usize / 50);
    (sharpest(&heard) / sharpest(&expected), swell)
}

fn clicks_by_moving(how: How) -> Vec<(Coding, f64, f64)> {
    let both = |coding: Coding| {
        [clicks(coding, sweep, how), clicks(coding, voice, how)]
            .map(|(corner, swell)| (coding, corner, swell))
    };
    codings().into_iter().flat_map(both).collect()
}

#[test]
fn moving_with_the_state_and_back_after_settling_makes_no_corner_and_no_swell() {
    for (coding, corner, swell) in clicks_by_moving(How::Properly) {
        assert!(corner < 1.15, "{coding:?}: corners {corner:.2} times as sharp");
        assert!(swell < -10.0, "{coding:?}: a swell of {swell:.1} dB");
    }
}

#[test]
fn moving_without_either_is_found_by_the_same_measure() {
    for (coding, corner, swell) in clicks_by_moving(How::Naively) {
        assert!(
            corner > 1.15 || swell > -10.0,
            "{coding:?}: {corner:.2}, {swell:.1} dB"
        );
    }
}

#[test]
fn codecs_without_memory_move_at_once_and_lose_nothing() {
    for codec in [Codec::Pcmu, Codec::Pcma, Codec::L16Narrow, Codec::L16Wide] {
        let coding = Coding::plain(codec, codec.rates_hz()[0]);
        let (heard, expected) = listen(coding, &sound(coding.rate_hz, voice), How::Naively);
        assert!(heard == expected && codec.settling_frames() == 0, "{codec:?}");
    }
}

#[test]
fn only_encoders_of_one_codec_follow_each_other() {
    let [g722, narrow, wide, ..] = codings();
    let mut encoder = Encoder::new(narrow).unwrap();
    assert!(encoder.follow(&Encoder::new(g722).unwrap()).is_err());
    assert_eq!(encoder.coding(), &narrow);
    encoder.follow(&Encoder::new(wide).unwrap()).unwrap();
    assert_eq!(encoder.coding(), &wide);
    let pcmu = Encoder::new(Coding::plain(Codec::Pcmu, 8_000)).unwrap();
    assert!(Encoder::new(Coding::plain(Codec::Pcma, 8_000))
        .unwrap()
        .follow(&pcmu)
        .is_err());
}
