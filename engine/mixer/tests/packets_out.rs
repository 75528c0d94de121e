//! The packets that leave: one sequence, one source, one timeline, whatever happens to what they carry.

use crate::world::{format, tone, Phone, Voice, World, ROOM};
use mixer::codec::Codec;
use mixer::plan::{Hears, Talks};
use mixer::rtcp;
use mixer::terms::{Flow, Terms};
use mixer::{Change, ConferenceId, SourceId, StreamId};

/// Sequence goes up by one; timestamps by what each packet holds.
fn assert_continuous(phone: &Phone) {
    for pair in phone.got.windows(2) {
        assert_eq!(pair[1].seq, pair[0].seq.wrapping_add(1), "at {} ms", pair[1].ms);
        let step = pair[1].timestamp.wrapping_sub(pair[0].timestamp);
        assert_eq!(step, pair[0].payload.len() as u32, "at {} ms", pair[1].ms);
        assert_eq!(pair[1].ssrc, pair[0].ssrc);
    }
}

/// How far each packet leaves from its place on the timeline, in ms: smallest and largest.
fn off_time(phone: &Phone) -> (i64, i64) {
    let first = &phone.got[0];
    let off = phone.got.iter().map(|got| {
        let media_ms = got.timestamp.wrapping_sub(first.timestamp) as i64 / 8;
        (got.ms - first.ms) as i64 - media_ms
    });
    let all: Vec<i64> = off.collect();
    (*all.iter().min().unwrap(), *all.iter().max().unwrap())
}

#[test]
fn every_stream_is_sent_twenty_ms_every_twenty_ms_seated_or_not() {
    let mut world = World::default();
    for voice in [Voice::Tone(400.0), Voice::Silence, Voice::Nothing] {
        world.phone(voice);
    }
    let seats = world.all_in_room();
    world.apply(ROOM, &seats[..2]);
    world.run_ms(2_000);
    for phone in &world.phones {
        assert_eq!(phone.got.len(), 100);
        assert!(phone.got.iter().all(|got| got.payload.len() == 160));
        assert_continuous(phone);
        assert_eq!(off_time(phone), (0, 0));
    }
    assert!(world.phones[2].loudest() <= 8, "who is in no plan gets silence");
}

#[test]
fn the_timeline_holds_through_plans_sources_moves_and_drops() {
    let mut world = World::default();
    for hz in [300.0, 500.0, 800.0] {
        world.phone(Voice::Tone(hz));
    }
    world.start(SourceId(1), tone(2_000.0));
    let mut seats = world.all_in_room();
    for turn in 0..60_u32 {
        (seats[0].talks, seats[0].hears) = match turn % 3 {
            0 => (Talks::Nobody, Hears::Source(SourceId(1))),
            1 => (Talks::To(StreamId(1)), Hears::Room),
            _ => (Talks::Room, Hears::Nothing),
        };
        // Each conference is served in another round than the one before.
        world.apply(ConferenceId(turn % 4), &seats);
        world.run_ms(45);
        if turn % 5 == 0 {
            world.change(Change::Drop(ConferenceId(turn % 4)));
            world.run_ms(35);
        }
    }
    for phone in &world.phones {
        assert_continuous(phone);
        let (early, late) = off_time(phone);
        assert!(early >= -20 && late <= 20, "{early} to {late} ms off");
        assert!(phone.got.iter().skip(1).all(|got| !got.marker));
    }
}

#[test]
fn after_a_stall_the_timeline_jumps_to_the_present_without_a_burst() {
    let mut world = World::default();
    world.phone(Voice::Silence);
    world.run_ms(1_000);
    world.stall_ms(500);
    world.run_ms(1_000);
    let phone = &world.phones[0];
    assert_eq!(
        phone.got.len(),
        100,
        "fifty before, fifty after, none for the time between"
    );
    assert_eq!(off_time(phone), (0, 0));
    let after: Vec<_> = phone.got.iter().filter(|got| got.ms >= 1_500).collect();
    assert!(after[0].marker, "a jump of the timestamp is marked");
    assert_eq!(
        phone
            .got
            .windows(2)
            .filter(|pair| pair[1].seq != pair[0].seq.wrapping_add(1))
            .count(),
        0
    );
}

#[test]
fn packets_of_the_agreed_length_leave_with_the_right_timestamps() {
    for ptime_ms in [10, 20, 30, 40, 50, 60] {
        let mut world = World::default();
        world.phone(Voice::Tone(500.0));
        world.phone_with(Voice::Silence, format(Codec::Pcmu, ptime_ms), Flow::SendReceive);
        let seats = world.all_in_room();
        world.apply(ROOM, &seats);
        world.run_ms(2_400);
        let phone = &world.phones[1];
        assert!(
            phone
                .got
                .iter()
                .all(|got| got.payload.len() == usize::from(ptime_ms) * 8),
            "{ptime_ms}"
        );
        assert_eq!(phone.got.len(), 2_400 / usize::from(ptime_ms));
        assert_continuous(phone);
        assert!(phone.hears(500.0), "{ptime_ms}");
    }
}

