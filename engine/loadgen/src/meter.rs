//! What the operating system says of processor and memory.
//!
//! Source: proc(5), `/proc/PID/stat`, `/proc/PID/status`, `/proc/stat`. The sum of user and system time follows the
//! scheduler's own clock; only its division between the two is sampled, so only the sum is used.

use std::fs;

use nix::unistd::{sysconf, SysconfVar};

/// One look at the meters.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// Processor time of the server so far, in s; 0 when there is none to be metered.
    pub server_cpu_s: f64,
    /// Processor time of this process so far, in s.
    pub own_cpu_s: f64,
    /// The server's resident memory, in kB.
    pub server_rss_kb: u64,
    /// Time for which each processor was busy so far, whoever with, in s.
    pub busy_s: Vec<f64>,
}

/// Reads the meters of one server.
#[derive(Debug, Clone, Copy)]
pub struct Meter {
    server: Option<u32>,
    ticks_per_s: f64,
}

impl Meter {
    /// Meter this process.
    pub fn new(server: Option<u32>) -> Result<Self, String> {
        let meter = Self {
            server,
            ticks_per_s: ticks_per_s()?,
        };
        meter.read().map(|_| meter)
    }

    /// Look at the meters.
    pub fn read(&self) -> Result<Reading, String> {
        let mut reading = Reading {
            own_cpu_s: self.cpu_s("self")?,
            busy_s: self.busy_s()?,
            ..Reading::default()
        };
        if let Some(server) = self.server {
            reading.server_cpu_s = self.cpu_s(&server.to_string())?;
            reading.server_rss_kb = rss_kb(&slurp(&format!("/proc/{server}/status"))?).unwrap_or(0);
        }
        Ok(reading)
    }

    fn cpu_s(&self, process: &str) -> Result<f64, String> {
        let path = format!("/proc/{process}/stat");
        let ticks = cpu_ticks(&slurp(&path)?).ok_or_else(|| format!("{path} is not as expected"))?;
        Ok(ticks as f64 / self.ticks_per_s)
    }

    fn busy_s(&self) -> Result<Vec<f64>, String> {
        let ticks = busy_ticks(&slurp("/proc/stat")?);
        Ok(ticks
            .into_iter()
            .map(|ticks| ticks as f64 / self.ticks_per_s)
            .collect())
    }
}

fn slurp(path: &str) -> Result<String, String> {
    fs::read_to_string(path).map_err(|why| format!("{path}: {why}"))
}

fn ticks_per_s() -> Result<f64, String> {
    match sysconf(SysconfVar::CLK_TCK) {
        Ok(Some(ticks)) if ticks > 0 => Ok(ticks as f64),
        other => Err(format!("the length of a clock tick is unknown: {other:?}")),
    }
}

/// User and system time, in ticks. The name of the process may hold spaces and parentheses.
fn cpu_ticks(stat: &str) -> Option<u64> {
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    Some(fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?)
}

fn rss_kb(status: &str) -> Option<u64> {
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// For each processor: user, nice, system, interrupts and what a hypervisor took; not idle nor waiting for disks.
fn busy_ticks(stat: &str) -> Vec<u64> {
    let of_line = |line: &str| {
        let (name, rest) = line.split_once(' ')?;
        name.strip_prefix("cpu")?.parse::<u32>().ok()?;
        let fields: Vec<u64> = rest
            .split_whitespace()
            .filter_map(|field| field.parse().ok())
            .collect();
        Some([0, 1, 2, 5, 6, 7].iter().filter_map(|at| fields.get(*at)).sum())
    };
    stat.lines().filter_map(of_line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_found_behind_an_awkward_name() {
        let stat = "77 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 120 34 0 0 20 0 5 0 99 1000";
        assert_eq!(cpu_ticks(stat), Some(154));
        assert_eq!(cpu_ticks("nonsense"), None);
    }

    #[test]
    fn each_processor_is_summed_without_its_idle_time() {
        let stat =
            "cpu  9 9 9 9 9 9 9 9 0 0\ncpu0 1 2 3 100 50 4 5 6 0 0\ncpu1 10 0 0 0 0 0 0 0 0 0\nintr 5\n";
        assert_eq!(busy_ticks(stat), vec![21, 10]);
    }

    #[test]
    fn our_own_meters_can_be_read() {
        let reading = Meter::new(Some(std::process::id())).unwrap().read().unwrap();
        assert!(reading.server_rss_kb > 0 && !reading.busy_s.is_empty());
        assert!(Meter::new(Some(u32::MAX)).is_err());
    }
}
