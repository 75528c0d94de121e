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

/// One attempt: at one place, or at several at the same time.
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
    branches: Vec<Branch>,
    /// The best of the refusals so far (RFC 3261 16.7, step 6).
    refusal: Option<Refusal>,
}

/// One place it rings at.
#[derive(Default)]
struct Branch {
    /// The INVITE that is out, with its Via, and the way it went.
    sent: Option<(Request, Reached)>,
    /// A provisional answer to it has come: only then may a CANCEL follow (RFC 3261 9.1).
    tried: bool,
    /// A CANCEL is due as soon as one may be sent.
    cancel_due: bool,
    /// Its transaction has come to nothing.
    over: bool,
}

/// Why a place came to nothing.
pub(crate) struct Refusal {
    pub by: EndedBy,
    pub status: u16,
    pub reason: String,
    pub contacts: Option<Vec<String>>,
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
    pub fn new(
        order: &wire::Invite,
        sip_call_id: String,
        branches: usize,
        until: Instant,
        facts: Facts,
    ) -> Self {
        let core = Core {
            phase: Phase::Calling,
            branches: (0..branches).map(|_| Branch::default()).collect(),
            refusal: None,
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
            dialog: None,
            sip_call_id: self.sip_call_id.clone(),
        })
    }

    /// An INVITE is about to be sent, the first or one with credentials. False: it is over, send nothing.
    pub fn sending(&self, branch: usize, invite: &Request, over: &Reached) -> bool {
        let mut core = self.core.lock();
        let wanted = core.phase == Phase::Calling;
        let branch = &mut core.branches[branch];
        branch.sent = Some((invite.clone(), over.clone()));
        branch.tried = false;
        wanted && !branch.cancel_due
    }

    /// A provisional answer came.
    pub fn progressed(&self, branch: usize, status: u16, sdp: Option<String>) -> Option<Cancel> {
        let mut core = self.core.lock();
        core.branches[branch].tried = true;
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
        core.branches[branch].cancel_now()
    }

    /// Whether anything at all has come back from the peer.
    pub fn was_heard(&self, branch: usize) -> bool {
        self.core.lock().branches[branch].tried
    }

    /// A 2xx came. Some: it is the first, a leg takes over from here, and these are the CANCELs for the other places.
    /// None: nobody wants it any more.
    pub fn answered(&self, branch: usize) -> Option<Vec<Cancel>> {
        let mut core = self.core.lock();
        let first = core.phase == Phase::Calling;
        if first {
            core.phase = Phase::Answered;
        }
        core.branches[branch].over = true;
        first.then(|| core.cancel_all())
    }

    /// A place came to nothing, and its transaction has ended; with the last of them the attempt is over. Gives the
    /// CANCELs for the others when somebody declined for all of them (6xx, RFC 3261 16.7).
    pub fn failed(&self, branch: usize, refusal: Refusal) -> Vec<Cancel> {
        let mut core = self.core.lock();
        if std::mem::replace(&mut core.branches[branch].over, true) {
            return Vec::new();
        }
        let for_all = refusal.status >= 600;
        if core
            .refusal
            .as_ref()
            .is_none_or(|best| rank(refusal.status) < rank(best.status))
        {
            core.refusal = Some(refusal);
        }
        if for_all || core.branches.iter().all(|branch| branch.over) {
            if let Some(best) = core.refusal.take() {
                self.over(&mut core, best.by, best.status, &best.reason, best.contacts);
            }
        }
        if for_all {
            core.cancel_all()
        } else {
            Vec::new()
        }
    }

    /// Whether every place has come to an end.
    pub fn is_done(&self) -> bool {
        self.core.lock().branches.iter().all(|branch| branch.over)
    }

    /// Nobody wants it any more: tell its end, and cancel it as soon as that is allowed.
    pub fn give_up(&self, by: EndedBy, status: u16, reason: &str) -> Vec<Cancel> {
        let mut core = self.core.lock();
        if core.phase != Phase::Calling {
            return Vec::new();
        }
        self.over(&mut core, by, status, reason, None);
        core.cancel_all()
    }

    /// Look whether it has rung for long enough. To be called every second or so.
    pub fn check(&self, now: Instant) -> Vec<Cancel> {
        if now < self.until {
            return Vec::new();
        }
        self.give_up(EndedBy::Timeout, 408, "nobody answered in time")
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
    /// Want no place any more: the CANCELs that may be sent now; the others follow when they may.
    fn cancel_all(&mut self) -> Vec<Cancel> {
        let ringing = self.branches.iter_mut().filter(|branch| !branch.over);
        ringing
            .filter_map(|branch| {
                branch.cancel_due = true;
                branch.cancel_now()
            })
            .collect()
    }
}

/// How good a refusal is to tell, the best first: who declines for all, who has moved, who is busy or does not want it,
/// who did not answer, what broke.
fn rank(status: u16) -> u8 {
    match status {
        600.. => 0,
        300..400 => 1,
        408 | 487 => 3,
        400..500 => 2,
        _ => 4,
    }
}

impl Branch {
    fn cancel_now(&mut self) -> Option<Cancel> {
        if !self.cancel_due || !self.tried {
            return None;
        }
        self.cancel_due = false;
        let (invite, over) = self.sent.as_ref()?;
        Some(Box::new((cancel(invite), over.clone())))
    }
}
