//! What waits to be said to the brain: replies to the one attached, facts for whichever comes next.
//!
//! Bounded. When it is full, statistics go first, then the newest fact; how many were lost is told by `FactsDropped`.
//! Facts do not flow to a brain before the reply to its first `TakeSnapshot`, so that it never hears of a leg it could
//! not know yet.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use wire::{Fact, FactsDropped, Reply};

/// Facts kept at most.
pub const FACTS_LIMIT: usize = 20_000;
/// Messages handed to a writer at a time.
const BATCH: usize = 64;

/// One brain's attachment; a later one is greater.
pub type Attachment = u64;

/// The outbox.
#[derive(Default)]
pub struct Outbox {
    inner: Mutex<Inner>,
    bell: Condvar,
}

#[derive(Default)]
struct Inner {
    attached: Option<Attachment>,
    last: Attachment,
    alone_since: Option<Instant>,
    flowing: bool,
    closed: bool,
    dry: bool,
    next: u64,
    replies: VecDeque<(u64, Reply)>,
    facts: VecDeque<(u64, Fact)>,
    dropped: u64,
}

/// Something to be written.
#[derive(Debug, PartialEq, Clone)]
pub enum Letter {
    /// A reply.
    Reply(Reply),
    /// A fact.
    Fact(Fact),
}

impl Outbox {
    /// Attach a brain; the one before is no longer attached.
    pub fn attach(&self) -> Attachment {
        let mut inner = self.inner.lock();
        inner.last += 1;
        inner.attached = Some(inner.last);
        inner.alone_since = None;
        inner.flowing = false;
        inner.replies.clear();
        self.bell.notify_all();
        inner.last
    }

    /// Detach a brain. False when another has taken its place.
    pub fn detach(&self, attachment: Attachment) -> bool {
        let mut inner = self.inner.lock();
        if inner.attached != Some(attachment) {
            return false;
        }
        inner.attached = None;
        inner.alone_since = Some(Instant::now());
        inner.flowing = false;
        inner.replies.clear();
        self.bell.notify_all();
        true
    }

    /// Since when no brain has been attached; None while one is, and before the first one.
    pub fn alone_since(&self) -> Option<Instant> {
        self.inner.lock().alone_since
    }

    /// Whether any brain has ever been attached.
    pub fn had_brain(&self) -> bool {
        self.inner.lock().last > 0
    }

    /// Post a fact.
    pub fn post(&self, fact: Fact) {
        let mut inner = self.inner.lock();
        if inner.facts.len() >= FACTS_LIMIT && !inner.make_room(&fact) {
            return;
        }
        inner.next += 1;
        let number = inner.next;
        inner.facts.push_back((number, fact));
        self.bell.notify_all();
    }

    /// Reply to this brain, if it is still the attached one.
    pub fn reply(&self, attachment: Attachment, reply: Reply) {
        let mut inner = self.inner.lock();
        if inner.attached == Some(attachment) {
            inner.next += 1;
            let number = inner.next;
            inner.replies.push_back((number, reply));
            self.bell.notify_all();
        }
    }

    /// Wait for letters to this brain. None when it is no longer attached, or everything has ended.
    pub fn take(&self, attachment: Attachment) -> Option<Vec<Letter>> {
        let mut inner = self.inner.lock();
        loop {
            if inner.attached != Some(attachment) {
                return None;
            }
            let letters = inner.batch();
            if !letters.is_empty() {
                return Some(letters);
            }
            if inner.closed {
                inner.dry = true;
                self.bell.notify_all();
                return None;
            }
            self.bell.wait(&mut inner);
        }
    }

    /// Give back letters that could not be written: facts wait for the next brain, replies are void.
    pub fn give_back(&self, letters: Vec<Letter>) {
        let mut inner = self.inner.lock();
        for letter in letters.into_iter().rev() {
            if let Letter::Fact(fact) = letter {
                inner.facts.push_front((0, fact));
            }
        }
    }

    /// Wait until the attached brain's writer has written everything, or the time is over.
    pub fn run_dry(&self, within: Duration) {
        let until = Instant::now() + within;
        let mut inner = self.inner.lock();
        inner.closed = true;
        self.bell.notify_all();
        while inner.attached.is_some() && !inner.dry {
            if self.bell.wait_until(&mut inner, until).timed_out() {
                return;
            }
        }
    }
}

impl Inner {
    fn make_room(&mut self, newcomer: &Fact) -> bool {
        self.dropped += 1;
        if is_expendable(newcomer) {
            return false;
        }
        match self.facts.iter().position(|(_, fact)| is_expendable(fact)) {
            Some(at) => self.facts.remove(at).is_some(),
            None => false,
        }
    }

    fn batch(&mut self) -> Vec<Letter> {
        let mut letters = Vec::new();
        while letters.len() < BATCH {
            let reply_first = match (self.replies.front(), self.facts.front()) {
                (Some((reply, _)), Some((fact, _))) => !self.flowing || reply < fact,
                (reply, _) => reply.is_some(),
            };
            let letter = if reply_first {
                self.replies.pop_front().map(|(_, reply)| Letter::Reply(reply))
            } else if self.flowing {
                self.pop_fact().map(Letter::Fact)
            } else {
                None
            };
            let Some(letter) = letter else { break };
            self.flowing |= matches!(letter, Letter::Reply(Reply::Snapshot(_)));
            letters.push(letter);
        }
        letters
    }

    fn pop_fact(&mut self) -> Option<Fact> {
        if self.dropped > 0 {
            let count = std::mem::take(&mut self.dropped);
            return Some(FactsDropped { count }.into());
        }
        self.facts.pop_front().map(|(_, fact)| fact)
    }
}

/// How a thread keeps its time is told again; the last counters of a stream are not.
fn is_expendable(fact: &Fact) -> bool {
    matches!(fact, Fact::TickStatistics(_))
}

#[cfg(test)]
#[path = "outbox_tests.rs"]
mod tests;
