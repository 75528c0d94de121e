//! RTP packets: reading what came and writing what goes.
//!
//! Bytes to values and back; whose packet it is and whether it is wanted is decided elsewhere. A packet that breaks a
//! rule of the header is refused whole: nothing of garbage is guessed at.
//!
//! Sources: RFC 3550, sections 5.1 (header), 5.3.1 (extension) and A.1 (validity); RFC 5761, section 4 (telling RTCP
//! apart by the payload type).

/// Bytes of a header without contributing sources and extension.
pub const HEADER_BYTES: usize = 12;

/// One RTP packet as read; borrows the datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet<'a> {
    /// Marker bit: for audio, the first packet after silence.
    pub marker: bool,
    /// 0 to 127.
    pub payload_type: u8,
    /// Sequence number, wraps at 65,536.
    pub seq: u16,
    /// Of the first sample, in units of the codec's clock; wraps at 2³².
    pub timestamp: u32,
    /// Who sent it.
    pub ssrc: u32,
    /// The coded sound or event, without padding.
    pub payload: &'a [u8],
}

/// Why bytes are not an RTP packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Malformed {
    /// The header, its contributing sources or its extension reach beyond the datagram.
    Short,
    /// The version is not 2.
    Version,
    /// The padding is longer than what it pads, or says zero.
    Padding,
    /// The payload type is one of RTCP's (RFC 5761, section 4): a report sent to the wrong port.
    Control,
}

/// Read a datagram as RTP.
pub fn parse(datagram: &[u8]) -> Result<Packet<'_>, Malformed> {
    let head: &[u8; HEADER_BYTES] = datagram.first_chunk().ok_or(Malformed::Short)?;
    if head[0] >> 6 != 2 {
        return Err(Malformed::Version);
    }
    let payload_type = head[1] & 0x7F;
    if (64..=95).contains(&payload_type) {
        return Err(Malformed::Control);
    }
    let contributors = usize::from(head[0] & 0x0F);
    let mut rest = datagram
        .get(HEADER_BYTES + 4 * contributors..)
        .ok_or(Malformed::Short)?;
    if head[0] & 0x10 != 0 {
        let extension: &[u8; 4] = rest.first_chunk().ok_or(Malformed::Short)?;
        let words = usize::from(u16::from_be_bytes([extension[2], extension[3]]));
        rest = rest.get(4 + 4 * words..).ok_or(Malformed::Short)?;
    }
    if head[0] & 0x20 != 0 {
        rest = without_padding(rest)?;
    }
    Ok(Packet {
        marker: head[1] & 0x80 != 0,
        payload_type,
        seq: u16::from_be_bytes([head[2], head[3]]),
        timestamp: u32::from_be_bytes([head[4], head[5], head[6], head[7]]),
        ssrc: u32::from_be_bytes([head[8], head[9], head[10], head[11]]),
        payload: rest,
    })
}

/// The last octet counts the padding, itself included (RFC 3550, section 5.1).
fn without_padding(payload: &[u8]) -> Result<&[u8], Malformed> {
    let count = usize::from(*payload.last().ok_or(Malformed::Padding)?);
    if count == 0 || count > payload.len() {
        return Err(Malformed::Padding);
    }
    Ok(&payload[..payload.len() - count])
}

/// Write the header of a packet without contributing sources, extension or padding.
pub fn write_header(out: &mut [u8; HEADER_BYTES], packet: &Packet<'_>) {
    out[0] = 0x80;
    out[1] = packet.payload_type | if packet.marker { 0x80 } else { 0 };
    out[2..4].copy_from_slice(&packet.seq.to_be_bytes());
    out[4..8].copy_from_slice(&packet.timestamp.to_be_bytes());
    out[8..12].copy_from_slice(&packet.ssrc.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn datagram(first: u8, tail: &[u8]) -> Vec<u8> {
        let mut bytes = vec![first, 0x80, 0x12, 0x34, 0, 0, 0, 160, 0xDE, 0xAD, 0xBE, 0xEF];
        bytes.extend_from_slice(tail);
        bytes
    }

    #[test]
    fn a_plain_packet_is_read_in_full() {
        let bytes = datagram(0x80, &[1, 2, 3]);
        let packet = parse(&bytes).unwrap();
        assert_eq!(
            (packet.marker, packet.payload_type, packet.seq),
            (true, 0, 0x1234)
        );
        assert_eq!(
            (packet.timestamp, packet.ssrc, packet.payload),
            (160, 0xDEAD_BEEF, &[1, 2, 3][..])
        );
    }

    #[test]
    fn contributing_sources_extension_and_padding_are_stepped_over() {
        let mut tail = vec![9; 8];
        tail.extend_from_slice(&[0xBE, 0xDE, 0, 1, 7, 7, 7, 7]);
        tail.extend_from_slice(&[42, 43, 0, 0, 3]);
        let bytes = datagram(0xB2, &tail);
        assert_eq!(parse(&bytes).unwrap().payload, &[42, 43]);
    }

    #[test]
    fn what_breaks_the_header_is_refused() {
        assert_eq!(parse(&datagram(0x80, &[])[..11]), Err(Malformed::Short));
        assert_eq!(parse(&datagram(0x40, &[1])), Err(Malformed::Version));
        assert_eq!(parse(&datagram(0x8F, &[0; 59])), Err(Malformed::Short));
        assert_eq!(
            parse(&datagram(0x90, &[0, 0, 0, 2, 0, 0, 0, 0])),
            Err(Malformed::Short)
        );
        assert_eq!(parse(&datagram(0xA0, &[1, 2, 9])), Err(Malformed::Padding));
        assert_eq!(parse(&datagram(0xA0, &[1, 2, 0])), Err(Malformed::Padding));
        assert_eq!(parse(&datagram(0xA0, &[])), Err(Malformed::Padding));
        let mut report = datagram(0x80, &[0; 16]);
        report[1] = 200;
        assert_eq!(parse(&report), Err(Malformed::Control));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused_and_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(packet) = parse(&bytes) {
                prop_assert!(packet.payload.len() + HEADER_BYTES <= bytes.len());
            }
        }

        #[test]
        fn what_is_written_is_read_back(marker: bool, kind in 0_u8..64, seq: u16, timestamp: u32, ssrc: u32) {
            let packet = Packet { marker, payload_type: kind, seq, timestamp, ssrc, payload: &[] };
            let mut bytes = [0; HEADER_BYTES];
            write_header(&mut bytes, &packet);
            prop_assert_eq!(parse(&bytes), Ok(packet));
        }
    }
}
