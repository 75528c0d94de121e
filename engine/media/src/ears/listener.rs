//! The thread that serves all who listen. It may wait and allocate; no real-time thread waits for it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use mixer::Moment;

use super::desk::Desk;
use super::ring::Drain;
use crate::network::Time;

/// How long it sleeps between two looks at the rings, while somebody listens: a real-time thread that had to wake it would
/// pay for it.
const NAP: Duration = Duration::from_millis(10);

/// And when nobody does.
const LONG_NAP: Duration = Duration::from_secs(1);

/// What time it is for the mixers, and when that was for others.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock(pub Time);

impl Clock {
    /// Now, and the Unix time of the mixers' zero in µs.
    pub fn read(self) -> (Moment, u64) {
        let mut time = self.0;
        time.read();
        (time.now, time.unix_us_at_zero())
    }
}

/// What the listener holds.
pub(crate) struct Listener {
    pub desk: Arc<Mutex<Desk>>,
    /// Of each real-time thread.
    pub drains: Vec<Drain>,
    /// How far each real-time thread is, in µs of the mixers' time: all that was heard before is in its ring.
    pub until: Vec<Arc<AtomicU64>>,
    /// Frames of all threads that were lost without a word.
    pub unsaid: Arc<AtomicU64>,
    pub stop: Arc<AtomicBool>,
}

impl Listener {
    /// Serve until told to stop.
    pub fn run(mut self) {
        while !self.stop.load(Ordering::Acquire) {
            let idle = self.serve();
            thread::park_timeout(if idle { LONG_NAP } else { NAP });
        }
    }

    /// Empty the rings and give out what is complete; says whether nobody listens.
    fn serve(&mut self) -> bool {
        // Read before the rings are: what was heard until then is in them.
        let until = self.until.iter().map(|us| us.load(Ordering::Acquire));
        let until: Vec<Moment> = until.map(Moment::from_us).collect();
        let mut desk = lock(&self.desk);
        for drain in &mut self.drains {
            while let Some(caught) = drain.take() {
                desk.hear(&caught);
            }
        }
        let unsaid = self.unsaid.swap(0, Ordering::Relaxed);
        if unsaid > 0 {
            desk.lose(unsaid);
        }
        desk.pass(until.into_iter());
        desk.is_idle()
    }

    /// Start the thread.
    pub fn spawn(self) -> std::io::Result<JoinHandle<()>> {
        thread::Builder::new()
            .name("media-ears".into())
            .spawn(move || self.run())
    }
}

fn lock(desk: &Mutex<Desk>) -> MutexGuard<'_, Desk> {
    desk.lock().unwrap_or_else(PoisonError::into_inner)
}
