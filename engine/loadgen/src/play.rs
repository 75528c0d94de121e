//! The loop: each millisecond some endpoints send, and some sockets are read.
//!
//! One thread. Sending keeps to the clock whatever happens; when this program is held up it says so in the report
//! (`behind_p99_ms`, `unsent`), so that a starved run is not taken for a bad server.

use std::io::IoSlice;
use std::net::{IpAddr, Ipv4Addr, SocketAddrV4};
use std::time::{Duration, Instant};

use nix::sys::socket::SockaddrIn;
use serde_bytes::ByteBuf;

use crate::ear::{Account, Ear, Heard};
use crate::histogram::Histogram;
use crate::layout::{Layout, SLOTS};
use crate::meter::{Meter, Reading};
use crate::network::{unix_ns, Datagram, Receiver, Sender, Trunk};
use crate::report::{ActReport, Captured, Report, Said};
use crate::score::{Act, Score};

/// Length of a slot.
const SLOT: Duration = Duration::from_millis(1);

/// Each socket is read once in so many slots; arrival times are the kernel's.
const READ_EVERY: usize = 5;

/// So far behind its turn a packet is not sent any more.
const TOO_LATE: Duration = Duration::from_millis(60);

/// Bytes of an RTP header without extensions (RFC 3550, section 5.1).
const HEADER_BYTES: usize = 12;

/// No endpoint.
const NOBODY: u32 = u32::MAX;

/// Where a server takes each endpoint's sound: one host, a port for each.
#[derive(Debug, Clone)]
pub struct Server {
    host: Ipv4Addr,
    ports: Vec<u16>,
    endpoint_of_port: Vec<u32>,
}

impl Server {
    /// A server on the loopback.
    pub fn new(host: IpAddr, ports: Vec<u16>) -> Result<Self, String> {
        let IpAddr::V4(host) = host else {
            return Err(format!("{host} is not of IPv4"));
        };
        if !host.is_loopback() {
            return Err(format!(
                "{host} is not on the loopback: nothing is sent elsewhere"
            ));
        }
        let mut endpoint_of_port = vec![NOBODY; 1 << 16];
        for (endpoint, port) in ports.iter().enumerate() {
            let before = std::mem::replace(&mut endpoint_of_port[usize::from(*port)], endpoint as u32);
            if before != NOBODY {
                return Err(format!("two endpoints are to send to port {port}"));
            }
        }
        Ok(Self {
            host,
            ports,
            endpoint_of_port,
        })
    }

    fn endpoint_at(&self, from: Datagram<'_>) -> Option<usize> {
        let endpoint = self.endpoint_of_port[usize::from(from.port)];
        (from.host == self.host && endpoint != NOBODY).then_some(endpoint as usize)
    }
}

/// Play a score against a server.
pub fn play(score: &Score, layout: Layout, server: Server, meter: &Meter) -> Result<Report, String> {
    if server.ports.len() != layout.endpoints() {
        let (ports, endpoints) = (server.ports.len(), layout.endpoints());
        return Err(format!("{ports} ports for {endpoints} endpoints"));
    }
    let mut crowd = Crowd::gather(score, layout, server)?;
    let mut report = Report {
        endpoints: layout.endpoints(),
        acts: Vec::new(),
        ticks: Vec::new(),
    };
    let mut before = meter.read()?;
    for act in &score.acts {
        let began = Instant::now();
        crowd.begin(act);
        for _ in 0..act.frames {
            crowd.play_frame(act);
        }
        let now = meter.read()?;
        let seconds = began.elapsed().as_secs_f64();
        report.acts.push(crowd.end(act, seconds, (&before, &now)));
        before = now;
    }
    Ok(report)
}

/// Everybody who plays.
struct Crowd<'a> {
    score: &'a Score,
    server: Server,
    trunks: Vec<Trunk>,
    /// The endpoints of each trunk, and where each sends.
    members: Vec<Vec<usize>>,
    destinations: Vec<Vec<Option<SockaddrIn>>>,
    sender: Sender,
    receiver: Receiver,
    ears: Vec<Ear>,
    begun: Instant,
    /// Frames played so far.
    frame: u32,
    notes: Notes,
}

/// What is written down in one act.
#[derive(Default)]
struct Notes {
    sent: u64,
    unsent: u64,
    strays: u64,
    behind: Histogram,
    account: Account,
    listening: Vec<bool>,
    calling: Vec<bool>,
    captured: Vec<Captured>,
    said: Vec<Said>,
}

