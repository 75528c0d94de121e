//! The doors of browsers: what comes to their streams' ports and is no sound goes from the real-time threads to a thread
//! of its own here, which may allocate and compute, and answers through the same sockets.
//!
//! A real-time thread only looks at two bytes of a packet, and copies it into a ring; a full ring loses it, and the peer
//! says it again. What is agreed on goes to the real-time thread as any order does.

use std::collections::HashMap;
use std::net::{SocketAddr, UdpSocket};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::{self, JoinHandle, Thread};
use std::time::{Duration, Instant};

use mixer::StreamId;
use rtrb::{Consumer, Producer};
use webrtc::{Certificate, Door, Fingerprint, Leaving, Said, Terms};

use crate::lock;
use crate::registry::Refusal;

/// Longest packet that is taken: more than a record of a handshake at anybody's MTU.
const KNOCK_BYTES: usize = 1_500;

/// Packets of one real-time thread that can wait. Each handshake has about six, each peer a check in two seconds.
pub(crate) const KNOCKS: usize = 256;

/// Longest wait for packets: deadlines of handshakes are seen to at least so often.
const NAP: Duration = Duration::from_millis(20);

/// Longest wait while nobody has a door.
const IDLE_NAP: Duration = Duration::from_secs(1);

/// A packet that is no sound.
pub(crate) struct Knock {
    stream: StreamId,
    from: SocketAddr,
    length: usize,
    bytes: [u8; KNOCK_BYTES],
}

/// The real-time thread's end.
pub(crate) struct Bell {
    knocks: Producer<Knock>,
    servant: Arc<OnceLock<Thread>>,
    rung: bool,
}

impl Bell {
    pub fn new(knocks: Producer<Knock>, servant: Arc<OnceLock<Thread>>) -> Self {
        Self {
            knocks,
            servant,
            rung: false,
        }
    }

    /// Hand on a packet; dropped when there is no room, or it is too long.
    pub fn knock(&mut self, stream: StreamId, from: SocketAddr, packet: &[u8]) {
        let mut knock = Knock {
            stream,
            from,
            length: packet.len(),
            bytes: [0; KNOCK_BYTES],
        };
        if let Some(bytes) = knock.bytes.get_mut(..packet.len()) {
            bytes.copy_from_slice(packet);
            self.rung |= self.knocks.push(knock).is_ok();
        }
    }

    /// Wake the servant, if anybody has knocked since.
    pub fn ring(&mut self) {
        if std::mem::take(&mut self.rung) {
            if let Some(servant) = self.servant.get() {
                // RT: a store, and one system call that does not wait.
                servant.unpark();
            }
        }
    }
}

/// A door, and the socket behind it.
pub(crate) struct Guest {
    call: String,
    door: Door,
    socket: UdpSocket,
}

/// All doors, by stream.
pub(crate) struct Doors {
    guests: Mutex<HashMap<StreamId, Guest>>,
    certificate: Option<Certificate>,
}

/// What a door wants done with its stream.
#[derive(Debug)]
pub(crate) enum Wish {
    /// Send sound here.
    Way(StreamId, SocketAddr),
    /// Seal it with these.
    Keys(StreamId, wire::Security),
    /// Nobody is there any more.
    Left(String, Leaving),
}

impl Doors {
    pub fn new() -> Self {
        Self {
            guests: Mutex::default(),
            certificate: Certificate::make(),
        }
    }

    /// Of the certificate that is shown; None: there can be no doors.
    pub fn fingerprint(&self) -> Option<String> {
        Some(self.certificate.as_ref()?.fingerprint().to_string())
    }

    /// Let a browser come to a stream.
    pub fn open(&self, call: &str, stream: StreamId, terms: Terms, socket: UdpSocket) {
        let Some(certificate) = &self.certificate else {
            return;
        };
        let guest = Guest {
            call: call.to_owned(),
            door: Door::new(terms, certificate, Instant::now()),
            socket,
        };
        lock(&self.guests).insert(stream, guest);
    }

    /// Follow signalling.
    pub fn change(&self, stream: StreamId, terms: Terms) {
        if let Some(guest) = lock(&self.guests).get_mut(&stream) {
            guest.door.change(terms, Instant::now());
            // What it says is sent at the thread's next turn.
        }
    }

    /// Close a stream's door, if it has one.
    pub fn close(&self, stream: StreamId) {
        if let Some(mut guest) = lock(&self.guests).remove(&stream) {
            guest.door.close();
            let _ = guest.speak(stream);
        }
    }

    fn hear(&self, knock: &Knock) -> Vec<Wish> {
        let deed = |door: &mut Door| door.hear(knock.from, &knock.bytes[..knock.length], Instant::now());
        attend(&mut lock(&self.guests), knock.stream, deed)
    }