#[test]
fn the_direction_is_kept_and_time_goes_on_while_nothing_is_sent() {
    let mut world = World::default();
    world.phone(Voice::Tone(300.0));
    world.phone(Voice::Tone(500.0));
    let seats = world.all_in_room();
    world.apply(ROOM, &seats);
    world.run_ms(1_000);
    let turn = |world: &mut World, flow: Flow| {
        let phone = &world.phones[0];
        let terms = Terms {
            format: format(phone.codec, 20),
            remote: phone.address,
            flow,
        };
        world.change(Change::Alter(StreamId(0), terms, None));
        world.forget();
        world.run_ms(1_000);
        (
            world.phones[0].got.len(),
            world.phones[0].hears(500.0),
            world.phones[1].hears(300.0),
        )
    };
    assert_eq!(turn(&mut world, Flow::SendOnly), (50, true, false));
    let before = world.phones[0].got.last().unwrap().clone();
    assert_eq!(turn(&mut world, Flow::ReceiveOnly), (0, false, true));
    assert_eq!(turn(&mut world, Flow::Inactive), (0, false, false));
    assert_eq!(turn(&mut world, Flow::SendReceive), (50, true, true));
    let after = &world.phones[0].got[0];
    assert_eq!(after.seq, before.seq.wrapping_add(1));
    assert_eq!(
        after.timestamp.wrapping_sub(before.timestamp),
        8 * (after.ms - before.ms) as u32
    );
    assert!(after.marker, "the first packet after a pause is marked");
}

#[test]
fn a_change_of_codec_changes_the_payload_type_and_nothing_else() {
    let mut world = World::default();
    world.phone(Voice::Tone(300.0));
    world.phone(Voice::Tone(500.0));
    let seats = world.all_in_room();
    world.apply(ROOM, &seats);
    world.run_ms(1_000);
    world.switch(0, Codec::Pcma);
    let changed_at = world.phones[0].got.len();
    world.run_ms(1_000);
    let kinds: Vec<u8> = world.phones[0].got[changed_at..]
        .iter()
        .map(|got| got.payload_type)
        .collect();
    assert!(kinds.iter().all(|kind| *kind == 8) && kinds.len() == 50);
    assert_continuous(&world.phones[0]);
    assert!(world.phones[0].hears(500.0) && world.phones[1].hears(300.0));
}

#[test]
fn reports_come_about_every_five_seconds_and_say_what_was_sent_and_heard() {
    let mut world = World::default();
    world.phone(Voice::Tone(300.0));
    world.phones[0].weather.lost = 10;
    world.run_ms(60_000);
    assert!(
        (8..=20).contains(&world.post.reports.len()),
        "{}",
        world.post.reports.len()
    );
    let theirs = world.phones[0].ssrc;
    let (_, to, bytes) = world.post.reports.last().unwrap();
    assert_eq!(to.port(), world.phones[0].address.port() + 1);
    let told = rtcp::parse(bytes, theirs).unwrap();
    assert!(told.sender_ntp.is_some());
    let block = told.about_us.unwrap();
    assert!((200..400).contains(&block.lost), "{block:?}");
    assert!((10..50).contains(&block.fraction_lost), "{block:?}");
    world.close(0);
    let (_, _, bytes) = world.post.reports.last().unwrap();
    assert!(rtcp::parse(bytes, theirs).unwrap().goodbye);
}

#[test]
fn the_round_trip_is_measured_from_the_peers_reports() {
    let mut world = World::default();
    world.phone(Voice::Silence);
    world.run_ms(10_000);
    let sent = world.post.reports.last().unwrap().2.clone();
    let ours = parse_ssrc(&sent);
    let sent_ntp = rtcp::parse(&sent, 0).unwrap().sender_ntp.unwrap();
    // The peer got it at once, held it for 30 ms, and its answer comes 100 ms after our report.
    let clock = mixer::WallClock::default();
    let answered_at = mixer::Moment::from_us(ntp_us(sent_ntp) + 100_000);
    let block = rtcp::Block {
        ssrc: ours,
        fraction_lost: 0,
        lost: 0,
        highest_seq: 0,
        jitter_ts: 0,
        last_report: (sent_ntp >> 16) as u32,
        delay: 65_536 * 30 / 1_000,
    };
    let report = rtcp::Report {
        ssrc: 5,
        cname: [b'x'; 16],
        sender: None,
        block: Some(block),
        goodbye: false,
    };
    let mut bytes = [0; rtcp::LONGEST_BYTES];
    let length = rtcp::write(&report, &mut bytes);
    assert_eq!(clock.ntp(answered_at) >> 32, sent_ntp >> 32);
    let from = world.phones[0].address;
    world
        .mixer
        .receive_report(StreamId(0), from, &bytes[..length], answered_at);
    let figures = world.close(0);
    let trip = figures.round_trip_ms.unwrap();
    assert!((trip - 70.0).abs() < 0.5, "{trip}");
}

fn parse_ssrc(report: &[u8]) -> u32 {
    u32::from_be_bytes([report[4], report[5], report[6], report[7]])
}

/// Microseconds of the mixer's time, when its zero is that of Unix.
fn ntp_us(ntp: u64) -> u64 {
    ((ntp >> 32) - 2_208_988_800) * 1_000_000 + (((ntp & 0xFFFF_FFFF) * 1_000_000) >> 32)
}
