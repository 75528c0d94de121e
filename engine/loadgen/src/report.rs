//! What came of it: written as one `MessagePack` map for the driver.

use std::path::Path;

use serde::Serialize;
use serde_bytes::ByteBuf;

/// The whole run.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// How many endpoints played.
    pub endpoints: usize,
    /// One for each act of the score, in order.
    pub acts: Vec<ActReport>,
    /// What an engine that was joined told of its ticks, as it came.
    pub ticks: Vec<wire::TickStatistics>,
}

/// A packet that came in: endpoint, arrival in ns of Unix time, timestamp, payload.
pub type Captured = (u32, i64, u32, ByteBuf);

/// A packet that went out: endpoint, when in ns of Unix time, which payload of its take.
pub type Said = (u32, i64, u32);

/// One act.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ActReport {
    /// The act's name in the score.
    pub name: String,
    /// How long it really was, in s.
    pub seconds: f64,
    /// Packets sent.
    pub sent: u64,
    /// Packets not sent because this program had fallen behind, or the kernel did not take them.
    pub unsent: u64,
    /// How far behind its turn sending was, in ms.
    pub behind_p99_ms: f64,
    /// Packets that should have come.
    pub expected: u64,
    /// Packets that came, duplicates apart.
    pub received: u64,
    /// Of those expected, the ones that did not come.
    pub missing: u64,
    /// Came more than 40 ms after their turn.
    pub late: u64,
    /// Came twice in a row.
    pub duplicate: u64,
    /// Came from no port of the server's, or were no RTP.
    pub strays: u64,
    /// Between one packet and the next at an endpoint, in ms.
    pub gap_p50_ms: f64,
    /// The same.
    pub gap_p99_ms: f64,
    /// The same.
    pub gap_max_ms: f64,
    /// Processor time the server used, in s.
    pub server_cpu_s: f64,
    /// Processor time this program used, in s.
    pub own_cpu_s: f64,
    /// Resident memory of the server at the act's end, in kB.
    pub server_rss_kb: u64,
    /// For how long each processor was busy, whoever with, in s.
    pub busy_s: Vec<f64>,
    /// What the act's listeners heard.
    pub captured: Vec<Captured>,
    /// What the act's callers said.
    pub said: Vec<Said>,
}

impl Report {
    /// Write it to a file.
    pub fn write(&self, path: &Path) -> Result<(), String> {
        let bytes = rmp_serde::to_vec_named(self).map_err(|why| why.to_string())?;
        std::fs::write(path, bytes).map_err(|why| format!("{}: {why}", path.display()))
    }
}
