//! All legs the engine holds: by call, by dialog, and by the INVITE that made them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use parking_lot::Mutex;

use crate::dialog::DialogKey;
use crate::leg::Leg;
use crate::outgoing::Attempt;

/// What an INVITE outside any dialog is known by: Call-ID, From tag and sequence number (RFC 3261 8.2.2.2).
pub(crate) type Origin = (String, String, u32);

/// Why an INVITE makes no leg.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NoRoom {
    /// The same request came before, by another way: 482.
    Merged,
    /// As many dialogs are held as may be: 503.
    Full,
}

/// The legs, living ones and those that still say goodbye.
pub(crate) struct Registry {
    limit: usize,
    maps: Mutex<Maps>,
}

#[derive(Default)]
struct Maps {
    living: HashMap<String, Arc<Leg>>,
    dialogs: HashMap<DialogKey, (Arc<Leg>, Origin)>,
    origins: HashMap<Origin, DialogKey>,
    attempts: HashMap<String, Arc<Attempt>>,
    /// Dialogs that provisional answers to INVITEs of ours have made.
    early: HashSet<DialogKey>,
}

impl Maps {
    fn held(&self) -> usize {
        self.dialogs.len() + self.attempts.len()
    }
}

impl Registry {
    /// Hold up to this many dialogs.
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            maps: Mutex::default(),
        }
    }

    /// Whether an INVITE of this origin has room.
    pub fn has_room(&self, origin: &Origin) -> Result<(), NoRoom> {
        let maps = self.maps.lock();
        if maps.origins.contains_key(origin) {
            return Err(NoRoom::Merged);
        }
        if maps.held() >= self.limit {
            return Err(NoRoom::Full);
        }
        Ok(())
    }

    /// Take a new leg in.
    pub fn take_in(&self, leg: &Arc<Leg>, origin: Origin) {
        let mut maps = self.maps.lock();
        maps.living.insert(leg.call.clone(), Arc::clone(leg));
        maps.origins.insert(origin.clone(), leg.key.clone());
        maps.dialogs.insert(leg.key.clone(), (Arc::clone(leg), origin));
    }

    /// The living leg of a call.
    pub fn by_call(&self, call: &str) -> Option<Arc<Leg>> {
        self.maps.lock().living.get(call).cloned()
    }

    /// The leg of a dialog, living or not.
    pub fn by_dialog(&self, key: &DialogKey) -> Option<Arc<Leg>> {
        self.maps.lock().dialogs.get(key).map(|(leg, _)| Arc::clone(leg))
    }

    /// A leg is over for the brain: orders no longer find it, its dialog still does.
    pub fn retire(&self, leg: &Leg) {
        self.maps.lock().living.remove(&leg.call);
    }

    /// Forget a leg.
    pub fn forget(&self, leg: &Leg) {
        let mut maps = self.maps.lock();
        maps.living.remove(&leg.call);
        if let Some((_, origin)) = maps.dialogs.remove(&leg.key) {
            maps.origins.remove(&origin);
        }
    }

    /// Take in a call of ours that has not been answered; false: as many dialogs are held as may be.
    pub fn take_in_attempt(&self, attempt: &Arc<Attempt>) -> bool {
        let mut maps = self.maps.lock();
        // One that is over and still hears its last answers may be called again, by another way.
        let has_room = maps.held() < self.limit;
        if has_room {
            maps.attempts.insert(attempt.call.clone(), Arc::clone(attempt));
        }
        has_room
    }

    /// A provisional answer has made a dialog.
    pub fn note_early(&self, key: DialogKey) {
        self.maps.lock().early.insert(key);
    }

    /// Whether a dialog is one that a provisional answer made.
    pub fn is_early(&self, key: &DialogKey) -> bool {
        self.maps.lock().early.contains(key)
    }

    /// These dialogs are early no more.
    pub fn forget_early<'a>(&self, keys: impl IntoIterator<Item = &'a DialogKey>) {
        let mut maps = self.maps.lock();
        for key in keys {
            maps.early.remove(key);
        }
    }

    /// The call of ours that has not been answered.
    pub fn attempt(&self, call: &str) -> Option<Arc<Attempt>> {
        self.maps.lock().attempts.get(call).cloned()
    }

    /// All calls of ours that have not been answered, those that are being cancelled among them.
    pub fn attempts(&self) -> Vec<Arc<Attempt>> {
        self.maps.lock().attempts.values().cloned().collect()
    }

    /// A call of ours was answered: the leg takes the attempt's place.
    pub fn promote(&self, leg: &Arc<Leg>, origin: Origin) {
        self.take_in(leg, origin);
        self.maps.lock().attempts.remove(&leg.call);
    }

    /// Forget a call of ours that came to nothing, unless another attempt at it has taken its place.
    pub fn forget_attempt(&self, attempt: &Arc<Attempt>) {
        let mut maps = self.maps.lock();
        if maps
            .attempts
            .get(&attempt.call)
            .is_some_and(|held| Arc::ptr_eq(held, attempt))
        {
            maps.attempts.remove(&attempt.call);
        }
    }

    /// All legs, those that still say goodbye among them.
    pub fn all(&self) -> Vec<Arc<Leg>> {
        self.maps
            .lock()
            .dialogs
            .values()
            .map(|(leg, _)| Arc::clone(leg))
            .collect()
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.maps.lock().held() == 0
    }
}
