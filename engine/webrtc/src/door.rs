//! One browser's door: its checks, the way it nominated, the keys, and whether it still consents.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::certificate::{Certificate, Fingerprint};
use crate::checks;
use crate::handshake::{Agreed, Handshake};

/// Without a check for so long, the peer does not consent any more (RFC 7675, section 5.1).
const CONSENT: Duration = Duration::from_secs(30);

/// A way that was not nominated again for so long gives way to any other that is.
const STALE: Duration = Duration::from_secs(4);

/// Addresses that have proved themselves and may speak DTLS; more are forgotten, the oldest first.
const PROVED: usize = 16;

/// What signalling has agreed on.
#[derive(Clone, PartialEq, Eq)]
pub struct Terms {
    /// Our name in the peer's checks (`a=ice-ufrag`).
    pub username: String,
    /// What proves them (`a=ice-pwd`).
    pub password: String,
    /// Of the peer's certificate; None as long as signalling has not told.
    pub fingerprint: Option<Fingerprint>,
    /// Whether we begin the handshake (`a=setup:active`).
    pub active: bool,
}

/// What a door has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// Send this packet.
    Packet(SocketAddr, Vec<u8>),
    /// The peer is to be sent sound here.
    Way(SocketAddr),
    /// Seal sound with these keys.
    Keys(Agreed),
    /// The peer is gone. Said once; nothing follows.
    Left(Leaving),
}

/// Why a peer is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaving {
    /// It said goodbye, or the handshake failed.
    Closed,
    /// Somebody with another certificate answered.
    Impostor,
    /// It has not checked our address for 30 seconds, or never.
    NoConsent,
}

/// The way sound goes.
#[derive(Debug, Clone, Copy)]
struct Way {
    to: SocketAddr,
    priority: u32,
    checked: Instant,
    /// When it was nominated last; None: before the restart that is under way.
    nominated: Option<Instant>,
}

/// A browser's door.
pub struct Door {
    terms: Terms,
    certificate: Certificate,
    handshake: Option<Handshake>,
    proved: VecDeque<SocketAddr>,
    way: Option<Way>,
    /// Since when consent is awaited: from the moment that signalling has told all.
    awaited: Option<Instant>,
    told_keys: bool,
    left: bool,
    said: VecDeque<Said>,
}

impl Door {
    /// A door that nobody has come to yet.
    pub fn new(terms: Terms, certificate: &Certificate, now: Instant) -> Self {
        Self {
            awaited: terms.fingerprint.map(|_| now),
            terms,
            certificate: certificate.clone(),
            handshake: None,
            proved: VecDeque::with_capacity(PROVED),
            way: None,
            told_keys: false,
            left: false,
            said: VecDeque::new(),
        }
    }

    /// Follow signalling. Another fingerprint of the peer is another peer, who has to agree on keys anew; another name of
    /// ours is an ICE restart, and the way stays until another is nominated.
    pub fn change(&mut self, terms: Terms, now: Instant) {
        let another = |before: Fingerprint| terms.fingerprint.is_some_and(|told| told != before);
        if self.terms.fingerprint.is_some_and(another) {
            (self.handshake, self.told_keys) = (None, false);
        }
        if terms.fingerprint.is_some() {
            self.awaited = self.awaited.or(Some(now));
        }
        if let Some(way) = self
            .way
            .as_mut()
            .filter(|_| self.terms.username != terms.username)
        {
            // What is nominated after a restart takes the place of what was, whatever its priority (RFC 8445, section 9).
            way.nominated = None;
        }
        self.terms = terms;
        if !self.left {
            self.speak_first(now);
            self.weigh();
        }
    }

    /// Take a packet that is neither sound nor a report of it.
    pub fn hear(&mut self, from: SocketAddr, packet: &[u8], now: Instant) {
        match packet.first() {
            _ if self.left => {}
            Some(0..=3) => self.hear_check(from, packet, now),
            Some(20..=63) if self.proved.contains(&from) => {
                if self.handshake.is_none() && !self.terms.active {
                    self.handshake = Some(Handshake::new(&self.certificate, false, now));
                }
                let said = self.handshake.as_mut().map(|it| it.hear(packet, now));
                self.send_all(from, said.unwrap_or_default());
                self.weigh();
            }
            _ => {}
        }
    }

