//! ICE's connectivity checks, as a lite agent meets them: who knows the password is answered, nobody else.
//!
//! Answers go where the check came from, and are shorter than three times what they answer; strangers get none at all.

use std::net::SocketAddr;

use hmac::{Hmac, Mac};
use is::stun::StunMessage;
use sha1::Sha1;

const LONGEST_ANSWER_BYTES: usize = 256;

/// A check of the peer's, proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Check {
    /// What is to be answered.
    pub answer: Vec<u8>,
    /// What the peer thinks of this way.
    pub priority: u32,
    /// Whether it wants sound to come and go here. Never set in a check that is answered by an error.
    pub nominates: bool,
}

/// Read a packet; None when it is no check by somebody who knows our name and password.
pub(crate) fn read(packet: &[u8], from: SocketAddr, username: &str, password: &str) -> Option<Check> {
    let asked = StunMessage::parse(packet).ok()?;
    let (ours, _) = asked.split_username()?;
    let proved =
        asked.is_binding_request() && ours == username && asked.verify(password.as_bytes(), hmac_sha1);
    if !proved {
        return None;
    }
    // A lite agent is always controlled; a peer that thinks it is, too, has to change its mind (RFC 8445, 7.3.1.1).
    let conflict = asked.ice_controlled().is_some();
    let said = if conflict {
        StunMessage::binding_role_conflict_reply(asked.trans_id())
    } else {
        StunMessage::binding_reply(asked.trans_id(), from)
    };
    let mut answer = vec![0; LONGEST_ANSWER_BYTES];
    let length = said
        .to_bytes(Some(password.as_bytes()), &mut answer, hmac_sha1)
        .ok()?;
    answer.truncate(length);
    Some(Check {
        answer,
        priority: asked.prio().unwrap_or(0),
        nominates: asked.use_candidate() && !conflict,
    })
}

pub(crate) fn hmac_sha1(key: &[u8], parts: &[&[u8]]) -> [u8; 20] {
    let mut mac = Hmac::<Sha1>::new_from_slice(key).expect("HMAC takes a key of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use is::stun::StunMessageBuilder;

    pub fn check(to: &str, password: &str, nominates: bool, controlling: bool) -> Vec<u8> {
        let mut request = StunMessageBuilder::new().binding().request().username(to).prio(7);
        if nominates {
            request = request.use_candidate();
        }
        request = if controlling {
            request.ice_controlling(1)
        } else {
            request.ice_controlled(1)
        };
        let mut bytes = vec![0; 512];
        let message = request.build(is::stun::TransId::new());
        let length = message
            .to_bytes(Some(password.as_bytes()), &mut bytes, hmac_sha1)
            .unwrap();
        bytes.truncate(length);
        bytes
    }

    const FROM: ([u8; 4], u16) = ([192, 0, 2, 7], 5_000);

    fn met(packet: &[u8]) -> Option<Check> {
        read(packet, FROM.into(), "ours", "secret")
    }

    #[test]
    fn who_knows_the_password_is_told_where_it_comes_from() {
        let check = met(&check("ours:theirs", "secret", true, true)).unwrap();
        let answer = StunMessage::parse(&check.answer).unwrap();
        assert!(answer.is_successful_binding_response() && answer.verify(b"secret", hmac_sha1));
        assert_eq!(answer.mapped_address(), Some(FROM.into()));
        assert_eq!((check.priority, check.nominates), (7, true));
    }

    #[test]
    fn strangers_get_no_answer() {
        assert_eq!(met(&check("ours:theirs", "guess", true, true)), None);
        assert_eq!(met(&check("other:theirs", "secret", true, true)), None);
        let mut cut = check("ours:theirs", "secret", true, true);
        cut.truncate(40);
        assert_eq!(met(&cut), None);
        assert_eq!(met(b"\x00\x01"), None);
    }

    #[test]
    fn a_peer_that_will_not_lead_is_told_to() {
        let check = met(&check("ours:theirs", "secret", true, false)).unwrap();
        let answer = StunMessage::parse(&check.answer).unwrap();
        assert!(answer.is_failed_binding_response() && !check.nominates);
        assert_eq!(answer.error_code().unwrap().0, 487);
    }
}
