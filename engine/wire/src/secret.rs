//! Bytes that are never shown: not in a log, not in a panic.

use serde::{Deserialize, Serialize};

/// A key, on its way from the brain to where it is used.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(serde_bytes::ByteBuf);

impl Secret {
    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Secret {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_order_shows_no_key_and_carries_it_all_the_same() {
        let security = crate::Security {
            suite: crate::Suite::Cm80,
            send_key: vec![0xAB; 30].into(),
            receive_key: vec![0xCD; 30].into(),
        };
        let shown = format!("{security:?}");
        assert!(!shown.contains("171") && !shown.contains("205"), "{shown}");
        let frame = crate::encode(&security);
        assert!(frame.windows(30).any(|bytes| bytes == [0xAB; 30]));
    }
}
