//! L16: the samples themselves, 16 bits, most significant byte first.
//!
//! No state: a packet can be cut or begun at any sample.
//!
//! Source: RFC 3551, section 4.5.11.

/// Write samples as bytes, as many as fit, and say how many bytes it took.
pub fn encode(samples: &[i16], payload: &mut [u8]) -> usize {
    let pairs = payload.chunks_exact_mut(2).zip(samples);
    pairs
        .map(|(pair, sample)| pair.copy_from_slice(&sample.to_be_bytes()))
        .count()
        * 2
}

/// Read samples from bytes, as many as fit, and say how many there were. Half a sample at the end is left out.
pub fn decode(payload: &[u8], samples: &mut [i16]) -> usize {
    let pairs = payload.chunks_exact(2).zip(samples);
    pairs
        .map(|(pair, sample)| *sample = i16::from_be_bytes([pair[0], pair[1]]))
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_go_out_in_network_order_and_come_back() {
        let mut payload = [0; 6];
        assert_eq!(encode(&[1, -2, i16::MIN], &mut payload), 6);
        assert_eq!(payload, [0, 1, 0xFF, 0xFE, 0x80, 0]);
        let mut samples = [0; 3];
        assert_eq!(decode(&payload, &mut samples), 3);
        assert_eq!(samples, [1, -2, i16::MIN]);
    }

    #[test]
    fn half_a_sample_and_a_short_buffer_are_left_out() {
        let mut samples = [7; 2];
        assert_eq!(decode(&[0, 1, 2], &mut samples), 1);
        assert_eq!(samples, [1, 7]);
        assert_eq!(encode(&[1, 2, 3], &mut [0; 5]), 4);
    }
}
