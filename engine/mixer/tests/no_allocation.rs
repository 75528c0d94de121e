//! A tick, a change and a packet allocate nothing and free nothing: counted by the allocator itself.

#![allow(unsafe_code, reason = "an allocator cannot be written without")]

mod world;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::net::SocketAddr;

use codecs::codec::ALL;
use mixer::codec::Codec;
use mixer::plan::{Hears, Plan, Talks};
use mixer::source::{Content, Once, Player};
use mixer::stream::Kit;
use mixer::terms::{Flow, Terms};
use mixer::{
    Change, ConferenceId, Ear, Fact, Heard, Moment, Outlet, RoomTap, SourceId, Spent, StreamId, Tap,
};
use world::{format, seat, tone, Voice, World, ROOM};

thread_local! {
    static WATCHED: Cell<bool> = const { Cell::new(false) };
    static COUNTED: Cell<u32> = const { Cell::new(0) };
}

struct Counting;

impl Counting {
    fn count() {
        if WATCHED.with(Cell::get) {
            COUNTED.with(|counted| counted.set(counted.get() + 1));
        }
    }
}

// SAFETY: everything is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Self::count();
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        Self::count();
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        Self::count();
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// An outlet that needs no memory either.
#[derive(Default)]
struct Quiet {
    packets: u32,
    facts: u32,
    heard: u32,
    spent: [Option<Spent>; 32],
}

impl Outlet for Quiet {
    fn sound(&mut self, _: StreamId, _: SocketAddr, _: &[u8]) -> bool {
        self.packets += 1;
        true
    }

    fn report(&mut self, _: StreamId, _: SocketAddr, _: &[u8]) {}

    fn fact(&mut self, _: Fact) {
        self.facts += 1;
    }

    fn heard(&mut self, _: Heard<'_>) {
        self.heard += 1;
    }

    fn spent(&mut self, spent: Spent) -> Result<(), Spent> {
        match self.spent.iter_mut().find(|place| place.is_none()) {
            Some(place) => {
                *place = Some(spent);
                Ok(())
            }
            None => Err(spent),
        }
    }
}

fn counted(work: impl FnOnce()) -> u32 {
    COUNTED.with(|counted| counted.set(0));
    WATCHED.with(|watched| watched.set(true));
    work();
    WATCHED.with(|watched| watched.set(false));
    COUNTED.with(Cell::get)
}

const TELEPHONES: [Codec; 6] = [
    Codec::Pcmu,
    Codec::Pcma,
    Codec::Pcmu,
    Codec::Pcma,
    Codec::Pcmu,
    Codec::Pcma,
];

/// Six that speak, whisper, hear music, hear an announcement, and are muted.
fn busy_world(codecs: [Codec; 6]) -> World {
    let mut world = World::default();
    world.mixer.set_noise_floor(60);
    world.mixer.set_automatic_gain(true);
    for (number, codec) in codecs.into_iter().enumerate() {
        world.phone_of(codec, Voice::Tone(300.0 + 100.0 * number as f64));
    }
    world.start(SourceId(0), tone(2_000.0));
    world.start(
        SourceId(1),
        Content::Clip {
            samples: vec![5; 999].into(),
            loops: 0,
        },
    );
    let mut seats = world.all_in_room();
    seats[0].talks = Talks::To(StreamId(1));
    seats[2].hears = Hears::Source(SourceId(0));
    seats[3].overlays = vec![SourceId(1)];
    seats[4].talks = Talks::Nobody;
    world.apply_watched(ROOM, &seats, true);
    for (number, ears) in (0..).zip([[Ear::In, Ear::Said, Ear::Out]; 6]) {
        let tap = ears.into_iter().fold(Tap::marked(number), Tap::with);
        world.change(Change::TapStream(StreamId(number), tap));
    }
    let mut tap = RoomTap {
        room: Some(6),
        ..RoomTap::default()
    };
    tap.sources = [Some((SourceId(0), 7)); 8];
    world.change(Change::TapRoom(ROOM, tap));
    world.run_ms(1_000);
    world
}

#[test]
fn ticks_with_packets_loss_and_beeps_allocate_nothing() {
    ticks_allocate_nothing(TELEPHONES);
}

#[test]
fn nor_do_they_with_any_codec_while_people_begin_and_cease_to_speak() {
    ticks_allocate_nothing(ALL);
    ticks_allocate_nothing([Codec::Opus; 6]);
    ticks_allocate_nothing([
        Codec::G722,
        Codec::G722,
        Codec::Opus,
        Codec::G722,
        Codec::Opus,
        Codec::Pcmu,
    ]);
}

