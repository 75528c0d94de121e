//! Whether a stream's socket is tied to its peer: connected, so that the kernel need not find the way for each packet.
//!
//! A socket is tied when nothing but one peer has been heard for longer than the mixer's latch learns, and we send to
//! that peer: from then on the latch would refuse all others anyway. It is let go when the peer falls silent (it may
//! have moved), when the network says that nobody is there, when signalling speaks, and for one serving now and then:
//! strangers are to be counted, and to a tied socket the kernel gives none. As long as a few come it stays loose. A
//! flood is counted by such samples only: tied, it cannot push the peer's own packets out.

use std::net::SocketAddr;

/// Servings in a row in which one peer alone was heard, before its socket is tied: 3.2 s. The latch learns for three.
const STEADY: u16 = 160;

/// Servings without a packet of the peer after which it is let go: 200 ms.
const IDLE: u8 = 10;

/// Servings after which it is let go to look for strangers.
const LOOK_EVERY: u16 = 256;

/// More packets of strangers in one serving are a flood.
const FEW: u8 = 4;

/// What is to be done with the socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Knot {
    Leave,
    Tie(SocketAddr),
    Untie,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Loose,
    Tied,
    /// Let go for one serving.
    Looking,
}

/// The state of one socket.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tie {
    state: State,
    /// Who was heard last, and is heard alone while the socket is tied.
    peer: Option<SocketAddr>,
    /// Where we sent last.
    to: Option<SocketAddr>,
    heard: bool,
    strangers: u8,
    steady: u16,
    /// While it was tied, since the last look.
    servings: u16,
    idle: u8,
}

impl Tie {
    /// Begin at some point between two looks, so that not all sockets look at once.
    pub fn beginning_at(point: u32) -> Self {
        Self {
            servings: (point % u32::from(LOOK_EVERY)) as u16,
            ..Self::default()
        }
    }

    /// Whether the socket is tied.
    pub fn is_tied(&self) -> bool {
        self.state == State::Tied
    }

    /// Whether it was let go to see who else comes: then all that is there should be read.
    pub fn is_looking(&self) -> bool {
        self.state == State::Looking
    }

    /// Note where a packet came from. What the kernel held before the socket was tied may be a stranger's.
    pub fn hear(&mut self, from: SocketAddr) {
        if self.peer == Some(from) {
            self.heard = true;
        } else if self.state == State::Loose {
            (self.peer, self.steady, self.heard) = (Some(from), 0, true);
        } else {
            self.strangers = self.strangers.saturating_add(1);
        }
    }

    /// Note where a packet goes; says whether a tied socket must be let go first.
    pub fn send(&mut self, to: SocketAddr) -> bool {
        self.to = Some(to);
        self.is_tied() && self.peer != self.to
    }

    /// Where a packet went last.
    pub fn sent_to(&self) -> Option<SocketAddr> {
        self.to
    }

    /// A serving is over: say what is to be done.
    pub fn serve(&mut self) -> Knot {
        let heard = std::mem::take(&mut self.heard);
        self.steady = self.steady.saturating_add(u16::from(heard));
        self.idle = if heard { 0 } else { self.idle.saturating_add(1) };
        match (self.state, self.peer) {
            (State::Loose, Some(peer)) if heard && self.steady >= STEADY && self.to == self.peer => {
                self.tie(peer)
            }
            (State::Looking, Some(peer)) if !(1..=FEW).contains(&self.strangers) => self.tie(peer),
            (State::Tied, _) => self.watch(),
            (State::Looking, _) => {
                self.loosen();
                Knot::Leave
            }
            (State::Loose, _) => Knot::Leave,
        }
    }

    fn tie(&mut self, peer: SocketAddr) -> Knot {
        self.state = State::Tied;
        Knot::Tie(peer)
    }

    fn watch(&mut self) -> Knot {
        self.servings += 1;
        if self.idle >= IDLE {
            self.loosen();
            return Knot::Untie;
        }
        if self.servings >= LOOK_EVERY {
            (self.servings, self.strangers, self.state) = (0, 0, State::Looking);
            return Knot::Untie;
        }
        Knot::Leave
    }

    /// The socket was let go: everything is to be learnt anew.
    pub fn loosen(&mut self) {
        (self.state, self.steady) = (State::Loose, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(port: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], port))
    }

    /// So many servings with a packet from there; gives the knots.
    fn serve(tie: &mut Tie, from: SocketAddr, servings: usize) -> Vec<Knot> {
        let one = |_| {
            tie.send(at(1));
            tie.hear(from);
            tie.serve()
        };
        (0..servings).map(one).collect()
    }

    /// Tied, and looking since just now.
    fn looking() -> Tie {
        let mut tie = Tie::default();
        let knots = serve(&mut tie, at(1), 160 + 256);
        assert_eq!((knots[159], knots[415]), (Knot::Tie(at(1)), Knot::Untie));
        tie
    }

    #[test]
    fn a_steady_peer_to_whom_we_send_is_tied_when_the_latch_has_learnt() {
        let mut tie = Tie::default();
        let knots = serve(&mut tie, at(1), 160);
        assert!(knots[..159].iter().all(|knot| *knot == Knot::Leave));
        assert!(knots[159] == Knot::Tie(at(1)) && tie.is_tied());
        let elsewhere = serve(&mut Tie::default(), at(2), 1_000);
        assert!(
            elsewhere.iter().all(|knot| *knot == Knot::Leave),
            "we send to another"
        );
    }

    #[test]
    fn it_looks_for_strangers_and_stays_loose_while_a_few_come() {
        let mut tie = looking();
        assert_eq!(
            serve(&mut tie, at(1), 1),
            [Knot::Tie(at(1))],
            "nobody else was there"
        );
        let mut tie = looking();
        tie.hear(at(7));
        assert!(serve(&mut tie, at(1), 159)
            .iter()
            .all(|knot| *knot == Knot::Leave));
        assert!(!tie.is_tied());
    }

    #[test]
    fn a_flood_does_not_keep_it_loose_and_what_is_left_of_it_is_not_taken_for_the_peer() {
        let mut tie = looking();
        (0..9).for_each(|_| tie.hear(at(7)));
        assert_eq!(tie.serve(), Knot::Tie(at(1)));
        tie.hear(at(7));
        assert_eq!((tie.serve(), tie.peer), (Knot::Leave, Some(at(1))));
    }

    #[test]
    fn it_is_let_go_when_the_peer_is_silent_and_when_we_send_elsewhere() {
        let mut tie = Tie::default();
        serve(&mut tie, at(1), 161);
        assert!(!tie.send(at(1)) && tie.send(at(3)));
        let silent: Vec<_> = (0..10).map(|_| tie.serve()).collect();
        assert_eq!((silent[8], silent[9]), (Knot::Leave, Knot::Untie));
        assert!(!tie.is_tied());
        assert!(serve(&mut tie, at(1), 100)
            .iter()
            .all(|knot| *knot == Knot::Leave));
    }
}
