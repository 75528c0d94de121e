//! The life of one leg: an INVITE of the peer, from its arrival until nothing more can come of it.
//!
//! Each call on a leg happens under its lock, changes its phase, tells the facts that follow, and returns what remains
//! to be done for it. So facts of a leg are in order, and `Ended` is told exactly once: it is told where the phase
//! leaves the living ones, and nowhere else.
//!
//! Sources: RFC 3261 13.3, 14.2, 15; RFC 3311 5.2 (UPDATE); RFC 6026.

use std::sync::Arc;
use std::time::Instant;

use parking_lot::Mutex;
use rsipstack::sip::Request;
use wire::{Confirmed, Ended, EndedBy, Fact, LegState, Reoffered};

use crate::dialog::{Dialog, DialogKey};
use crate::settings::Patience;
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
        let core = Core {
            phase: Phase::Offered,
            since: Instant::now(),
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

    /// Tell the brain of the leg, before anything else can be told of it.
    pub fn announce(&self, incoming: wire::IncomingCall) {
        let _core = self.core.lock();
        (self.facts)(incoming.into());
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
        })
    }

    /// Look at the dialog, or change it.
    pub fn with_dialog<T>(&self, look: impl FnOnce(&mut Dialog) -> T) -> T {
        look(&mut self.core.lock().dialog)
    }

    // --- orders ---------------------------------------------------------------------------------------------------

    /// Send 180, or 183 with SDP.
    pub fn ring(&self, sdp: Option<&str>) -> Result<(), NotNow> {
        let core = self.core.lock();
        let Some(invite) = core.invite.as_ref().filter(|_| core.phase == Phase::Offered) else {
            return Err(NotNow("not-ringing", "the call is past ringing"));
        };
        let status = if sdp.is_some() { 183 } else { 180 };
        invite.answer(&Answer {
            status,
            sdp: sdp.map(str::to_string),
            ..Answer::default()
        });
        Ok(())
    }

    /// Answer what waits for an answer with 200: the INVITE, or a later offer.
    pub fn answer(&self, sdp: &str) -> Result<(), NotNow> {
        let mut core = self.core.lock();
        let answer = Answer {
            status: 200,
            sdp: Some(sdp.to_string()),
            ..Answer::default()
        };
        if core.phase == Phase::Offered {
            core.enter(Phase::Answered);
            core.answer_invite(&answer);
            return Ok(());
        }
        let offer = core
            .offer
            .take()
            .ok_or(NotNow("nothing-to-answer", "no offer waits for an answer"))?;
        offer.turn.answer(&answer);
        Ok(())
    }

    /// Refuse what waits for an answer: ends an unanswered call, leaves an answered one as it was.
    pub fn refuse(&self, answer: &Answer) -> Result<Next, NotNow> {
        let mut core = self.core.lock();
        if core.phase == Phase::Offered {
            core.answer_invite(answer);
            self.over(&mut core, EndedBy::Local, answer.status, &answer.phrase, false);
            return Ok(Next::Forget);
        }
        match core.offer.take() {
            Some(offer) => offer.turn.answer(answer),
            None => return Err(NotNow("nothing-to-refuse", "no offer waits for an answer")),
        }
        Ok(Next::Stay)
    }

    /// End the leg, whatever its state.
    pub fn hang_up(&self, reason: &str) -> Next {
        let mut core = self.core.lock();
        match core.phase {
            Phase::Offered => {
                core.answer_invite(&Answer::of(480));
                self.over(&mut core, EndedBy::Local, 480, reason, false);
                Next::Forget
            }
            Phase::Answered => {
                // RFC 3261 15: no BYE of the called side before the ACK.
                self.over(&mut core, EndedBy::Local, 0, reason, true);
                core.enter(Phase::Closing {
                    bye: Some(reason.to_string()),
                });
                Next::Linger
            }
            Phase::Confirmed => {
                self.over(&mut core, EndedBy::Local, 0, reason, true);
                core.bye(reason)
            }
            Phase::Closing { .. } => Next::Stay,
        }
    }

    // --- what the peer does ---------------------------------------------------------------------------------------

    /// The ACK of a 200 of ours came; `answers_offer` when that 200 made the offer in a re-INVITE's place.
    pub fn acknowledged(&self, which: Which, answers_offer: bool, sdp: Option<String>) -> Next {
        let mut core = self.core.lock();
        match (&core.phase, which) {
            (Phase::Answered, Which::First) => {
                let sdp = sdp.filter(|_| self.offerless);
                core.enter(Phase::Confirmed);
                core.invite = None;
                (self.facts)(
                    Confirmed {
                        call: self.call.clone(),
                        sdp,
                    }
                    .into(),
                );
                Next::Stay
            }
            (Phase::Answered | Phase::Confirmed, Which::Later) if answers_offer => {
                (self.facts)(
                    Confirmed {
                        call: self.call.clone(),
                        sdp,
                    }
                    .into(),
                );
                Next::Stay
            }
            (Phase::Closing { bye: Some(reason) }, Which::First) => {
                let reason = reason.clone();
                core.bye(&reason)
            }
            _ => Next::Stay,
        }
    }

    /// A CANCEL came for an INVITE (the stack has answered the CANCEL itself).
    pub fn cancelled(&self, which: Which) -> Next {
        let mut core = self.core.lock();
        match which {
            Which::First if core.phase == Phase::Offered => {
                core.answer_invite(&Answer::of(487));
                self.over(&mut core, EndedBy::Remote, 487, "cancelled", false);
                Next::Forget
            }
            Which::Later => {
                if let Some(offer) = core.offer.take() {
                    offer.turn.answer(&Answer::of(487));
                }
                Next::Stay
            }
            Which::First => Next::Stay,
        }
    }

    /// A BYE came; its 200 is the caller's to send.
    pub fn said_bye(&self, reason: &str) -> Next {
        let mut core = self.core.lock();
        let answered = core.phase != Phase::Offered;
        let status = if answered { 0 } else { 487 };
        if let Some(invite) = core.invite.take() {
            if answered {
                invite.forget();
            } else {
                invite.answer(&Answer::of(487));
            }
        }
        if let Some(offer) = core.offer.take() {
            offer.turn.answer(&Answer::of(487));
        }
        self.over(&mut core, EndedBy::Remote, status, reason, answered);
        Next::Forget
    }

    /// A re-INVITE or UPDATE came. Err is the answer it gets at once.
    pub fn reoffered(&self, turn: Turn, request: &Request, sdp: Option<String>) -> Result<(), Answer> {
        let mut core = self.core.lock();
        if !core.dialog.accepts(request) {
            return Err(Answer::of(500));
        }
        match core.phase {
            // RFC 3261 14.2, RFC 3311 5.2: an offer of the peer's is still unanswered.
            Phase::Offered => return Err(Answer::of(500).with("Retry-After", "2")),
            // Our own offer, in the 200, is: RFC 3261 14.2.
            Phase::Answered if self.offerless => return Err(Answer::of(491)),
            Phase::Closing { .. } => return Err(Answer::of(481)),
            Phase::Answered | Phase::Confirmed => {}
        }
        if core.offer.is_some() {
            return Err(Answer::of(500).with("Retry-After", "2"));
        }
        core.dialog.refresh(request);
        core.offer = Some(PendingOffer {
            turn,
            came: Instant::now(),
        });
        (self.facts)(
            Reoffered {
                call: self.call.clone(),
                sdp,
            }
            .into(),
        );
        Ok(())
    }

    /// A request came that changes nothing but perhaps the peer's address. False when it is out of order.
    pub fn heard(&self, request: &Request, refreshes: bool) -> bool {
        let mut core = self.core.lock();
        let in_order = core.dialog.accepts(request);
        if in_order && refreshes {
            core.dialog.refresh(request);
        }
        in_order
    }

    /// Tell a key press, if the leg is alive.
    pub fn pressed(&self, digit: char, duration_ms: u32) {
        let core = self.core.lock();
        if !matches!(core.phase, Phase::Closing { .. }) {
            (self.facts)(
                wire::Digit {
                    call: self.call.clone(),
                    digit: digit.to_string(),
                    duration_ms,
                }
                .into(),
            );
        }
    }

    // --- what does not happen -------------------------------------------------------------------------------------

    /// A transaction of the leg is over; `acknowledged` when its 200 was.
    pub fn transaction_over(&self, which: Which, acknowledged: bool) -> Next {
        let mut core = self.core.lock();
        let no_ack = !acknowledged && which == Which::First;
        match core.phase.clone() {
            Phase::Answered if no_ack => self.unacknowledged(&mut core),
            Phase::Closing { bye: Some(reason) } if no_ack => core.bye(&reason),
            // The transaction went away under an INVITE nobody had decided: a fault, not a peer's doing.
            Phase::Offered if which == Which::First => {
                self.over(&mut core, EndedBy::Internal, 500, "the transaction ended", false);
                Next::Forget
            }
            _ => Next::Stay,
        }
    }

    /// The 200 to a later INVITE was never acknowledged: the session is ended (RFC 3261 14.2).
    pub fn reoffer_unacknowledged(&self) -> Next {
        let mut core = self.core.lock();
        match core.phase {
            Phase::Answered | Phase::Confirmed => self.unacknowledged(&mut core),
            _ => Next::Stay,
        }
    }

    /// Something of ours broke while it worked on this leg.
    pub fn broke(&self) -> Next {
        let mut core = self.core.lock();
        match core.phase {
            Phase::Offered => {
                core.answer_invite(&Answer::of(500));
                self.over(&mut core, EndedBy::Internal, 500, "internal error", false);
                Next::Forget
            }
            Phase::Answered | Phase::Confirmed => {
                self.over(&mut core, EndedBy::Internal, 500, "internal error", true);
                core.bye("internal error")
            }
            Phase::Closing { .. } => Next::Forget,
        }
    }

    /// Look whether something has waited too long. To be called every second or so.
    pub fn check(&self, now: Instant, patience: &Patience) -> Next {
        let mut core = self.core.lock();
        let age = now.saturating_duration_since(core.since);
        if core
            .offer
            .as_ref()
            .is_some_and(|offer| now.saturating_duration_since(offer.came) > patience.new_offer)
        {
            if let Some(offer) = core.offer.take() {
                offer.turn.answer(&Answer::of(488));
            }
        }
        match core.phase.clone() {
            Phase::Offered if age > patience.decision => {
                core.answer_invite(&Answer::of(480));
                self.over(&mut core, EndedBy::Timeout, 480, "nobody decided", false);
                Next::Forget
            }
            Phase::Answered if age > patience.linger() => self.unacknowledged(&mut core),
            Phase::Closing { bye: Some(reason) } if age > patience.linger() => core.bye(&reason),
            _ => Next::Stay,
        }
    }

    fn unacknowledged(&self, core: &mut Core) -> Next {
        self.over(core, EndedBy::Timeout, 408, "no ACK came", true);
        core.bye("no ACK came")
    }

    /// The one place that tells `Ended`.
    fn over(&self, core: &mut Core, by: EndedBy, status: u16, reason: &str, answered: bool) {
        if matches!(core.phase, Phase::Closing { .. }) {
            return;
        }
        if let Some(offer) = core.offer.take() {
            offer.turn.answer(&Answer::of(487));
        }
        core.enter(Phase::Closing { bye: None });
        (self.facts)(
            Ended {
                call: self.call.clone(),
                by,
                status,
                reason: reason.to_string(),
                answered,
            }
            .into(),
        );
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
