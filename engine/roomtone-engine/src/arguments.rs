//! The engine's command line.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;

/// Holds the sockets, the SIP dialogs and the real-time mix of Roomtone; decides nothing.
#[derive(Debug, Parser)]
#[command(name = "roomtone-engine", version)]
pub struct Arguments {
    /// Unix socket to listen on for the brain.
    #[arg(long, value_name = "PATH")]
    pub socket: PathBuf,

    /// Address to take SIP calls on, UDP and TCP; port 0 takes a free one.
    #[arg(long, value_name = "HOST:PORT", default_value = "0.0.0.0:5060", value_parser = address)]
    pub sip: SocketAddr,

    /// Address to take SIP calls on by TLS; port 0 takes a free one. Not given: TLS is not listened for.
    #[arg(long, value_name = "HOST:PORT", value_parser = address, requires = "tls_certificate")]
    pub sips: Option<SocketAddr>,

    /// Our certificate with its chain, PEM: shown to who calls by TLS, and to whom we call if they ask.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_certificate: Option<PathBuf>,

    /// The key of that certificate, PEM.
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    pub tls_key: Option<PathBuf>,

    /// CAs to believe besides the system's when we call by TLS, PEM; may be given several times.
    #[arg(long, value_name = "FILE")]
    pub tls_trust: Vec<PathBuf>,

    /// CAs of which everybody who calls by TLS must have a certificate, PEM.
    #[arg(long, value_name = "FILE")]
    pub tls_clients: Option<PathBuf>,

    /// DNS servers to ask for names of SIP addresses; may be given several times. Not given: the system's.
    #[arg(long, value_name = "HOST:PORT", value_parser = address)]
    pub dns: Vec<SocketAddr>,

    /// Most calls held at a time; more INVITEs are answered 503.
    #[arg(long, value_name = "N", default_value_t = signal::Limits::default().legs)]
    pub sip_calls: usize,

    /// Most SIP requests a second from one address; more are dropped unread. 0 = no limit.
    #[arg(long, value_name = "N", default_value_t = signal::Limits::default().requests_per_s)]
    pub sip_requests: u32,

    /// Most TCP, TLS and WebSocket connections from one address; more are closed at once. Not given: a quarter of all,
    /// and no limit for this machine's own programs.
    #[arg(long, value_name = "N")]
    pub sip_streams: Option<usize>,

    /// Longest wait for the first byte of who has connected, in milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 15_000)]
    pub sip_first_byte: u64,

    /// How long dialogs may still be handed over that another engine held, in milliseconds: what comes in one that is not
    /// there yet waits so long, counted from the start.
    #[arg(long, value_name = "MS", default_value_t = 0)]
    pub handing_over: u64,

    /// T1 of SIP's timers (RFC 3261 17.1.1.1), in milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 500, value_parser = clap::value_parser!(u64).range(1..=5_000))]
    pub sip_t1: u64,

    /// Address to send and receive RTP on.
    #[arg(long, value_name = "HOST", default_value = "0.0.0.0")]
    pub rtp_host: IpAddr,

    /// UDP ports for RTP, first and last.
    #[arg(long, value_name = "A-B", default_value = "20000-29999", value_parser = port_range)]
    pub rtp_ports: (u16, u16),

    /// An even UDP port that calls of trunks share, and RTCP the one above it; 0 = each call has its own.
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub rtp_trunk_port: u16,

    /// Real-time threads that mix; 0 = one less than there are processors, at least one.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u16).range(0..=256))]
    pub media_threads: u16,

    /// What silence in a conference is filled with, in -dBov; 0 = nothing.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=127))]
    pub noise_floor: u8,

    /// Bring who speaks faintly and who speaks loudly nearer to one another.
    #[arg(long, value_name = "true|false", action = clap::ArgAction::Set, default_value_t = false)]
    pub automatic_gain: bool,

    /// Hundredths of its time that a real-time thread may use; from there on new INVITEs are answered 503. 0 = no limit.
    #[arg(long, value_name = "PERCENT", default_value_t = 85.0, value_parser = percent)]
    pub busy_at: f64,

    /// A real-time thread that stands still for so long ends the engine. 0 = it is waited for.
    #[arg(long, value_name = "MS", default_value_t = 5_000)]
    pub stall: u32,