    /// Let time pass; gives how long nothing will happen by itself.
    fn pass(&self) -> (Vec<Wish>, Duration) {
        let now = Instant::now();
        let mut guests = lock(&self.guests);
        let mut wishes = Vec::new();
        let streams: Vec<_> = guests.keys().copied().collect();
        for stream in streams {
            wishes.extend(attend(&mut guests, stream, |door| door.pass(now)));
        }
        (wishes, if guests.is_empty() { IDLE_NAP } else { NAP })
    }
}

/// Do something with a guest; gives what it wants. What a stranger's bytes break is their own door, and nobody else's.
fn attend(
    guests: &mut HashMap<StreamId, Guest>,
    stream: StreamId,
    deed: impl FnOnce(&mut Door),
) -> Vec<Wish> {
    let Some(guest) = guests.get_mut(&stream) else {
        return Vec::new();
    };
    let told = catch_unwind(AssertUnwindSafe(|| {
        deed(&mut guest.door);
        guest.speak(stream)
    }));
    told.unwrap_or_else(|_| {
        // It has been logged. What is left of the door is not to be trusted.
        let broken = guests.remove(&stream);
        broken
            .map(|guest| Wish::Left(guest.call, Leaving::Closed))
            .into_iter()
            .collect()
    })
}

impl Guest {
    /// Send what the door has to send; gives what else it wants.
    fn speak(&mut self, stream: StreamId) -> Vec<Wish> {
        let mut wishes = Vec::new();
        while let Some(said) = self.door.poll() {
            match said {
                // Lost on the way or here: it is all the same to the peer, who asks again.
                Said::Packet(to, packet) => drop(self.socket.send_to(&packet, to)),
                Said::Way(to) => wishes.push(Wish::Way(stream, to)),
                Said::Keys(agreed) => wishes.push(Wish::Keys(
                    stream,
                    wire::Security {
                        suite: suite_of(agreed.suite),
                        send_key: agreed.send_key.into(),
                        receive_key: agreed.receive_key.into(),
                    },
                )),
                Said::Left(why) => wishes.push(Wish::Left(self.call.clone(), why)),
            }
        }
        wishes
    }
}

fn suite_of(suite: srtp::Suite) -> wire::Suite {
    match suite {
        srtp::Suite::AesCm80 => wire::Suite::Cm80,
        srtp::Suite::AesCm32 => wire::Suite::Cm32,
        srtp::Suite::Gcm128 => wire::Suite::Gcm128,
        srtp::Suite::Gcm256 => wire::Suite::Gcm256,
    }
}

/// Why a peer left, for the brain's log.
pub(crate) fn words(why: Leaving) -> &'static str {
    match why {
        Leaving::Closed => "closed",
        Leaving::Impostor => "impostor",
        Leaving::NoConsent => "no-consent",
    }
}

/// Read the terms of a door.
pub(crate) fn read(door: &wire::Door) -> Result<Terms, Refusal> {
    let bad = |text: &str| Refusal::new("bad-door", text);
    let fingerprint = door.fingerprint.as_deref().map(|text| {
        Fingerprint::read(text)
            .ok_or_else(|| bad("a fingerprint is 32 pairs of hexadecimal digits, apart by colons"))
    });
    let password =
        String::from_utf8(door.password.bytes().to_vec()).map_err(|_| bad("a password is text"))?;
    // RFC 8839, section 5.4.
    if !(4..=256).contains(&door.username.len()) || !(22..=256).contains(&password.len()) {
        return Err(bad("an ICE name has 4 to 256 characters, a password 22 to 256"));
    }
    Ok(Terms {
        username: door.username.clone(),
        password,
        fingerprint: fingerprint.transpose()?,
        active: door.active,
    })
}

/// The thread that answers at doors. Dropping it ends it.
pub(crate) struct Servant {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Servant {
    /// Start it. `grant` carries out what a door wants.
    pub fn start(
        doors: Arc<Doors>,
        mut knocks: Vec<Consumer<Knock>>,
        waker: &OnceLock<Thread>,
        grant: impl Fn(Wish) + Send + 'static,
    ) -> std::io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let told = stop.clone();
        let serve = move || {
            while !told.load(Ordering::Acquire) {
                for from in &mut knocks {
                    while let Ok(knock) = from.pop() {
                        doors.hear(&knock).into_iter().for_each(&grant);
                    }
                }
                let (wishes, nap) = doors.pass();
                wishes.into_iter().for_each(&grant);
                thread::park_timeout(nap);
            }
        };
        let thread = thread::Builder::new().name("media-doors".into()).spawn(serve)?;
        let _ = waker.set(thread.thread().clone());
        Ok(Self {
            stop,
            thread: Some(thread),
        })
    }
}

impl Drop for Servant {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A panic has been reported by the thread already.
            drop(thread.join());
        }
    }
}