impl<'a> Crowd<'a> {
    fn gather(score: &'a Score, layout: Layout, server: Server) -> Result<Self, String> {
        let trunks = (0..layout.sockets())
            .map(|socket| Trunk::open(layout.address_of_socket(socket)))
            .collect::<Result<Vec<_>, _>>()?;
        let mut members = vec![Vec::new(); trunks.len()];
        let mut destinations = vec![Vec::new(); trunks.len()];
        for endpoint in 0..layout.endpoints() {
            let socket = layout.socket_of(endpoint);
            let to = SocketAddrV4::new(server.host, server.ports[endpoint]);
            members[socket].push(endpoint);
            destinations[socket].push(Some(SockaddrIn::from(to)));
        }
        Ok(Self {
            score,
            server,
            trunks,
            members,
            destinations,
            sender: Sender::default(),
            receiver: Receiver::default(),
            ears: vec![Ear::new(unix_ns()); layout.endpoints()],
            begun: Instant::now(),
            frame: 0,
            notes: Notes::default(),
        })
    }

    fn begin(&mut self, act: &Act) {
        let among = |chosen: &[u32]| {
            let mut flags = vec![false; self.ears.len()];
            for endpoint in chosen {
                flags[*endpoint as usize] = true;
            }
            flags
        };
        self.notes = Notes {
            listening: among(&act.listeners),
            calling: among(&act.callers),
            ..Notes::default()
        };
    }

    fn play_frame(&mut self, act: &Act) {
        for slot in 0..SLOTS {
            let turn = SLOT * (self.frame * SLOTS as u32 + slot as u32);
            std::thread::sleep(turn.saturating_sub(self.begun.elapsed()));
            let behind = self.begun.elapsed().saturating_sub(turn);
            self.notes.behind.add(behind.as_nanos() as i64);
            for socket in (slot..self.trunks.len()).step_by(SLOTS) {
                if behind > TOO_LATE {
                    self.notes.unsent += self.members[socket].len() as u64;
                } else {
                    self.send(socket, act);
                }
            }
            for socket in (slot % READ_EVERY..self.trunks.len()).step_by(READ_EVERY) {
                self.read(socket);
            }
            let turn = self.frame as usize * SLOTS + slot;
            self.trunks[turn % self.trunks.len()].drop_reports();
        }
        self.frame += 1;
    }

    fn send(&mut self, socket: usize, act: &Act) {
        let (score, frame, members) = (self.score, self.frame, &self.members[socket]);
        let headers: Vec<[u8; HEADER_BYTES]> = members
            .iter()
            .map(|endpoint| header(score, frame, *endpoint))
            .collect();
        let packets: Vec<[IoSlice<'_>; 2]> = members
            .iter()
            .zip(&headers)
            .map(|(endpoint, header)| {
                let (take, at) = part(score, act, frame, *endpoint);
                [IoSlice::new(header), IoSlice::new(&take[at])]
            })
            .collect();
        let now_ns = unix_ns();
        let to = &self.destinations[socket];
        let sent = self.sender.send(self.trunks[socket].sound(), &packets, to);
        self.notes.sent += sent as u64;
        self.notes.unsent += (members.len() - sent) as u64;
        for endpoint in members.iter().filter(|endpoint| self.notes.calling[**endpoint]) {
            let (_, at) = part(score, act, frame, *endpoint);
            self.notes.said.push((*endpoint as u32, now_ns, at as u32));
        }
    }

    fn read(&mut self, socket: usize) {
        let Self {
            server,
            receiver,
            trunks,
            ears,
            notes,
            score,
            ..
        } = self;
        receiver.take(trunks[socket].sound(), |datagram| {
            let (Some(endpoint), Some((heard, payload))) = (server.endpoint_at(datagram), rtp(datagram))
            else {
                notes.strays += 1;
                return;
            };
            ears[endpoint].hear(heard, score.timestamp_step, &mut notes.account);
            if notes.listening[endpoint] {
                let payload = ByteBuf::from(payload);
                notes
                    .captured
                    .push((endpoint as u32, heard.arrived_ns, heard.timestamp, payload));
            }
        });
    }

    fn end(&mut self, act: &Act, seconds: f64, meters: (&Reading, &Reading)) -> ActReport {
        let now_ns = unix_ns();
        let mut notes = std::mem::take(&mut self.notes);
        for ear in &mut self.ears {
            ear.close(now_ns, &mut notes.account);
        }
        let (before, after) = meters;
        let busy = after.busy_s.iter().zip(&before.busy_s);
        let account = notes.account;
        ActReport {
            name: act.name.clone(),
            seconds,
            sent: notes.sent,
            unsent: notes.unsent,
            behind_p99_ms: notes.behind.quantile_ms(0.99),
            expected: account.expected,
            received: account.received,
            missing: account.missing,
            late: account.late,
            duplicate: account.duplicate,
            strays: notes.strays,
            gap_p50_ms: account.gaps.quantile_ms(0.5),
            gap_p99_ms: account.gaps.quantile_ms(0.99),
            gap_max_ms: account.gaps.greatest_ms(),
            server_cpu_s: after.server_cpu_s - before.server_cpu_s,
            own_cpu_s: after.own_cpu_s - before.own_cpu_s,
            server_rss_kb: after.server_rss_kb,
            busy_s: busy.map(|(after, before)| after - before).collect(),
            captured: notes.captured,
            said: notes.said,
        }
    }
}

/// What an endpoint plays in a frame: its take, and the payload within it.
fn part<'a>(score: &'a Score, act: &Act, frame: u32, endpoint: usize) -> (&'a [ByteBuf], usize) {
    let take = &score.takes[usize::from(act.cast[endpoint])];
    let at = (u64::from(act.offsets[endpoint]) + u64::from(frame)) % take.len() as u64;
    (take, at as usize)
}

