//! Two doors, the one passive and the other active, agree; and no stranger's bytes break one.

use std::net::SocketAddr;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use hmac::{Hmac, Mac};
use is::stun::{StunMessageBuilder, TransId};
use proptest::prelude::*;
use sha1::Sha1;
use webrtc::{Agreed, Certificate, Door, Fingerprint, Leaving, Said, Terms};

const PASSWORD: &str = "a password of twenty-two";

fn at(port: u16) -> SocketAddr {
    ([192, 0, 2, 1], port).into()
}

fn terms(fingerprint: Option<Fingerprint>, active: bool) -> Terms {
    Terms {
        username: "ours".into(),
        password: PASSWORD.into(),
        fingerprint,
        active,
    }
}

/// A check by somebody who knows the password, and nominates.
fn check(priority: u32) -> Vec<u8> {
    checked_as("ours:theirs", priority, true)
}

fn checked_as(username: &str, priority: u32, nominates: bool) -> Vec<u8> {
    let hmac = |key: &[u8], parts: &[&[u8]]| -> [u8; 20] {
        let mut mac = Hmac::<Sha1>::new_from_slice(key).unwrap();
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    };
    let mut request = StunMessageBuilder::new()
        .binding()
        .request()
        .username(username)
        .prio(priority)
        .ice_controlling(1);
    if nominates {
        request = request.use_candidate();
    }
    let message = request.build(TransId::new());
    let mut bytes = vec![0; 512];
    let length = message
        .to_bytes(Some(PASSWORD.as_bytes()), &mut bytes, hmac)
        .unwrap();
    bytes.truncate(length);
    bytes
}

/// Carry packets between two doors until both are silent; gives the keys and the leavings each has told.
fn carry(doors: &mut [Door; 2], now: Instant) -> [(Vec<Agreed>, Vec<Leaving>); 2] {
    let mut told: [(Vec<Agreed>, Vec<Leaving>); 2] = Default::default();
    let mut silent = false;
    while !silent {
        silent = true;
        for side in 0..2 {
            while let Some(said) = doors[side].poll() {
                silent = false;
                match said {
                    Said::Packet(_, packet) => doors[1 - side].hear(at(side as u16 + 1), &packet, now),
                    Said::Keys(agreed) => told[side].0.push(agreed),
                    Said::Left(why) => told[side].1.push(why),
                    Said::Way(_) => {}
                }
            }
        }
    }
    told
}

/// Both know the way to each other, each expecting the certificate that it is told of.
fn met(expect: impl Fn(usize, &[Certificate; 2]) -> Fingerprint, now: Instant) -> [Door; 2] {
    let shown = [Certificate::make().unwrap(), Certificate::make().unwrap()];
    let mut doors =
        [0, 1].map(|side| Door::new(terms(Some(expect(side, &shown)), side == 1), &shown[side], now));
    for (side, door) in doors.iter_mut().enumerate() {
        door.hear(at(2 - side as u16), &check(1), now);
    }
    doors
}

#[test]
fn both_sides_come_to_the_same_keys() {
    let now = Instant::now();
    let mut doors = met(|side, shown| shown[1 - side].fingerprint(), now);
    let [(passive, left), (active, right)] = carry(&mut doors, now);
    assert!(left.is_empty() && right.is_empty());
    let (passive, active) = (&passive[0], &active[0]);
    assert_eq!(passive.suite, active.suite);
    assert_eq!(
        (&passive.send_key, &passive.receive_key),
        (&active.receive_key, &active.send_key)
    );
    assert_eq!(passive.send_key.len(), passive.suite.material_bytes());
    assert_ne!(passive.send_key, passive.receive_key);
    doors[1].close();
    let [(_, left), _] = carry(&mut doors, now);
    assert_eq!(left, [Leaving::Closed], "it hears the other say goodbye");
}

#[test]
fn nobody_gets_keys_with_another_certificate_than_signalling_told() {
    let now = Instant::now();
    let stranger = Certificate::make().unwrap().fingerprint();
    let mut doors = met(
        |side, shown| {
            if side == 0 {
                stranger
            } else {
                shown[0].fingerprint()
            }
        },
        now,
    );
    let [(keys, left), _] = carry(&mut doors, now);
    assert!(keys.is_empty());
    assert_eq!(left, [Leaving::Impostor]);
}

#[test]
fn who_has_left_is_sent_nothing_more() {
    let now = Instant::now();
    let mut doors = met(|side, shown| shown[1 - side].fingerprint(), now);
    // The active one has begun, and nobody answers it.
    assert!(std::iter::from_fn(|| doors[1].poll()).count() > 1);
    let late = now + Duration::from_secs(31);
    doors[1].pass(late);
    assert_eq!(
        std::iter::from_fn(|| doors[1].poll()).last(),
        Some(Said::Left(Leaving::NoConsent))
    );
    doors[1].change(
        terms(Some(Certificate::make().unwrap().fingerprint()), true),
        late,
    );
    doors[1].pass(late + Duration::from_secs(30));
    doors[1].close();
    assert_eq!((doors[1].poll(), doors[1].deadline()), (None, None));
}

