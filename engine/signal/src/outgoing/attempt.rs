//! The state of a call of ours that nobody has answered yet. Tells its facts, each once, and says when to send a CANCEL.

use std::time::Instant;

use parking_lot::Mutex;
use rsipstack::sip::Request;
use wire::{Ended, EndedBy, LegState, Progressed};

use super::compose::cancel;
use crate::leg::Facts;
use crate::stack::Reached;

/// A CANCEL to send, and the way its INVITE went.
pub(crate) type Cancel = Box<(Request, Reached)>;

/// One attempt.
pub(crate) struct Attempt {
    pub call: String,
    pub from_uri: String,
    pub to_uri: String,
    pub sip_call_id: String,
    until: Instant,
    core: Mutex<Core>,
    facts: Facts,
}

struct Core {
    phase: Phase,
    /// The INVITE that is out, with its Via, and the way it went.
    sent: Option<(Request, Reached)>,
    /// A provisional answer to it has come: only then may a CANCEL follow (RFC 3261 9.1).
    tried: bool,
    /// A CANCEL is due as soon as one may be sent.
    cancel_due: bool,
}

#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum Phase {
    Calling,
    /// Told as ended.
    Over,
    /// A leg has taken its place.
    Answered,
}

impl Attempt {
    /// An attempt of which nothing is sent yet; it ends by itself when `until` has passed.
    pub fn new(order: &wire::Invite, sip_call_id: String, until: Instant, facts: Facts) -> Self {
        let core = Core {
            phase: Phase::Calling,
            sent: None,
            tried: false,
            cancel_due: false,
        };
        Self {
            call: order.call.clone(),
            from_uri: order.from_uri.clone(),
            to_uri: order.to_uri.clone(),
            sip_call_id,
            until,
            core: Mutex::new(core),
            facts,
        }
    }

    /// As a snapshot shows it; None once it is over or answered.
    pub fn state(&self) -> Option<LegState> {
        (self.core.lock().phase == Phase::Calling).then(|| LegState {
            call: self.call.clone(),
            answered: false,
            from_uri: self.from_uri.clone(),
            to_uri: self.to_uri.clone(),
            sip_call_id: self.sip_call_id.clone(),
        })
    }

    /// An INVITE is about to be sent, the first or one with credentials. False: it is over, send nothing.
    pub fn sending(&self, invite: &Request, over: &Reached) -> bool {
        let mut core = self.core.lock();
        core.sent = Some((invite.clone(), over.clone()));
        core.tried = false;
        core.phase == Phase::Calling
    }

    /// A provisional answer came.
    pub fn progressed(&self, status: u16, sdp: Option<String>) -> Option<Cancel> {
        let mut core = self.core.lock();
        core.tried = true;
        if core.phase == Phase::Calling && status > 100 {
            (self.facts)(
                Progressed {
                    call: self.call.clone(),
                    status,
                    sdp,
                }
                .into(),
            );
        }
        core.cancel_now()
    }

    /// Whether anything at all has come back from the peer.
    pub fn was_heard(&self) -> bool {
        self.core.lock().tried
    }

    /// A 2xx came. True: it is the first, and a leg takes over from here. False: nobody wants it any more.
    pub fn answered(&self) -> bool {
        let mut core = self.core.lock();
        let first = core.phase == Phase::Calling;
        if first {
            core.phase = Phase::Answered;
        }
        first
    }

    /// It came to nothing, and the INVITE's transaction has ended.
    pub fn failed(&self, by: EndedBy, status: u16, reason: &str, contacts: Option<Vec<String>>) {
        self.over(&mut self.core.lock(), by, status, reason, contacts);
    }

    /// Nobody wants it any more: tell its end, and cancel it as soon as that is allowed.
    pub fn give_up(&self, by: EndedBy, status: u16, reason: &str) -> Option<Cancel> {
        let mut core = self.core.lock();
        if core.phase != Phase::Calling {
            return None;
        }
        self.over(&mut core, by, status, reason, None);
        core.cancel_due = true;
        core.cancel_now()
    }

    /// Look whether it has rung for long enough. To be called every second or so.
    pub fn check(&self, now: Instant) -> Option<Cancel> {
        (now >= self.until).then(|| self.give_up(EndedBy::Timeout, 408, "nobody answered in time"))?
    }

    /// The one place that tells `Ended`.
    fn over(&self, core: &mut Core, by: EndedBy, status: u16, reason: &str, contacts: Option<Vec<String>>) {
        if core.phase != Phase::Calling {
            return;
        }
        core.phase = Phase::Over;
        (self.facts)(
            Ended {
                call: self.call.clone(),
                by,
                status,
                reason: reason.to_string(),
                answered: false,
                contacts,
            }
            .into(),
        );
    }
}

impl Core {
    fn cancel_now(&mut self) -> Option<Cancel> {
        if !self.cancel_due || !self.tried {
            return None;
        }
        self.cancel_due = false;
        let (invite, over) = self.sent.as_ref()?;
        Some(Box::new((cancel(invite), over.clone())))
    }
}
