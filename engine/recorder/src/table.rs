//! All recordings by name, and the orders for them.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::AtomicUsize;
use std::sync::mpsc::{sync_channel, RecvTimeoutError, SendError};
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use media::{Hearing, Refusal};
use parking_lot::Mutex;

use crate::disk::{Disk, RealDisk};
use crate::ears::Ears;
use crate::running::Running;
use crate::writer::{Ending, Writer};

/// Recordings at once; each has a thread.
pub const RECORDINGS: usize = 1_000;

/// Files of all recordings together that may be open.
pub const FILES: usize = 8_192;

/// How long the brain is kept waiting for a disk that takes its time: then the recording goes on, and may fail later.
const PATIENCE: Duration = Duration::from_secs(2);

type Table = Mutex<HashMap<String, Arc<Recording>>>;

/// One recording.
struct Recording {
    running: Arc<Running>,
    hearing: OnceLock<Hearing>,
    folder: String,
    rate_hz: u32,
    began_unix_ms: u64,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// Carries out the orders of recordings.
pub struct Recorder {
    ears: Arc<dyn Ears>,
    disk: Arc<dyn Disk>,
    tell: Arc<dyn Fn(wire::Fact) + Send + Sync>,
    table: Arc<Table>,
    waiting: Arc<AtomicUsize>,
    /// Held while an order is carried out: they come one by one.
    orders: Mutex<()>,
}

impl Recorder {
    /// A recorder that writes to the disk of this machine. `tell` is called from threads of its own and may block them.
    pub fn new(ears: Arc<dyn Ears>, tell: impl Fn(wire::Fact) + Send + Sync + 'static) -> Self {
        Self::with_disk(ears, Arc::new(RealDisk), tell)
    }

    /// The same with another disk.
    pub fn with_disk(
        ears: Arc<dyn Ears>,
        disk: Arc<dyn Disk>,
        tell: impl Fn(wire::Fact) + Send + Sync + 'static,
    ) -> Self {
        Self {
            ears,
            disk,
            tell: Arc::new(tell),
            table: Arc::default(),
            waiting: Arc::default(),
            orders: Mutex::new(()),
        }
    }

    /// Make a recording be so.
    pub fn record(&self, order: &wire::Record) -> Result<wire::Recording, Refusal> {
        let _one_by_one = self.orders.lock();
        let known = self.table.lock().get(&order.recording).cloned();
        let recording = match known {
            Some(recording) => {
                self.change(&recording, order)?;
                recording
            }
            None => self.begin(order)?,
        };
        let (samples, _) = recording.running.length_at(self.ears.rounds().next);
        Ok(wire::Recording {
            n: order.n,
            recording: order.recording.clone(),
            began_unix_ms: recording.began_unix_ms,
            samples,
        })
    }

    /// End a recording, if it goes on.
    pub fn end(&self, recording: &str) {
        let _one_by_one = self.orders.lock();
        let known = self.table.lock().get(recording).cloned();
        if let Some(recording) = known {
            recording.running.end(self.ears.rounds().next);
        }
    }

    /// All recordings that go on.
    pub fn states(&self) -> Vec<wire::RecordingState> {
        let next = self.ears.rounds().next;
        let state = |(name, recording): (&String, &Arc<Recording>)| {
            let (samples, lost_samples) = recording.running.length_at(next);
            wire::RecordingState {
                recording: name.clone(),
                began_unix_ms: recording.began_unix_ms,
                samples,
                lost_samples,
            }
        };
        self.table.lock().iter().map(state).collect()
    }

    /// End all recordings, and wait for their files for so long at most.
    pub fn end_all(&self, within: Duration) {
        let until = Instant::now() + within;
        let all: Vec<Arc<Recording>> = self.table.lock().values().cloned().collect();
        let next = self.ears.rounds().next;
        for recording in &all {
            recording.running.end(next);
        }
        for recording in all {
            let Some(thread) = recording.thread.lock().take() else {
                continue;
            };
            while !thread.is_finished() && Instant::now() < until {
                thread::sleep(Duration::from_millis(5));
            }
        }
    }

    fn begin(&self, order: &wire::Record) -> Result<Arc<Recording>, Refusal> {
        let folder = check(order)?;
        let recordings = self.table.lock().len() + 1;
        self.check_room(order.tracks.len(), recordings)?;
        let per_round = order.rate_hz as usize / 50;
        let first = (u64::MAX, per_round);
        let running = Arc::new(Running::new(first, order.reel, self.waiting.clone()));
        running.name(&order.tracks);
        let rate_hz = order.rate_hz;
        let writer = Writer::new(running.clone(), self.disk.clone(), folder, rate_hz);
        let heard = running.clone();
        let sink = Box::new(move |round| heard.hear(round));
        let (hearing, rounds) = self.ears.listen(&order.tracks, rate_hz, sink)?;
        running.begin_at(rounds.next, order.reel);
        let recording = Arc::new(Recording {
            running,
            hearing: OnceLock::from(hearing),
            folder: order.folder.clone(),
            rate_hz,
            began_unix_ms: rounds.next_unix_ms,
            thread: Mutex::new(None),
        });
        self.start(&order.recording, &recording, writer)?;
        Ok(recording)
    }

