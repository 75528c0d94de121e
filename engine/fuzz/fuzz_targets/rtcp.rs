//! Any bytes as RTCP: read as a compound, and as a report to a stream, which then writes one of its own that can be read.
#![no_main]

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use engine_fuzz::pieces::Pieces;
use mixer::reception::Reception;
use mixer::reports::{Context, Reports};
use mixer::rtcp::{self, LONGEST_BYTES};
use mixer::sender::Sender;
use mixer::terms::Identity;
use mixer::{Moment, WallClock};

const OURS: u32 = 0x0A0A_0A0A;
const HOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let cname = *b"0123456789abcdef";
    let mut reports = Reports::new(cname, OURS);
    let mut reception = Reception::default();
    let identity = Identity {
        ssrc: OURS,
        seq: 0,
        timestamp: 0,
        cname,
    };
    let sender = Sender::new(&identity);
    let mut now = Moment::from_ms(0);
    for (choice, datagram) in Pieces::of(input) {
        now = now.plus_ms(u64::from(choice) * 100);
        if choice % 2 == 1 {
            reception.count(u32::from(choice), datagram.len() as u16);
        }
        let context = Context {
            ours: OURS,
            arrived: now,
            clock: WallClock::default(),
        };
        reports.hear(SocketAddr::new(HOST, 5_005), Some(HOST), datagram, context);
        let mut out = [0; LONGEST_BYTES];
        let clock = WallClock::default();
        let length = reports.write((&sender, &mut reception), (now, clock), choice % 3 == 0, &mut out);
        rtcp::parse(&out[..length], OURS).expect("what we write can be read");
    }
});
