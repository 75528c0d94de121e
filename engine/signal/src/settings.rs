//! What can be set about the SIP side of the engine.

use std::net::SocketAddr;

/// Where to listen and what to bear.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Address for UDP and TCP alike; port 0 takes a free one, the same for both.
    pub listen: SocketAddr,
    /// What is borne before the engine says no.
    pub limits: Limits,
}

/// What is borne before the engine says no. Zero means no limit where it says so.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Dialogs held at a time; more INVITEs are answered 503.
    pub legs: usize,
    /// Requests a second from one address; more are dropped unread. 0 = no limit.
    pub requests_per_s: u32,
    /// TCP connections at a time; more are closed at once.
    pub streams: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            legs: 5_000,
            requests_per_s: 1_000,
            streams: 2_000,
        }
    }
}

impl Settings {
    /// Listen on this address with the usual limits.
    pub fn at(listen: SocketAddr) -> Self {
        Self {
            listen,
            limits: Limits::default(),
        }
    }
}
