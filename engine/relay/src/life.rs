//! The life of a relay: it connects, carries, breaks off, waits, and tries again, until it is over for good.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::Duration;

use mixer::live::Live;
use tokio::sync::mpsc::Receiver;
use tokio::time::{sleep, Instant};
use wire::{EndedBy, Fact, OpenRelay, RelayClosed, RelayOpened, RelayTold};

use crate::coding::Coding;
use crate::dial::{dial, Fault, Socket};
use crate::session::{Ending, Session};
use crate::slate::Slate;
use crate::speaking::Speaking;
use crate::waiting::Waiting;
use crate::words::{self, Said};
use crate::{Command, Hearing};

/// Who was connected for so long has all tries again.
const STEADY: Duration = Duration::from_secs(60);

/// What goes over a relay's sockets, one after the other.
pub(crate) struct Sound {
    hearing: Box<dyn Hearing>,
    slate: Slate,
    pub waiting: Waiting,
    pub speaking: Option<Speaking>,
    /// Whether a ping is due.
    pub ask: bool,
    /// Messages that were not understood.
    pub garbage: u64,
}

impl Sound {
    /// Nothing was said yet. `live`: what the server says goes there; None: it has no say.
    pub fn new(
        hearing: Box<dyn Hearing>,
        coding: Coding,
        (stream_sid, tracks): (String, Vec<String>),
        live: Option<Arc<Live>>,
    ) -> Self {
        Self {
            hearing,
            slate: Slate::new(coding, tracks.len()),
            waiting: Waiting::new(stream_sid, tracks),
            speaking: live.map(|live| Speaking::new(live, coding)),
            ask: false,
            garbage: 0,
        }
    }

    /// Let what was heard wait to be sent.
    pub fn hear(&mut self) {
        let Self { slate, waiting, .. } = self;
        while let Some(round) = self.hearing.next() {
            let left_out = slate.write(&round, |frame| waiting.frame(frame));
            waiting.dropped += left_out;
        }
    }

    /// Do what a server says; true: it is for the brain.
    pub fn obey(&mut self, text: &str) -> bool {
        let Some(speaking) = self.speaking.as_mut() else {
            return false; // Sound goes one way: the server has no say.
        };
        match words::read(text) {
            Said::Media(payload) => speaking.take(&payload),
            Said::Mark(name) => self.garbage += u64::from(!speaking.mark(name)),
            Said::Clear => {
                for name in speaking.clear() {
                    self.waiting.mark(name);
                }
            }
            Said::Other => return true,
            Said::Garbage => self.garbage += 1,
        }
        false
    }

    /// Let the mix have what is to be played; gives the marks that were reached.
    pub fn speak(&mut self) -> Vec<String> {
        self.speaking.as_mut().map(Speaking::go_on).unwrap_or_default()
    }
}

/// A relay that was ordered.
pub(crate) struct Life {
    order: OpenRelay,
    coding: Coding,
    commands: Receiver<Command>,
    connected: Arc<AtomicBool>,
    tries: usize,
}

impl Life {
    pub fn new(
        order: OpenRelay,
        coding: Coding,
        commands: Receiver<Command>,
        connected: Arc<AtomicBool>,
    ) -> Self {
        Self {
            order,
            coding,
            commands,
            connected,
            tries: 0,
        }
    }

    pub fn relay(&self) -> &str {
        &self.order.relay
    }

    pub fn source(&self) -> Option<String> {
        self.order.source.clone()
    }

    /// Live; gives what is to be told at the end.
    pub async fn run(
        mut self,
        hearing: Box<dyn Hearing>,
        live: Option<Arc<Live>>,
        tell: &(dyn Fn(Fact) + Send + Sync),
    ) -> RelayClosed {
        let tracks: Vec<String> = self.order.tracks.iter().map(|track| track.name.clone()).collect();
        let stream = (self.order.stream_sid.clone(), tracks);
        let mut sound = Sound::new(hearing, self.coding, stream, live);
        let (by, fault) = self.keep_alive(&mut sound, tell).await;
        self.closed(&sound, by, fault)
    }

