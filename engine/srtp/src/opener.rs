//! Opening what a peer sends: what is not sealed with its key, or was heard before, is refused and changes nothing.

use crate::cipher::{Cipher, Open};
use crate::index::Window;
use crate::keys::{Kind, Suite};
use crate::packet::{parts_of, sender_of, RTCP_HEAD};
use crate::sealer::ENCRYPTED;

/// Sources of a peer that are told apart. When one more proves genuine, the one that was heard longest ago is forgotten,
/// and with it which of its packets were heard: only a peer that has changed its source so often can be replayed.
const SOURCES: usize = 8;

/// Why a packet is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// It is not sealed, or cut short.
    Malformed,
    /// It was heard already, or is too old to tell.
    Replayed,
    /// It was sealed with another key, or changed on its way.
    Forged,
}

/// What is known of one source of the peer.
#[derive(Debug, Clone, Copy, Default)]
struct Source {
    ssrc: u32,
    rtp: Window,
    rtcp: Window,
    /// When it was heard last, in packets of any source; 0: this place is free.
    heard_at: u64,
}

/// Opens the packets of a peer.
pub struct Opener {
    rtp: Cipher,
    rtcp: Cipher,
    sources: [Source; SOURCES],
    packets: u64,
    /// Rollovers that a source may have behind it already when it is heard first: those of the key before.
    inherited: u64,
}

impl Opener {
    /// Open with this master key followed by its salt; None when it has another length than the suite's.
    pub fn new(suite: Suite, material: &[u8]) -> Option<Self> {
        Some(Self::of(
            Cipher::new(suite, Kind::Rtp, material)?,
            Cipher::new(suite, Kind::Rtcp, material)?,
        ))
    }

    pub(crate) fn of(rtp: Cipher, rtcp: Cipher) -> Self {
        Self {
            rtp,
            rtcp,
            sources: [Source::default(); SOURCES],
            packets: 0,
            inherited: 0,
        }
    }

    /// Follow a change of keys. Rollovers go on being counted (RFC 3711 3.3.1), yet most peers begin to count anew; so
    /// the first packet of a source may be of either count.
    pub fn succeed(&mut self, before: &Self) {
        self.inherited = before
            .latest()
            .map_or(before.inherited, |source| source.rtp.highest() >> 16);
    }

    fn latest(&self) -> Option<&Source> {
        let heard = self.sources.iter().filter(|source| !source.rtp.is_new());
        heard.max_by_key(|source| source.heard_at)
    }

    /// Indices that the first packet heard of a source may have, besides that of a new count: what was counted under the key
    /// before, or one more, when all that came before the wrap was missed.
    fn beginnings(&self, seq: u16) -> [u64; 2] {
        let wrapped = self.inherited + u64::from(seq < 0x8000);
        [self.inherited, wrapped].map(|rounds| (rounds & 0xFFFF_FFFF) << 16 | u64::from(seq))
    }

    /// Open an RTP packet in place; gives its length without the tag.
    pub fn rtp(&mut self, packet: &mut [u8]) -> Result<usize, Refused> {
        let length = packet.len().checked_sub(self.rtp.tag_bytes());
        let length = length.ok_or(Refused::Malformed)?;
        let parts = parts_of(&packet[..length]).ok_or(Refused::Malformed)?;
        let place = self.place_of(parts.ssrc);
        let window = self.sources[place].rtp;
        let known = self.sources[place].ssrc == parts.ssrc && !window.is_new();
        let window = if known { window } else { Window::default() };
        let index = window.guess(parts.seq);
        if !window.admits(index) {
            return Err(Refused::Replayed);
        }
        let others = self.beginnings(parts.seq).into_iter();
        let others = others.filter(|other| !known && *other != index);
        let (whole, tag) = packet.split_at_mut(length);
        let (head, body) = whole.split_at_mut(parts.head);
        let mut attempt = |index| {
            let mut open = Open {
                ssrc: parts.ssrc,
                index,
                head,
                body,
            };
            self.rtp.open_rtp(&mut open, tag).is_ok()
        };
        let opened = Some(index)
            .into_iter()
            .chain(others)
            .find(|index| attempt(*index));
        let index = opened.ok_or(Refused::Forged)?;
        self.heard(place, parts.ssrc).rtp.hear(index);
        Ok(length)
    }

    /// Open a report in place; gives its length without index and tag.
    pub fn rtcp(&mut self, packet: &mut [u8]) -> Result<usize, Refused> {
        let tag_bytes = self.rtcp.tag_bytes();
        let length = packet.len().checked_sub(tag_bytes + 4);
        let length = length.ok_or(Refused::Malformed)?;
        let ssrc = sender_of(&packet[..length]).ok_or(Refused::Malformed)?;
        let (whole, rest) = packet.split_at_mut(length);
        let (first, second) = rest.split_at(if self.rtcp.tags_last() { 4 } else { tag_bytes });
        let (word, tag) = if self.rtcp.tags_last() {
            (first, second)
        } else {
            (second, first)
        };
        let word: [u8; 4] = word.try_into().map_err(|_| Refused::Malformed)?;
        let read = u32::from_be_bytes(word);
        if read & ENCRYPTED == 0 {
            return Err(Refused::Malformed);
        }
        let index = u64::from(read & !ENCRYPTED);
        let place = self.place_of(ssrc);
        let known = self.sources[place].ssrc == ssrc;
        if known && !self.sources[place].rtcp.admits(index) {
            return Err(Refused::Replayed);
        }
        let (head, body) = whole.split_at_mut(RTCP_HEAD);
        let mut open = Open {
            ssrc,
            index,
            head,
            body,
        };
        self.rtcp
            .open_rtcp(&mut open, word, tag)
            .map_err(|_| Refused::Forged)?;
        self.heard(place, ssrc).rtcp.hear(index);
        Ok(length)
    }

    /// Where a source is, or would be.
    fn place_of(&self, ssrc: u32) -> usize {
        let known = |source: &Source| source.heard_at > 0 && source.ssrc == ssrc;
        let oldest = || (0..SOURCES).min_by_key(|place| self.sources[*place].heard_at);
        let found = self.sources.iter().position(known).or_else(oldest);
        found.unwrap_or_default()
    }

    /// Take note that a source has proved genuine.
    fn heard(&mut self, place: usize, ssrc: u32) -> &mut Source {
        self.packets += 1;
        let source = &mut self.sources[place];
        if source.heard_at == 0 || source.ssrc != ssrc {
            *source = Source {
                ssrc,
                ..Source::default()
            };
        }
        source.heard_at = self.packets;
        source
    }
}

impl std::fmt::Debug for Opener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opener").finish_non_exhaustive()
    }
}
