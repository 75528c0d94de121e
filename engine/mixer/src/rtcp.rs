//! RTCP: reading the peer's reports and writing ours.
//!
//! Only what a telephone call needs: sender and receiver reports, a CNAME, BYE. Feedback and application packets are
//! stepped over. No timing here: when to report is the stream's business.
//!
//! Sources: RFC 3550, sections 6.4.1 (SR), 6.4.2 (RR), 6.5.1 (CNAME), 6.6 (BYE) and A.2 (validity); RFC 7022 (short-term
//! canonical names).

const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const SOURCE_DESCRIPTION: u8 = 202;
const GOODBYE: u8 = 203;

/// Bytes of the longest compound we write: SR with one block, SDES, BYE.
pub const LONGEST_BYTES: usize = 28 + 24 + 8 + 2 + CNAME_BYTES + 2 + 8;

/// Length of our canonical names.
pub const CNAME_BYTES: usize = 16;

/// A name that ties our streams' reports together: random text, new for each stream (RFC 7022, section 4.2).
pub type Cname = [u8; CNAME_BYTES];

/// What a sender says about its own stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SenderFacts {
    /// When the report was made, as NTP timestamp.
    pub ntp: u64,
    /// The same moment in units of the stream's RTP clock.
    pub timestamp: u32,
    /// Packets sent since the start.
    pub packets: u32,
    /// Payload bytes sent since the start.
    pub bytes: u32,
}

/// What a receiver says about one stream that it hears (a report block).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// The stream it is about.
    pub ssrc: u32,
    /// Part of the packets lost since the last report, in 1/256.
    pub fraction_lost: u8,
    /// Packets lost since the start; 24 bits, negative when duplicates came.
    pub lost: i32,
    /// Highest sequence number received, with the count of its wraps above it.
    pub highest_seq: u32,
    /// Interarrival jitter in units of the RTP clock.
    pub jitter_ts: u32,
    /// Middle 32 bits of the NTP timestamp of the last SR from that stream, 0 if none came.
    pub last_report: u32,
    /// Time since that SR came, in 1/65,536 s.
    pub delay: u32,
}

/// What a compound packet told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Told {
    /// The NTP timestamp of the sender report in it.
    pub sender_ntp: Option<u64>,
    /// The last report block about `ours`.
    pub about_us: Option<Block>,
    /// Whether the peer said goodbye.
    pub goodbye: bool,
}

/// Why bytes are not RTCP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotControl;

/// Read a datagram as compound RTCP and keep what matters to the stream `ours`.
///
/// The rules of RFC 3550, A.2 hold: version 2 throughout, a report first, and the lengths add up to the datagram.
pub fn parse(datagram: &[u8], ours: u32) -> Result<Told, NotControl> {
    let mut told = Told::default();
    let mut rest = datagram;
    let mut first = true;
    while !rest.is_empty() {
        let part = split(rest)?;
        if first && part.kind != SENDER_REPORT && part.kind != RECEIVER_REPORT {
            return Err(NotControl);
        }
        read_part(&mut told, &part, ours)?;
        first = false;
        rest = part.after;
    }
    if first {
        return Err(NotControl);
    }
    Ok(told)
}

/// One packet of a compound.
struct Part<'a> {
    kind: u8,
    /// The five bits beside the version: how many blocks follow.
    count: usize,
    /// After the first word.
    body: &'a [u8],
    /// The rest of the compound.
    after: &'a [u8],
}

/// Cut one packet off a compound.
fn split(bytes: &[u8]) -> Result<Part<'_>, NotControl> {
    let head: &[u8; 4] = bytes.first_chunk().ok_or(NotControl)?;
    let length = 4 * usize::from(u16::from_be_bytes([head[2], head[3]])) + 4;
    if head[0] >> 6 != 2 || length > bytes.len() {
        return Err(NotControl);
    }
    let count = usize::from(head[0] & 0x1F);
    Ok(Part {
        kind: head[1],
        count,
        body: &bytes[4..length],
        after: &bytes[length..],
    })
}

fn read_part(told: &mut Told, part: &Part<'_>, ours: u32) -> Result<(), NotControl> {
    let blocks_at = match part.kind {
        SENDER_REPORT => {
            let ntp = part.body.get(4..12).ok_or(NotControl)?;
            told.sender_ntp = Some(u64::from_be_bytes(ntp.try_into().map_err(|_| NotControl)?));
            24
        }
        RECEIVER_REPORT => 4,
        GOODBYE => {
            told.goodbye = true;
            return Ok(());
        }
        _ => return Ok(()),
    };
    let blocks = part
        .body
        .get(blocks_at..blocks_at + 24 * part.count)
        .ok_or(NotControl)?;
    for bytes in blocks.chunks_exact(24) {
        let block = read_block(bytes);
        if block.ssrc == ours {
            told.about_us = Some(block);
        }
    }
    Ok(())
}

fn read_block(bytes: &[u8]) -> Block {
    let word = |at: usize| u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    Block {
        ssrc: word(0),
        fraction_lost: bytes[4],
        lost: ((word(4) << 8) as i32) >> 8,
        highest_seq: word(8),
        jitter_ts: word(12),
        last_report: word(16),
        delay: word(20),
    }
}

