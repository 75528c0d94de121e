//! When the engine ends: told to by an order or a signal, or left alone for too long.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::outbox::Outbox;

/// Time for goodbyes when nobody said how long.
const GOODBYE: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Why and how the engine ends.
#[derive(Debug, Clone, Copy)]
pub struct Ending {
    /// For the log, and the reason in our BYEs.
    pub why: &'static str,
    /// Longest time for goodbyes.
    pub within: Duration,
}

/// Watches for the end.
pub struct Watch {
    outbox: Arc<Outbox>,
    orphan_after: Duration,
    born: Instant,
    ending: Mutex<Option<Ending>>,
    bell: Condvar,
}

impl Watch {
    /// Watch over an engine that may be alone for so long.
    pub fn new(outbox: Arc<Outbox>, orphan_after: Duration) -> Self {
        let born = Instant::now();
        Self {
            outbox,
            orphan_after,
            born,
            ending: Mutex::new(None),
            bell: Condvar::new(),
        }
    }

    /// End the engine. The first reason counts.
    pub fn end(&self, why: &'static str, within: Duration) {
        self.ending.lock().get_or_insert(Ending { why, within });
        self.bell.notify_all();
    }

    /// Wait for the end.
    pub fn until_the_end(&self) -> Ending {
        let mut ending = self.ending.lock();
        loop {
            if let Some(ending) = *ending {
                return ending;
            }
            if self.is_orphan() {
                return Ending {
                    why: "no brain came back",
                    within: GOODBYE,
                };
            }
            self.bell.wait_for(&mut ending, LOOK_EVERY);
        }
    }

    fn is_orphan(&self) -> bool {
        let alone_since = match (self.outbox.alone_since(), self.outbox.had_brain()) {
            (Some(since), _) => since,
            (None, false) => self.born,
            (None, true) => return false,
        };
        alone_since.elapsed() >= self.orphan_after
    }
}

/// End on SIGTERM and SIGINT; take no notice of SIGHUP, which comes when the brain's terminal goes away.
pub fn obey_signals(watch: &Arc<Watch>) -> std::io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGHUP])?;
    let watch = Arc::clone(watch);
    let obey = move || {
        for signal in signals.forever() {
            match signal {
                SIGHUP => tracing::debug!("SIGHUP ignored"),
                _ => watch.end("signal", GOODBYE),
            }
        }
    };
    std::thread::Builder::new()
        .name("signals".into())
        .spawn(obey)
        .map(drop)
}
