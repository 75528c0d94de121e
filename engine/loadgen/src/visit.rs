//! Many browsers at once, as far as a server can tell: each checks its way, nominates it, agrees on keys by DTLS, and
//! talks and listens sealed. Signalling is the driver's (`bench/browsers/`).

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use srtp::{Opener, Sealer, ROOM};
use webrtc::{Agreed, Certificate, Fingerprint, Kind, Said, Terms, Visitor};

/// Turns in the time of one packet: packets of so many groups of browsers leave one after the other.
const TURNS: u32 = 4;

/// A turn of the loop.
const TURN: Duration = Duration::from_millis(5);

/// By then everybody has come, or will not.
const COMING: Duration = Duration::from_secs(30);

const HEADER_BYTES: usize = 12;
const LONGEST_BYTES: usize = 2_048;

/// Where a door is, and what signalling has told of it.
#[derive(Debug, Deserialize)]
pub struct Invitation {
    /// The server's address and port.
    pub there: SocketAddr,
    /// Its `a=ice-ufrag`.
    pub username: String,
    /// Its `a=ice-pwd`.
    pub password: String,
    /// Its `a=fingerprint`, of SHA-256.
    pub fingerprint: String,
    /// Which of the sounds it says.
    pub sound: usize,
}

/// What is said: a payload for each 20 ms, round and round.
#[derive(Debug, Deserialize)]
pub struct Sounds {
    /// Of the codec, 0 to 127.
    pub payload_type: u8,
    /// RTP clock ticks of a packet.
    pub step: u32,
    /// Of each sound.
    pub payloads: Vec<Vec<Vec<u8>>>,
}

impl Sounds {
    /// Read them from a file of JSON.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|why| format!("{}: {why}", path.display()))?;
        serde_json::from_str(&text).map_err(|why| format!("{}: {why}", path.display()))
    }
}

/// What came of a visit. Packets are of the time after everybody had come.
#[derive(Debug, Default, Serialize)]
pub struct Told {
    /// Who was to come.
    pub legs: usize,
    /// Who agreed on keys.
    pub connected: usize,
    /// From the first check to the keys, ms, of each who did.
    pub keys_ms: Vec<f64>,
    /// How long they talked.
    pub seconds: f64,
    /// Packets of sound.
    pub sent: u64,
    /// Packets of sound that could be opened.
    pub received: u64,
    /// Sealed packets that could not be opened.
    pub refused: u64,
}

struct Leg {
    visitor: Visitor,
    socket: UdpSocket,
    there: SocketAddr,
    sound: usize,
    keys: Option<(Sealer, Opener)>,
    keys_ms: Option<f64>,
    sent: u32,
    received: u64,
    refused: u64,
}

/// Browsers that come together.
pub struct Visit {
    certificate: Certificate,
    legs: Vec<Leg>,
}

impl Visit {
    /// Nobody yet. None: the dice of the system failed.
    pub fn new() -> Option<Self> {
        Some(Self {
            certificate: Certificate::make()?,
            legs: Vec::new(),
        })
    }

    /// What their offers tell of the certificate that they all show.
    pub fn fingerprint(&self) -> Fingerprint {
        self.certificate.fingerprint()
    }

    /// Let everybody come; gives how many did.
    pub fn come(&mut self, invitations: &[Invitation]) -> Result<usize, String> {
        for one in invitations {
            self.legs.push(Leg::new(one, &self.certificate)?);
        }
        let began = Instant::now();
        while began.elapsed() < COMING && self.legs.iter().any(|leg| leg.keys.is_none()) {
            for leg in &mut self.legs {
                leg.serve(began);
            }
            sleep(Duration::from_millis(1));
        }
        Ok(self.legs.iter().filter(|leg| leg.keys.is_some()).count())
    }

