//! What all parts of the crate share, and what is done about a leg once its state has changed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rsipstack::sip::{Request, SipMessage, StatusCodeKind};
use rsipstack::transaction::transaction::Transaction;

use crate::body::sdp_of;
use crate::handing_over::HandingOver;
use crate::leg::{Facts, Leg, Next, Which};
use crate::outgoing;
use crate::registry::Registry;
use crate::settings::Patience;
use crate::shunned::Shunned;
use crate::stack::Stack;
use crate::waiting::{self, Waiting};

const CHECK_EVERY: Duration = Duration::from_secs(1);

/// Registry, stack and the way up, together.
pub(crate) struct Desk {
    pub registry: Registry,
    pub waiting: Waiting,
    pub shunned: Shunned,
    pub stack: Stack,
    pub facts: Facts,
    pub patience: Patience,
    pub refuses_new: AtomicBool,
    /// Set by others while there is too much to do.
    pub strained: Arc<AtomicBool>,
    pub handing_over: HandingOver,
    pub runtime: tokio::runtime::Handle,
}

impl Desk {
    /// Do what remains to be done for a leg.
    pub fn follow(self: &Arc<Self>, leg: &Arc<Leg>, next: Next) {
        match next {
            Next::Stay => {}
            Next::Linger => self.registry.retire(leg),
            Next::Forget => self.registry.forget(leg),
            Next::Refresh => {
                self.runtime.spawn(Arc::clone(self).refresh(Arc::clone(leg)));
            }
            Next::Bye(request) => {
                self.registry.retire(leg);
                self.runtime
                    .spawn(Arc::clone(self).say_bye(Arc::clone(leg), *request));
            }
        }
    }

    /// Tell the peer that we are there, and hear whether it is.
    async fn refresh(self: Arc<Self>, leg: Arc<Leg>) {
        let Some((request, flow)) = leg.refresh().zip(leg.with_dialog(|dialog| dialog.flow())) else {
            return;
        };
        let answer = match self.stack.ask(request, &flow).await {
            Ok(answer) => answer,
            Err(why) => {
                tracing::info!(call = %leg.call, %why, "the session could not be refreshed");
                None
            }
        };
        let next = leg.refreshed(answer.as_ref());
        self.follow(&leg, next);
    }

    /// Send a re-INVITE, and hear what the peer says to it.
    pub fn reoffer(self: &Arc<Self>, leg: Arc<Leg>, request: Request) {
        let desk = Arc::clone(self);
        self.runtime.spawn(async move {
            let next = match leg.with_dialog(|dialog| dialog.flow()) {
                None => leg.reanswered(None),
                Some(flow) => match desk.stack.ask(request, &flow).await {
                    Ok(Some(answer)) => leg.reanswered(Some(&answer)),
                    Ok(None) => leg.unanswered_reoffer(),
                    Err(why) => {
                        tracing::info!(call = %leg.call, %why, "the re-INVITE could not be sent");
                        leg.reanswered(None)
                    }
                },
            };
            desk.follow(&leg, next);
        });
    }

    /// Send a provisional answer again until the peer confirms it (RFC 3262 3: T1, then twice as long each time, for 64 T1).
    pub fn repeat_provisional(self: &Arc<Self>, leg: &Arc<Leg>) {
        let Some(number) = leg.unconfirmed() else { return };
        let (desk, leg) = (Arc::clone(self), Arc::clone(leg));
        self.runtime.spawn(async move {
            let (mut pause, mut waited) = (desk.patience.t1, Duration::ZERO);
            while waited < desk.patience.t1 * 64 {
                let left = (desk.patience.t1 * 64).saturating_sub(waited);
                tokio::time::sleep(pause.min(left)).await;
                if !leg.repeat_unconfirmed(number) {
                    return;
                }
                waited += pause;
                pause *= 2;
            }
            let next = leg.never_confirmed(number);
            desk.follow(&leg, next);
        });
    }

    async fn say_bye(self: Arc<Self>, leg: Arc<Leg>, request: Request) {
        let flow = leg.with_dialog(|dialog| dialog.flow());
        let outcome = match flow {
            Some(flow) => self.stack.ask(request, &flow).await,
            None => Ok(None),
        };
        match outcome {
            Ok(Some(response)) if response.status_code.kind() == StatusCodeKind::Successful => {}
            Ok(response) => {
                let status = response.map_or(0, |response| response.status_code.code());
                tracing::info!(call = %leg.call, status, "BYE was not taken");
            }
            Err(why) => tracing::info!(call = %leg.call, %why, "BYE could not be sent"),
        }
        self.registry.forget(&leg);
    }

    /// Drive a transaction that waits for an answer until nothing more can come of it.
    pub fn drive(self: &Arc<Self>, transaction: Transaction, leg: Arc<Leg>, which: Which) {
        let offerless = which == Which::Later && matches!(sdp_of(&transaction.original), Ok(None));
        let watch = Watch {
            desk: Arc::clone(self),
            leg,
            which,
            defused: false,
        };
        self.runtime.spawn(watch.run(transaction, offerless));
    }

    /// Look through all legs for what has waited too long, for ever.
    pub async fn keep_watch(self: Arc<Self>) {
        let mut ticks = tokio::time::interval(CHECK_EVERY);
        loop {
            ticks.tick().await;
            let now = Instant::now();
            for leg in self.registry.all() {
                let next = leg.check(now, &self.patience);
                self.follow(&leg, next);
            }
            waiting::check(&self, now, self.patience.new_offer);
            for attempt in self.registry.attempts() {
                let next = attempt.check(now);
                outgoing::follow(&self, &attempt, next);
            }
        }
    }

    /// Whether new calls are refused for now.
    pub fn is_closed(&self) -> bool {
        self.refuses_new.load(Ordering::Relaxed) || self.strained.load(Ordering::Relaxed)
    }
}

/// Guards a leg while one of its transactions is driven: whatever happens to the task, the leg hears of it.
struct Watch {
    desk: Arc<Desk>,
    leg: Arc<Leg>,
    which: Which,
    defused: bool,
}

impl Watch {
    async fn run(mut self, mut transaction: Transaction, offerless: bool) {
        let mut acknowledged = false;
        while let Some(message) = transaction.receive().await {
            let SipMessage::Request(request) = message else {
                continue;
            };
            let next = match request.method {
                rsipstack::sip::Method::Ack => {
                    acknowledged = true;
                    self.leg
                        .acknowledged(self.which, offerless, sdp_of(&request).ok().flatten())
                }
                rsipstack::sip::Method::Cancel => self.leg.cancelled(self.which),
                _ => Next::Stay,
            };
            self.desk.follow(&self.leg, next);
        }
        let sent_200 = transaction
            .last_response
            .as_ref()
            .is_some_and(|response| response.status_code.kind() == StatusCodeKind::Successful);
        let is_invite = transaction.original.method == rsipstack::sip::Method::Invite;
        let next = match self.which {
            Which::Later if is_invite && sent_200 && !acknowledged => self.leg.reoffer_unacknowledged(),
            which => self.leg.transaction_over(which, acknowledged),
        };
        self.desk.follow(&self.leg, next);
        self.defused = true;
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if !self.defused {
            let next = self.leg.broke();
            self.desk.follow(&self.leg, next);
        }
    }
}
