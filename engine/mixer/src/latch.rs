//! Where a peer really is: symmetric RTP.
//!
//! A telephone behind a translator names an address that nobody can reach. So we send where its packets come from: the
//! first to come is believed, others may still take over while we learn, and after three seconds only that one address
//! is heard. A re-INVITE opens the question again. Deciding what a refused packet means is the caller's.
//!
//! Sources: RFC 4961 (symmetric RTP); RFC 7362, sections 4 and 5 (latching and its dangers).

use std::net::{IpAddr, SocketAddr};

use crate::moment::Moment;

/// How long another address may take over.
const LEARNING_MS: u64 = 3_000;

/// So many packets in a row, each the next in sequence, make another address believable while we learn.
const BELIEVABLE: u8 = 5;

/// The address of one peer, as far as it is known.
#[derive(Debug, Clone, Copy, Default)]
pub struct Latch {
    signalled: Option<SocketAddr>,
    caught: Option<Caught>,
    rival: Option<Rival>,
}

#[derive(Debug, Clone, Copy)]
struct Caught {
    from: SocketAddr,
    since: Moment,
}

#[derive(Debug, Clone, Copy)]
struct Rival {
    from: SocketAddr,
    next_seq: u16,
    in_a_row: u8,
}

impl Latch {
    /// Begin with the address that signalling named. An unspecified address or port 0 is no address to send to.
    pub fn new(signalled: SocketAddr) -> Self {
        let reachable = !signalled.ip().is_unspecified() && signalled.port() != 0;
        Self {
            signalled: reachable.then_some(signalled),
            caught: None,
            rival: None,
        }
    }

    /// Begin again, because signalling spoke again. The caught address stays in use until packets come from another,
    /// unless a new one was named: then that one is sent to.
    pub fn reopen(&mut self, signalled: SocketAddr, now: Moment) {
        let fresh = Self::new(signalled);
        if fresh.signalled == self.signalled {
            self.caught = self.caught.map(|caught| Caught { since: now, ..caught });
            self.rival = None;
        } else {
            *self = fresh;
        }
    }

    /// Decide whether a packet from this address belongs to the peer.
    pub fn admit(&mut self, from: SocketAddr, seq: u16, now: Moment) -> bool {
        match self.caught {
            None => self.catch(from, now),
            Some(caught) if caught.from == from => {
                self.rival = None;
                true
            }
            Some(caught) if self.is_settled(&caught, now) => false,
            Some(_) if Some(from) == self.signalled => self.catch(from, now),
            Some(_) => self.weigh(from, seq) && self.catch(from, now),
        }
    }

    fn catch(&mut self, from: SocketAddr, now: Moment) -> bool {
        self.caught = Some(Caught { from, since: now });
        self.rival = None;
        true
    }

    /// Settled by time, or at once when the packets come from just where signalling said: then there is no translator
    /// to learn about, and a rival can only be a stranger.
    fn is_settled(&self, caught: &Caught, now: Moment) -> bool {
        Some(caught.from) == self.signalled || now.since_ms(caught.since) >= LEARNING_MS
    }

    fn weigh(&mut self, from: SocketAddr, seq: u16) -> bool {
        let in_a_row = match self.rival {
            Some(rival) if rival.from == from && rival.next_seq == seq => rival.in_a_row + 1,
            _ => 1,
        };
        self.rival = Some(Rival {
            from,
            next_seq: seq.wrapping_add(1),
            in_a_row,
        });
        in_a_row >= BELIEVABLE
    }

    /// Where to send: the caught address, else the signalled one.
    pub fn destination(&self) -> Option<SocketAddr> {
        self.caught.map(|caught| caught.from).or(self.signalled)
    }

    /// The host whose packets are believed, once there is one.
    pub fn host(&self) -> Option<IpAddr> {
        self.caught.map(|caught| caught.from.ip())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(port: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], port))
    }

    #[test]
    fn we_send_where_signalling_said_until_packets_come_from_elsewhere() {
        let mut latch = Latch::new(at(1_000));
        assert_eq!(latch.destination(), Some(at(1_000)));
        assert!(latch.admit(at(2_000), 1, Moment::from_ms(0)));
        assert_eq!(latch.destination(), Some(at(2_000)));
    }

    #[test]
    fn after_three_seconds_a_stranger_is_refused_however_regular() {
        let mut latch = Latch::new(at(1_000));
        latch.admit(at(2_000), 1, Moment::from_ms(0));
        for seq in 0..50 {
            assert!(!latch.admit(at(3_000), seq, Moment::from_ms(3_000)));
        }
        assert!(latch.admit(at(2_000), 2, Moment::from_ms(3_001)));
    }

    #[test]
    fn while_we_learn_a_regular_rival_takes_over_and_a_stray_packet_does_not() {
        let mut latch = Latch::new(at(1_000));
        latch.admit(at(2_000), 1, Moment::from_ms(0));
        assert!(!latch.admit(at(3_000), 7, Moment::from_ms(100)));
        let admitted: Vec<_> = (20..25)
            .map(|seq| latch.admit(at(4_000), seq, Moment::from_ms(200)))
            .collect();
        assert_eq!(admitted, [false, false, false, false, true]);
        assert_eq!(latch.destination(), Some(at(4_000)));
    }

    #[test]
    fn the_signalled_address_takes_over_at_once_and_for_good() {
        let mut latch = Latch::new(at(1_000));
        latch.admit(at(2_000), 1, Moment::from_ms(0));
        assert!(latch.admit(at(1_000), 1, Moment::from_ms(20)));
        assert!((0..20).all(|seq| !latch.admit(at(2_000), seq, Moment::from_ms(40))));
    }

    #[test]
    fn a_reinvite_opens_the_latch_and_a_new_address_is_used_at_once() {
        let mut latch = Latch::new(at(1_000));
        latch.admit(at(2_000), 1, Moment::from_ms(0));
        latch.reopen(at(1_000), Moment::from_ms(9_000));
        assert_eq!(
            latch.destination(),
            Some(at(2_000)),
            "same address: keep what was learnt"
        );
        assert!(
            (0..5).any(|seq| latch.admit(at(5_000), seq, Moment::from_ms(9_100))),
            "but learn again"
        );
        latch.reopen(at(6_000), Moment::from_ms(9_200));
        assert_eq!(latch.destination(), Some(at(6_000)));
    }

    #[test]
    fn nothing_is_sent_to_no_address() {
        assert_eq!(
            Latch::new(SocketAddr::from(([0, 0, 0, 0], 4_000))).destination(),
            None
        );
        assert_eq!(Latch::new(at(0)).destination(), None);
    }
}
