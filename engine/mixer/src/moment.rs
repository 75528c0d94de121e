//! Time as the mixer is told it.
//!
//! The mixer never reads a clock: every time is an argument, microseconds since whatever moment the caller chose. So a
//! test runs an hour of telephony in a second, and twice with the same result.

/// A point in time: microseconds since the caller's own zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Moment(u64);

impl Moment {
    /// The moment this many microseconds after zero.
    pub const fn from_us(us: u64) -> Self {
        Self(us)
    }

    /// The moment this many milliseconds after zero.
    pub const fn from_ms(ms: u64) -> Self {
        Self(ms * 1_000)
    }

    /// Microseconds since zero.
    pub const fn us(self) -> u64 {
        self.0
    }

    /// Whole milliseconds since zero.
    pub const fn ms(self) -> u64 {
        self.0 / 1_000
    }

    /// This many milliseconds later.
    #[must_use]
    pub const fn plus_ms(self, ms: u64) -> Self {
        Self(self.0 + ms * 1_000)
    }

    /// Microseconds from `earlier` to this moment; negative when `earlier` is later after all.
    pub const fn since_us(self, earlier: Self) -> i64 {
        self.0 as i64 - earlier.0 as i64
    }

    /// Whole milliseconds from `earlier` to this moment, 0 when `earlier` is later after all.
    pub const fn since_ms(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0) / 1_000
    }
}

/// Ties the mixer's time to the wall clock, for the sender reports of RTCP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WallClock {
    /// Microseconds from 1970-01-01 00:00 UTC to the mixer's zero.
    pub unix_us_at_zero: u64,
}

/// Seconds from the zero of NTP (1900) to that of Unix (1970); RFC 3550, section 4.
const NTP_TO_UNIX_S: u64 = 2_208_988_800;

impl WallClock {
    /// The 64-bit NTP timestamp of a moment: seconds since 1900, then a binary fraction (RFC 3550, section 4).
    pub fn ntp(self, at: Moment) -> u64 {
        let us = self.unix_us_at_zero + at.us();
        let seconds = us / 1_000_000 + NTP_TO_UNIX_S;
        let fraction = ((us % 1_000_000) << 32) / 1_000_000;
        (seconds << 32) | fraction
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ntp_timestamp_counts_from_1900_with_a_binary_fraction() {
        let clock = WallClock { unix_us_at_zero: 0 };
        assert_eq!(clock.ntp(Moment::from_ms(500)), (2_208_988_800 << 32) | (1 << 31));
    }

    #[test]
    fn differences_are_signed_in_microseconds_and_never_negative_in_milliseconds() {
        let (early, late) = (Moment::from_ms(10), Moment::from_ms(25));
        assert_eq!((late.since_us(early), early.since_us(late)), (15_000, -15_000));
        assert_eq!((late.since_ms(early), early.since_ms(late)), (15, 0));
    }
}
