//! The real-time threads, with real sockets and under orders, allocate nothing and free nothing.

#![allow(unsafe_code, reason = "an allocator cannot be written without")]

mod phone;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};

use nix::unistd::{gettid, Pid};
use phone::{apply, seat, secure, security, talk, Hall};

const THREADS: usize = 3;

/// The threads that are watched; 0 for none.
static WATCHED: [AtomicI32; THREADS] = [const { AtomicI32::new(0) }; THREADS];
static COUNTED: AtomicU32 = AtomicU32::new(0);

struct Counting;

impl Counting {
    fn count() {
        let is_here = |watched: &AtomicI32| match watched.load(Ordering::Relaxed) {
            0 => false,
            watched => gettid() == Pid::from_raw(watched),
        };
        if WATCHED.iter().any(is_here) {
            COUNTED.fetch_add(1, Ordering::Relaxed);
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

/// The kernel's number of the thread with this name.
fn thread_named(name: &str) -> i32 {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let number = tasks.filter_map(Result::ok).find_map(|task| {
        let comm = std::fs::read_to_string(task.path().join("comm")).ok()?;
        (comm.trim() == name).then(|| task.file_name().to_string_lossy().parse().unwrap())
    });
    number.expect("the thread runs")
}

#[test]
fn the_real_time_threads_allocate_nothing_under_orders_sound_and_garbage() {
    let hall = Hall::with_threads(40_800, THREADS);
    let mut phones = hall.callers(&[400.0, 700.0, 1_100.0, 1_500.0]);
    for (phone, suite) in phones[2..]
        .iter_mut()
        .zip([wire::Suite::Cm80, wire::Suite::Gcm256])
    {
        let agreed = security(suite, 7);
        hall.done(secure(phone, &agreed));
        phone.agree(&agreed);
    }
    // A thread that begins allocates for itself; once it has told a fact it ticks.
    talk(&mut phones, 40);
    hall.wait_for(|fact| matches!(fact, wire::Fact::StreamHeard(_)));
    for (number, watched) in WATCHED.iter().enumerate() {
        watched.store(thread_named(&format!("media-tick-{number}")), Ordering::Relaxed);
    }
    let content = wire::Content {
        clip: None,
        loops: 1,
        tone_hz: Some(2_000.0),
        level_db: -12.0,
        duration_ms: 100,
    };
    let heard = |ear| wire::Heard {
        ear,
        subject: "b".into(),
    };
    let mut track = wire::Track {
        name: "all".into(),
        heard: [wire::Ear::In, wire::Ear::Said, wire::Ear::Out].map(heard).into(),
        sources: vec!["s".into()],
        place: None,
    };
    track.heard.push(wire::Heard {
        ear: wire::Ear::Room,
        subject: "room".into(),
    });
    hall.media.listen(&[track], 16_000, Box::new(drop)).unwrap();
    for turn in 1..20_u64 {
        let everybody: Vec<_> = phones.iter().map(|phone| seat(&phone.call)).collect();
        hall.done(wire::StartSource {
            n: 1,
            source: "s".into(),
            turn,
            content: content.clone(),
        });
        // Another conference on another thread, and everybody back.
        hall.done(apply("other", turn, everybody[..2].to_vec()));
        let mut plan = apply("room", turn, everybody);
        plan.seats[turn as usize % 4].overlays = vec!["s".into()];
        plan.speech = true;
        hall.done(plan);
        let calls = vec!["a".into()];
        hall.done(wire::PlayOnce {
            n: 1,
            conference: "room".into(),
            content: content.clone(),
            calls,
        });
        talk(&mut phones, 100);
        phones[0].send(101, &[7, 0x8A, 2, 128]);
        phones[1].send(55, b"of an unknown type");
        phones[3].post(b"\x80\0\0\x01 plain where it should be sealed");
        // Other keys, for one both and for one her own alone.
        let mut agreed = security(wire::Suite::Gcm256, turn as u8);
        agreed.send_key = security(wire::Suite::Gcm256, (turn / 2) as u8).send_key;
        hall.done(secure(&phones[3], &agreed));
        phones[3].agree(&agreed);
        hall.done(wire::StopSource {
            n: 1,
            source: "s".into(),
        });
        let leaving = &phones[turn as usize % 3];
        hall.done(wire::CloseStream {
            n: 1,
            call: leaving.call.clone(),
        });
        hall.open(&leaving.call, &leaving.socket);
        if turn % 5 == 0 {
            hall.done(wire::DropConference {
                n: 1,
                conference: "room".into(),
            });
        }
    }
    hall.wait_for(|fact| matches!(fact, wire::Fact::Digit(_)));
    assert_eq!(COUNTED.load(Ordering::Relaxed), 0);
}
