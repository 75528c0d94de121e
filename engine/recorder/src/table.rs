//! All recordings by name, and the orders for them.

use std::collections::HashMap;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::AtomicUsize;
use std::sync::mpsc::{sync_channel, Receiver, RecvTimeoutError, SendError};
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

/// Files of all recordings together that may be open, where the system allows as many.
pub const FILES: usize = 8_192;

/// How long the brain is kept waiting for a disk that takes its time: then the recording goes on, and may fail later.
const PATIENCE: Duration = Duration::from_secs(2);

type Table = Mutex<HashMap<String, Arc<Recording>>>;

/// One recording.
struct Recording {
    name: String,
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
    /// Files that may be open.
    files: usize,
    /// Held while an order is carried out: they come one by one. Never held while a disk is waited for.
    orders: Mutex<()>,
}

/// What a recording's thread says of its first files.
type FirstFiles = Receiver<io::Result<()>>;

impl Recorder {
    /// A recorder that writes to the disk of this machine, and has so many files open at most, [`FILES`] in any case.
    /// `tell` is called from threads of its own and may block them.
    pub fn new(ears: Arc<dyn Ears>, files: usize, tell: impl Fn(wire::Fact) + Send + Sync + 'static) -> Self {
        Self {
            files: files.min(FILES),
            ..Self::with_disk(ears, Arc::new(RealDisk), tell)
        }
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
            files: FILES,
            orders: Mutex::new(()),
        }
    }

    /// Make a recording be so, and say what has come of it: at once, or, when it begins, once its files are there or its
    /// disk has taken too long for that, from another thread. Waits for no disk.
    pub fn record(
        &self,
        order: &wire::Record,
        say: impl FnOnce(Result<wire::Recording, Refusal>) + Send + 'static,
    ) {
        let _one_by_one = self.orders.lock();
        let known = self.table.lock().get(&order.recording).cloned();
        let n = order.n;
        let so_far = |recording: &Recording, next| wire::Recording {
            n,
            recording: order.recording.clone(),
            began_unix_ms: recording.began_unix_ms,
            samples: recording.running.length_at(next).0,
        };
        if let Some(recording) = known {
            let changed = self.change(&recording, order);
            say(changed.map(|()| so_far(&recording, self.ears.rounds().next)));
            return;
        }
        match self.begin(order) {
            Ok((recording, first)) => {
                let told = so_far(&recording, self.ears.rounds().next);
                self.wait_for_files(recording, first, move |outcome| say(outcome.map(|()| told)));
            }
            Err(no) => say(Err(no)),
        }
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

    fn begin(&self, order: &wire::Record) -> Result<(Arc<Recording>, FirstFiles), Refusal> {
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
            name: order.recording.clone(),
            running,
            hearing: OnceLock::from(hearing),
            folder: order.folder.clone(),
            rate_hz,
            began_unix_ms: rounds.next_unix_ms,
            thread: Mutex::new(None),
        });
        let first = self.start(&recording, writer);
        first.map(|first| (recording.clone(), first)).map_err(|why| {
            forget(&self.table, &*self.ears, &recording);
            Refusal::new("cannot-write", why.to_string())
        })
    }

    /// Start the thread of a recording, which says whether it could make its files.
    fn start(&self, recording: &Arc<Recording>, mut writer: Writer) -> io::Result<FirstFiles> {
        self.table
            .lock()
            .insert(recording.name.clone(), recording.clone());
        let (opened, told) = sync_channel(0);
        let last_words = LastWords {
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
        let thread = thread::Builder::new().name("recorder".into()).spawn(work)?;
        *recording.thread.lock() = Some(thread);
        Ok(told)
    }

    /// Have a thread wait until the first files are there, or for as long as the brain is kept waiting.
    fn wait_for_files(
        &self,
        recording: Arc<Recording>,
        first: FirstFiles,
        say: impl FnOnce(Result<(), Refusal>) + Send + 'static,
    ) {
        let (table, ears) = (self.table.clone(), self.ears.clone());
        let wait = move || {
            let why = match first.recv_timeout(PATIENCE) {
                Ok(Ok(())) | Err(RecvTimeoutError::Timeout) => return say(Ok(())),
                Ok(Err(why)) => why.to_string(),
                Err(RecvTimeoutError::Disconnected) => "its thread broke".into(),
            };
            forget(&table, &*ears, &recording);
            say(Err(Refusal::new("cannot-write", why)));
        };
        let waiting = thread::Builder::new().name("recorder-first".into()).spawn(wait);
        if let Err(why) = waiting {
            tracing::error!(%why, "no thread could be started: who ordered a recording is not told of it");
        }
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
        let files = self.files;
        if recordings > RECORDINGS || open + new_files > files {
            let text = format!("no more than {RECORDINGS} recordings and {files} files of them at once");
            return Err(Refusal::new("too-many-recordings", text));
        }
        Ok(())
    }
}

/// Let a recording be as if it had never begun.
fn forget(table: &Table, ears: &dyn Ears, recording: &Arc<Recording>) {
    let (name, mut table) = (&recording.name, table.lock());
    if table.get(name).is_some_and(|known| Arc::ptr_eq(known, recording)) {
        table.remove(name);
    }
    drop(table);
    if let Some(hearing) = recording.hearing.get() {
        ears.stop_listening(*hearing);
    }
}

/// What is to be done when a recording is over.
struct LastWords {
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
        self.table.lock().remove(&self.recording.name);
        let ended = wire::RecordingEnded {
            recording: self.recording.name.clone(),
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
