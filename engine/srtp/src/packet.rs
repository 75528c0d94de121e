//! Where the parts of a packet are: what is sealed, and what is only vouched for.
//!
//! Source: RFC 3550 5.1, 5.3.1 and 6.4.1; RFC 3711 3.1 and 3.4.

/// Bytes of an RTCP packet that are never encrypted: the first header and its sender.
pub(crate) const RTCP_HEAD: usize = 8;

/// What of an RTP packet matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parts {
    /// Bytes of header, contributing sources and extension: in the clear.
    pub head: usize,
    pub seq: u16,
    pub ssrc: u32,
}

/// Find the parts of an RTP packet, sealed or not; None when its header reaches beyond it.
pub(crate) fn parts_of(packet: &[u8]) -> Option<Parts> {
    let fixed: &[u8; 12] = packet.first_chunk()?;
    if fixed[0] >> 6 != 2 {
        return None;
    }
    let mut head = 12 + 4 * usize::from(fixed[0] & 0x0F);
    if fixed[0] & 0x10 != 0 {
        let extension: &[u8; 4] = packet.get(head..)?.first_chunk()?;
        head += 4 + 4 * usize::from(u16::from_be_bytes([extension[2], extension[3]]));
    }
    (head <= packet.len()).then_some(Parts {
        head,
        seq: u16::from_be_bytes([fixed[2], fixed[3]]),
        ssrc: u32::from_be_bytes([fixed[8], fixed[9], fixed[10], fixed[11]]),
    })
}

/// Who sent an RTCP packet; None when it is too short to say.
pub(crate) fn sender_of(packet: &[u8]) -> Option<u32> {
    let head: &[u8; RTCP_HEAD] = packet.first_chunk()?;
    (head[0] >> 6 == 2).then(|| u32::from_be_bytes([head[4], head[5], head[6], head[7]]))
}

#[cfg(test)]
pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .chars()
        .map(|digit| digit.to_digit(16).expect("hex") as u8)
        .collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contributing_sources_and_extension_belong_to_the_head() {
        let mut packet = hex("920100070000000000000009");
        packet.extend([0; 8]);
        packet.extend(hex("BEDE000100000000"));
        let parts = Parts {
            head: 28,
            seq: 7,
            ssrc: 9,
        };
        assert_eq!(parts_of(&packet), Some(parts));
        assert_eq!(parts_of(&packet[..27]), None);
        packet[0] = 0x52;
        assert_eq!(parts_of(&packet), None);
    }
}
