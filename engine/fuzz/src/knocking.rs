//! A browser's door, a browser that comes to it, and strangers; and what must hold of them whatever is said.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use webrtc::{Agreed, Certificate, Door, Said, Terms, Visitor};

/// Where the browser is.
pub const BROWSER: u16 = 1;

static CERTIFICATES: LazyLock<[Certificate; 3]> =
    LazyLock::new(|| [0; 3].map(|_| Certificate::make().expect("the dice roll")));

/// One of some addresses where the browser is not.
pub fn stranger(choice: u8) -> u16 {
    2 + u16::from(choice) / 16
}

fn at(port: u16) -> SocketAddr {
    ([192, 0, 2, 1], port).into()
}

/// One door and who is around it.
pub struct Scene {
    door: Door,
    browser: Visitor,
    terms: Terms,
    now: Instant,
    /// From where somebody has come who knows the password.
    proved: HashSet<SocketAddr>,
    latest: Vec<u8>,
    /// What the door and the browser took for agreed, the latest.
    agreed: [Option<Agreed>; 2],
    /// Nothing was damaged, and signalling told what is so: both must have come to the same keys.
    is_honest: bool,
    has_left: bool,
}

impl Scene {
    /// A door as the bits of a choice have it: whether it speaks first, and whether signalling has told of the browser, and truly.
    pub fn begin(choice: u8) -> Self {
        let [ours, theirs, other] = &*CERTIFICATES;
        let terms = |active, fingerprint| Terms {
            username: "ours".into(),
            // Another in each run, so that nothing that is kept knows it.
            password: ours.fingerprint().to_string(),
            fingerprint,
            active,
        };
        let told = [
            None,
            Some(other.fingerprint()),
            Some(theirs.fingerprint()),
            Some(theirs.fingerprint()),
        ];
        let told = told[usize::from(choice >> 1) % told.len()];
        let (now, terms_of_door) = (Instant::now(), terms(choice & 1 != 0, told));
        Self {
            door: Door::new(terms_of_door.clone(), ours, now),
            browser: Visitor::new(at(0), terms(true, Some(ours.fingerprint())), theirs, now),
            terms: terms_of_door,
            now,
            proved: HashSet::new(),
            latest: Vec::new(),
            agreed: [None, None],
            is_honest: true,
            has_left: false,
        }
    }

    /// Somebody sends these bytes, who does not know the password.
    pub fn knock(&mut self, from: u16, packet: &[u8]) {
        // From where the browser has come, a stranger's bytes are heard as its own.
        self.is_honest &= !self.proved.contains(&at(from));
        self.hear(at(from), packet);
    }

    /// The browser's next packet comes through.
    pub fn carry(&mut self) {
        if let Some(packet) = self.next_of_browser() {
            self.come(BROWSER, &packet);
        }
    }

    /// The same packet comes once more, from elsewhere.
    pub fn repeat(&mut self, from: u16) {
        let packet = self.latest.clone();
        self.is_honest = false;
        self.come(from, &packet);
    }

    /// The browser's next packet is lost.
    pub fn lose(&mut self) {
        drop(self.next_of_browser());
    }

    /// The browser's next packet comes with some bits turned.
    pub fn carry_damaged(&mut self, turned: &[u8]) {
        let Some(mut packet) = self.next_of_browser() else {
            return;
        };
        for (byte, bits) in packet.iter_mut().zip(turned) {
            *byte ^= bits;
        }
        self.is_honest = false;
        if packet == self.latest {
            return self.come(BROWSER, &packet);
        }
        self.hear(at(BROWSER), &packet);
    }

    /// Time passes: 10 ms for each byte; with bytes that are all 255, a second.
    pub fn pass(&mut self, lasting: &[u8]) {
        let each_ms = if lasting.iter().all(|byte| *byte == 255) {
            1_000
        } else {
            10
        };
        self.now += Duration::from_millis(lasting.len() as u64 * each_ms);
        self.door.pass(self.now);
        self.browser.pass(self.now);
        self.listen(0);
        if let Some(due) = self.door.deadline() {
            assert!(due > self.now, "what is due is done when time passes");
        }
    }

    /// Signalling tells something else.
    pub fn change(&mut self, choice: u8) {
        let [_, theirs, other] = &*CERTIFICATES;
        match choice % 4 {
            0 => self.terms.username = "anew".into(),
            1 => self.terms.active = choice & 4 != 0,
            2 => self.terms.fingerprint = Some(theirs.fingerprint()),
            _ => self.terms.fingerprint = Some(other.fingerprint()),
        }
        self.is_honest = false;
        self.door.change(self.terms.clone(), self.now);
        self.listen(0);
    }

    /// The call is over.
    pub fn close(&mut self) {
        self.door.close();
        self.listen(0);
        self.has_left = true;
    }

    fn next_of_browser(&mut self) -> Option<Vec<u8>> {
        self.browser.pass(self.now);
        while let Some(said) = self.browser.poll() {
            match said {
                Said::Packet(_, packet) => {
                    self.latest.clone_from(&packet);
                    return Some(packet);
                }
                Said::Keys(agreed) => self.agree(1, agreed),
                Said::Way(_) | Said::Left(_) => {}
            }
        }
        None
    }

    /// A packet of the browser's comes as it was sent.
    fn come(&mut self, from: u16, packet: &[u8]) {
        let is_check = matches!(packet.first(), Some(0..=3));
        if is_check && self.terms.username == "ours" {
            self.proved.insert(at(from));
        }
        self.hear(at(from), packet);
    }

    fn hear(&mut self, from: SocketAddr, packet: &[u8]) {
        self.door.hear(from, packet, self.now);
        self.listen(packet.len());
    }

    /// Hear what the door says to a packet of so many bytes.
    fn listen(&mut self, asked_bytes: usize) {
        while let Some(said) = self.door.poll() {
            assert!(!self.has_left, "nothing follows: {said:?}");
            match said {
                Said::Packet(to, packet) => {
                    assert!(self.proved.contains(&to), "a stranger is answered");
                    let is_answer = matches!(packet[0], 0..=3);
                    assert!(!is_answer || packet.len() < 3 * asked_bytes);
                    self.browser.hear(&packet, self.now);
                }
                Said::Way(to) => assert!(self.proved.contains(&to), "sound goes to a stranger"),
                Said::Keys(agreed) => {
                    let [_, theirs, _] = &*CERTIFICATES;
                    assert_eq!(self.terms.fingerprint, Some(theirs.fingerprint()));
                    self.agree(0, agreed);
                }
                Said::Left(_) => self.has_left = true,
            }
        }
    }

    fn agree(&mut self, side: usize, agreed: Agreed) {
        assert_eq!(agreed.send_key.len(), agreed.suite.material_bytes());
        self.agreed[side] = Some(agreed);
        if let ([Some(ours), Some(theirs)], true) = (&self.agreed, self.is_honest) {
            assert_eq!(
                (ours.suite, &ours.send_key, &ours.receive_key),
                (theirs.suite, &theirs.receive_key, &theirs.send_key)
            );
        }
    }
}
