//! A recorder whose sound and time a test gives by hand, and what it left on the disk.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{channel, Receiver};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use media::{Hearing, Refusal, Round, Rounds, Sink};
use recorder::disk::{Disk, RealDisk};
use recorder::ears::Ears;
use recorder::Recorder;

pub const RECORDING: &str = "0123456789abcdef0123456789abcdef";

/// Names of tracks, samples in a round, and who takes them.
type Listener = (Arc<[String]>, usize, Sink);

/// Ears that hear what the test says.
#[derive(Default)]
pub struct Hand {
    next: AtomicU64,
    hearings: Mutex<HashMap<u64, Listener>>,
}

impl Ears for Hand {
    fn listen(&self, tracks: &[wire::Track], rate_hz: u32, sink: Sink) -> Result<(Hearing, Rounds), Refusal> {
        let mut hearings = self.hearings.lock().unwrap();
        let id = hearings.len() as u64 + 1;
        hearings.insert(id, (names(tracks), rate_hz as usize / 50, sink));
        Ok((Hearing(id), self.rounds()))
    }

    fn listen_to(&self, hearing: Hearing, tracks: &[wire::Track]) -> Result<(), Refusal> {
        if let Some(it) = self.hearings.lock().unwrap().get_mut(&hearing.0) {
            it.0 = names(tracks);
        }
        Ok(())
    }

    fn stop_listening(&self, hearing: Hearing) {
        self.hearings.lock().unwrap().remove(&hearing.0);
    }

    fn rounds(&self) -> Rounds {
        let next = self.next.load(Ordering::SeqCst);
        Rounds {
            next,
            next_unix_ms: 1_000_000 + 20 * next,
        }
    }
}

fn names(tracks: &[wire::Track]) -> Arc<[String]> {
    tracks.iter().map(|track| track.name.clone()).collect()
}

impl Hand {
    /// Let so many rounds pass, in which each track has a frame of this sample; 0: silence.
    pub fn play(&self, rounds: u64, sample: impl Fn(&str, u64) -> i16) {
        for _ in 0..rounds {
            let number = self.next.fetch_add(1, Ordering::SeqCst);
            for (names, samples, sink) in self.hearings.lock().unwrap().values_mut() {
                let frame = |name: &String| Some(sample(name, number)).filter(|it| *it != 0);
                let tracks = names
                    .iter()
                    .map(|name| frame(name).map(|it| vec![it; *samples]))
                    .collect();
                sink(Round {
                    number,
                    names: names.clone(),
                    tracks,
                    lost: 0,
                });
            }
        }
    }

    pub fn rounds_now(&self) -> u64 {
        self.next.load(Ordering::SeqCst)
    }

    pub fn is_deaf(&self) -> bool {
        self.hearings.lock().unwrap().is_empty()
    }
}

/// A recorder, its ears, its facts and its folder, which goes when the test is over.
pub struct Studio {
    pub hand: Arc<Hand>,
    pub recorder: Recorder,
    pub facts: Receiver<wire::Fact>,
    pub folder: PathBuf,
}

impl Studio {
    pub fn new() -> Self {
        Self::with_disk(Arc::new(RealDisk))
    }

    pub fn with_disk(disk: Arc<dyn Disk>) -> Self {
        Self::with(|hand, tell| Recorder::with_disk(hand, disk, tell))
    }

    /// On the real disk, with so many files at most.
    pub fn with_files(files: usize) -> Self {
        Self::with(|hand, tell| Recorder::new(hand, files, tell))
    }

    fn with(make: impl FnOnce(Arc<Hand>, Box<dyn Fn(wire::Fact) + Send + Sync>) -> Recorder) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("recorder-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir(&folder).unwrap();
        let (tell, facts) = channel();
        let hand = Arc::new(Hand::default());
        let tell = Mutex::new(tell);
        let recorder = make(
            hand.clone(),
            Box::new(move |fact| {
                drop(tell.lock().unwrap().send(fact));
            }),
        );
        Self {
            hand,
            recorder,
            facts,
            folder,
        }
    }

    pub fn order(&self, reel: wire::Reel, tracks: &[&str]) -> wire::Record {
        let track = |name: &&str| wire::Track {
            name: (*name).into(),
            heard: Vec::new(),
            sources: Vec::new(),
            place: None,
        };
        wire::Record {
            n: 1,
            recording: RECORDING.into(),
            folder: self.folder.display().to_string(),
            rate_hz: 8_000,
            reel,
            tracks: tracks.iter().map(track).collect(),
        }
    }

    pub fn record(&self, reel: wire::Reel, tracks: &[&str]) -> wire::Recording {
        self.ask(&self.order(reel, tracks)).unwrap()
    }

    /// Give an order, and wait for what comes of it.
    pub fn ask(&self, order: &wire::Record) -> Result<wire::Recording, Refusal> {
        let (tell, told) = channel();
        self.recorder
            .record(order, move |outcome| drop(tell.send(outcome)));
        told.recv_timeout(Duration::from_secs(60)).unwrap()
    }

    /// End the recording, and say how it ended.
    pub fn end(&self) -> wire::RecordingEnded {
        self.recorder.end(RECORDING);
        self.hand.play(1, |_, _| 0);
        self.ended()
    }

    pub fn ended(&self) -> wire::RecordingEnded {
        match self.facts.recv_timeout(Duration::from_secs(60)).unwrap() {
            wire::Fact::RecordingEnded(ended) => ended,
            other => panic!("{other:?}"),
        }
    }

    /// The samples of a track, as a player reads them.
    pub fn samples(&self, name: &str) -> Vec<i16> {
        played(&self.folder.join(format!("{name}.wav"))).expect("it plays")
    }

    /// The first sample of each round.
    pub fn rounds(&self, name: &str) -> Vec<i16> {
        self.samples(name).chunks(160).map(|round| round[0]).collect()
    }
}

impl Drop for Studio {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Read a file as strictly as a player could: the header is whole, and all it tells of is there.
pub fn played(path: &Path) -> Option<Vec<i16>> {
    let bytes = std::fs::read(path).unwrap();
    let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    let whole = bytes.len() >= 44
        && bytes.starts_with(b"RIFF")
        && &bytes[8..16] == b"WAVEfmt "
        && &bytes[36..40] == b"data"
        && word(4) == 36 + word(40)
        && bytes.len() >= 44 + word(40);
    let sound = whole.then(|| &bytes[44..44 + word(40)])?;
    Some(
        sound
            .chunks_exact(2)
            .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
            .collect(),
    )
}

/// Wait for something that must come.
pub fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < until, "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
