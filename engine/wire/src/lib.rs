//! What the brain and the engine say to each other: the messages (generated from `protocol.toml`) and their framing.
//!
//! A frame is a 4-byte big-endian length and one `MessagePack` map. No socket is opened here: bytes in, bytes out.

mod messages;
mod secret;

pub use messages::*;
pub use secret::Secret;

/// Largest frame accepted, in bytes, the length field apart: one clip of half an hour at 8 kHz fits.
pub const FRAME_LIMIT_BYTES: usize = 64 * 1024 * 1024;

/// Why bytes are not a frame of ours.
#[derive(Debug)]
pub enum FrameError {
    /// The announced length is above [`FRAME_LIMIT_BYTES`].
    TooLong(usize),
    /// The body is not a message of the protocol.
    Unreadable(String),
}

impl std::fmt::Display for FrameError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooLong(bytes) => write!(f, "a frame of {bytes} bytes; the limit is {FRAME_LIMIT_BYTES}"),
            Self::Unreadable(why) => write!(f, "not a message of protocol {VERSION}: {why}"),
        }
    }
}

impl std::error::Error for FrameError {}

/// Write one message as a frame, length included.
pub fn encode<T: serde::Serialize>(message: &T) -> Vec<u8> {
    let mut frame = vec![0_u8; 4];
    rmp_serde::encode::write_named(&mut frame, message).expect("our own messages always serialise");
    let length = u32::try_from(frame.len() - 4).expect("a frame fits in 32 bits");
    frame[..4].copy_from_slice(&length.to_be_bytes());
    frame
}

/// Read the body of one frame (without its length).
pub fn decode<'a, T: serde::Deserialize<'a>>(body: &'a [u8]) -> Result<T, FrameError> {
    rmp_serde::from_slice(body).map_err(|why| FrameError::Unreadable(why.to_string()))
}

/// Read a frame's length field.
pub fn body_length(field: [u8; 4]) -> Result<usize, FrameError> {
    let length = u32::from_be_bytes(field) as usize;
    if length > FRAME_LIMIT_BYTES {
        return Err(FrameError::TooLong(length));
    }
    Ok(length)
}

/// Whether two protocol versions can work together: the major part must be equal.
pub fn compatible(ours: &str, theirs: &str) -> bool {
    ours.split('.').next() == theirs.split('.').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_survives_the_wire() {
        let clip = LoadClip {
            n: 7,
            clip: "c".into(),
            rate_hz: 8_000,
            pcm: serde_bytes::ByteBuf::from(vec![1, 2, 255]),
        };
        let order = Order::from(clip);
        let frame = encode(&order);
        assert_eq!(
            body_length(frame[..4].try_into().unwrap()).unwrap(),
            frame.len() - 4
        );
        assert_eq!(decode::<Order>(&frame[4..]).unwrap(), order);
        assert_eq!(order.n(), 7);
    }

    #[test]
    fn garbage_is_refused_with_a_reason() {
        assert!(decode::<Order>(b"\x81\xa1t\xa4Nope").is_err());
        assert!(body_length([255; 4]).is_err());
        assert!(compatible("1.0", "1.7") && !compatible("1.0", "2.0"));
    }
}
