//! Whatever bytes and lengths come, no decoder harms anything, and afterwards it still decodes.

use codecs::codec::ALL;
use codecs::opus::Joiner;
use codecs::{Codec, Coding, Decoder, Encoder, Unreadable, LONGEST_FRAME_MS, LONGEST_PAYLOAD};
use proptest::prelude::*;

fn codecs() -> impl Strategy<Value = (Codec, u32)> {
    let all = ALL
        .into_iter()
        .flat_map(|codec| codec.rates_hz().iter().map(move |rate_hz| (codec, *rate_hz)));
    prop::sample::select(all.collect::<Vec<_>>())
}

/// Bytes that nobody coded, and packets that somebody did and somebody else spoilt.
fn payloads() -> impl Strategy<Value = Vec<u8>> {
    let spoilt =
        (0_u8..=255, 1_usize..300, 0_usize..300, 0_u8..=255).prop_map(|(toc, length, place, value)| {
            let mut packet: Vec<u8> = (0..length).map(|at| (at * 37) as u8).collect();
            packet[0] = toc;
            packet[place % length] = value;
            packet
        });
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..300),
        prop::collection::vec(any::<u8>(), 0..3_000),
        spoilt
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rubbish_gives_some_sound_or_is_refused_and_sound_is_decoded_after_it(
        (codec, rate_hz) in codecs(),
        packets in prop::collection::vec((payloads(), 0_u8..4), 1..8),
        room in 0_usize..3_000,
    ) {
        let mut decoder = Decoder::new(codec, rate_hz).unwrap();
        let mut samples = vec![0; room];
        for (payload, how) in &packets {
            let tenths = room - room % (rate_hz as usize / 100);
            match how {
                0 => { decoder.conceal(&mut samples[..tenths]); }
                1 => { decoder.recover(payload, &mut samples[..tenths]); }
                _ => if let Ok(count) = decoder.decode(payload, &mut samples) {
                    prop_assert!(count <= room);
                    prop_assert!(count <= (rate_hz * LONGEST_FRAME_MS / 1_000) as usize);
                },
            }
        }
        let (mut good, frame) = ([0; LONGEST_PAYLOAD], rate_hz as usize / 50);
        let bytes = Encoder::new(Coding::plain(codec, rate_hz)).unwrap().encode(&vec![0; frame], &mut good);
        prop_assert_eq!(decoder.decode(&good[..bytes], &mut vec![0; frame * 3]), Ok(frame));
    }

    #[test]
    fn an_encoder_takes_any_number_of_samples_and_any_room((codec, rate_hz) in codecs(), count in 0_usize..4_000, room in 0_usize..3_000) {
        let mut encoder = Encoder::new(Coding::plain(codec, rate_hz)).unwrap();
        prop_assert!(encoder.encode(&vec![1_000; count], &mut vec![0; room]) <= room);
    }

    #[test]
    fn rubbish_is_joined_to_a_packet_or_not_at_all(packets in prop::collection::vec(payloads(), 0..8), room in 0_usize..3_000) {
        let borrowed: Vec<&[u8]> = packets.iter().map(Vec::as_slice).collect();
        prop_assert!(Joiner::default().join(&borrowed, &mut vec![0; room]) <= room);
    }
}

#[test]
fn absurd_lengths_are_refused() {
    for (codec, payload) in [
        (Codec::Pcmu, &[0; 481][..]),
        (Codec::G722, &[0; 481]),
        (Codec::L16Narrow, &[0; 962]),
        (Codec::L16Narrow, &[0; 321]),
        (Codec::L16Wide, &[0; 1_922]),
        // 48 frames of 2.5 ms, 6 of 20 ms, a count of none, a count that is missing.
        (Codec::Opus, &[0x80 | 3, 48, 0, 0]),
        (Codec::Opus, &[0x98 | 3, 6, 0, 0]),
        (Codec::Opus, &[0x98 | 3, 0]),
        (Codec::Opus, &[0x98 | 3]),
    ] {
        let mut decoder = Decoder::new(codec, codec.rates_hz()[0]).unwrap();
        assert_eq!(
            decoder.decode(payload, &mut [0; 6_000]),
            Err(Unreadable),
            "{codec:?}"
        );
    }
    for codec in ALL {
        let mut decoder = Decoder::new(codec, codec.rates_hz()[0]).unwrap();
        assert_eq!(decoder.decode(&[], &mut [0; 6_000]), Err(Unreadable), "{codec:?}");
    }
}
