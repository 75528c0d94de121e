//! What lies on the disk after any orders, at any moment, and on disks that are full, slow or gone.

mod studio;

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use proptest::prelude::*;
use recorder::disk::{Disk, RealDisk, Sheet};
use studio::{played, wait_until, Studio, RECORDING};
use wire::Reel;

/// The number of the round, so that each sample tells when it was heard.
fn number(_: &str, round: u64) -> i16 {
    round as i16 + 1
}

#[test]
fn sound_lies_where_it_was_heard_and_silence_is_a_hole() {
    let studio = Studio::new();
    studio.hand.play(7, number);
    let told = studio.record(Reel::Running, &["left", "right"]);
    assert_eq!((told.samples, told.began_unix_ms), (0, 1_000_140));
    studio.hand.play(
        10,
        |name, round| if name == "left" { number(name, round) } else { 0 },
    );
    studio.hand.play(5, |_, _| 0);
    studio.hand.play(3, number);
    let told = studio.record(Reel::Running, &["left", "right"]);
    assert_eq!((told.samples, told.began_unix_ms), (18 * 160, 1_000_140));
    let ended = studio.end();
    assert_eq!(
        (ended.samples, ended.lost_samples, ended.fault),
        (18 * 160, 0, None)
    );
    let left: Vec<i16> = (8..18).chain([0; 5]).chain(23..26).collect();
    let right: Vec<i16> = [0; 15].into_iter().chain(23..26).collect();
    assert_eq!((studio.rounds("left"), studio.rounds("right")), (left, right));
    assert!(studio.hand.is_deaf() && studio.recorder.states().is_empty());
    studio.recorder.end(RECORDING);
}

#[test]
fn a_pause_is_silence_or_nothing_at_all() {
    for (reel, pause) in [(Reel::Silent, 5), (Reel::Standing, 0)] {
        let studio = Studio::new();
        studio.record(Reel::Running, &["mix"]);
        studio.hand.play(4, number);
        assert_eq!(studio.record(reel, &["mix"]).samples, 4 * 160);
        studio.hand.play(5, number);
        assert_eq!(studio.record(Reel::Running, &["mix"]).samples, (4 + pause) * 160);
        studio.hand.play(3, number);
        let ended = studio.end();
        assert_eq!(ended.samples, (7 + pause) * 160);
        let due: Vec<i16> = (1..5).chain(vec![0; pause as usize]).chain(10..13).collect();
        assert_eq!(studio.rounds("mix"), due);
    }
}

