//! The life of one leg: an INVITE of the peer, from its arrival until nothing more can come of it; or an INVITE of ours,
//! from its answer on (`outgoing` has what comes before).
//!
//! Each call on a leg happens under its lock, changes its phase, tells the facts that follow, and returns what remains
//! to be done for it. So facts of a leg are in order, and `Ended` is told exactly once: it is told where the phase
//! leaves the living ones, and nowhere else.
//!
//! Sources: RFC 3261 13.3, 14.2, 15; RFC 3311 5.2 (UPDATE); RFC 6026.

mod end;
mod orders;
mod peer;
mod reoffering;
mod timing;

use std::sync::Arc;
use std::time::Instant;

use parking_lot::Mutex;
use rsipstack::sip::Request;
use wire::{DialogKept, Fact, LegState};

use crate::dialog::{Dialog, DialogKey};
use crate::keeping::Kept;
use crate::reliable::Reliable;
use crate::session::Session;
use crate::text::requires;
use crate::turn::{Answer, Turn};

/// Where facts go. It must not block.
pub(crate) type Facts = Arc<dyn Fn(Fact) + Send + Sync>;

/// What remains to be done for a leg after something happened to it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Nothing.
    Stay,
    /// It is over for the brain; keep it until its last transaction has ended.
    Linger,
    /// It is over; send this BYE, then forget it.
    Bye(Box<Request>),
    /// It is over; forget it.
    Forget,
    /// Tell the peer that we are there (RFC 4028).
    Refresh,
}

/// Which of a leg's transactions something happened to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    /// The INVITE that made the leg.
    First,
    /// A re-INVITE or UPDATE.
    Later,
}

/// Why an order cannot be carried out.
pub(crate) struct NotNow(pub &'static str, pub &'static str);

/// One leg.
pub(crate) struct Leg {
    pub call: String,
    pub from_uri: String,
    pub to_uri: String,
    pub key: DialogKey,
    /// The INVITE made no offer: ours goes in the 200, the peer's answer comes in the ACK.
    offerless: bool,
    core: Mutex<Core>,
    facts: Facts,
}

struct Core {
    phase: Phase,
    since: Instant,
    dialog: Dialog,
    invite: Option<Turn>,
    offer: Option<PendingOffer>,
    /// How long it may go without word, if that was agreed (RFC 4028).
    session: Option<Session>,
    /// Set where the peer insists on confirming our provisional answers (RFC 3262).
    reliable: Option<Reliable>,
    /// The last description we sent, for a re-INVITE that changes nothing.
    said: String,
    /// The offer in a re-INVITE of ours that has no answer yet.
    reoffering: Option<String>,
}

#[derive(Debug, PartialEq, Eq, Clone)]
enum Phase {
    /// The INVITE waits for the brain's decision.
    Offered,
    /// 200 is sent; its ACK has not come.
    Answered,
    /// The ACK came.
    Confirmed,
    /// Told as ended; a BYE with this reason is due once the INVITE's transaction is over (RFC 3261 15).
    Closing { bye: Option<String> },
}

struct PendingOffer {
    turn: Turn,
    came: Instant,
}

impl Leg {
    /// A leg whose INVITE has just come.
    pub fn new(call: String, uris: (String, String), dialog: Dialog, invite: Turn, facts: Facts) -> Self {
        let offerless = !invite.has_sdp();
        let key = dialog.key.clone();
        let insists = requires(invite.request(), "100rel");
        let core = Core {
            phase: Phase::Offered,
            since: Instant::now(),
            session: Session::asked(invite.request(), Instant::now()).ok().flatten(),
            reliable: insists.then(Reliable::default),
            said: String::new(),
            reoffering: None,
            dialog,
            invite: Some(invite),
            offer: None,
        };
        Self {
            call,
            from_uri: uris.0,
            to_uri: uris.1,
            key,
            offerless,
            core: Mutex::new(core),
            facts,
        }
    }

    /// A leg that we called and that has answered: acknowledged by the stack already.
    pub fn answered(
        call: String,
        uris: (String, String),
        dialog: Dialog,
        agreed: (Option<Session>, String),
        facts: Facts,
    ) -> Self {
        let key = dialog.key.clone();
        let core = Core {
            phase: Phase::Confirmed,
            since: Instant::now(),
            dialog,
            invite: None,
            offer: None,
            session: agreed.0,
            reliable: None,
            said: agreed.1,
            reoffering: None,
        };
        Self {
            call,
            from_uri: uris.0,
            to_uri: uris.1,
            key,
            offerless: false,
            core: Mutex::new(core),
            facts,
        }
    }

    /// Tell the brain of the leg, before anything else can be told of it.
    pub fn announce(&self, news: impl Into<Fact>) {
        let core = self.core.lock();
        (self.facts)(news.into());
        if core.phase == Phase::Confirmed {
            self.keep(&core);
        }
    }

    /// Have the brain keep what another engine would need to go on with this leg.
    fn keep(&self, core: &Core) {
        (self.facts)(
            DialogKept {
                call: self.call.clone(),
                dialog: self.kept(core).bytes(),
            }
            .into(),
        );
    }

    fn kept(&self, core: &Core) -> Kept {
        Kept::of(
            &core.dialog,
            (&self.from_uri, &self.to_uri),
            core.session.as_ref(),
        )
    }

    /// The leg as a snapshot shows it; None once it is over.
    pub fn state(&self) -> Option<LegState> {
        let core = self.core.lock();
        let answered = match core.phase {
            Phase::Offered => false,
            Phase::Answered | Phase::Confirmed => true,
            Phase::Closing { .. } => return None,
        };
        Some(LegState {
            call: self.call.clone(),
            answered,
            from_uri: self.from_uri.clone(),
            to_uri: self.to_uri.clone(),
            sip_call_id: self.key.call_id.clone(),
            dialog: answered.then(|| self.kept(&core).bytes()),
        })
    }

    /// Look at the dialog, or change it.
    pub fn with_dialog<T>(&self, look: impl FnOnce(&mut Dialog) -> T) -> T {
        look(&mut self.core.lock().dialog)
    }
}

impl Core {
    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.since = Instant::now();
    }

    fn answer_invite(&mut self, answer: &Answer) {
        if let Some(invite) = &self.invite {
            invite.answer(answer);
        }
        if answer.status >= 300 {
            self.invite = None;
        }
    }

    fn bye(&mut self, reason: &str) -> Next {
        self.enter(Phase::Closing { bye: None });
        self.invite = None;
        match self.dialog.bye(reason) {
            Some(request) => Next::Bye(Box::new(request)),
            None => Next::Forget,
        }
    }
}
