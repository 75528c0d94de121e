//! One open socket, until it is closed or breaks off.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{Sink, SinkExt, StreamExt};
use tokio::sync::mpsc::Receiver;
use tokio::time::{interval, timeout, Instant, Interval, MissedTickBehavior};
use tokio_tungstenite::tungstenite::error::{CapacityError, Error};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::Message;

use crate::dial::{Fault, Socket};
use crate::life::Sound;
use crate::Command;

/// How often sound is looked for.
const ROUND: Duration = Duration::from_millis(20);

/// Messages that are read in one round; the rest waits at the server.
const MOST_READ: u32 = 50;

/// Bytes of messages that are read in a round, on the average: 0.8 MB/s, many times what speech needs. Who sends more at
/// once is read no further until the rounds have made up for it: others are carried by the same threads.
const BYTES_READ: i64 = 16 * 1_024;

/// Messages for the brain in one round: keys to be pressed, which nobody wants faster.
const MOST_TOLD: u32 = 1;

/// Longest message that the brain is told, in bytes.
const LONGEST_TOLD: usize = 1_024;

/// A server that takes nothing for so long is gone.
const STALLED: Duration = Duration::from_secs(20);

/// How often a server is asked whether it is there, and how long it may say nothing at all.
const PING_EVERY: Duration = Duration::from_secs(15);
const SILENT: Duration = Duration::from_secs(60);

/// How long goodbyes may take.
const GOODBYE: Duration = Duration::from_secs(2);

/// How a session ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// We were told to.
    Ordered,
    /// The server closed as it should.
    Closed(String),
    /// It broke off, and another try may help.
    Broken(Fault),
    /// It does what no other try will mend.
    Wrong(Fault),
}

/// An open socket and what goes over it.
pub(crate) struct Session<'a> {
    sink: SplitSink<Socket, Message>,
    stream: SplitStream<Socket>,
    sound: &'a mut Sound,
    rounds: Interval,
    /// Something was handed to the socket that may not have left.
    dirty: bool,
    /// When something left last, or nothing waited.
    moved: Instant,
    heard: Instant,
    asked: Instant,
    to_read: u32,
    to_tell: u32,
    /// Bytes that may still be read; less than 0: rounds are owed.
    bytes: i64,
}

impl<'a> Session<'a> {
    pub fn new(socket: Socket, sound: &'a mut Sound) -> Self {
        let (sink, stream) = socket.split();
        let mut rounds = interval(ROUND);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let now = Instant::now();
        Self {
            sink,
            stream,
            sound,
            rounds,
            dirty: false,
            moved: now,
            heard: now,
            asked: now,
            to_read: MOST_READ,
            to_tell: MOST_TOLD,
            bytes: BYTES_READ,
        }
    }

    /// Carry sound both ways until the end.
    pub async fn run(mut self, commands: &mut Receiver<Command>, tell: impl Fn(String)) -> Ending {
        loop {
            let waits = self.sound.ask || !self.sound.waiting.is_empty();
            tokio::select! {
                biased;
                command = commands.recv() => match command {
                    Some(Command::Tell(text)) => self.sound.waiting.words(text),
                    Some(Command::Close(farewell)) => return self.say_goodbye(farewell).await,
                    None => return Ending::Ordered,
                },
                _ = self.rounds.tick() => {
                    if let Some(fault) = self.go_on() {
                        return Ending::Broken(fault);
                    }
                }
                gone = poll_fn(|cx| leave(&mut self.sink, waits, cx)), if waits || self.dirty => {
                    let gone = gone.and_then(|()| if waits { self.send_next() } else { self.settle(); Ok(()) });
                    if let Err(why) = gone {
                        return ending_of(&why);
                    }
                }
                message = self.stream.next(), if self.to_read > 0 && self.bytes > 0 => {
                    match message {
                        Some(Ok(message)) => if let Some(ending) = self.take(message, &tell) {
                            self.part().await;
                            return ending;
                        },
                        Some(Err(why)) => {
                            let ending = ending_of(&why);
                            if matches!(ending, Ending::Wrong(_)) {
                                self.refuse_more(&why).await;
                            }
                            return ending;
                        }
                        None => return Ending::Broken(Fault::new("broken", "the server broke off")),
                    }
                }
            }
        }
    }

    /// A round has passed: write what was heard, play what is to be played, and see whether the server is there.
    fn go_on(&mut self) -> Option<Fault> {
        (self.to_read, self.to_tell) = (MOST_READ, MOST_TOLD);
        self.bytes = BYTES_READ.min(self.bytes + BYTES_READ);
        self.sound.hear();
        for mark in self.sound.speak() {
            self.sound.waiting.mark(mark);
        }
        let now = Instant::now();
        if self.sound.waiting.is_empty() && !self.dirty {
            self.moved = now;
        }
        if now - self.asked > PING_EVERY {
            self.asked = now;
            self.sound.ask = true;
        }
        if now - self.moved > STALLED {
            return Some(Fault::new("broken", "the server takes nothing"));
        }
        (now - self.heard > SILENT).then(|| Fault::new("broken", "the server does not answer"))
    }