    /// Talk and listen for so long, and hang up.
    pub fn talk(mut self, sounds: &Sounds, seconds: f64) -> Told {
        let began = Instant::now();
        let turns = (seconds / TURN.as_secs_f64()) as u32;
        let before: u64 = self.legs.iter().map(|leg| leg.received).sum();
        for turn in 0..turns {
            for (at, leg) in self.legs.iter_mut().enumerate() {
                leg.serve(began);
                if at as u32 % TURNS == turn % TURNS {
                    leg.say(sounds);
                }
            }
            sleep((TURN * (turn + 1)).saturating_sub(began.elapsed()));
        }
        let told = self.told(before, began.elapsed());
        for leg in &mut self.legs {
            leg.visitor.close();
            leg.speak(began);
        }
        told
    }

    fn told(&self, before: u64, took: Duration) -> Told {
        let sum = |count: fn(&Leg) -> u64| self.legs.iter().map(count).sum::<u64>();
        Told {
            legs: self.legs.len(),
            connected: self.legs.iter().filter(|leg| leg.keys.is_some()).count(),
            keys_ms: self.legs.iter().filter_map(|leg| leg.keys_ms).collect(),
            seconds: took.as_secs_f64(),
            sent: sum(|leg| leg.sent.into()),
            received: sum(|leg| leg.received) - before,
            refused: sum(|leg| leg.refused),
        }
    }
}

impl Leg {
    fn new(invitation: &Invitation, certificate: &Certificate) -> Result<Self, String> {
        if !invitation.there.ip().is_loopback() {
            return Err(format!("{} is not on the loopback", invitation.there));
        }
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|why| why.to_string())?;
        socket.set_nonblocking(true).map_err(|why| why.to_string())?;
        let terms = Terms {
            username: invitation.username.clone(),
            password: invitation.password.clone(),
            fingerprint: Fingerprint::read(&invitation.fingerprint),
            active: true,
        };
        Ok(Self {
            visitor: Visitor::new(invitation.there, terms, certificate, Instant::now()),
            socket,
            there: invitation.there,
            sound: invitation.sound,
            keys: None,
            keys_ms: None,
            sent: 0,
            received: 0,
            refused: 0,
        })
    }

    /// Take what has come, and say what is to be said.
    fn serve(&mut self, began: Instant) {
        let mut bytes = [0; LONGEST_BYTES];
        while let Ok(length) = self.socket.recv(&mut bytes) {
            let packet = &mut bytes[..length];
            match (Kind::of(packet), &mut self.keys) {
                (Kind::Knock, _) => self.visitor.hear(packet, Instant::now()),
                (Kind::Sound, Some((_, opener))) => match opener.rtp(packet) {
                    Ok(_) => self.received += 1,
                    Err(_) => self.refused += 1,
                },
                _ => {}
            }
        }
        self.visitor.pass(Instant::now());
        self.speak(began);
    }

    fn speak(&mut self, began: Instant) {
        while let Some(said) = self.visitor.poll() {
            match said {
                Said::Packet(to, packet) => drop(self.socket.send_to(&packet, to)),
                Said::Keys(agreed) => {
                    self.keys = sealed_by(&agreed);
                    self.keys_ms = Some(began.elapsed().as_secs_f64() * 1_000.0);
                }
                Said::Way(_) | Said::Left(_) => {}
            }
        }
    }

    /// Send the next packet.
    fn say(&mut self, sounds: &Sounds) {
        let Some((sealer, _)) = &mut self.keys else { return };
        let own = &sounds.payloads[self.sound % sounds.payloads.len()];
        let payload = &own[self.sent as usize % own.len()];
        let mut packet = vec![0x80, sounds.payload_type];
        packet.extend((self.sent as u16).to_be_bytes());
        packet.extend(self.sent.wrapping_mul(sounds.step).to_be_bytes());
        packet.extend(7_u32.to_be_bytes());
        packet.extend(payload);
        packet.resize(HEADER_BYTES + payload.len() + ROOM, 0);
        if let Some(length) = sealer.rtp(&mut packet, HEADER_BYTES + payload.len()) {
            let _ = self.socket.send_to(&packet[..length], self.there);
        }
        self.sent += 1;
    }
}

fn sealed_by(agreed: &Agreed) -> Option<(Sealer, Opener)> {
    Some((
        Sealer::new(agreed.suite, &agreed.send_key)?,
        Opener::new(agreed.suite, &agreed.receive_key)?,
    ))
}
