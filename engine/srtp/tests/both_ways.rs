//! What one side seals the other opens, once; what was changed, or sealed otherwise, nobody hears.

use proptest::prelude::*;
use srtp::{Opener, Refused, Sealer, Suite, ROOM};

const SUITES: [Suite; 4] = [Suite::AesCm80, Suite::AesCm32, Suite::Gcm128, Suite::Gcm256];

fn material(suite: Suite, seed: u8) -> Vec<u8> {
    (0..suite.material_bytes())
        .map(|at| (at as u8).wrapping_mul(7) ^ seed)
        .collect()
}

fn rtp(seq: u16, ssrc: u32, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x80, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0];
    packet[2..4].copy_from_slice(&seq.to_be_bytes());
    packet[8..12].copy_from_slice(&ssrc.to_be_bytes());
    packet.extend_from_slice(payload);
    packet
}

fn sealed(sealer: &mut Sealer, packet: &[u8]) -> Vec<u8> {
    let mut buffer = packet.to_vec();
    buffer.resize(packet.len() + ROOM, 0);
    let length = sealer.rtp(&mut buffer, packet.len()).expect("it can be sealed");
    buffer.truncate(length);
    buffer
}

fn reported(sealer: &mut Sealer, packet: &[u8]) -> Vec<u8> {
    let mut buffer = packet.to_vec();
    buffer.resize(packet.len() + ROOM, 0);
    let length = sealer.rtcp(&mut buffer, packet.len()).expect("it can be sealed");
    buffer.truncate(length);
    buffer
}

fn opened(opener: &mut Opener, packet: &[u8]) -> Result<Vec<u8>, Refused> {
    let mut packet = packet.to_vec();
    let length = opener.rtp(&mut packet)?;
    packet.truncate(length);
    Ok(packet)
}

fn pair(suite: Suite) -> (Sealer, Opener) {
    let material = material(suite, 1);
    (
        Sealer::new(suite, &material).unwrap(),
        Opener::new(suite, &material).unwrap(),
    )
}

#[test]
fn who_is_first_heard_after_a_wrap_of_their_numbers_is_heard() {
    for suite in SUITES {
        let (mut sealer, mut opener) = pair(suite);
        for n in 0..100_u16 {
            let packet = rtp(0xFFF0_u16.wrapping_add(n), 5, &n.to_be_bytes());
            let sent = sealed(&mut sealer, &packet);
            // All before the wrap are lost, and the first ones after it.
            if n > 20 {
                assert_eq!(opened(&mut opener, &sent), Ok(packet), "{suite:?} {n}");
                assert_eq!(
                    opened(&mut opener, &sent),
                    Err(Refused::Replayed),
                    "{suite:?} {n}"
                );
            }
        }
    }
}

#[test]
fn a_long_call_is_heard_through_every_wrap_of_its_numbers() {
    for suite in SUITES {
        let (mut sealer, mut opener) = pair(suite);
        let mut seq = 0xFF00_u16;
        for n in 0..200_000_u32 {
            let packet = rtp(seq, 5, &n.to_be_bytes());
            let sent = sealed(&mut sealer, &packet);
            // One in ten is lost.
            if n % 10 != 3 {
                assert_eq!(opened(&mut opener, &sent), Ok(packet), "{suite:?} {n}");
            }
            seq = seq.wrapping_add(1);
        }
    }
}

#[test]
fn a_packet_is_heard_once_whatever_the_order() {
    for suite in SUITES {
        let (mut sealer, mut opener) = pair(suite);
        let sent: Vec<_> = (0..100)
            .map(|n| sealed(&mut sealer, &rtp(65_500_u16.wrapping_add(n), 5, b"voice")))
            .collect();
        for at in [3, 0, 1, 2, 50, 49, 99] {
            assert!(opened(&mut opener, &sent[at]).is_ok());
            assert_eq!(opened(&mut opener, &sent[at]), Err(Refused::Replayed));
        }
    }
}

#[test]
fn another_key_and_plain_sound_are_refused() {
    for suite in SUITES {
        let (mut sealer, _) = pair(suite);
        let mut other = Opener::new(suite, &material(suite, 2)).unwrap();
        let packet = rtp(7, 5, &[1; 160]);
        assert_eq!(opened(&mut other, &packet), Err(Refused::Forged));
        assert_eq!(
            opened(&mut other, &sealed(&mut sealer, &packet)),
            Err(Refused::Forged)
        );
        assert!(other.rtcp(&mut [0x80, 200, 0, 1, 0, 0, 0, 5]).is_err());
    }
}