#[test]
fn a_peer_that_comes_before_its_answer_waits_for_it() {
    let now = Instant::now();
    let shown = [Certificate::make().unwrap(), Certificate::make().unwrap()];
    let mut doors = [
        Door::new(terms(None, false), &shown[0], now),
        Door::new(terms(Some(shown[0].fingerprint()), true), &shown[1], now),
    ];
    doors[0].hear(at(2), &check(1), now);
    doors[1].hear(at(1), &check(1), now);
    let [(early, _), (theirs, _)] = carry(&mut doors, now);
    assert!(early.is_empty() && theirs.len() == 1);
    doors[0].change(terms(Some(shown[1].fingerprint()), false), now);
    let [(keys, _), _] = carry(&mut doors, now);
    assert_eq!(keys[0].send_key, theirs[0].receive_key);
}

#[test]
fn who_does_not_check_for_thirty_seconds_has_left() {
    let now = Instant::now();
    let shown = Certificate::make().unwrap();
    let mut door = Door::new(terms(Some(shown.fingerprint()), false), &shown, now);
    door.hear(at(1), &check(1), now + Duration::from_secs(20));
    while door.poll().is_some() {}
    for after in [31, 49] {
        door.pass(now + Duration::from_secs(after));
        assert_eq!(door.poll(), None, "{after} s");
    }
    assert_eq!(door.deadline(), Some(now + Duration::from_secs(50)));
    door.pass(now + Duration::from_secs(50));
    assert_eq!(door.poll(), Some(Said::Left(Leaving::NoConsent)));
    door.pass(now + Duration::from_secs(99));
    assert_eq!((door.poll(), door.deadline()), (None, None));
}

/// A door, and what it says of the way when somebody checks it: after so many seconds, from a port.
struct Ways(Door, Instant);

impl Ways {
    fn begin() -> Self {
        let (now, shown) = (Instant::now(), Certificate::make().unwrap());
        Self(
            Door::new(terms(Some(shown.fingerprint()), false), &shown, now),
            now,
        )
    }

    fn nominated(&mut self, after_s: u64, port: u16, priority: u32) -> Option<u16> {
        self.taken(after_s, port, &check(priority))
    }

    fn checked(&mut self, after_s: u64, port: u16) -> Option<u16> {
        self.taken(after_s, port, &checked_as("ours:theirs", 1, false))
    }

    fn taken(&mut self, after_s: u64, port: u16, packet: &[u8]) -> Option<u16> {
        self.0
            .hear(at(port), packet, self.1 + Duration::from_secs(after_s));
        let said = std::iter::from_fn(|| self.0.poll());
        let ways = said.filter_map(|said| match said {
            Said::Way(to) => Some(to.port()),
            _ => None,
        });
        ways.last()
    }
}

#[test]
fn of_ways_that_are_nominated_together_the_best_is_taken() {
    let mut door = Ways::begin();
    assert_eq!(door.nominated(0, 1, 10), Some(1));
    assert_eq!(door.nominated(1, 1, 10), None, "the same");
    assert_eq!(door.nominated(1, 2, 5), None, "a worse one");
    assert_eq!(door.nominated(2, 3, 20), Some(3), "a better one");
    assert_eq!(door.nominated(7, 2, 5), Some(2), "the best has gone silent");
}

#[test]
fn a_peer_that_has_chosen_another_way_is_followed_though_the_old_one_is_better_and_still_checked() {
    let mut door = Ways::begin();
    assert_eq!(door.nominated(0, 1, 20), Some(1));
    for after_s in [2, 4, 6] {
        assert_eq!(door.checked(after_s, 1), None);
    }
    assert_eq!(
        door.checked(6, 2),
        None,
        "a way that is only checked is not taken"
    );
    assert_eq!(door.nominated(7, 2, 5), Some(2));
    assert_eq!(door.checked(8, 1), None);
    assert_eq!(door.nominated(9, 2, 5), None, "there it stays");
}

#[test]
fn what_is_nominated_after_a_restart_is_taken_whatever_was_before() {
    let mut door = Ways::begin();
    assert_eq!(door.nominated(0, 1, 20), Some(1));
    let renamed = Terms {
        username: "anew".into(),
        ..terms(Some(Certificate::make().unwrap().fingerprint()), false)
    };
    door.0.change(renamed, door.1 + Duration::from_secs(1));
    assert_eq!(door.nominated(1, 2, 30), None, "by the old name");
    assert_eq!(
        door.taken(1, 2, &checked_as("anew:theirs", 5, true)),
        Some(2),
        "by the new one"
    );
}

static SHOWN: LazyLock<Certificate> = LazyLock::new(|| Certificate::make().unwrap());

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_bytes_break_a_door(packets in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 1..8), first in 0_u8..64) {
        let now = Instant::now();
        let mut door = Door::new(terms(Some(SHOWN.fingerprint()), false), &SHOWN, now);
        door.hear(at(1), &check(1), now);
        for (at_ms, mut packet) in packets.into_iter().enumerate() {
            if let Some(byte) = packet.first_mut() {
                *byte = first;
            }
            door.hear(at(1), &packet, now + Duration::from_millis(at_ms as u64));
        }
        while door.poll().is_some() {}
    }

    #[test]
    fn no_damaged_check_breaks_a_door_or_is_believed(at_byte in 0_usize..60, change in 1_u8..=255) {
        let now = Instant::now();
        let mut door = Door::new(terms(Some(SHOWN.fingerprint()), false), &SHOWN, now);
        let mut packet = check(1);
        let at_byte = at_byte % packet.len();
        packet[at_byte] ^= change;
        door.hear(at(1), &packet, now);
        prop_assert_eq!(door.poll(), None);
    }
}
