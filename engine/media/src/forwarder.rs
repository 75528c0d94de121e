//! The thread that carries facts to whoever listens, and drops what the real-time thread no longer needs.
//!
//! It may wait, lock and allocate; the real-time thread never waits for it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rtrb::Consumer;

use crate::registry::Registry;
use crate::watch::Strain;
use crate::wires::{News, Returned};

/// How long it sleeps at most when nobody wakes it.
const NAP: Duration = Duration::from_millis(50);

/// How often it is told again that there is too much to do: a brain that comes later has not heard it.
const REMIND: Duration = Duration::from_secs(5);

/// The ends of the rings that the forwarder holds, and what it shares with others.
pub(crate) struct Forwarder<Tell> {
    /// Of each real-time thread.
    pub facts: Vec<Consumer<News>>,
    /// Of each real-time thread.
    pub returned: Vec<Consumer<Returned>>,
    pub facts_dropped: Arc<AtomicU64>,
    pub registry: Arc<Mutex<Registry>>,
    pub strain: Arc<Strain>,
    pub stop: Arc<AtomicBool>,
    pub tell: Tell,
}

impl<Tell: Fn(wire::Fact)> Forwarder<Tell> {
    /// Forward until told to stop.
    pub fn run(mut self) {
        let mut told = (false, Instant::now());
        while !self.stop.load(Ordering::Acquire) {
            // What is handed back is taken first and let go last: facts that were pushed before it still find its name.
            let mut returned = Vec::new();
            for from in &mut self.returned {
                returned.extend(std::iter::from_fn(|| from.pop().ok()));
            }
            self.forward();
            self.let_go(returned);
            self.tell_of_strain(&mut told);
            thread::park_timeout(NAP);
        }
    }

    fn forward(&mut self) {
        for facts in &mut self.facts {
            while let Ok(news) = facts.pop() {
                let told = self
                    .registry
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .tell(news);
                if let Some(fact) = told {
                    (self.tell)(fact);
                }
            }
        }
        let count = self.facts_dropped.swap(0, Ordering::Relaxed);
        if count > 0 {
            (self.tell)(wire::FactsDropped { count }.into());
        }
    }

    fn tell_of_strain(&self, told: &mut (bool, Instant)) {
        let strained = self.strain.strained.load(Ordering::Relaxed);
        if strained == told.0 && !(strained && told.1.elapsed() >= REMIND) {
            return;
        }
        *told = (strained, Instant::now());
        let (busy_permille, skipped_permille) = self.strain.permille();
        let fact = wire::Strained {
            strained,
            busy_permille,
            skipped_permille,
        };
        (self.tell)(fact.into());
    }

    fn let_go(&self, returned: Vec<Returned>) {
        for returned in returned {
            // The ends of a way, with nothing in it, and spent keys are dropped here.
            let Returned::Spent(spent, ports, _keys) = returned else {
                continue;
            };
            // First the ports: whoever is waiting for the place will want to bind them.
            drop(ports);
            self.registry
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .hand_back(&spent);
        }
    }
}

/// Start the thread.
pub(crate) fn spawn<Tell>(forwarder: Forwarder<Tell>) -> std::io::Result<JoinHandle<()>>
where
    Tell: Fn(wire::Fact) + Send + 'static,
{
    thread::Builder::new()
        .name("media-facts".into())
        .spawn(move || forwarder.run())
}
