//! Keys of the telephone, heard as events in the RTP stream.
//!
//! One press is many packets: updates of its duration, and an end that is sent three times. It is told once, when it
//! has lasted 40 ms or has ended, so that a lost end delays nothing. Tones in the sound itself are not listened to.
//!
//! Sources: RFC 4733, sections 2.3 (payload), 2.5.1.2 and 2.5.1.4 (updates, redundant ends), 2.5.1.3 (long events cut
//! into segments), 3.2 (the codes of keys).

use crate::moment::Moment;

/// A press is told once it has lasted this long.
const CERTAIN_MS: u32 = 40;

/// A press of which nothing has come for this long has ended, and its end was lost.
const ABANDONED_MS: u64 = 100;

/// The codes 0 to 15, in order.
const KEYS: &[u8; 16] = b"0123456789*#ABCD";

/// A key that was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pressed {
    /// One of `0`-`9`, `*`, `#`, `A`-`D`.
    pub key: char,
    /// How long it had lasted when it was told, in ms.
    pub duration_ms: u32,
}

/// The payload is not an event of RFC 4733.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnEvent;

/// Hears the presses of one stream.
#[derive(Debug, Clone)]
pub struct DigitListener {
    press: Option<Press>,
    ticks_per_ms: u32,
}

impl Default for DigitListener {
    /// For durations that count 8,000 to the second.
    fn default() -> Self {
        Self::counting(8_000)
    }
}

#[derive(Debug, Clone, Copy)]
struct Press {
    event: u8,
    /// Of the segment that is on.
    timestamp: u32,
    /// Of the segment that is on, in units of the clock.
    duration_ts: u32,
    /// Of the segments before it.
    before_ts: u32,
    ended: bool,
    told: bool,
    heard: Moment,
}

impl Press {
    fn tell(&mut self, ticks_per_ms: u32) -> Pressed {
        self.told = true;
        let duration_ms = (self.before_ts + self.duration_ts) / ticks_per_ms;
        Pressed {
            key: char::from(KEYS[usize::from(self.event)]),
            duration_ms,
        }
    }
}

impl DigitListener {
    /// For durations in ticks of this clock.
    pub fn counting(clock_rate_hz: u32) -> Self {
        Self {
            press: None,
            ticks_per_ms: (clock_rate_hz / 1_000).max(1),
        }
    }

    /// Hear one packet of events.
    ///
    /// Returns a press that has become certain, at most one: of two presses in a hurry the first is told by the packet
    /// that begins the second, and the second by one of its own later packets or by [`Self::overdue`].
    pub fn hear(
        &mut self,
        timestamp: u32,
        payload: &[u8],
        now: Moment,
    ) -> Result<Option<Pressed>, NotAnEvent> {
        let bytes: &[u8; 4] = payload.first_chunk().ok_or(NotAnEvent)?;
        let (event, ended) = (bytes[0], bytes[1] & 0x80 != 0);
        let duration_ts = u32::from(u16::from_be_bytes([bytes[2], bytes[3]]));
        if usize::from(event) >= KEYS.len() {
            // Flash, fax and modem tones, and whatever else has a code: no key.
            return Ok(None);
        }
        Ok(self.follow(event, timestamp, (duration_ts, ended), now))
    }

    fn follow(&mut self, event: u8, timestamp: u32, so_far: (u32, bool), now: Moment) -> Option<Pressed> {
        let (duration_ts, ended) = so_far;
        match self.press.as_mut() {
            Some(press) if press.timestamp == timestamp && press.event == event => {
                press.duration_ts = press.duration_ts.max(duration_ts);
                press.ended |= ended;
                press.heard = now;
            }
            Some(press) if (timestamp.wrapping_sub(press.timestamp) as i32) < 0 => return None,
            Some(press) if continues(press, event, timestamp) => {
                press.before_ts += press.duration_ts;
                (press.timestamp, press.duration_ts, press.ended) = (timestamp, duration_ts, ended);
                press.heard = now;
            }
            _ => {
                let fresh = Press {
                    event,
                    timestamp,
                    duration_ts,
                    before_ts: 0,
                    ended,
                    told: false,
                    heard: now,
                };
                let unfinished = self.press.replace(fresh).filter(|press| !press.told);
                if let Some(mut unfinished) = unfinished {
                    return Some(unfinished.tell(self.ticks_per_ms));
                }
            }
        }
        self.certain()
    }

    fn certain(&mut self) -> Option<Pressed> {
        let press = self.press.as_mut().filter(|press| !press.told)?;
        let lasted = press.before_ts + press.duration_ts;
        if press.ended || lasted >= CERTAIN_MS * self.ticks_per_ms {
            return Some(press.tell(self.ticks_per_ms));
        }
        None
    }

