//! Any datagrams on the ports of a call in a conference, at any moment: the mixer goes on, and nothing waits without bound.
#![no_main]

use std::net::SocketAddr;

use engine_fuzz::pieces::Pieces;
use mixer::bounds::BufferSize;
use mixer::codec::Codec;
use mixer::plan::{Hears, Plan, SeatOrder, Talks};
use mixer::stream::Stream;
use mixer::terms::{Flow, Format, Identity, Terms};
use mixer::{Change, ConferenceId, Fact, Limits, Mixer, Outlet, Spent, StreamId, WallClock};

/// Lets all that the mixer gives go, and looks at what it tells.
struct Nowhere;

impl Outlet for Nowhere {
    fn sound(&mut self, _: StreamId, _: SocketAddr, packet: &[u8]) -> bool {
        assert!(packet.len() <= 1_500);
        true
    }

    fn report(&mut self, _: StreamId, _: SocketAddr, _: &[u8]) {}

    fn fact(&mut self, fact: Fact) {
        if let Fact::Statistics { figures, .. } = fact {
            assert!(figures.depth_ms <= 2_000.0, "{figures:?}");
        }
    }

    fn spent(&mut self, _: Spent) -> Result<(), Spent> {
        Ok(())
    }
}

const CODECS: [(Codec, u8); 6] = [
    (Codec::Pcmu, 0),
    (Codec::Pcma, 8),
    (Codec::G722, 9),
    (Codec::L16Narrow, 98),
    (Codec::L16Wide, 97),
    (Codec::Opus, 96),
];

fn address(number: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 10_000 + 2 * number))
}

fn open(mixer: &mut Mixer, number: u16, (codec, payload_type): (Codec, u8)) {
    let id = StreamId(u32::from(number));
    let identity = Identity {
        ssrc: u32::from(number) + 1,
        seq: 0,
        timestamp: 0,
        cname: *b"0123456789abcdef",
    };
    let format = Format {
        digit_payload_type: Some(101),
        ..Format::plain(codec, payload_type)
    };
    let terms = Terms {
        format,
        remote: address(number),
        flow: Flow::SendReceive,
    };
    let stream = Box::new(Stream::new(id, terms, identity));
    let now = mixer.moment_of(0);
    mixer.carry_out(Change::Open(id, stream, 0), now, &mut Nowhere);
}

fn seat(number: u32) -> SeatOrder {
    SeatOrder {
        stream: StreamId(number),
        talks: Talks::Room,
        hears: Hears::Room,
        overlays: Vec::new(),
        buffer: BufferSize::default(),
    }
}

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((choice, rest)) = input.split_first() else {
        return;
    };
    let limits = Limits {
        streams: 2,
        conferences: 1,
        sources: 1,
        tick_ms: 5,
    };
    let mut mixer = Mixer::new(limits, WallClock::default());
    open(&mut mixer, 0, CODECS[usize::from(choice % 6)]);
    open(&mut mixer, 1, CODECS[0]);
    let plan = Box::new(Plan::new(&[seat(0), seat(1)], true));
    let now = mixer.moment_of(0);
    mixer.carry_out(Change::Apply(ConferenceId(0), plan, 0), now, &mut Nowhere);
    let mut tick = 0;
    for (choice, datagram) in Pieces::of(rest) {
        let now = mixer.moment_of(tick);
        let from = address(u16::from(choice & 0x20 != 0));
        if choice & 0x10 == 0 {
            mixer.receive(StreamId(0), from, datagram, now, &mut Nowhere);
        } else {
            mixer.receive_report(StreamId(0), from, datagram, now);
        }
        for _ in 0..choice % 8 {
            mixer.tick(tick, &mut Nowhere);
            tick += 1;
        }
    }
});
