//! What is repeated or refreshed on a leg because time passes: provisional answers that are not confirmed, and the session.
//!
//! Sources: RFC 3262 3; RFC 4028 7 to 10.

use std::time::Instant;

use rsipstack::sip::prelude::HeadersExt;
use rsipstack::sip::{Header, Method, Request, Response};
use wire::EndedBy;

use super::{Core, Leg, Next, Phase};
use crate::session::{at_least, Due, Session};
use crate::turn::Answer;

impl Leg {
    /// The provisional answer that the peer has not confirmed, while the call is undecided.
    pub fn unconfirmed(&self) -> Option<u32> {
        let core = self.core.lock();
        let waits = core.reliable.as_ref().filter(|_| core.phase == Phase::Offered)?;
        Some(waits.unconfirmed()?.0)
    }

    /// Send it again, if it is still the one of this number; false: it is not.
    pub fn repeat_unconfirmed(&self, number: u32) -> bool {
        let core = self.core.lock();
        let waits = core.reliable.as_ref().filter(|_| core.phase == Phase::Offered);
        let Some((_, answer)) = waits
            .and_then(crate::reliable::Reliable::unconfirmed)
            .filter(|(sent, _)| *sent == number)
        else {
            return false;
        };
        if let Some(invite) = &core.invite {
            invite.answer(&answer);
        }
        true
    }

    /// It was never confirmed: the call is refused (RFC 3262 3).
    pub fn never_confirmed(&self, number: u32) -> Next {
        let mut core = self.core.lock();
        let waits = core
            .reliable
            .as_ref()
            .and_then(crate::reliable::Reliable::unconfirmed);
        if core.phase != Phase::Offered || waits.is_none_or(|(sent, _)| sent != number) {
            return Next::Stay;
        }
        core.answer_invite(&Answer::of(504));
        self.over(&mut core, EndedBy::Timeout, 504, "no PRACK came", false);
        Next::Forget
    }

    /// A PRACK came: the status it is answered with.
    pub fn confirmed(&self, request: &Request) -> u16 {
        let mut core = self.core.lock();
        if !core.dialog.accepts(request) {
            return 500;
        }
        let rack = request.header_value("RAck").unwrap_or_default();
        let Some(reliable) = core.reliable.as_mut().filter(|one| one.unconfirmed().is_some()) else {
            return 481;
        };
        if !reliable.confirm(&rack) {
            return 481;
        }
        if let (Some(answer), Some(invite)) = (reliable.after_confirmation(), &core.invite) {
            invite.answer(&answer);
        }
        200
    }

    /// Look whether the session is to be refreshed, or over.
    pub(super) fn session_due(&self, core: &mut Core, now: Instant) -> Next {
        if core.phase != Phase::Confirmed {
            return Next::Stay;
        }
        // RFC 3261 14.1: no INVITE of ours while one of the peer's, or another of ours, waits for its answer. That one is a sign of life anyway.
        if (core.offer.is_some() || core.reoffering.is_some()) && !core.dialog.peer_updates {
            return Next::Stay;
        }
        match core
            .session
            .as_mut()
            .map_or(Due::Nothing, |session| session.due(now))
        {
            Due::Nothing => Next::Stay,
            Due::Refresh => Next::Refresh,
            Due::End => {
                self.over(core, EndedBy::Timeout, 408, "the session was not refreshed", true);
                core.bye("the session was not refreshed")
            }
        }
    }

    /// Compose the request that says we are there: an UPDATE where the peer does that, else a re-INVITE that changes nothing.
    pub fn refresh(&self) -> Option<Request> {
        let mut core = self.core.lock();
        let session = core.session.filter(|_| core.phase == Phase::Confirmed)?;
        let mut extras = vec![
            Header::Supported(crate::stack::SUPPORTED.into()),
            Header::Other("Session-Expires".into(), session.request()),
            Header::Other("Min-SE".into(), crate::session::SHORTEST_S.to_string()),
        ];
        if core.dialog.peer_updates {
            return core.dialog.request(Method::Update, extras, Vec::new());
        }
        extras.push(Header::ContentType("application/sdp".into()));
        let said = core.said.clone().into_bytes();
        core.dialog.request(Method::Invite, extras, said)
    }

    /// What the peer said to a refresh of ours: 408 and 481 mean that it is gone (RFC 4028 10); None: nothing could be sent.
    pub fn refreshed(&self, response: Option<&Response>) -> Next {
        let mut core = self.core.lock();
        if core.phase != Phase::Confirmed {
            return Next::Stay;
        }
        let status = response.map_or(408, |response| response.status_code.code());
        if matches!(status, 408 | 481) {
            self.over(&mut core, EndedBy::Timeout, status, "the peer is gone", true);
            return core.bye("the peer is gone");
        }
        let now = Instant::now();
        match response.and_then(|response| Session::agreed(response, now)) {
            Some(agreed) if status < 300 => core.session = Some(agreed),
            _ if status >= 300 => {
                let at_least_s = response.and_then(at_least).filter(|_| status == 422);
                if let Some(session) = core.session.as_mut() {
                    session.refused(at_least_s, now);
                }
            }
            _ => {
                if let Some(session) = core.session.as_mut() {
                    session.renew(now);
                }
            }
        }
        Next::Stay
    }
}

impl Core {
    /// Take note of what a later request of the peer says of the session, and give the headers of our 2xx.
    pub(super) fn session_headers(&self) -> Vec<(String, String)> {
        let Some(session) = &self.session else {
            return Vec::new();
        };
        let mut headers = vec![("Session-Expires".into(), session.answer())];
        if !session.ours {
            headers.push(("Require".into(), "timer".into()));
        }
        headers
    }

    /// Whether an INVITE of ours, which refreshes the session, waits for its answer.
    pub(super) fn is_inviting(&self) -> bool {
        let asking = self.session.as_ref().is_some_and(Session::is_asking);
        asking && !self.dialog.peer_updates
    }

    /// A request came that refreshes the session, or ends its timer.
    pub(super) fn heard_session(&mut self, request: &Request) {
        if let Ok(asked) = Session::asked(request, Instant::now()) {
            self.session = asked;
        }
    }
}
