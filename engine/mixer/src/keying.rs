//! Keys that we press: events of RFC 4733 in place of the sound of a stream.
//!
//! One press is five packets, 20 ms apart, whose duration grows, and two more that repeat its end; then the sound goes on
//! for a while before the next. What waits has a fixed place, so that pressing allocates nothing.
//!
//! Sources: RFC 4733, sections 2.3 (payload), 2.5.1.2 and 2.5.1.4 (updates, three ends), 3.2 (the codes of keys).

/// Keys and pauses that can wait at once; what does not fit is dropped.
pub const MOST_STEPS: usize = 100;

/// Frames of a press that carry its sound, and those that repeat its end.
const PRESS_FRAMES: u16 = 5;
const END_FRAMES: u16 = 2;

/// Frames of sound after a press.
const GAP_FRAMES: u16 = 3;

/// Frames of half a second: what `w` is.
const PAUSE_FRAMES: u16 = 25;

/// How loud the key would be as a tone: -8 dBm0, as a telephone's keypad is.
const VOLUME: u8 = 8;

const END: u8 = 0x80;

/// How a step is kept: the code of a key, 0 to 15, or one of these.
const HALF_SECOND: u8 = 16;
const SECOND: u8 = 17;

fn step_of(key: char) -> Option<u8> {
    match key {
        '0'..='9' => Some(key as u8 - b'0'),
        '*' => Some(10),
        '#' => Some(11),
        'A'..='D' => Some(12 + (key as u8 - b'A')),
        'w' => Some(HALF_SECOND),
        'W' => Some(SECOND),
        _ => None,
    }
}

fn frames_of(step: u8) -> u16 {
    match step {
        HALF_SECOND => PAUSE_FRAMES,
        SECOND => 2 * PAUSE_FRAMES,
        _ => PRESS_FRAMES + END_FRAMES + GAP_FRAMES,
    }
}

/// Keys and pauses, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keys {
    steps: [u8; MOST_STEPS],
    count: u8,
}

impl Keys {
    /// Read `0`-`9`, `*`, `#`, `A`-`D`, and `w` and `W` for half a second and a second. None: there is something else
    /// among them, or there are too many.
    pub fn read(text: &str) -> Option<Self> {
        let mut keys = Self {
            steps: [0; MOST_STEPS],
            count: 0,
        };
        for key in text.chars() {
            *keys.steps.get_mut(usize::from(keys.count))? = step_of(key)?;
            keys.count += 1;
        }
        Some(keys)
    }
}

/// One packet of a press.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// Whether the press begins with it.
    pub first: bool,
    /// What it carries.
    pub payload: [u8; 4],
}

/// Presses keys, frame by frame.
#[derive(Debug)]
pub struct Keying {
    steps: [u8; MOST_STEPS],
    count: usize,
    /// The step under way.
    at: usize,
    /// Frames of it that are over.
    frame: u16,
}

impl Default for Keying {
    fn default() -> Self {
        Self {
            steps: [0; MOST_STEPS],
            count: 0,
            at: 0,
            frame: 0,
        }
    }
}

impl Keying {
    /// Press these after those that wait already.
    pub fn press(&mut self, keys: &Keys) {
        self.steps.copy_within(self.at..self.count, 0);
        self.count -= self.at;
        self.at = 0;
        let more = (MOST_STEPS - self.count).min(usize::from(keys.count));
        self.steps[self.count..self.count + more].copy_from_slice(&keys.steps[..more]);
        self.count += more;
    }

    /// Let a frame pass; gives the packet that takes the place of its sound, if one does.
    ///
    /// `frame_ticks` is how many ticks of the clock of durations a frame has.
    pub fn next(&mut self, frame_ticks: u16) -> Option<Event> {
        let step = *self.steps[..self.count].get(self.at)?;
        let frame = self.frame;
        self.frame += 1;
        if self.frame == frames_of(step) {
            (self.at, self.frame) = (self.at + 1, 0);
        }
        if step >= HALF_SECOND || frame >= PRESS_FRAMES + END_FRAMES {
            return None;
        }
        let lasted = (frame + 1).min(PRESS_FRAMES);
        let end = if lasted == PRESS_FRAMES { END } else { 0 };
        let [high, low] = (lasted * frame_ticks).to_be_bytes();
        Some(Event {
            first: frame == 0,
            payload: [step, end | VOLUME, high, low],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Keying, Keys, MOST_STEPS};
    use crate::digits::DigitListener;
    use crate::moment::Moment;

    fn heard(text: &str) -> (String, usize) {
        let (mut keying, mut listener) = (Keying::default(), DigitListener::default());
        keying.press(&Keys::read(text).expect("keys"));
        let (mut found, mut last, mut timestamp) = (String::new(), 0, 0);
        for frame in 0..10_000_u32 {
            let Some(event) = keying.next(160) else { continue };
            if event.first {
                timestamp = frame * 160;
            }
            last = frame as usize;
            let now = Moment::from_ms(u64::from(frame) * 20);
            let pressed = listener.hear(timestamp, &event.payload, now).expect("an event");
            found.extend(pressed.map(|pressed| pressed.key));
        }
        (found, last)
    }

    #[test]
    fn what_is_pressed_is_heard_once_each_and_in_order() {
        assert_eq!(heard("0123456789*#ABCD").0, "0123456789*#ABCD");
        assert_eq!(heard("55").0, "55");
    }

    #[test]
    fn pauses_are_half_a_second_and_a_second() {
        assert_eq!(heard("w1").1, heard("1").1 + 25);
        assert_eq!(heard("W1").1, heard("1").1 + 50);
    }

    #[test]
    fn keys_can_follow_while_others_wait() {
        let mut keying = Keying::default();
        keying.press(&Keys::read("12").expect("keys"));
        let mut codes = Vec::new();
        for frame in 0..100 {
            if frame == 3 {
                keying.press(&Keys::read("3").expect("keys"));
            }
            codes.extend(
                keying
                    .next(160)
                    .filter(|event| event.first)
                    .map(|event| event.payload[0]),
            );
        }
        assert_eq!(codes, [1, 2, 3]);
    }

    #[test]
    fn what_is_no_key_or_too_much_is_refused() {
        assert!(Keys::read("12x").is_none());
        assert!(Keys::read(&"1".repeat(MOST_STEPS)).is_some());
        assert!(Keys::read(&"1".repeat(MOST_STEPS + 1)).is_none());
        let mut keying = Keying::default();
        keying.press(&Keys::read(&"1".repeat(MOST_STEPS)).expect("keys"));
        keying.press(&Keys::read("2").expect("keys"));
    }
}