    async fn keep_alive(
        &mut self,
        sound: &mut Sound,
        tell: &(dyn Fn(Fact) + Send + Sync),
    ) -> (EndedBy, Result<String, Fault>) {
        let mut opened = false;
        loop {
            let fault = match self.connect().await {
                None => return (EndedBy::Local, Ok(String::new())),
                Some(Err(fault)) => fault,
                Some(Ok(socket)) => {
                    let ending = self.carry(socket, sound, opened, tell).await;
                    opened = true;
                    match ending {
                        Ending::Ordered => return (EndedBy::Local, Ok(String::new())),
                        Ending::Closed(text) => return (EndedBy::Remote, Ok(text)),
                        Ending::Wrong(fault) => return (EndedBy::Local, Err(fault)),
                        Ending::Broken(fault) => fault,
                    }
                }
            };
            let Some(wait_ms) = self.order.again.get(self.tries).copied() else {
                return (ended_by(&fault), Err(fault));
            };
            self.tries += 1;
            if self.wait(sound, wait_ms).await.is_none() {
                return (EndedBy::Local, Ok(String::new()));
            }
        }
    }

    async fn carry(
        &mut self,
        socket: Socket,
        sound: &mut Sound,
        again: bool,
        tell: &(dyn Fn(Fact) + Send + Sync),
    ) -> Ending {
        // What was said and heard before belongs to no session, or to the one that broke off.
        sound.hear();
        sound.waiting.restart();
        if let Some(speaking) = sound.speaking.as_mut() {
            speaking.clear();
        }
        if !again {
            sound.waiting.dropped = 0;
            sound.slate = Slate::new(self.coding, self.order.tracks.len());
        }
        for text in &self.order.opening {
            sound.waiting.words(text.clone());
        }
        self.connected.store(true, Ordering::Relaxed);
        let began = Instant::now();
        let relay = self.order.relay.clone();
        tell(
            RelayOpened {
                relay: relay.clone(),
                again,
            }
            .into(),
        );
        let told = |text| {
            tell(
                RelayTold {
                    relay: relay.clone(),
                    text,
                }
                .into(),
            );
        };
        let ending = Session::new(socket, sound).run(&mut self.commands, told).await;
        self.connected.store(false, Ordering::Relaxed);
        if began.elapsed() > STEADY {
            self.tries = 0;
        }
        ending
    }

    /// Connect; None when we are told to close meanwhile.
    async fn connect(&mut self) -> Option<Result<Socket, Fault>> {
        let (order, commands) = (&self.order, &mut self.commands);
        tokio::select! {
            () = closed(commands) => None,
            socket = dial(order) => Some(socket),
        }
    }

    /// Wait before another try. What is heard meanwhile is heard by nobody.
    async fn wait(&mut self, sound: &mut Sound, wait_ms: u32) -> Option<()> {
        let until = Instant::now() + Duration::from_millis(wait_ms.into());
        while Instant::now() < until {
            sound.hear();
            let nap = Duration::from_millis(100).min(until - Instant::now());
            tokio::select! {
                () = closed(&mut self.commands) => return None,
                () = sleep(nap) => {}
            }
        }
        Some(())
    }

    fn closed(self, sound: &Sound, by: EndedBy, outcome: Result<String, Fault>) -> RelayClosed {
        let (fault, text) = match outcome {
            Ok(text) => (None, text),
            Err(fault) => (Some(fault.word.to_owned()), fault.text),
        };
        let waiting = &sound.waiting;
        tracing::info!(
            relay = %self.order.relay, by = ?by, fault = fault.as_deref().unwrap_or(""), sent = waiting.sent,
            dropped = waiting.dropped, garbage = sound.garbage,
            refused_ms = sound.speaking.as_ref().map_or(0, |speaking| speaking.refused / 16),
            "relay closed"
        );
        RelayClosed {
            relay: self.order.relay,
            by,
            fault,
            text,
            sent_ms: waiting.sent * 20 / self.order.tracks.len().max(1) as u64,
            dropped_ms: waiting.dropped * 20,
        }
    }
}

fn ended_by(fault: &Fault) -> EndedBy {
    match fault.word {
        "timeout" => EndedBy::Timeout,
        "bad-url" => EndedBy::Local,
        "broken" => EndedBy::Remote,
        _ => EndedBy::Transport,
    }
}

/// Wait until we are told to close; nobody is there yet who could be told anything else.
async fn closed(commands: &mut Receiver<Command>) {
    while let Some(Command::Tell(_)) = commands.recv().await {}
}
