//! Sealing what we send.

use crate::cipher::{Cipher, Open};
use crate::keys::{Kind, Suite};
use crate::packet::{parts_of, sender_of, RTCP_HEAD};

/// The flag of SRTCP that says that the report is encrypted (RFC 3711 3.4).
pub(crate) const ENCRYPTED: u32 = 1 << 31;

/// Seals the packets of one source of ours.
pub struct Sealer {
    rtp: Cipher,
    rtcp: Cipher,
    /// Index of the last RTP packet; None before the first.
    last: Option<u64>,
    /// Index of the next report.
    report: u32,
}

impl Sealer {
    /// Seal with this master key followed by its salt; None when it has another length than the suite's.
    pub fn new(suite: Suite, material: &[u8]) -> Option<Self> {
        Some(Self {
            rtp: Cipher::new(suite, Kind::Rtp, material)?,
            rtcp: Cipher::new(suite, Kind::Rtcp, material)?,
            last: None,
            report: 1,
        })
    }

    /// Seal an RTP packet that lies at the front of a buffer with [`crate::ROOM`] behind it; gives its new length. None,
    /// and nothing may be sent, when it is no RTP packet, there is no room, or its number was used before: a keystream
    /// that is used twice is none.
    pub fn rtp(&mut self, buffer: &mut [u8], length: usize) -> Option<usize> {
        let parts = parts_of(buffer.get(..length)?)?;
        let index = self.next_index(parts.seq)?;
        let tag_bytes = self.rtp.tag_bytes();
        let (packet, rest) = buffer.split_at_mut(length);
        let (head, body) = packet.split_at_mut(parts.head);
        let mut open = Open {
            ssrc: parts.ssrc,
            index,
            head,
            body,
        };
        self.rtp.seal_rtp(&mut open, rest.get_mut(..tag_bytes)?);
        self.last = Some(index);
        Some(length + tag_bytes)
    }

    /// Our numbers only go up, and wrap.
    fn next_index(&self, seq: u16) -> Option<u64> {
        let Some(last) = self.last else {
            return Some(seq.into());
        };
        let ahead = seq.wrapping_sub(last as u16);
        (1..0x8000)
            .contains(&ahead)
            .then(|| (last + u64::from(ahead)) & 0xFFFF_FFFF_FFFF)
    }

    /// Seal a report that lies at the front of a buffer with [`crate::ROOM`] behind it; gives its new length.
    pub fn rtcp(&mut self, buffer: &mut [u8], length: usize) -> Option<usize> {
        let ssrc = sender_of(buffer.get(..length)?)?;
        // RFC 3711 9.2: no index is used twice with a key.
        let index = Some(self.report).filter(|index| *index < ENCRYPTED)?;
        let word = (ENCRYPTED | index).to_be_bytes();
        let tag_bytes = self.rtcp.tag_bytes();
        let (packet, rest) = buffer.split_at_mut(length);
        let (head, body) = packet.split_at_mut(RTCP_HEAD);
        let mut open = Open {
            ssrc,
            index: index.into(),
            head,
            body,
        };
        let rest = rest.get_mut(..4 + tag_bytes)?;
        let (first, second) = rest.split_at_mut(if self.rtcp.tags_last() { 4 } else { tag_bytes });
        let (place, tag) = if self.rtcp.tags_last() {
            (first, second)
        } else {
            (second, first)
        };
        self.rtcp.seal_rtcp(&mut open, word, tag);
        place.copy_from_slice(&word);
        self.report = index + 1;
        Some(length + 4 + tag_bytes)
    }

    #[cfg(test)]
    pub(crate) fn of(rtp: Cipher, rtcp: Cipher, report: u32) -> Self {
        Self {
            rtp,
            rtcp,
            last: None,
            report,
        }
    }
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sealer").finish_non_exhaustive()
    }
}
