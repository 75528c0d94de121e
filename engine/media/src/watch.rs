//! Watches the real-time threads from outside: how much of their time they use, and whether they move at all.
//!
//! A thread that uses most of its time is about to be late, so the house is said to be strained before anybody hears it.
//! A thread that stands still while this one goes on is lost, and every call on it: the process ends, for whoever watches
//! the engine to start another that takes the calls up.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Looks that are taken together: what is shorter than a second says nothing.
const LOOKS_A_WINDOW: u32 = 4;

/// Windows in a row in which a thread is busy, until the house is strained.
const BUSY_WINDOWS: u32 = 2;

/// Windows in a row in which a thread skips so much, until the house is strained: more than for being busy, because a
/// machine that stood still for a moment, all of it, is not one that has too much to do.
const LATE_WINDOWS: u32 = 3;

/// Thousandths of its ticks that a thread skips when it is late.
const LATE_PERMILLE: u64 = 250;

/// Quiet windows in a row until the house is at ease again.
const EASY_WINDOWS: u32 = 5;

/// What a real-time thread says of itself; it adds, and waits for nobody.
#[derive(Debug, Default)]
pub(crate) struct Pulse {
    /// How far it is, in µs. Shared with those who listen, too.
    pub until_us: Arc<AtomicU64>,
    /// Time it has worked, in µs.
    pub worked_us: AtomicU64,
    /// Ticks it has played.
    pub ticks: AtomicU64,
    /// Ticks whose time had passed.
    pub skipped: AtomicU64,
}

/// What is known of the threads together; shared with whoever must refuse when there is too much.
#[derive(Debug, Default)]
pub struct Strain {
    /// Whether no more should be taken on.
    pub strained: Arc<AtomicBool>,
    /// Thousandths of its time that the busiest thread worked, and of its ticks that the latest one skipped, in the last
    /// second: the two in one word, so that they belong together.
    figures: AtomicU64,
}

impl Strain {
    /// Busy and skipped, in thousandths.
    pub fn permille(&self) -> (u16, u16) {
        let figures = self.figures.load(Ordering::Relaxed);
        ((figures >> 16) as u16, figures as u16)
    }

    fn set(&self, window: Window) {
        let figures = u64::from(window.busy_permille) << 16 | u64::from(window.skipped_permille);
        self.figures.store(figures, Ordering::Relaxed);
    }
}

/// The worst of all threads in a second.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Window {
    busy_permille: u16,
    skipped_permille: u16,
}

/// Says from one window after the other whether the house is strained.
#[derive(Debug)]
struct Judge {
    /// Thousandths of its time that a thread may use; 0: as much as it likes.
    limit: u16,
    strained: bool,
    busy: u32,
    late: u32,
    easy: u32,
}

impl Judge {
    fn new(limit: u16) -> Self {
        Self {
            limit,
            strained: false,
            busy: 0,
            late: 0,
            easy: 0,
        }
    }

    fn take(&mut self, window: Window) -> bool {
        if self.limit == 0 {
            return false;
        }
        let in_a_row = |so: bool, before: u32| if so { before + 1 } else { 0 };
        let late = u64::from(window.skipped_permille) >= LATE_PERMILLE;
        let easy =
            u32::from(window.busy_permille) * 4 <= u32::from(self.limit) * 3 && window.skipped_permille < 50;
        self.busy = in_a_row(window.busy_permille >= self.limit, self.busy);
        self.late = in_a_row(late, self.late);
        self.easy = in_a_row(easy, self.easy);
        if self.busy >= BUSY_WINDOWS || self.late >= LATE_WINDOWS {
            self.strained = true;
        } else if self.easy >= EASY_WINDOWS {
            self.strained = false;
        }
        self.strained
    }
}

/// What one thread was at when it was looked at last.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    until_us: u64,
    worked_us: u64,
    ticks: u64,
    skipped: u64,
    /// Looks in a row at which it was where it had been.
    still: u32,
}

impl Seen {
    fn of(pulse: &Pulse) -> Self {
        Self {
            until_us: pulse.until_us.load(Ordering::Acquire),
            worked_us: pulse.worked_us.load(Ordering::Relaxed),
            ticks: pulse.ticks.load(Ordering::Relaxed),
            skipped: pulse.skipped.load(Ordering::Relaxed),
            still: 0,
        }
    }
}

/// Looks at all threads.
pub(crate) struct Watcher {
    pub pulses: Vec<Arc<Pulse>>,
    pub strain: Arc<Strain>,
    pub stop: Arc<AtomicBool>,
    /// Thousandths of its time that a thread may use; 0: as much as it likes.
    pub limit_permille: u16,
    /// A thread that stands still for so long is lost; zero: is waited for.
    pub patience: Duration,
}

impl Watcher {
    /// Watch in a thread of its own, which is unparked to be stopped.
    pub fn spawn(self) -> io::Result<JoinHandle<()>> {
        thread::Builder::new()
            .name("media-watch".into())
            .spawn(move || self.run())
    }

