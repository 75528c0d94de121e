//! What can be set about the SIP side of the engine.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::Arc;
use std::time::Duration;

/// Where to listen and what to bear.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Address for UDP and TCP alike; port 0 takes a free one, the same for both.
    pub listen: SocketAddr,
    /// TLS, which is spoken to whom `sips:` names also where it is not listened for.
    pub tls: TlsSettings,
    /// DNS servers to ask for names; none: the system's.
    pub dns: Vec<SocketAddr>,
    /// What is borne before the engine says no.
    pub limits: Limits,
    /// How long is waited for whom.
    pub patience: Patience,
    /// While it is set, new INVITEs are answered 503: there is too much to do.
    pub strained: Arc<AtomicBool>,
}

/// Who we are and whom we believe. All files are PEM.
#[derive(Debug, Clone, Default)]
pub struct TlsSettings {
    /// Address for TLS; None: it is not listened for. Needs an identity.
    pub listen: Option<SocketAddr>,
    /// Our certificate, with its chain, and its key. Shown to who calls, and to whom we call if they ask.
    pub identity: Option<(PathBuf, PathBuf)>,
    /// CAs to believe besides the system's when we call.
    pub trusted: Vec<PathBuf>,
    /// CAs of which everybody who calls by TLS must have a certificate; None: nobody needs one.
    pub clients: Option<PathBuf>,
}

/// How long is waited for whom.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// T1 of RFC 3261 17.1.1.1: an estimate of the round trip. All timers of transactions are multiples of it.
    pub t1: Duration,
    /// For the brain's decision on an INVITE; then it is answered 480.
    pub decision: Duration,
    /// For the brain's answer to a new offer in a call; then it is answered 488. A peer itself gives up after 64 T1.
    pub new_offer: Duration,
    /// For the first byte of a peer that has connected; then it is disconnected.
    pub first_byte: Duration,
    /// For dialogs that another engine held, counted from the start: so long waits what comes in one that is not there
    /// yet, in place of being told that there is none.
    pub handing_over: Duration,
}

impl Patience {
    /// For the end of a transaction that should have ended by itself after 64 T1: a net below the stack's own timers.
    pub(crate) fn linger(&self) -> Duration {
        self.t1 * 64 + Duration::from_secs(8)
    }
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            t1: Duration::from_millis(500),
            decision: Duration::from_secs(300),
            new_offer: Duration::from_secs(10),
            first_byte: Duration::from_secs(15),
            handing_over: Duration::ZERO,
        }
    }
}

/// What is borne before the engine says no. Zero means no limit where it says so.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Dialogs held at a time; more INVITEs are answered 503.
    pub legs: usize,
    /// Requests a second from one address; more are dropped unread. 0 = no limit.
    pub requests_per_s: u32,
    /// TCP and TLS connections at a time; more are closed at once.
    pub streams: usize,
    /// Of those, how many one address may have; None: a quarter, and this machine's own programs all of them.
    pub streams_each: Option<usize>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            legs: 5_000,
            requests_per_s: 1_000,
            streams: 2_000,
            streams_each: None,
        }
    }
}

impl Settings {
    /// Listen on this address with the usual limits.
    pub fn at(listen: SocketAddr) -> Self {
        Self {
            listen,
            tls: TlsSettings::default(),
            dns: Vec::new(),
            limits: Limits::default(),
            patience: Patience::default(),
            strained: Arc::default(),
        }
    }
}