/// RFC 3550, section 5.1: version 2, no padding, extension, contributors or marker.
fn header(score: &Score, frame: u32, endpoint: usize) -> [u8; HEADER_BYTES] {
    let mut header = [0; HEADER_BYTES];
    let timestamp = frame
        .wrapping_mul(score.timestamp_step)
        .wrapping_add(endpoint as u32 * 7_919);
    header[0] = 0x80;
    header[1] = score.payload_type;
    header[2..4].copy_from_slice(&(frame as u16).to_be_bytes());
    header[4..8].copy_from_slice(&timestamp.to_be_bytes());
    header[8..].copy_from_slice(&(0x1000_0000 + endpoint as u32).to_be_bytes());
    header
}

/// Take a packet apart; None when it is no RTP with sound in it.
fn rtp(datagram: Datagram<'_>) -> Option<(Heard, &[u8])> {
    let bytes = datagram.bytes;
    let first = *bytes.first()?;
    if first >> 6 != 2 || bytes.len() <= HEADER_BYTES {
        return None;
    }
    let mut at = HEADER_BYTES + 4 * usize::from(first & 15);
    if first & 0x10 != 0 {
        let words = bytes.get(at + 2..at + 4)?;
        at += 4 + 4 * usize::from(u16::from_be_bytes([words[0], words[1]]));
    }
    let word = |at: usize| u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    let heard = Heard {
        arrived_ns: datagram.arrived_ns,
        ssrc: word(8),
        seq: u16::from_be_bytes([bytes[2], bytes[3]]),
        timestamp: word(4),
    };
    Some((heard, bytes.get(at..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn datagram(bytes: &[u8]) -> Datagram<'_> {
        Datagram {
            host: Ipv4Addr::LOCALHOST,
            port: 9,
            arrived_ns: 5,
            bytes,
        }
    }

    #[test]
    fn a_packet_is_taken_apart_with_its_extension_and_contributors() {
        let mut bytes = vec![0x91, 0, 0, 7, 0, 0, 0, 160, 0, 0, 0, 3];
        bytes.extend([0, 0, 0, 9]);
        bytes.extend([0xbe, 0xde, 0, 1, 1, 2, 3, 4]);
        bytes.extend([42, 43]);
        let (heard, payload) = rtp(datagram(&bytes)).unwrap();
        assert_eq!((heard.ssrc, heard.seq, heard.timestamp), (3, 7, 160));
        assert_eq!(payload, [42, 43]);
    }

    #[test]
    fn what_is_no_packet_is_none() {
        assert!(rtp(datagram(b"")).is_none());
        assert!(rtp(datagram(&[0x80; 12])).is_none());
        assert!(
            rtp(datagram(&[0x9f; 20])).is_none(),
            "shorter than its contributors say"
        );
    }

    #[test]
    fn nothing_is_sent_off_this_machine_or_twice_to_a_port() {
        let outside = IpAddr::from([192, 0, 2, 1]);
        assert!(Server::new(outside, vec![1]).unwrap_err().contains("loopback"));
        assert!(Server::new(Ipv4Addr::LOCALHOST.into(), vec![7, 7]).is_err());
    }
}
