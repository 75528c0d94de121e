//! Whatever comes from the network, nothing panics, memory stays bounded, and the conversation goes on.

use crate::world::{Voice, World, ROOM};
use mixer::StreamId;
use proptest::prelude::*;

/// Bytes that are close to RTP: the first byte and the type are often right, the rest is anything.
fn almost_rtp() -> impl Strategy<Value = Vec<u8>> {
    let first = prop_oneof![Just(0x80_u8), Just(0x90), Just(0xA0), any::<u8>()];
    let kind = prop_oneof![Just(0_u8), Just(0x80), Just(101), Just(8), any::<u8>()];
    (first, kind, proptest::collection::vec(any::<u8>(), 0..600)).prop_map(|(first, kind, mut rest)| {
        let mut bytes = vec![first, kind];
        bytes.append(&mut rest);
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn garbage_between_two_who_talk_does_not_stop_them(
        datagrams in proptest::collection::vec((almost_rtp(), 0_u64..8), 0..200)
    ) {
        let mut world = World::default();
        world.phone(Voice::Tone(500.0));
        world.phone(Voice::Tone(800.0));
        let seats = world.all_in_room();
        world.apply(ROOM, &seats);
        world.run_ms(500);
        let stranger = std::net::SocketAddr::from(([127, 0, 0, 9], 1_234));
        for (bytes, ticks) in &datagrams {
            let from = if ticks % 2 == 0 { stranger } else { world.phones[0].address };
            world.feed(0, from, bytes);
            let now = world.now();
            world.mixer.receive_report(StreamId(0), from, bytes, now);
            world.run_ms(5 * ticks);
        }
        world.run_ms(4_000);
        prop_assert!(world.phones[0].hears(800.0), "the other side never noticed");
        prop_assert!(world.phones[1].hears(500.0), "and whoever was attacked is heard again");
    }

    #[test]
    fn any_order_of_sequence_numbers_and_timestamps_is_survived(
        packets in proptest::collection::vec((any::<u16>(), any::<u32>(), 0_usize..600, 0_u64..30), 1..300)
    ) {
        let mut world = World::default();
        world.phone(Voice::Nothing);
        world.phone(Voice::Silence);
        let seats = world.all_in_room();
        world.apply(ROOM, &seats);
        for (seq, timestamp, bytes, ms) in packets {
            let payload = vec![0x55; bytes];
            let packet = mixer::rtp::Packet { marker: false, payload_type: 0, seq, timestamp, ssrc: 3, payload: &payload };
            let from = world.phones[0].address;
            world.feed(0, from, &crate::world::datagram(&packet));
            world.run_ms(ms);
        }
        world.phones[0].voice = Voice::Tone(500.0);
        world.run_ms(3_000);
        prop_assert!(world.phones[1].hears(500.0));
        let figures = world.close(0);
        prop_assert!(figures.depth_ms <= 400.0, "{}", figures.depth_ms);
    }
}