/// Packets of so many frames of everybody, as (frame, who, from where, datagram). One frame in seven is lost, so that
/// concealment is at work too; each speaks for a second and is silent for one, in turns.
fn spoken(world: &mut World, frames: u32) -> Vec<(u32, StreamId, SocketAddr, Vec<u8>)> {
    let mut sent = Vec::new();
    for frame in 0..frames {
        for (number, phone) in world.phones.iter_mut().enumerate() {
            let speaks = (frame / 50 + number as u32).is_multiple_of(2);
            phone.voice = if speaks {
                Voice::Tone(500.0)
            } else {
                Voice::Silence
            };
            let payload = phone.next_payload();
            let datagram = phone.packet(0, &payload);
            if frame % 7 != 0 {
                sent.push((frame, phone.id, phone.address, datagram));
            }
        }
    }
    sent
}

fn ticks_allocate_nothing(codecs: [Codec; 6]) {
    let mut world = busy_world(codecs);
    let sent = spoken(&mut world, 2_000);
    let once = Once {
        player: Player::new(
            Content::Tone {
                hz: 900.0,
                level_db: -10.0,
                duration_ms: 300,
            },
            0,
        ),
        streams: vec![StreamId(0)],
    };
    let mut beep = Some(Box::new(once));
    let (mut outlet, mut due, mut next) = (Quiet::default(), Vec::with_capacity(64), 0);
    let mut mixer = world.mixer;
    let first_tick = world.tick;
    let allocations = counted(|| {
        for tick in first_tick..first_tick + 4 * 2_000 {
            let now = mixer.moment_of(tick);
            while next < sent.len() && u64::from(sent[next].0) * 4 <= tick - first_tick {
                let (_, id, from, datagram) = &sent[next];
                mixer.receive(*id, *from, datagram, now, &mut outlet);
                mixer.receive_report(*id, *from, datagram, now);
                next += 1;
            }
            if tick == first_tick + 400 {
                let beep = beep.take().expect("played once");
                mixer.carry_out(Change::PlayOnce(ROOM, beep), now, &mut outlet);
            }
            mixer.due(tick, &mut due);
            mixer.tick(tick, &mut outlet);
        }
    });
    assert_eq!(allocations, 0);
    assert_eq!(outlet.packets, 6 * 2_000);
    assert!(outlet.heard > 20_000, "{} frames were listened to", outlet.heard);
    assert!(outlet.facts > 40, "statistics were told");
    assert!(
        matches!(outlet.spent[0], Some(Spent::Once(_))),
        "the beep came back to be dropped"
    );
}

#[test]
fn changes_allocate_nothing_and_hand_back_what_they_replace() {
    let world = busy_world(TELEPHONES);
    let plan = |ids: &[u32]| {
        let seats: Vec<_> = ids.iter().map(|id| seat(StreamId(*id))).collect();
        Box::new(Plan::new(&seats, false))
    };
    let remote = SocketAddr::from(([127, 0, 0, 1], 7));
    let terms = Terms {
        format: format(Codec::Pcma, 30),
        remote,
        flow: Flow::SendReceive,
    };
    let player = || Box::new(Player::new(tone(700.0), 2));
    let changes = [
        Change::Apply(ROOM, plan(&[0, 1, 2]), 0),
        Change::Apply(ConferenceId(1), plan(&[2, 3, 4, 5]), 1),
        Change::Alter(StreamId(1), terms, Some(Box::new(Kit::new(&terms.format)))),
        Change::Start(SourceId(0), player()),
        Change::Start(SourceId(9), player()),
        Change::Stop(SourceId(0)),
        Change::Stop(SourceId(7)),
        Change::Close(StreamId(3)),
        Change::Close(StreamId(0)),
        Change::Drop(ConferenceId(1)),
        Change::Drop(ConferenceId(5)),
        Change::TapRoom(ROOM, RoomTap::default()),
        Change::TapStream(StreamId(1), Tap::marked(9).with(Ear::In)),
        Change::TapStream(StreamId(40), Tap::default()),
    ];
    let (mut outlet, mut mixer) = (Quiet::default(), world.mixer);
    let mut tick = world.tick;
    let mut changes = Vec::from(changes).into_iter();
    let allocations = counted(|| {
        for change in changes.by_ref() {
            mixer.carry_out(change, Moment::from_ms(tick * 5), &mut outlet);
            for _ in 0..8 {
                mixer.tick(tick, &mut outlet);
                tick += 1;
            }
        }
    });
    assert_eq!(allocations, 0);
    let spent = outlet.spent.iter().flatten().count();
    assert_eq!(
        spent, 9,
        "a plan, a kit, a player, two stops, two streams, two conferences"
    );
}