#[test]
fn reports_are_opened_once_and_count_for_themselves() {
    for suite in SUITES {
        let (mut sealer, mut opener) = pair(suite);
        let report = [0x80, 201, 0, 2, 0, 0, 0, 5, 1, 2, 3, 4];
        for _ in 0..3 {
            let mut sent = reported(&mut sealer, &report);
            assert_ne!(sent[8..12], report[8..12]);
            let again = sent.clone();
            let length = opener.rtcp(&mut sent).unwrap();
            assert_eq!(sent[..length], report);
            assert_eq!(opener.rtcp(&mut again.clone()), Err(Refused::Replayed));
            let mut plain = again;
            let last = plain.len() - 1;
            let word = if matches!(suite, Suite::AesCm80 | Suite::AesCm32) {
                last - 13
            } else {
                last - 3
            };
            plain[word] &= 0x7F;
            assert_eq!(opener.rtcp(&mut plain), Err(Refused::Malformed));
        }
        assert!(opened(&mut opener, &sealed(&mut sealer, &rtp(1, 5, b"voice"))).is_ok());
    }
}

#[test]
fn a_peer_may_change_its_source_and_come_back() {
    let (mut sealer, mut opener) = pair(Suite::AesCm80);
    let first = sealed(&mut sealer, &rtp(60_000, 5, b"voice"));
    assert!(opened(&mut opener, &first).is_ok());
    let (mut another, _) = pair(Suite::AesCm80);
    assert!(opened(&mut opener, &sealed(&mut another, &rtp(3, 6, b"voice"))).is_ok());
    assert_eq!(opened(&mut opener, &first), Err(Refused::Replayed));
    assert!(opened(&mut opener, &sealed(&mut sealer, &rtp(60_001, 5, b"voice"))).is_ok());
}

#[test]
fn after_a_change_of_keys_either_way_of_counting_is_understood() {
    for counts_on in [true, false] {
        let (mut sealer, mut opener) = pair(Suite::AesCm80);
        for seq in [0xFFFF, 0, 1] {
            assert!(opened(&mut opener, &sealed(&mut sealer, &rtp(seq, 5, b"voice"))).is_ok());
        }
        let fresh = material(Suite::AesCm80, 9);
        let mut next = Opener::new(Suite::AesCm80, &fresh).unwrap();
        next.succeed(&opener);
        let mut successor = Sealer::new(Suite::AesCm80, &fresh).unwrap();
        if counts_on {
            for seq in [0x7000, 0xE000, 0xFFFF] {
                sealed(&mut successor, &rtp(seq, 5, b"unsent"));
            }
        }
        for seq in 2..200 {
            assert!(opened(&mut next, &sealed(&mut successor, &rtp(seq, 5, b"voice"))).is_ok());
        }
    }
}

#[test]
fn no_number_is_sealed_twice() {
    let (mut sealer, _) = pair(Suite::Gcm128);
    let packet = rtp(7, 5, b"voice");
    let mut buffer = packet.clone();
    buffer.resize(packet.len() + ROOM, 0);
    assert!(sealer.rtp(&mut buffer, packet.len()).is_some());
    let mut again = packet.clone();
    again.resize(packet.len() + ROOM, 0);
    assert_eq!(sealer.rtp(&mut again, packet.len()), None);
    assert_eq!(
        sealer.rtp(&mut packet.clone(), packet.len()),
        None,
        "there is no room"
    );
}

#[test]
fn keys_are_not_shown() {
    let (sealer, opener) = pair(Suite::AesCm80);
    assert_eq!(format!("{sealer:?} {opener:?}"), "Sealer { .. } Opener { .. }");
}

proptest! {
    #[test]
    fn any_change_of_a_packet_is_noticed(
        suite in proptest::sample::select(&SUITES[..]),
        payload in proptest::collection::vec(any::<u8>(), 0..200),
        at: prop::sample::Index,
        bit in 0_u8..8,
    ) {
        let (mut sealer, mut opener) = pair(suite);
        let mut sent = sealed(&mut sealer, &rtp(9, 5, &payload));
        let at = at.index(sent.len());
        sent[at] ^= 1 << bit;
        // A four-byte tag is found by chance once in four thousand million.
        prop_assert!(opened(&mut opener, &sent).is_err());
    }

    #[test]
    fn any_bytes_are_refused_and_never_panic(
        suite in proptest::sample::select(&SUITES[..]),
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        let (_, mut opener) = pair(suite);
        prop_assert!(opened(&mut opener, &bytes).is_err());
        prop_assert!(opener.rtcp(&mut bytes.clone()).is_err());
        let (mut sealer, _) = pair(suite);
        let mut buffer = bytes.clone();
        buffer.resize(bytes.len() + ROOM, 0);
        let _ = sealer.rtp(&mut buffer, bytes.len());
        let _ = sealer.rtcp(&mut buffer, bytes.len());
    }
}