    /// With no brain attached for so long: hang up everything and exit.
    #[arg(long, value_name = "N", default_value_t = 120.0)]
    pub orphan_seconds: f64,

    /// How much is logged to stderr.
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    pub log: tracing::level_filters::LevelFilter,
}

impl Arguments {
    /// What is read and written of the file system: the data folder, its recordings, certificates and keys.
    pub fn used(&self) -> Vec<PathBuf> {
        let folder = self.socket.parent().map(PathBuf::from).unwrap_or_default();
        let named = [&self.tls_certificate, &self.tls_key, &self.tls_clients];
        [folder.join("recordings"), folder]
            .into_iter()
            .chain(named.into_iter().flatten().cloned())
            .chain(self.tls_trust.iter().cloned())
            .collect()
    }

    /// What the SIP side is told.
    ///
    /// `strained` is set by others while there is too much to do.
    pub fn signal(&self, strained: Arc<AtomicBool>) -> signal::Settings {
        let limits = signal::Limits {
            legs: self.sip_calls,
            requests_per_s: self.sip_requests,
            streams_each: self.sip_streams,
            ..Default::default()
        };
        let t1 = Duration::from_millis(self.sip_t1);
        let patience = signal::Patience {
            t1,
            new_offer: t1 * 20,
            first_byte: Duration::from_millis(self.sip_first_byte),
            handing_over: Duration::from_millis(self.handing_over),
            ..Default::default()
        };
        signal::Settings {
            listen: self.sip,
            tls: signal::TlsSettings {
                listen: self.sips,
                identity: self.tls_certificate.clone().zip(self.tls_key.clone()),
                trusted: self.tls_trust.clone(),
                clients: self.tls_clients.clone(),
            },
            dns: self.dns.clone(),
            limits,
            patience,
            strained,
        }
    }

    /// Where SIP calls are to be taken, for people.
    pub fn sip_places(&self) -> String {
        let secure = self.sips.map(|at| format!(" and {at} (TLS)"));
        format!(" on {}{}", self.sip, secure.unwrap_or_default())
    }

    /// What the media is told.
    pub fn media(&self) -> media::Settings {
        let (rtp_first, rtp_last) = self.rtp_ports;
        media::Settings {
            bind_host: self.rtp_host,
            rtp_first,
            rtp_last,
            shared_port: (self.rtp_trunk_port != 0).then_some(self.rtp_trunk_port),
            threads: self.media_threads.into(),
            noise_floor: self.noise_floor,
            automatic_gain: self.automatic_gain,
            busy_permille: (self.busy_at * 10.0).round() as u16,
            stall_ms: self.stall,
            ..media::Settings::default()
        }
    }

    /// How long the engine stays without a brain.
    pub fn orphan_after(&self) -> Duration {
        Duration::try_from_secs_f64(self.orphan_seconds).unwrap_or(Duration::MAX)
    }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    let mut addresses = text
        .to_socket_addrs()
        .map_err(|why| format!("not HOST:PORT: {why}"))?;
    addresses
        .next()
        .ok_or_else(|| "the host has no address".to_string())
}

fn percent(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(value) if (0.0..=100.0).contains(&value) => Ok(value),
        _ => Err("0 to 100".into()),
    }
}

fn port_range(text: &str) -> Result<(u16, u16), String> {
    let (first, last) = text.split_once('-').ok_or("two ports with a dash between them")?;
    let port = |text: &str| text.trim().parse::<u16>().map_err(|why| format!("{text}: {why}"));
    match (port(first)?, port(last)?) {
        (0, _) => Err("ports begin at 1".into()),
        (first, last) if first > last => Err(format!("{first}-{last} is empty; first must be <= last")),
        range => Ok(range),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_and_addresses_are_read_or_explained() {
        assert_eq!(port_range("20000-20010"), Ok((20_000, 20_010)));
        assert!(port_range("20000").unwrap_err().contains("dash"));
        assert!(port_range("9-8").unwrap_err().contains("first must be <= last"));
        assert!(port_range("0-8").is_err() && port_range("1-70000").is_err());
        assert_eq!(address("127.0.0.1:5060"), Ok("127.0.0.1:5060".parse().unwrap()));
        assert!(address("127.0.0.1").is_err());
        assert_eq!(percent("0.5"), Ok(0.5));
        assert!(percent("101").is_err() && percent("nan").is_err());
    }
}