    /// Tell a press whose further packets were lost. Ask now and then.
    pub fn overdue(&mut self, now: Moment) -> Option<Pressed> {
        let press = self.press.as_mut().filter(|press| !press.told)?;
        if press.ended || now.since_ms(press.heard) >= ABANDONED_MS {
            return Some(press.tell(self.ticks_per_ms));
        }
        None
    }

    /// Forget the press that is on: another sender has taken over.
    pub fn reset(&mut self) {
        self.press = None;
    }
}

/// Whether a packet is the next segment of a press too long for one (RFC 4733, section 2.5.1.3).
fn continues(press: &Press, event: u8, timestamp: u32) -> bool {
    !press.ended && press.event == event && press.timestamp.wrapping_add(press.duration_ts) == timestamp
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn event(code: u8, ended: bool, duration_ms: u16) -> [u8; 4] {
        let duration = (duration_ms * 8).to_be_bytes();
        [code, if ended { 0x8A } else { 0x0A }, duration[0], duration[1]]
    }

    fn hear_all(packets: &[(u32, [u8; 4])]) -> Vec<Pressed> {
        let mut listener = DigitListener::default();
        let mut told = Vec::new();
        for (i, (timestamp, payload)) in packets.iter().enumerate() {
            told.extend(
                listener
                    .hear(*timestamp, payload, Moment::from_ms(20 * i as u64))
                    .unwrap(),
            );
        }
        told.extend(listener.overdue(Moment::from_ms(10_000)));
        told
    }

    #[test]
    fn a_press_with_redundant_ends_is_told_once() {
        let press: Vec<_> = [
            (false, 20),
            (false, 40),
            (false, 60),
            (true, 80),
            (true, 80),
            (true, 80),
        ]
        .map(|(ended, ms)| (800, event(5, ended, ms)))
        .to_vec();
        assert_eq!(
            hear_all(&press),
            [Pressed {
                key: '5',
                duration_ms: 40
            }]
        );
    }

    #[test]
    fn a_press_is_told_whichever_one_of_its_packets_arrives() {
        assert_eq!(
            hear_all(&[(800, event(11, true, 25))]),
            [Pressed {
                key: '#',
                duration_ms: 25
            }]
        );
        assert_eq!(
            hear_all(&[(800, event(10, false, 20))]),
            [Pressed {
                key: '*',
                duration_ms: 20
            }]
        );
        assert_eq!(
            hear_all(&[(800, event(15, false, 90))]),
            [Pressed {
                key: 'D',
                duration_ms: 90
            }]
        );
    }

    #[test]
    fn the_same_key_twice_is_two_presses_even_when_the_first_lost_its_end() {
        let packets = [
            (800, event(1, false, 20)),
            (2_400, event(1, false, 20)),
            (2_400, event(1, true, 60)),
        ];
        let told: Vec<_> = hear_all(&packets)
            .iter()
            .map(|pressed| pressed.duration_ms)
            .collect();
        assert_eq!(told, [20, 60]);
    }

    #[test]
    fn a_packet_of_an_earlier_press_that_comes_late_is_ignored() {
        let packets = [
            (800, event(1, true, 50)),
            (1_600, event(2, true, 50)),
            (800, event(1, true, 50)),
        ];
        let keys: String = hear_all(&packets).iter().map(|pressed| pressed.key).collect();
        assert_eq!(keys, "12");
    }

    #[test]
    fn a_press_cut_into_segments_is_one_press() {
        let packets = [
            (0, [3, 0x0A, 0xFF, 0xFF]),
            (0xFFFF, event(3, false, 20)),
            (0xFFFF, event(3, true, 90)),
            (0xFFFF, event(3, true, 90)),
        ];
        assert_eq!(hear_all(&packets).len(), 1);
    }

    #[test]
    fn what_is_no_key_is_not_told_and_what_is_no_event_is_refused() {
        assert_eq!(hear_all(&[(800, event(16, true, 80))]), []);
        assert_eq!(
            DigitListener::default().hear(0, &[1, 2, 3], Moment::default()),
            Err(NotAnEvent)
        );
    }

    proptest! {
        #[test]
        fn any_packets_are_heard_without_panic_and_tell_no_more_presses_than_packets(
            packets in proptest::collection::vec((any::<u32>(), any::<[u8; 4]>()), 0..50)
        ) {
            prop_assert!(hear_all(&packets).len() <= packets.len());
        }
    }
}
