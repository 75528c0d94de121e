//! Connections by name, so that the brain can tell who is reached by which; and one door to each peer, so that many who
//! want the same connection at once share it.
//!
//! Source: RFC 5626 (the idea of a flow token; not its headers).

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Instant;

use parking_lot::Mutex;
use wire::FlowClosed;

use crate::streams::Peer;

/// A connection's name, and whether anybody has registered over it.
pub(crate) struct Flow {
    name: String,
    registers: AtomicBool,
}

impl Flow {
    /// A new one of this instance: never the name of another, of this engine or one after it.
    pub fn of(instance: &str) -> Self {
        static LATEST: AtomicU64 = AtomicU64::new(0);
        let number = LATEST.fetch_add(1, Ordering::Relaxed) + 1;
        Self {
            name: format!("{instance}.{number}"),
            registers: AtomicBool::new(false),
        }
    }

    /// Note that somebody registers over it, and give its name.
    pub fn registers(&self) -> String {
        self.registers.store(true, Ordering::Relaxed);
        self.name.clone()
    }

    /// What is told of its end; None: nobody has registered over it.
    pub fn closed(&self) -> Option<FlowClosed> {
        let flow = self.name.clone();
        self.registers
            .load(Ordering::Relaxed)
            .then_some(FlowClosed { flow })
    }
}

/// Held while a connection is being opened; within it when, and of what, the last try failed.
pub(crate) type Door = Arc<Opening>;
type Opening = tokio::sync::Mutex<Option<(Instant, String)>>;

/// Who opens a connection to whom now.
#[derive(Default)]
pub(crate) struct Doors(Mutex<HashMap<Peer, Weak<Opening>>>);

impl Doors {
    /// The door to a peer: the same for all who are at it.
    pub fn to(&self, peer: &Peer) -> Door {
        let mut doors = self.0.lock();
        if let Some(door) = doors.get(peer).and_then(Weak::upgrade) {
            return door;
        }
        doors.retain(|_, door| door.strong_count() > 0);
        let door = Door::default();
        doors.insert(peer.clone(), Arc::downgrade(&door));
        door
    }
}

#[cfg(test)]
mod tests {
    use rsipstack::sip::Transport;

    use super::*;

    #[test]
    fn only_the_end_of_what_was_registered_over_is_told() {
        let (silent, flow) = (Flow::of("i"), Flow::of("i"));
        let name = flow.registers();
        assert!(silent.closed().is_none());
        assert!(name.starts_with("i.") && name != silent.registers());
        assert_eq!(flow.closed().map(|fact| fact.flow), Some(name));
    }

    #[test]
    fn who_wants_the_same_peer_stands_at_the_same_door() {
        let doors = Doors::default();
        let peer = |port| Peer::named(Transport::Tcp, "h", ([127, 0, 0, 1], port).into());
        let first = doors.to(&peer(1));
        assert!(Arc::ptr_eq(&first, &doors.to(&peer(1))));
        assert!(!Arc::ptr_eq(&first, &doors.to(&peer(2))));
        drop(first);
        doors.to(&peer(3));
        assert_eq!(doors.0.lock().len(), 1, "nobody stands at the others");
    }
}