/// A report of ours, to be written.
#[derive(Debug, Clone, Copy)]
pub struct Report {
    /// Our stream.
    pub ssrc: u32,
    /// Its name.
    pub cname: Cname,
    /// Set when we sent since the last report: makes it an SR instead of an RR.
    pub sender: Option<SenderFacts>,
    /// What we hear of the peer, once we have heard it.
    pub block: Option<Block>,
    /// Whether this is the last report of the stream.
    pub goodbye: bool,
}

/// Write a compound packet and give its length in bytes.
pub fn write(report: &Report, out: &mut [u8; LONGEST_BYTES]) -> usize {
    let mut pen = Pen { out, at: 0 };
    let kind = if report.sender.is_some() {
        SENDER_REPORT
    } else {
        RECEIVER_REPORT
    };
    let start = pen.begin(kind, u8::from(report.block.is_some()));
    pen.word(report.ssrc);
    if let Some(sender) = report.sender {
        pen.word((sender.ntp >> 32) as u32);
        pen.word(sender.ntp as u32);
        pen.word(sender.timestamp);
        pen.word(sender.packets);
        pen.word(sender.bytes);
    }
    if let Some(block) = report.block {
        pen.block(&block);
    }
    pen.end(start);
    let start = pen.begin(SOURCE_DESCRIPTION, 1);
    pen.word(report.ssrc);
    pen.bytes(&[1, CNAME_BYTES as u8]);
    pen.bytes(&report.cname);
    // One zero ends the list of items, another fills the word (RFC 3550, section 6.5).
    pen.bytes(&[0, 0]);
    pen.end(start);
    if report.goodbye {
        let start = pen.begin(GOODBYE, 1);
        pen.word(report.ssrc);
        pen.end(start);
    }
    pen.at
}

struct Pen<'a> {
    out: &'a mut [u8; LONGEST_BYTES],
    at: usize,
}

impl Pen<'_> {
    fn bytes(&mut self, bytes: &[u8]) {
        self.out[self.at..self.at + bytes.len()].copy_from_slice(bytes);
        self.at += bytes.len();
    }

    fn word(&mut self, word: u32) {
        self.bytes(&word.to_be_bytes());
    }

    fn begin(&mut self, kind: u8, count: u8) -> usize {
        let start = self.at;
        self.bytes(&[0x80 | count, kind, 0, 0]);
        start
    }

    fn end(&mut self, start: usize) {
        let words = ((self.at - start) / 4 - 1) as u16;
        self.out[start + 2..start + 4].copy_from_slice(&words.to_be_bytes());
    }

    fn block(&mut self, block: &Block) {
        self.word(block.ssrc);
        let lost = block.lost.clamp(-0x80_0000, 0x7F_FFFF) as u32 & 0xFF_FFFF;
        self.word(u32::from(block.fraction_lost) << 24 | lost);
        for word in [block.highest_seq, block.jitter_ts, block.last_report, block.delay] {
            self.word(word);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn block() -> Block {
        Block {
            ssrc: 7,
            fraction_lost: 3,
            lost: -2,
            highest_seq: 0x1_0005,
            jitter_ts: 9,
            last_report: 5,
            delay: 6,
        }
    }

    fn sent(goodbye: bool) -> ([u8; LONGEST_BYTES], usize) {
        let sender = SenderFacts {
            ntp: 0x1122_3344_5566_7788,
            timestamp: 1,
            packets: 2,
            bytes: 3,
        };
        let report = Report {
            ssrc: 1,
            cname: *b"0123456789abcdef",
            sender: Some(sender),
            block: Some(block()),
            goodbye,
        };
        let mut out = [0; LONGEST_BYTES];
        let length = write(&report, &mut out);
        (out, length)
    }

    #[test]
    fn a_report_is_read_back_by_the_one_it_is_about() {
        let (bytes, length) = sent(false);
        let told = parse(&bytes[..length], 7).unwrap();
        assert_eq!(
            told,
            Told {
                sender_ntp: Some(0x1122_3344_5566_7788),
                about_us: Some(block()),
                goodbye: false
            }
        );
        assert_eq!(parse(&bytes[..length], 8).unwrap().about_us, None);
    }

    #[test]
    fn a_goodbye_is_told() {
        let (bytes, length) = sent(true);
        assert_eq!(length, LONGEST_BYTES);
        assert!(parse(&bytes[..length], 7).unwrap().goodbye);
    }

    #[test]
    fn a_compound_that_does_not_add_up_is_refused() {
        let (bytes, length) = sent(false);
        assert_eq!(parse(&bytes[..length - 1], 7), Err(NotControl));
        assert_eq!(
            parse(&bytes[28 + 24..length], 7),
            Err(NotControl),
            "a description without a report before it"
        );
        assert_eq!(parse(&[], 7), Err(NotControl));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused_and_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse(&bytes, 7);
        }

        #[test]
        fn a_report_with_any_byte_broken_never_panics(at in 0_usize..LONGEST_BYTES, value: u8, cut in 0_usize..LONGEST_BYTES) {
            let (mut bytes, _) = sent(true);
            bytes[at] = value;
            let _ = parse(&bytes[..cut], 7);
        }
    }
}
