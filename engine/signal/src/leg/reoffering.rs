//! Offers of ours on a leg that stands, and legs that another engine held before.
//!
//! Sources: RFC 3261 14.1 (re-INVITE), 12.2.1.2 (408 and 481 end the dialog).

use std::net::SocketAddr;
use std::time::Instant;

use rsipstack::sip::{Header, Method, Request, Response, Transport};
use rsipstack::transport::SipConnection;
use wire::{EndedBy, Reanswered};

use super::{Core, Facts, Leg, Next, NotNow, Phase};
use crate::body::sdp_in;
use crate::keeping::Kept;
use crate::session::Session;

impl Leg {
    /// A leg that another engine held: answered and acknowledged. None when what was kept holds no address.
    pub fn restored(call: String, kept: &Kept, facts: Facts) -> Option<Self> {
        let session = kept.session(Instant::now());
        let agreed = (session, String::new());
        let leg = Self::answered(call, kept.uris(), kept.dialog()?, agreed, facts);
        // At once: an engine after us must not use the same numbers again.
        leg.keep(&leg.core.lock());
        Some(leg)
    }

    /// Compose a re-INVITE with this offer.
    pub fn reoffer(&self, sdp: &str) -> Result<Request, NotNow> {
        let mut core = self.core.lock();
        if core.phase != Phase::Confirmed || core.offer.is_some() || core.reoffering.is_some() {
            return Err(NotNow("offer-waits", "another offer is unanswered"));
        }
        let mut extras = vec![Header::Supported(crate::stack::SUPPORTED.into())];
        if let Some(session) = &core.session {
            extras.push(Header::Other("Session-Expires".into(), session.request()));
            extras.push(Header::Other(
                "Min-SE".into(),
                crate::session::SHORTEST_S.to_string(),
            ));
        }
        extras.push(Header::ContentType("application/sdp".into()));
        let request = core
            .dialog
            .request(Method::Invite, extras, sdp.as_bytes().to_vec())
            .ok_or(NotNow("bad-dialog", "the peer's address cannot be called"))?;
        core.reoffering = Some(sdp.to_string());
        Ok(request)
    }

    /// Note over which connection the peer has come, where ours died with another engine: it is their only way back.
    pub fn reached_by(&self, connection: Option<&SipConnection>, source: SocketAddr) {
        let mut core = self.core.lock();
        if connection.is_some() && core.dialog.connection.is_none() && core.dialog.transport != Transport::Udp
        {
            core.dialog.connection = connection.cloned();
            core.dialog.source = source;
        }
    }

    /// What the peer said to our re-INVITE; None: it could not be sent.
    pub fn reanswered(&self, response: Option<&Response>) -> Next {
        let mut core = self.core.lock();
        let offer = core.reoffering.take();
        if matches!(core.phase, Phase::Closing { .. }) {
            return Next::Stay;
        }
        let status = response.map_or(503, |response| response.status_code.code());
        let accepted = response.filter(|_| status < 300);
        // Refused, nothing has changed (RFC 3261 14.1): what was said before holds, and a refresh says that again. Of a
        // restored leg nobody knows what was; the offer said no more than that.
        if let Some(offer) = offer.filter(|_| accepted.is_some() || core.said.is_empty()) {
            core.said = offer;
        }
        if let Some(response) = accepted {
            core.dialog.refresh_from(response);
            let now = Instant::now();
            // We asked for ourselves to refresh, and the answer says who does from now on (RFC 4028 7.2).
            if let Some(agreed) = Session::agreed(response, now) {
                core.session = Some(agreed);
            } else if let Some(session) = core.session.as_mut() {
                session.renew(now);
            }
        }
        let sdp = accepted.and_then(|it| sdp_in(it, &it.body).ok().flatten());
        (self.facts)(
            Reanswered {
                call: self.call.clone(),
                status,
                sdp,
            }
            .into(),
        );
        self.after_reanswer(&mut core, status)
    }

    /// Nobody said anything to our re-INVITE.
    pub fn unanswered_reoffer(&self) -> Next {
        let mut core = self.core.lock();
        core.reoffering = None;
        if matches!(core.phase, Phase::Closing { .. }) {
            return Next::Stay;
        }
        self.after_reanswer(&mut core, 408)
    }

    fn after_reanswer(&self, core: &mut Core, status: u16) -> Next {
        if matches!(status, 408 | 481) {
            self.over(core, EndedBy::Timeout, status, "the peer is gone", true);
            return core.bye("the peer is gone");
        }
        self.keep(core);
        Next::Stay
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use parking_lot::Mutex;
    use rsipstack::sip::SipMessage;
    use wire::Fact;

    use super::*;
    use crate::keeping;

    /// What a phone answers a re-INVITE of ours with.
    fn ok(session: &str) -> Response {
        let text = format!(
            "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:b@h>;tag=l\r\nTo: <sip:a@h>;tag=r\r\n\
             Call-ID: c\r\nCSeq: 1004 INVITE\r\nContact: <sip:a@192.0.2.1>\r\n{session}Content-Length: 0\r\n\r\n"
        );
        match SipMessage::try_from(text.as_bytes()) {
            Ok(SipMessage::Response(response)) => response,
            _ => panic!("it is a response"),
        }
    }

    /// A restored leg, and what it has told.
    fn restored() -> (Leg, Arc<Mutex<Vec<Fact>>>) {
        let told = Arc::new(Mutex::new(Vec::new()));
        let ears = Arc::clone(&told);
        let facts: Facts = Arc::new(move |fact| ears.lock().push(fact));
        let leg = Leg::restored("ca".into(), &keeping::tests::kept(), facts).expect("it is whole");
        (leg, told)
    }

    fn busy() -> Response {
        let text = String::from_utf8(ok("").to_string().into_bytes()).expect("it is text");
        match SipMessage::try_from(text.replace("200 OK", "488 Not Acceptable Here").as_bytes()) {
            Ok(SipMessage::Response(response)) => response,
            _ => panic!("it is a response"),
        }
    }

    #[test]
    fn what_was_refused_is_not_said_again() {
        let (leg, _told) = restored();
        for (offer, response) in [("v=0\r\n", ok("")), ("v=1\r\n", busy())] {
            assert!(leg.reoffer(offer).is_ok());
            leg.reanswered(Some(&response));
        }
        assert_eq!(leg.core.lock().said, "v=0\r\n");
    }

    /// What the brain was last told to keep of it.
    fn kept(told: &Mutex<Vec<Fact>>) -> Kept {
        let told = told.lock();
        let mut dialogs = told.iter().rev().filter_map(|fact| match fact {
            Fact::DialogKept(one) => Kept::read(&one.dialog),
            _ => None,
        });
        dialogs.next().expect("something is kept")
    }

    #[test]
    fn the_numbers_of_a_restored_leg_are_told_at_once() {
        let (_leg, told) = restored();
        assert_eq!(kept(&told).dialog().map(|it| it.local_cseq), Some(2_003));
    }

    #[test]
    fn who_refreshes_is_as_the_answer_says() {
        for (header, ours) in [
            ("Session-Expires: 90;refresher=uac\r\n", true),
            ("Session-Expires: 90;refresher=uas\r\n", false),
        ] {
            let (leg, told) = restored();
            assert!(leg.reoffer("v=0\r\n").is_ok());
            assert!(matches!(leg.reanswered(Some(&ok(header))), Next::Stay));
            let session = kept(&told).session(Instant::now()).expect("there is one");
            assert_eq!((session.interval_s, session.ours), (90, ours));
        }
    }
}