#[test]
fn tracks_come_and_go_and_all_are_as_long_as_the_recording() {
    let studio = Studio::new();
    studio.record(Reel::Running, &["mix", "call-a"]);
    studio.hand.play(3, number);
    studio.record(Reel::Running, &["mix", "call-b"]);
    studio.hand.play(3, number);
    studio.record(Reel::Running, &["mix", "call-a", "call-b"]);
    studio.hand.play(2, number);
    studio.end();
    assert_eq!(studio.rounds("mix"), [1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(studio.rounds("call-a"), [1, 2, 3, 0, 0, 0, 7, 8]);
    assert_eq!(studio.rounds("call-b"), [0, 0, 0, 4, 5, 6, 7, 8]);
}

#[test]
fn who_leaves_it_at_any_moment_finds_files_that_play_up_to_the_last_second() {
    let studio = Studio::new();
    studio.record(Reel::Running, &["mix", "call-a"]);
    for second in 1..4 {
        studio.hand.play(
            50,
            |name, round| if name == "mix" { number(name, round) } else { 0 },
        );
        // As a program that is killed leaves it: nobody ends anything, and what is read is what the kernel has.
        wait_until("the last second is there", || {
            let length = |name: &str| played(&studio.folder.join(name)).expect("it plays").len();
            length("mix.wav") == second * 8_000 && length("call-a.wav") == second * 8_000
        });
        let due: Vec<i16> = (1..=second as i16 * 50).collect();
        assert_eq!(studio.rounds("mix"), due);
    }
}

#[test]
fn what_cannot_be_is_refused_and_leaves_nothing_behind() {
    let studio = Studio::new();
    let code = |change: &dyn Fn(&mut wire::Record)| {
        let mut order = studio.order(Reel::Running, &["mix"]);
        change(&mut order);
        studio.ask(&order).unwrap_err().code
    };
    let folder = studio.folder.display().to_string();
    assert_eq!(code(&|order| order.folder = "here".into()), "cannot-write");
    assert_eq!(
        code(&|order| order.folder = format!("{folder}/../x")),
        "cannot-write"
    );
    assert_eq!(
        code(&|order| order.folder = format!("{folder}/nowhere")),
        "cannot-write"
    );
    assert_eq!(
        code(&|order| order.recording = "../../etc".into()),
        "bad-recording"
    );
    // What lies there already is not written over, nor what a link points to.
    let other = studio.folder.join("other");
    std::fs::write(&other, b"precious").unwrap();
    std::os::unix::fs::symlink(&other, studio.folder.join("mix.wav")).unwrap();
    assert_eq!(code(&|_| ()), "cannot-write");
    assert_eq!(std::fs::read(&other).unwrap(), b"precious");
    assert!(studio.recorder.states().is_empty() && studio.hand.is_deaf());
    studio.record(Reel::Running, &["call-a"]);
    assert_eq!(code(&|order| order.rate_hz = 16_000), "bad-recording");
    assert_eq!(code(&|order| order.folder = "/tmp".into()), "bad-recording");
    studio.recorder.end(RECORDING);
    assert_eq!(code(&|_| ()), "ended");
}

/// A disk on which writing waits, or fails.
#[derive(Clone, Default)]
struct BadDisk {
    /// Writing waits while it is true.
    stuck: Arc<(Mutex<bool>, Condvar)>,
    full: Arc<AtomicBool>,
    writes: Arc<AtomicUsize>,
}

struct BadSheet(Box<dyn Sheet>, BadDisk);

impl BadDisk {
    fn stick(&self, stuck: bool) {
        *self.stuck.0.lock().unwrap() = stuck;
        self.stuck.1.notify_all();
    }
}

impl Disk for BadDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn Sheet>> {
        Ok(Box::new(BadSheet(RealDisk.create(path)?, self.clone())))
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        RealDisk.sync_folder(folder)
    }
}

impl Sheet for BadSheet {
    fn write_at(&mut self, bytes: &[u8], at: u64) -> io::Result<()> {
        let (stuck, freed) = &*self.1.stuck;
        self.1.writes.fetch_add(1, Ordering::SeqCst);
        drop(freed.wait_while(stuck.lock().unwrap(), |stuck| *stuck).unwrap());
        if self.1.full.load(Ordering::SeqCst) && bytes.len() > 44 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.0.write_at(bytes, at)
    }

    fn set_length(&mut self, bytes: u64) -> io::Result<()> {
        self.0.set_length(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync()
    }
}

#[test]
fn a_full_disk_ends_the_recording_and_what_was_written_plays() {
    let disk = BadDisk::default();
    let studio = Studio::with_disk(Arc::new(disk.clone()));
    studio.record(Reel::Running, &["mix"]);
    studio.hand.play(100, number);
    let path = studio.folder.join("mix.wav");
    wait_until("two seconds are there", || played(&path).unwrap().len() == 16_000);
    disk.full.store(true, Ordering::SeqCst);
    studio.hand.play(100, number);
    let ended = studio.ended();
    assert_eq!(
        (ended.fault.as_deref(), ended.samples),
        (Some("disk-full"), 16_000)
    );
    assert_eq!(studio.rounds("mix"), (1..101).collect::<Vec<i16>>());
    assert!(studio.hand.is_deaf() && studio.recorder.states().is_empty());
}

#[test]
fn a_disk_that_hangs_stops_nobody_and_what_did_not_fit_is_counted() {
    let disk = BadDisk::default();
    let studio = Studio::with_disk(Arc::new(disk.clone()));
    studio.record(Reel::Running, &["mix"]);
    disk.stick(true);
    studio.hand.play(1, number);
    let before = disk.writes.load(Ordering::SeqCst);
    wait_until("it writes, and hangs", || {
        studio.hand.play(1, number);
        disk.writes.load(Ordering::SeqCst) > before
    });
    let begun = studio.hand.rounds_now();
    // An hour in which the disk takes nothing: whoever gives the sound never waits.
    studio.hand.play(180_000, |_, _| 7);
    let state = &studio.recorder.states()[0];
    assert!(state.lost_samples > 170_000 * 160, "{}", state.lost_samples);
    disk.stick(false);
    let ended = studio.end();
    assert_eq!((ended.samples, ended.fault), ((begun + 180_000) * 160, None));
    let silent = studio
        .samples("mix")
        .iter()
        .filter(|sample| **sample == 0)
        .count() as u64;
    assert_eq!(
        silent, ended.lost_samples,
        "what is lost is silent, and nothing else is"
    );
}

#[test]
fn who_orders_does_not_wait_for_a_disk_that_hangs() {
    let disk = BadDisk::default();
    let studio = Studio::with_disk(Arc::new(disk.clone()));
    disk.stick(true);
    let (tell, told) = std::sync::mpsc::channel();
    let order = studio.order(Reel::Running, &["mix"]);
    studio.recorder.record(&order, move |outcome| {
        drop(tell.send((std::thread::current().id(), outcome)));
    });
    assert_eq!(
        studio.recorder.states().len(),
        1,
        "it goes on, whatever its disk does"
    );
    studio.record(Reel::Silent, &["mix"]);
    studio.hand.play(10, number);
    studio.recorder.end(RECORDING);
    let (by, outcome) = told.recv_timeout(std::time::Duration::from_secs(60)).unwrap();
    assert_ne!(by, std::thread::current().id());
    assert_eq!(outcome.unwrap().samples, 0);
    disk.stick(false);
    studio.hand.play(1, number);
    assert_eq!((studio.ended().samples, studio.hand.is_deaf()), (10 * 160, true));
}

#[test]
fn no_more_files_are_opened_than_were_allowed() {
    let studio = Studio::with_files(3);
    studio.record(Reel::Running, &["mix", "call-a"]);
    let code = |tracks: &[&str]| studio.ask(&studio.order(Reel::Running, tracks)).unwrap_err().code;
    assert_eq!(
        code(&["mix", "call-a", "call-b", "call-c"]),
        "too-many-recordings"
    );
    studio.record(Reel::Running, &["mix", "call-a", "call-b"]);
    studio.end();
}

#[derive(Debug, Clone)]
enum Move {
    Record(u8, u8),
    Play(u8),
    End,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        4 => (0_u8..3, 0_u8..8).prop_map(|(reel, tracks)| Move::Record(reel, tracks)),
        4 => (0_u8..60).prop_map(Move::Play),
        1 => Just(Move::End),
    ];
    proptest::collection::vec(one, 1..14)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any order of orders and sound: each file plays, is as long as the recording, and has each round in its place or
    /// none.
    #[test]
    fn whatever_is_ordered_the_files_play(moves in moves()) {
        let studio = Studio::new();
        let mut due: [Vec<i16>; 3] = Default::default();
        let (mut alive, mut begun, mut now, mut heard) = (false, false, Reel::Running, 0);
        let mut round = 0_i16;
        for one in moves {
            match one {
                Move::Record(reel, tracks) if !begun || alive => {
                    (now, heard) = ([Reel::Running, Reel::Silent, Reel::Standing][usize::from(reel)], tracks);
                    let names: Vec<&str> = (0..3).filter(|at| tracks >> at & 1 == 1).map(|at| ["a", "b", "c"][at]).collect();
                    studio.record(now, &names);
                    (alive, begun) = (true, true);
                }
                Move::Record(..) => {}
                Move::Play(rounds) => {
                    studio.hand.play(rounds.into(), number);
                    for _ in 0..rounds {
                        round += 1;
                        if alive && now != Reel::Standing {
                            for (at, track) in due.iter_mut().enumerate() {
                                let there = now == Reel::Running && heard >> at & 1 == 1;
                                track.push(if there { round } else { 0 });
                            }
                        }
                    }
                }
                Move::End => {
                    if alive {
                        prop_assert_eq!(studio.end().samples, due[0].len() as u64 * 160);
                        round += 1;
                    } else {
                        studio.recorder.end(RECORDING);
                    }
                    alive = false;
                }
            }
        }
        if alive {
            prop_assert_eq!(studio.end().samples, due[0].len() as u64 * 160);
        }
        for (name, track) in ["a", "b", "c"].iter().zip(due) {
            if studio.folder.join(format!("{name}.wav")).exists() {
                prop_assert_eq!(studio.rounds(name), track);
            }
        }
    }
}
