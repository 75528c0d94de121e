//! Counts durations in steps of 0.1 ms, so that millions of them take no memory.

/// Width of a step.
const STEP_NS: u64 = 100_000;

/// Steps kept apart: up to 2 s. What is longer counts as that long, but for the greatest.
const STEPS: usize = 20_000;

/// Durations, sorted into steps.
#[derive(Debug, Clone)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
    greatest_ns: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            counts: vec![0; STEPS],
            total: 0,
            greatest_ns: 0,
        }
    }
}

impl Histogram {
    /// Count one duration; a negative one counts as 0.
    pub fn add(&mut self, duration_ns: i64) {
        let ns = duration_ns.max(0) as u64;
        let step = usize::try_from(ns / STEP_NS).unwrap_or(STEPS).min(STEPS - 1);
        self.counts[step] += 1;
        self.total += 1;
        self.greatest_ns = self.greatest_ns.max(ns);
    }

    /// The duration, in ms, that a fraction of 0 to 1 of all does not exceed (within a step); 0 when there are none.
    pub fn quantile_ms(&self, fraction: f64) -> f64 {
        let wanted = (fraction * self.total as f64).ceil() as u64;
        let mut seen = 0;
        for (step, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted && seen > 0 {
                return ((step as u64 + 1) * STEP_NS).min(self.greatest_ns) as f64 / 1e6;
            }
        }
        0.0
    }

    /// The greatest, in ms.
    pub fn greatest_ms(&self) -> f64 {
        self.greatest_ns as f64 / 1e6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_right_to_a_step() {
        let mut durations = Histogram::default();
        for ms in 1..=100 {
            durations.add(ms * 1_000_000 - 50_000);
        }
        assert!((durations.quantile_ms(0.5) - 50.0).abs() < 0.11);
        assert!((durations.quantile_ms(0.99) - 99.0).abs() < 0.11);
        assert!((durations.greatest_ms() - 99.95).abs() < 1e-9);
    }

    #[test]
    fn none_at_all_and_far_too_long_are_no_trouble() {
        let mut durations = Histogram::default();
        assert!(durations.quantile_ms(0.99) == 0.0);
        durations.add(60_000_000_000);
        durations.add(-5);
        assert!((durations.greatest_ms() - 60_000.0).abs() < 1e-9);
    }
}
