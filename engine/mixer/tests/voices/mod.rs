//! Sounds like people and rooms, made up and repeatable: syllables of a buzz through two formants, hisses, pauses; a
//! hiss of a fan; a canteen of many such people.

#![allow(dead_code, reason = "each test file uses its own part")]

/// A seeded source of chance.
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Evenly between two bounds.
    pub fn between(&mut self, least: f32, most: f32) -> f32 {
        least + (most - least) * ((self.next() >> 40) as f32 / (1_u64 << 24) as f32)
    }
}

/// A resonance of the throat.
#[derive(Default)]
struct Formant {
    b1: f32,
    b2: f32,
    y1: f32,
    y2: f32,
}

impl Formant {
    fn tune(&mut self, hz: f32, width_hz: f32, rate_hz: f32) {
        let r = (-std::f32::consts::PI * width_hz / rate_hz).exp();
        self.b1 = 2.0 * r * (std::f32::consts::TAU * hz / rate_hz).cos();
        self.b2 = -r * r;
    }

    fn pass(&mut self, x: f32) -> f32 {
        let y = x + self.b1 * self.y1 + self.b2 * self.y2;
        self.y2 = self.y1;
        self.y1 = y;
        y
    }
}

/// Somebody who talks without a break, at a level of their own: syllables of 120 to 280 ms, some begun by a hiss.
pub fn talk(seed: u64, rate_hz: usize, count: usize) -> Vec<f32> {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    for _ in 0..8 {
        dice.next();
    }
    let pitch_hz = dice.between(90.0, 220.0);
    let mut out = Vec::with_capacity(count + rate_hz);
    while out.len() < count {
        if dice.between(0.0, 1.0) < 0.3 {
            hiss(&mut out, &mut dice, rate_hz);
        }
        syllable(&mut out, &mut dice, pitch_hz, rate_hz as f32);
        let gap = (dice.between(0.01, 0.08) * rate_hz as f32) as usize;
        out.extend(std::iter::repeat_n(0.0, gap));
    }
    out.truncate(count);
    to_power(out)
}

fn hiss(out: &mut Vec<f32>, dice: &mut Dice, rate_hz: usize) {
    let count = (dice.between(0.04, 0.1) * rate_hz as f32) as usize;
    let mut before = 0.0;
    for _ in 0..count {
        let white = dice.between(-1.0, 1.0);
        out.push(0.15 * (white - before));
        before = white;
    }
}

fn syllable(out: &mut Vec<f32>, dice: &mut Dice, pitch_hz: f32, rate_hz: f32) {
    let count = (dice.between(0.12, 0.28) * rate_hz) as usize;
    let (mut low, mut high) = (Formant::default(), Formant::default());
    low.tune(dice.between(300.0, 800.0), 80.0, rate_hz);
    high.tune(dice.between(900.0, 2_200.0), 120.0, rate_hz);
    let (bend, loud) = (dice.between(0.85, 1.15), dice.between(0.5, 1.0));
    let mut phase = 0.0;
    let start = out.len();
    let mut top = 0.0_f32;
    for i in 0..count {
        let at = i as f32 / count as f32;
        phase += pitch_hz * (1.0 + (bend - 1.0) * at) / rate_hz;
        let pulse = if phase >= 1.0 { 1.0 } else { 0.0 };
        phase -= pulse;
        let breath = 0.01 * dice.between(-1.0, 1.0);
        let sound = low.pass(pulse + breath) + 0.5 * high.pass(pulse + breath);
        let envelope = (std::f32::consts::PI * at).sin().powf(0.4);
        out.push(sound * envelope);
        top = top.max((sound * envelope).abs());
    }
    for sample in &mut out[start..] {
        *sample *= loud / top.max(1e-9);
    }
}

/// The hiss of a fan.
pub fn fan(seed: u64, count: usize) -> Vec<f32> {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    to_power((0..count).map(|_| dice.between(-1.0, 1.0)).collect())
}

/// A canteen: eight people who talk at once.
pub fn canteen(seed: u64, rate_hz: usize, count: usize) -> Vec<f32> {
    let mut sum = vec![0.0; count];
    for person in 0..8 {
        for (total, sample) in sum.iter_mut().zip(talk(100 * seed + person, rate_hz, count)) {
            *total += sample;
        }
    }
    to_power(sum)
}

/// At a mean power of 1.
fn to_power(mut sound: Vec<f32>) -> Vec<f32> {
    let power = sound.iter().map(|sample| sample * sample).sum::<f32>() / sound.len() as f32;
    for sample in &mut sound {
        *sample /= power.sqrt();
    }
    sound
}

/// Lay sound over other sound, at a level in dB below full scale.
pub fn lay(over: &mut [f32], sound: &[f32], level_db: f32) {
    let gain = 32_768.0 * 10_f32.powf(level_db / 20.0);
    for (total, sample) in over.iter_mut().zip(sound) {
        *total += gain * sample;
    }
}

pub fn samples(sound: &[f32]) -> Vec<i16> {
    sound
        .iter()
        .map(|sample| sample.clamp(-32_767.0, 32_767.0) as i16)
        .collect()
}