    fn send_next(&mut self) -> Result<(), Error> {
        self.moved = Instant::now();
        let next = if std::mem::take(&mut self.sound.ask) {
            Some(Message::Ping(Vec::new().into()))
        } else {
            self.sound.waiting.next().map(Message::text)
        };
        let Some(next) = next else {
            return Ok(());
        };
        self.dirty = true;
        Pin::new(&mut self.sink).start_send(next)
    }

    /// All that was sent has left.
    fn settle(&mut self) {
        (self.dirty, self.moved) = (false, Instant::now());
    }

    fn take(&mut self, message: Message, tell: &impl Fn(String)) -> Option<Ending> {
        self.heard = Instant::now();
        self.to_read -= 1;
        self.bytes -= message.len() as i64;
        match message {
            Message::Text(text) => self.obey(&text, tell),
            Message::Close(frame) => return Some(closing(frame)),
            // The library answers pings; bytes mean nothing here.
            Message::Ping(_) => self.dirty = true,
            Message::Binary(_) => self.sound.garbage += 1,
            Message::Pong(_) | Message::Frame(_) => {}
        }
        None
    }

    fn obey(&mut self, text: &str, tell: &impl Fn(String)) {
        let is_for_the_brain = self.sound.obey(text);
        if is_for_the_brain && self.to_tell > 0 && text.len() <= LONGEST_TOLD {
            self.to_tell -= 1;
            tell(text.to_owned());
        } else if is_for_the_brain {
            self.sound.garbage += 1;
        }
    }

    /// Send what waits and the farewell, close, and wait for the server to close; not for long.
    async fn say_goodbye(mut self, farewell: String) -> Ending {
        self.sound.hear();
        self.sound.waiting.farewell(farewell);
        let goodbye = async {
            while let Some(text) = self.sound.waiting.next() {
                self.sink.feed(Message::text(text)).await?;
            }
            let close = CloseFrame {
                code: CloseCode::Normal,
                reason: "".into(),
            };
            self.sink.send(Message::Close(Some(close))).await?;
            while let Some(Ok(_)) = self.stream.next().await {}
            Ok::<_, Error>(())
        };
        if timeout(GOODBYE, goodbye).await.is_err() {
            tracing::debug!("a server did not take its farewell in time");
        }
        Ending::Ordered
    }

    /// The server has closed: let our own closing frame leave.
    async fn part(&mut self) {
        let _ = timeout(GOODBYE, self.sink.close()).await;
    }

    /// Say why we do not read on.
    async fn refuse_more(&mut self, why: &Error) {
        let code = match why {
            Error::Capacity(CapacityError::MessageTooLong { .. }) => CloseCode::Size,
            _ => CloseCode::Protocol,
        };
        let close = Message::Close(Some(CloseFrame {
            code,
            reason: "".into(),
        }));
        let _ = timeout(GOODBYE, self.sink.send(close)).await;
    }
}

/// Be ready for another message, or see what was sent off.
fn leave(
    sink: &mut SplitSink<Socket, Message>,
    for_more: bool,
    cx: &mut Context<'_>,
) -> Poll<Result<(), Error>> {
    let sink = Pin::new(sink);
    if for_more {
        sink.poll_ready(cx)
    } else {
        sink.poll_flush(cx)
    }
}

/// Whether the server closed because it is done, or because something broke at its side.
fn closing(frame: Option<CloseFrame>) -> Ending {
    let Some(frame) = frame else {
        return Ending::Closed(String::new());
    };
    let text: String = format!("{} {}", frame.code, frame.reason)
        .chars()
        .take(200)
        .collect();
    match frame.code {
        // RFC 6455 7.4.1, and 1012 to 1014 of its registry: a fault of the server, or it restarts.
        CloseCode::Error | CloseCode::Restart | CloseCode::Again => {
            Ending::Broken(Fault::new("broken", format!("the server closed: {text}")))
        }
        _ => Ending::Closed(text),
    }
}

fn ending_of(why: &Error) -> Ending {
    match why {
        Error::ConnectionClosed | Error::AlreadyClosed => Ending::Closed(String::new()),
        Error::Capacity(_) | Error::Utf8(_) => Ending::Wrong(Fault::new("broken", why)),
        why => Ending::Broken(Fault::new("broken", why)),
    }
}
