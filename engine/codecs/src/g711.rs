//! G.711: the two logarithmic codings of telephony, by table.
//!
//! The tables are computed at compile time with the arithmetic of the ITU-T software tool library (G.191, module
//! `g711`), which compands 14 bits (µ-law) or 12 bits (A-law) of a 16-bit sample. No state: each byte stands alone, so
//! a packet can be cut or begun anywhere.
//!
//! Sources: ITU-T G.711 (1988), tables 1 and 2; ITU-T G.191, `ulaw_compress`, `alaw_compress` and their inverses.

/// The byte of µ-law that means 0.
pub const PCMU_SILENCE: u8 = 0xFF;

/// The byte of A-law nearest to 0.
pub const PCMA_SILENCE: u8 = 0xD5;

static PCMU_TO_LINEAR: [i16; 256] = expand_all(true);
static PCMA_TO_LINEAR: [i16; 256] = expand_all(false);
static LINEAR_TO_PCMU: [u8; 1 << 14] = compress_all(true);
static LINEAR_TO_PCMA: [u8; 1 << 12] = compress_all(false);

/// Decode one byte of µ-law.
pub fn decode_pcmu(byte: u8) -> i16 {
    PCMU_TO_LINEAR[byte as usize]
}

/// Decode one byte of A-law.
pub fn decode_pcma(byte: u8) -> i16 {
    PCMA_TO_LINEAR[byte as usize]
}

/// Encode one sample as µ-law.
pub fn encode_pcmu(sample: i16) -> u8 {
    LINEAR_TO_PCMU[(sample as u16 >> 2) as usize]
}

/// Encode one sample as A-law.
pub fn encode_pcma(sample: i16) -> u8 {
    LINEAR_TO_PCMA[(sample as u16 >> 4) as usize]
}

const fn expand_all(pcmu: bool) -> [i16; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = if pcmu {
            expand_pcmu(byte as u8)
        } else {
            expand_pcma(byte as u8)
        };
        byte += 1;
    }
    table
}

/// The table is indexed by the upper bits of a sample, read as unsigned; the lower bits do not matter to the coding.
const fn compress_all<const SIZE: usize>(pcmu: bool) -> [u8; SIZE] {
    let mut table = [0; SIZE];
    let mut index = 0;
    while index < SIZE {
        let sample = (index * (65_536 / SIZE)) as u16 as i16;
        table[index] = if pcmu {
            compress_pcmu(sample)
        } else {
            compress_pcma(sample)
        };
        index += 1;
    }
    table
}

const fn expand_pcmu(byte: u8) -> i16 {
    let inverted = !byte;
    let exponent = ((inverted >> 4) & 7) as i32;
    let mantissa = (inverted & 15) as i32;
    let step = 8 << exponent;
    let magnitude = (0x80 << exponent) + step * mantissa + step / 2 - 4 * 33;
    (if byte < 0x80 { -magnitude } else { magnitude }) as i16
}

const fn expand_pcma(byte: u8) -> i16 {
    let code = (byte ^ 0x55) & 0x7F;
    let exponent = (code >> 4) as i32;
    let mut magnitude = (code & 15) as i32;
    if exponent > 0 {
        magnitude += 16;
    }
    magnitude = (magnitude << 4) + 8;
    if exponent > 1 {
        magnitude <<= exponent - 1;
    }
    (if byte > 0x7F { magnitude } else { -magnitude }) as i16
}

const fn compress_pcmu(sample: i16) -> u8 {
    // The negative half is folded by one's complement, as G.191 does, so that both halves have equal steps.
    let folded = if sample < 0 { !sample } else { sample };
    let mut magnitude = (folded >> 2) as i32 + 33;
    if magnitude > 0x1FFF {
        magnitude = 0x1FFF;
    }
    let mut segment = 1;
    let mut rest = magnitude >> 6;
    while rest != 0 {
        segment += 1;
        rest >>= 1;
    }
    let high = (8 - segment) as u8;
    let low = (0xF - ((magnitude >> segment) & 0xF)) as u8;
    let sign = if sample < 0 { 0 } else { 0x80 };
    (high << 4) | low | sign
}

const fn compress_pcma(sample: i16) -> u8 {
    let folded = if sample < 0 { !sample } else { sample };
    let mut magnitude = (folded >> 4) as i32;
    if magnitude > 15 {
        let mut exponent = 1;
        while magnitude > 31 {
            magnitude >>= 1;
            exponent += 1;
        }
        magnitude = magnitude - 16 + (exponent << 4);
    }
    let sign = if sample < 0 { 0 } else { 0x80 };
    (magnitude as u8 | sign) ^ 0x55
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values_of_the_recommendation_are_met() {
        assert_eq!(
            [0xFF, 0x80, 0x00, 0x7F, 0xEF].map(decode_pcmu),
            [0, 32_124, -32_124, 0, 132]
        );
        assert_eq!(
            [0xD5, 0x55, 0xAA, 0x2A].map(decode_pcma),
            [8, -8, 32_256, -32_256]
        );
        assert_eq!([0, 32_767, -32_768].map(encode_pcmu), [PCMU_SILENCE, 0x80, 0x00]);
        assert_eq!([0, 32_767, -32_768].map(encode_pcma), [PCMA_SILENCE, 0xAA, 0x2A]);
    }

    #[test]
    fn decoding_and_encoding_again_gives_the_same_byte() {
        for byte in 0..=255_u8 {
            // 0x7F is "minus zero", which has no other spelling in linear samples than zero.
            let expected = if byte == 0x7F { 0xFF } else { byte };
            assert_eq!(encode_pcmu(decode_pcmu(byte)), expected, "PCMU {byte:#x}");
            assert_eq!(encode_pcma(decode_pcma(byte)), byte, "PCMA {byte:#x}");
        }
    }

    #[test]
    fn no_sample_is_off_by_more_than_half_its_quantising_step() {
        for sample in i16::MIN..=i16::MAX {
            let loudness = i32::from(sample).abs();
            for (coded, step) in [
                (decode_pcmu(encode_pcmu(sample)), (loudness + 132) / 16),
                (decode_pcma(encode_pcma(sample)), loudness / 16 + 16),
            ] {
                let off = (i32::from(coded) - i32::from(sample)).abs();
                let clipped = loudness - i32::from(coded).abs();
                assert!(
                    off <= step / 2 + 8 || clipped > 0 && loudness > 32_000,
                    "{sample} became {coded}"
                );
            }
        }
    }
}