    /// Let time pass.
    pub fn pass(&mut self, now: Instant) {
        if self.left {
            return;
        }
        if let Some(to) = self.way.map(|way| way.to).or(self.proved.back().copied()) {
            let due = self
                .handshake
                .as_mut()
                .filter(|it| it.due.is_some_and(|due| due <= now));
            let said = due.map(|it| it.pass(now));
            self.send_all(to, said.unwrap_or_default());
            self.weigh();
        }
        if self.consents_until().is_some_and(|until| until <= now) {
            self.leave(Leaving::NoConsent);
        }
    }

    /// When time is to be told again.
    pub fn deadline(&self) -> Option<Instant> {
        let handshake = self.handshake.as_ref().filter(|it| !it.over && !self.left);
        let due = handshake.and_then(|it| it.due);
        [due, self.consents_until()].into_iter().flatten().min()
    }

    /// Say goodbye to a peer that is hung up on; not to one that is gone, or does not consent to be sent anything any more.
    pub fn close(&mut self) {
        if self.left {
            return;
        }
        let said = self.handshake.as_mut().map(Handshake::close);
        if let Some(way) = self.way {
            self.send_all(way.to, said.unwrap_or_default());
        }
        self.left = true;
    }

    /// Take what it has to say, until there is nothing.
    pub fn poll(&mut self) -> Option<Said> {
        self.said.pop_front()
    }

    fn consents_until(&self) -> Option<Instant> {
        let since = self.way.map(|way| way.checked).max(self.awaited)?;
        (!self.left && self.awaited.is_some()).then_some(since + CONSENT)
    }

    fn hear_check(&mut self, from: SocketAddr, packet: &[u8], now: Instant) {
        let Some(check) = checks::read(packet, from, &self.terms.username, &self.terms.password) else {
            return;
        };
        if !self.proved.contains(&from) {
            if self.proved.len() == PROVED {
                self.proved.pop_front();
            }
            self.proved.push_back(from);
        }
        self.said.push_back(Said::Packet(from, check.answer));
        match &mut self.way {
            Some(way) if way.to == from => way.checked = now,
            _ => {}
        }
        if check.nominates {
            self.nominate(from, check.priority, now);
        }
    }

    /// Some peers nominate all ways that work (RFC 5245, section 8.1.1.2): of those that are nominated together, the best
    /// is taken. Others nominate the one they have chosen, and nominate it with each check (browsers): when they choose
    /// another, worse or not, they still check the old way, and nominate it no more.
    fn nominate(&mut self, to: SocketAddr, priority: u32, now: Instant) {
        let gives_way = |way: &Way| {
            let stale = |last| now.duration_since(last) >= STALE;
            priority > way.priority || way.nominated.is_none_or(stale)
        };
        match &mut self.way {
            Some(way) if way.to == to => (way.priority, way.nominated) = (priority, Some(now)),
            Some(way) if !gives_way(way) => {}
            way => {
                *way = Some(Way {
                    to,
                    priority,
                    checked: now,
                    nominated: Some(now),
                });
                self.said.push_back(Said::Way(to));
                self.speak_first(now);
            }
        }
    }

    /// An active side begins once there is a way, and it is known whom to expect there.
    fn speak_first(&mut self, now: Instant) {
        let Some(way) = self.way.filter(|_| self.terms.active && self.handshake.is_none()) else {
            return;
        };
        if self.terms.fingerprint.is_none() {
            return;
        }
        let mut handshake = Handshake::new(&self.certificate, true, now);
        let said = handshake.pass(now);
        self.handshake = Some(handshake);
        self.send_all(way.to, said);
    }

    /// See what has become of the handshake, if it is known whom to expect.
    fn weigh(&mut self) {
        let (Some(handshake), Some(expected)) = (&self.handshake, self.terms.fingerprint) else {
            return;
        };
        if handshake.is_impostor(expected) {
            return self.leave(Leaving::Impostor);
        }
        let over = handshake.over;
        if let Some(keys) = handshake.keys_of(expected).filter(|_| !self.told_keys) {
            self.told_keys = true;
            self.said.push_back(Said::Keys(keys.clone()));
        }
        if over {
            self.leave(Leaving::Closed);
        }
    }

    fn leave(&mut self, why: Leaving) {
        if !std::mem::replace(&mut self.left, true) {
            self.said.push_back(Said::Left(why));
        }
    }

    fn send_all(&mut self, to: SocketAddr, packets: Vec<Vec<u8>>) {
        self.said
            .extend(packets.into_iter().map(|packet| Said::Packet(to, packet)));
    }
}
