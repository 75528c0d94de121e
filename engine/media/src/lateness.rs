//! How late the ticks of a real-time thread begin: counted in a table, told once in a while.
//!
//! A tick costs one addition. The classes are an eighth of a power of two wide, so that a figure is wrong by an eighth
//! at most; it is rounded up.

use mixer::Moment;

use crate::wires::Errors;

/// Classes of an eighth of a power of two, up to 2^24 µs.
const CLASSES: usize = 8 * 22;

/// Between two tellings, in ms.
const TELL_MS: u64 = 5_000;

/// What a thread tells of its ticks since it last told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ticks {
    /// Which thread, from 0.
    pub thread: usize,
    pub counted: u32,
    /// Of so many ticks the time passed before they could begin.
    pub skipped: u32,
    pub p50_us: u32,
    pub p99_us: u32,
    pub p999_us: u32,
    pub max_us: u32,
    /// Thousandths of its time that it worked.
    pub busy_permille: u32,
    /// Streams that it held.
    pub streams: usize,
    pub unsent: u64,
    pub facts_dropped: u64,
}

/// The lateness of one thread's ticks.
#[derive(Debug)]
pub(crate) struct Lateness {
    counts: [u32; CLASSES],
    ticks: u32,
    skipped: u32,
    max_us: u32,
    worked_us: u64,
    since: Moment,
    due: Moment,
}

impl Lateness {
    /// Nothing counted yet; to be told for the first time a while after now.
    pub fn new(now: Moment) -> Self {
        Self {
            counts: [0; CLASSES],
            ticks: 0,
            skipped: 0,
            max_us: 0,
            worked_us: 0,
            since: now,
            due: now.plus_ms(TELL_MS),
        }
    }

    /// Count a tick that began at `now` and should have at `planned`.
    pub fn note(&mut self, planned: Moment, now: Moment) {
        let late_us = now.since_us(planned).clamp(0, i64::from(u32::MAX)) as u32;
        self.counts[class_of(late_us)] += 1;
        self.ticks += 1;
        self.max_us = self.max_us.max(late_us);
    }

    /// Count time that was spent at work.
    pub fn work(&mut self, us: u64) {
        self.worked_us += us;
    }

    /// Count ticks whose time had passed.
    pub fn skip(&mut self, ticks: u64) {
        self.skipped = self.skipped.saturating_add(ticks.min(u64::from(u32::MAX)) as u32);
    }

    /// What is to be told now, if it is time; then the count begins anew.
    pub fn take(&mut self, now: Moment, thread: usize, streams: usize, errors: &mut Errors) -> Option<Ticks> {
        if now < self.due || self.ticks == 0 {
            return None;
        }
        let ticks = Ticks {
            thread,
            counted: self.ticks,
            skipped: self.skipped,
            p50_us: self.quantile(500),
            p99_us: self.quantile(990),
            p999_us: self.quantile(999),
            max_us: self.max_us,
            busy_permille: self.busy_permille(now),
            streams,
            unsent: errors.unsent,
            facts_dropped: errors.facts_dropped,
        };
        *errors = Errors::default();
        *self = Self::new(now);
        Some(ticks)
    }

    fn busy_permille(&self, now: Moment) -> u32 {
        let elapsed_us = now.since_us(self.since).max(1) as u64;
        (self.worked_us * 1_000 / elapsed_us).min(1_000) as u32
    }

    /// Of all ticks so many thousandths were no later than this.
    fn quantile(&self, thousandths: u64) -> u32 {
        let wanted = (u64::from(self.ticks) * thousandths).div_ceil(1_000);
        let mut seen = 0;
        for (class, count) in self.counts.iter().enumerate() {
            seen += u64::from(*count);
            if seen >= wanted {
                return end_of(class).min(self.max_us);
            }
        }
        self.max_us
    }
}

/// Below 8 each microsecond is a class; above, eight classes to each power of two.
fn class_of(us: u32) -> usize {
    if us < 8 {
        return us as usize;
    }
    let power = us.ilog2() as usize;
    let eighth = (us >> (power - 3)) as usize & 7;
    ((power - 2) * 8 + eighth).min(CLASSES - 1)
}

/// The greatest lateness of a class, in µs.
fn end_of(class: usize) -> u32 {
    if class < 8 {
        return class as u32;
    }
    let (power, eighth) = (class / 8 + 2, class % 8);
    ((8 + eighth as u32 + 1) << (power - 3)) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_follow_one_another_without_a_gap() {
        for us in (0..100_000).chain([1 << 23, (1 << 24) - 1]) {
            let class = class_of(us);
            assert!(end_of(class) >= us, "{us}");
            assert!(class == 0 || end_of(class - 1) < us, "{us}");
        }
        assert_eq!(class_of(u32::MAX), CLASSES - 1);
    }

    #[test]
    fn it_tells_what_was_late_once_in_a_while_and_begins_anew() {
        let at = |us: u64| Moment::from_us(us);
        let mut lateness = Lateness::new(at(0));
        for i in 0..1_000_u64 {
            let late_us = if i < 995 { 60 } else { 3_000 };
            lateness.note(at(i * 5_000), at(i * 5_000 + late_us));
        }
        lateness.skip(2);
        lateness.work(250_000);
        let mut errors = Errors {
            unsent: 4,
            facts_dropped: 1,
        };
        assert_eq!(lateness.take(at(4_999_999), 1, 7, &mut errors), None);
        let told = lateness.take(at(5_000_000), 1, 7, &mut errors).unwrap();
        assert_eq!(
            (told.thread, told.counted, told.skipped, told.streams),
            (1, 1_000, 2, 7)
        );
        assert_eq!(told.busy_permille, 50);
        assert_eq!((told.unsent, told.facts_dropped, errors.unsent), (4, 1, 0));
        assert!(
            (60..68).contains(&told.p50_us) && (60..68).contains(&told.p99_us),
            "{told:?}"
        );
        assert_eq!((told.p999_us, told.max_us), (3_000, 3_000));
        assert_eq!(
            lateness.take(at(11_000_000), 1, 7, &mut errors),
            None,
            "nothing since"
        );
    }
}