    fn run(self) {
        let (mut judge, mut looks) = (Judge::new(self.limit_permille), 0);
        let mut last: Vec<Seen> = self.pulses.iter().map(|pulse| Seen::of(pulse)).collect();
        let (mut begun, mut began) = (last.clone(), Instant::now());
        loop {
            thread::park_timeout(LOOK_EVERY);
            if self.stop.load(Ordering::Acquire) {
                return;
            }
            if let Some(lost) = self.look(&mut last) {
                lose(lost, self.patience);
            }
            looks += 1;
            if looks % LOOKS_A_WINDOW == 0 {
                let window = worst(&begun, &last, began.elapsed());
                self.strain.set(window);
                self.strain.strained.store(judge.take(window), Ordering::Relaxed);
                (begun, began) = (last.clone(), Instant::now());
            }
        }
    }

    /// Look at all threads; gives one that has stood still for too long.
    ///
    /// It is looks that are counted and not time: when the whole process was stopped, nobody has moved, and nobody is lost.
    fn look(&self, last: &mut [Seen]) -> Option<usize> {
        for (pulse, seen) in self.pulses.iter().zip(last.iter_mut()) {
            let now = Seen::of(pulse);
            let still = if now.until_us == seen.until_us {
                seen.still + 1
            } else {
                0
            };
            *seen = Seen { still, ..now };
        }
        let looks = (self.patience.as_millis() / LOOK_EVERY.as_millis()) as u32;
        last.iter().position(|seen| looks > 0 && seen.still >= looks)
    }
}

/// The worst of what all threads did since they were looked at.
fn worst(begun: &[Seen], now: &[Seen], elapsed: Duration) -> Window {
    let elapsed_us = (elapsed.as_micros() as u64).max(1);
    let mut window = Window::default();
    for (begun, now) in begun.iter().zip(now) {
        let (ticks, skipped) = (now.ticks - begun.ticks, now.skipped - begun.skipped);
        let busy = (now.worked_us - begun.worked_us) * 1_000 / elapsed_us;
        let late = skipped * 1_000 / (ticks + skipped).max(1);
        window.busy_permille = window.busy_permille.max(busy.min(1_000) as u16);
        window.skipped_permille = window.skipped_permille.max(late as u16);
    }
    window
}

/// End the process: calls on a thread that stands still are mute, and only another engine can take them up.
fn lose(thread: usize, patience: Duration) -> ! {
    let seconds = patience.as_secs_f32();
    eprintln!("event=\"media thread stands still\" thread={thread} for_s={seconds}: the engine ends, another takes up its calls");
    std::process::abort();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(busy_permille: u16, skipped_permille: u16) -> Window {
        Window {
            busy_permille,
            skipped_permille,
        }
    }

    fn after(judge: &mut Judge, windows: &[(u16, u16)]) -> bool {
        windows
            .iter()
            .map(|&(busy, late)| judge.take(window(busy, late)))
            .last()
            .unwrap_or_default()
    }

    #[test]
    fn who_is_busy_for_a_while_is_strained_until_well_below() {
        let mut judge = Judge::new(800);
        assert!(
            !after(&mut judge, &[(900, 0), (700, 0), (900, 0)]),
            "never two in a row"
        );
        assert!(after(&mut judge, &[(900, 0), (850, 0)]));
        assert!(
            after(&mut judge, &[(700, 0); 20]),
            "between the two limits all stays as it is"
        );
        assert!(after(&mut judge, &[(500, 0); 4]));
        assert!(!after(&mut judge, &[(500, 0)]));
    }

    #[test]
    fn who_skips_for_longer_than_a_machine_stands_still_is_strained() {
        let mut judge = Judge::new(800);
        assert!(!after(
            &mut judge,
            &[(10, 900), (10, 300), (10, 0), (10, 900), (10, 900)]
        ));
        assert!(after(&mut judge, &[(10, 400)]));
        assert!(!after(&mut judge, &[(10, 0); 5]));
    }

    #[test]
    fn without_a_limit_nobody_is_strained() {
        assert!(!after(&mut Judge::new(0), &[(1_000, 1_000); 10]));
    }

    fn watcher(patience: Duration) -> Watcher {
        Watcher {
            pulses: vec![Arc::default(), Arc::default()],
            strain: Arc::default(),
            stop: Arc::default(),
            limit_permille: 800,
            patience,
        }
    }

    #[test]
    fn a_thread_that_stands_still_is_found_and_one_that_moves_is_not() {
        let watcher = watcher(Duration::from_secs(1));
        let mut last = vec![Seen::default(); 2];
        for look in 1..=20_u64 {
            watcher.pulses[0].until_us.store(look * 5_000, Ordering::Release);
            let lost = watcher.look(&mut last);
            assert_eq!(lost, (look >= 4).then_some(1), "at look {look}");
        }
        watcher.pulses[1].until_us.store(5_000, Ordering::Release);
        assert_eq!(watcher.look(&mut last), None);
    }

    #[test]
    fn nobody_is_lost_where_nobody_minds() {
        let watcher = watcher(Duration::ZERO);
        let mut last = vec![Seen::default(); 2];
        assert!((0..100).all(|_| watcher.look(&mut last).is_none()));
    }

    #[test]
    fn a_window_is_the_worst_of_all_threads() {
        let begun = [Seen::default(); 2];
        let now = [
            Seen {
                worked_us: 300_000,
                ticks: 190,
                skipped: 10,
                ..Seen::default()
            },
            Seen {
                worked_us: 500_000,
                ticks: 200,
                ..Seen::default()
            },
        ];
        assert_eq!(worst(&begun, &now, Duration::from_secs(1)), window(500, 50));
        assert_eq!(worst(&begun, &begun, Duration::from_secs(1)), window(0, 0));
    }
}