    /// Start the thread of a recording, and wait until it has made its files.
    fn start(&self, name: &str, recording: &Arc<Recording>, mut writer: Writer) -> Result<(), Refusal> {
        self.table.lock().insert(name.to_owned(), recording.clone());
        let (opened, told) = sync_channel(0);
        let last_words = LastWords {
            name: name.to_owned(),
            recording: recording.clone(),
            ears: self.ears.clone(),
            table: self.table.clone(),
            tell: self.tell.clone(),
        };
        let work = move || {
            let outcome = writer.open();
            let failed = outcome.is_err();
            match opened.send(outcome) {
                // It was told that it cannot begin.
                Ok(()) if failed => {}
                // When nobody waits for it any more that is told as the end.
                Err(SendError(Err(why))) => last_words.say(&Ending::of(&why)),
                Ok(()) | Err(_) => last_words.say(&writer.run()),
            }
        };
        let thread = thread::Builder::new().name("recorder".into()).spawn(work);
        let outcome = match thread {
            Ok(thread) => {
                *recording.thread.lock() = Some(thread);
                told.recv_timeout(PATIENCE)
            }
            Err(why) => Ok(Err(why)),
        };
        let why = match outcome {
            Ok(Ok(())) | Err(RecvTimeoutError::Timeout) => return Ok(()),
            Ok(Err(why)) => why.to_string(),
            Err(RecvTimeoutError::Disconnected) => "its thread broke".into(),
        };
        self.table.lock().remove(name);
        if let Some(hearing) = recording.hearing.get() {
            self.ears.stop_listening(*hearing);
        }
        Err(Refusal::new("cannot-write", why))
    }

    fn change(&self, recording: &Recording, order: &wire::Record) -> Result<(), Refusal> {
        if recording.running.is_ending() {
            return Err(Refusal::new("ended", "this recording was ended"));
        }
        if recording.folder != order.folder || recording.rate_hz != order.rate_hz {
            return Err(Refusal::new(
                "bad-recording",
                "its folder and rate stay as they are",
            ));
        }
        self.check_room(recording.running.count_new(&order.tracks), 0)?;
        let Some(hearing) = recording.hearing.get() else {
            return Ok(());
        };
        self.ears.listen_to(*hearing, &order.tracks)?;
        recording.running.name(&order.tracks);
        recording.running.turn(self.ears.rounds().next, order.reel);
        Ok(())
    }

    fn check_room(&self, new_files: usize, recordings: usize) -> Result<(), Refusal> {
        let open: usize = self.table.lock().values().map(|it| it.running.count()).sum();
        if recordings > RECORDINGS || open + new_files > FILES {
            let text = format!("no more than {RECORDINGS} recordings and {FILES} files of them at once");
            return Err(Refusal::new("too-many-recordings", text));
        }
        Ok(())
    }
}

/// What is to be done when a recording is over.
struct LastWords {
    name: String,
    recording: Arc<Recording>,
    ears: Arc<dyn Ears>,
    table: Arc<Table>,
    tell: Arc<dyn Fn(wire::Fact) + Send + Sync>,
}

impl LastWords {
    fn say(self, ending: &Ending) {
        if let Some(hearing) = self.recording.hearing.get() {
            self.ears.stop_listening(*hearing);
        }
        self.table.lock().remove(&self.name);
        let ended = wire::RecordingEnded {
            recording: self.name,
            samples: ending.samples,
            lost_samples: self.recording.running.lost(),
            fault: ending.fault.map(Into::into),
        };
        (self.tell)(ended.into());
    }
}

/// The folder of a recording that can begin.
fn check(order: &wire::Record) -> Result<PathBuf, Refusal> {
    let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if order.recording.len() != 32 || !order.recording.bytes().all(hex) {
        return Err(Refusal::new(
            "bad-recording",
            "a recording is named by 32 hex digits",
        ));
    }
    let folder = Path::new(&order.folder);
    let plain = |part: Component<'_>| matches!(part, Component::RootDir | Component::Normal(_));
    if !folder.is_absolute() || !folder.components().all(plain) || order.folder.contains('\0') {
        return Err(Refusal::new(
            "cannot-write",
            "the folder is named from the root, without detours",
        ));
    }
    Ok(folder.to_owned())
}
