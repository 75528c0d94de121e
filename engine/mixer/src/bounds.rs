//! How much sound may wait in a jitter buffer: what a customer chose between delay and patience.
//!
//! A buffer is as deep as its network needs within these bounds; on an even network all sizes but `Off` cost about the
//! same. Source: Twilio "Conference", `jitterBufferSize` (off, small, medium, large).

use crate::frame::FRAME_MS;

/// The size of a jitter buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BufferSize {
    /// No more than a packet waits: what comes late is lost.
    Off,
    /// At most 60 ms wait.
    Small,
    /// At most 120 ms wait.
    Medium,
    /// At most 300 ms wait.
    #[default]
    Large,
}

impl BufferSize {
    /// Held before playing begins, in ms, when packets are so long.
    pub fn start_ms(self, packet_ms: usize) -> usize {
        let frame = FRAME_MS as usize;
        match self {
            Self::Off | Self::Small => frame.max(packet_ms),
            Self::Medium | Self::Large => (2 * frame).max(packet_ms + frame),
        }
    }

    /// Held at most when a frame is to be taken, in ms; what is older goes.
    pub fn deepest_ms(self, packet_ms: usize) -> usize {
        let frame = FRAME_MS as usize;
        match self {
            Self::Off => frame + packet_ms.max(frame),
            Self::Small => 60.max(frame + packet_ms),
            Self::Medium => 120,
            Self::Large => 300,
        }
    }

    /// Depth that is left when the deepest is exceeded, in ms.
    pub fn cut_to_ms(self, packet_ms: usize) -> usize {
        self.deepest_ms(packet_ms).min(60)
    }

    /// The shortest wait that is left standing, in µs: what an even network gets.
    pub fn spare_us(self) -> u64 {
        match self {
            Self::Off => 2_000,
            Self::Small => 5_000,
            Self::Medium | Self::Large => 10_000,
        }
    }

    /// Below this shortest wait the next packet may be late, and the buffer is made deeper; in µs.
    pub fn scarce_us(self) -> u64 {
        match self {
            Self::Off => 0,
            Self::Small => 2_000,
            Self::Medium | Self::Large => 4_000,
        }
    }
}
