//! What the brain orders for a leg.

use std::time::Instant;

use wire::EndedBy;

use super::{Leg, Next, NotNow, Phase};
use crate::turn::Answer;

impl Leg {
    /// Send 180, or 183 with SDP.
    pub fn ring(&self, sdp: Option<&str>) -> Result<(), NotNow> {
        let mut core = self.core.lock();
        if core.invite.is_none() || core.phase != Phase::Offered {
            return Err(NotNow("not-ringing", "the call is past ringing"));
        }
        let status = if sdp.is_some() { 183 } else { 180 };
        let answer = Answer {
            status,
            sdp: sdp.map(str::to_string),
            ..Answer::default()
        };
        let answer = match core.reliable.as_mut() {
            Some(reliable) => reliable.next(answer),
            None => Some(answer),
        };
        if let (Some(answer), Some(invite)) = (answer, &core.invite) {
            invite.answer(&answer);
        }
        Ok(())
    }

    /// Answer what waits for an answer with 200: the INVITE, or a later offer.
    pub fn answer(&self, sdp: &str) -> Result<(), NotNow> {
        let mut core = self.core.lock();
        let answer = Answer {
            status: 200,
            sdp: Some(sdp.to_string()),
            headers: core.session_headers(),
            ..Answer::default()
        };
        core.said = sdp.to_string();
        if core.phase == Phase::Offered {
            if let Some(session) = &mut core.session {
                session.renew(Instant::now()); // it begins with the answer, however long the phone rang
            }
            core.enter(Phase::Answered);
            core.answer_invite(&answer);
            self.keep(&core);
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
}
