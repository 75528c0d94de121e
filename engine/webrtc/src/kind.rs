//! What a packet is, by its first byte: all that the real-time thread asks of one.

/// A kind of packet at a port where several meet (RFC 7983, section 7; RFC 5761, section 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Sound, sealed.
    Sound,
    /// A report about sound, sealed.
    Report,
    /// A check of ICE, or a piece of a DTLS handshake: for a [`Door`](crate::Door).
    Knock,
    /// Nothing we know.
    Other,
}

impl Kind {
    /// Tell what a packet is. Looks at two bytes.
    pub fn of(packet: &[u8]) -> Self {
        match packet {
            [0..=3 | 20..=63, ..] => Self::Knock,
            [128..=191, 192..=223, ..] => Self::Report,
            [128..=191, ..] => Self::Sound,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_byte_tells() {
        let kinds = [
            (&[0, 1][..], Kind::Knock),
            (&[22, 254], Kind::Knock),
            (&[128, 111], Kind::Sound),
            (&[128, 239], Kind::Sound),
            (&[128, 200], Kind::Report),
            (&[64, 0], Kind::Other),
            (&[16, 0], Kind::Other),
            (&[255, 200], Kind::Other),
            (&[], Kind::Other),
        ];
        for (packet, kind) in kinds {
            assert_eq!(Kind::of(packet), kind, "{packet:?}");
        }
    }
}
