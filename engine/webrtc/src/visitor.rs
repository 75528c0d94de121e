//! The other side of a door, as far as tests and measurements need one: checks, nominates and begins the handshake, as a
//! browser does. No part of the engine.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use is::stun::{StunMessageBuilder, TransId};

use crate::certificate::Certificate;
use crate::checks::hmac_sha1;
use crate::door::{Door, Said, Terms};

/// How often a way is checked once it is nominated, as browsers do.
const EVERY: Duration = Duration::from_millis(2_500);

/// How often it is checked before.
const AT_FIRST: Duration = Duration::from_millis(50);

/// Somebody who comes to a door.
pub struct Visitor {
    /// An active door begins once somebody has come who knows the password: we come to our own.
    own: Door,
    there: SocketAddr,
    terms: Terms,
    check_due: Instant,
    answered: bool,
    said: Option<Said>,
}

impl Visitor {
    /// Come to the door that signalling has told of: where it is, and its name, password and fingerprint.
    pub fn new(there: SocketAddr, mut terms: Terms, certificate: &Certificate, now: Instant) -> Self {
        terms.active = true;
        Self {
            own: Door::new(terms.clone(), certificate, now),
            there,
            terms,
            check_due: now,
            answered: false,
            said: None,
        }
    }

    /// Take a packet that is neither sound nor a report of it.
    pub fn hear(&mut self, packet: &[u8], now: Instant) {
        if matches!(packet.first(), Some(0..=3)) {
            if !std::mem::replace(&mut self.answered, true) {
                let check = self.check();
                self.own.hear(self.there, &check, now);
            }
        } else {
            self.own.hear(self.there, packet, now);
        }
    }

    /// Let time pass.
    pub fn pass(&mut self, now: Instant) {
        self.own.pass(now);
        if self.check_due <= now {
            self.check_due = now + if self.answered { EVERY } else { AT_FIRST };
            let check = self.check();
            if self.answered {
                self.own.hear(self.there, &check, now); // it goes on consenting, too
            }
            self.said = Some(Said::Packet(self.there, check));
        }
    }

    /// Say goodbye.
    pub fn close(&mut self) {
        self.own.close();
    }

    /// Take what it has to say, until there is nothing.
    pub fn poll(&mut self) -> Option<Said> {
        self.said.take().or_else(|| loop {
            match self.own.poll()? {
                // Our own door's answers to our own checks, and its way to us.
                Said::Packet(_, packet) if packet[0] <= 3 => {}
                Said::Way(_) => {}
                said => return Some(said),
            }
        })
    }

    fn check(&self) -> Vec<u8> {
        let username = format!("{}:visitor", self.terms.username);
        let message = StunMessageBuilder::new()
            .binding()
            .request()
            .username(&username)
            .prio(7)
            .use_candidate()
            .ice_controlling(1)
            .build(TransId::new());
        let mut bytes = vec![0; 512];
        let length = message
            .to_bytes(Some(self.terms.password.as_bytes()), &mut bytes, hmac_sha1)
            .expect("a check fits");
        bytes.truncate(length);
        bytes
    }
}
