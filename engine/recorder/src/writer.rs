//! The thread of one recording: takes what was heard and writes it where it belongs.

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::disk::{fault, Disk};
use crate::running::{Running, Work};
use crate::wave::Wave;

/// Between two writings: with what is on its way a killed engine loses no more than a second.
const PAUSE: Duration = Duration::from_millis(800);

/// How long the last sound of a recording that was ended is waited for.
const LAST_SOUND: Duration = Duration::from_secs(3);

/// What a writer works with.
pub(crate) struct Writer {
    pub running: Arc<Running>,
    pub disk: Arc<dyn Disk>,
    pub folder: PathBuf,
    pub rate_hz: u32,
    waves: HashMap<String, Wave>,
    /// Since when its end is due.
    due: Option<Instant>,
    rounds: u64,
}

/// How a recording ended.
pub(crate) struct Ending {
    pub samples: u64,
    pub fault: Option<&'static str>,
}

impl Ending {
    /// Before anything was written.
    pub fn of(why: &io::Error) -> Self {
        Self {
            samples: 0,
            fault: Some(fault(why)),
        }
    }
}

impl Writer {
    /// A writer that has made no file yet.
    pub fn new(running: Arc<Running>, disk: Arc<dyn Disk>, folder: PathBuf, rate_hz: u32) -> Self {
        Self {
            running,
            disk,
            folder,
            rate_hz,
            waves: HashMap::new(),
            due: None,
            rounds: 0,
        }
    }

    /// Make the files of the tracks there are so far.
    pub fn open(&mut self) -> io::Result<()> {
        let work = self.running.work(Duration::ZERO);
        self.write(&work)
    }

    /// Write until the recording ends or cannot go on.
    pub fn run(mut self) -> Ending {
        let outcome = self.write_all();
        if let Err(why) = &outcome {
            tracing::warn!(folder = %self.folder.display(), %why, "a recording cannot go on");
        }
        let fault = outcome.and_then(|()| self.end()).err().map(|why| fault(&why));
        if fault.is_some() {
            // What is there already shall play; a full disk may not even let that be said.
            let samples = self.samples();
            for wave in self.waves.values_mut() {
                let _ = wave.end(samples);
            }
        }
        Ending {
            samples: self.samples(),
            fault,
        }
    }

    fn write_all(&mut self) -> io::Result<()> {
        loop {
            let work = self.running.work(PAUSE);
            let ends = work.ends || self.is_overdue();
            self.write(&work)?;
            if ends {
                return Ok(());
            }
        }
    }

    /// A machine that stalls may never hear the last round.
    fn is_overdue(&mut self) -> bool {
        if !self.running.is_ending() {
            return false;
        }
        self.due.get_or_insert_with(Instant::now).elapsed() > LAST_SOUND
    }

    fn samples(&self) -> u64 {
        self.rounds * self.per_round()
    }

    fn per_round(&self) -> u64 {
        u64::from(self.rate_hz) / 50
    }

    fn write(&mut self, work: &Work) -> io::Result<()> {
        for name in &work.names {
            self.wave(name)?;
        }
        let per_round = self.per_round();
        for block in &work.blocks {
            for (name, samples) in block.names.iter().zip(&block.tracks) {
                if let Some(samples) = samples {
                    self.wave(name)?.put(block.place * per_round, samples)?;
                }
            }
        }
        for wave in self.waves.values_mut() {
            wave.flush()?;
        }
        self.rounds = self.rounds.max(work.length);
        let samples = self.samples();
        for wave in self.waves.values_mut() {
            wave.tell(samples)?;
        }
        Ok(())
    }

    /// The file of a track; made when it is named first.
    fn wave(&mut self, name: &str) -> io::Result<&mut Wave> {
        if !self.waves.contains_key(name) {
            let sheet = self.disk.create(&self.folder.join(format!("{name}.wav")))?;
            self.waves
                .insert(name.to_owned(), Wave::begin(sheet, self.rate_hz)?);
        }
        self.waves
            .get_mut(name)
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn end(&mut self) -> io::Result<()> {
        let samples = self.samples();
        for wave in self.waves.values_mut() {
            wave.end(samples)?;
        }
        self.disk.sync_folder(&self.folder)
    }
}
