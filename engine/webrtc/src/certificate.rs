//! The certificate that we show, and how the peer's is known: by its hash, which signalling has told.

use std::fmt::{self, Write};

use sha2::{Digest, Sha256};

const HASH_BYTES: usize = 32;

/// A certificate of our own, and its key. Nobody has signed it: signalling tells its fingerprint.
#[derive(Clone)]
pub struct Certificate {
    pub(crate) dtls: dimpl::DtlsCertificate,
    fingerprint: Fingerprint,
}

impl Certificate {
    /// Make a certificate (ECDSA on P-256), good for as long as a program runs. None: the dice of the system failed.
    pub fn make() -> Option<Self> {
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).ok()?;
        let mut params = rcgen::CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, "WebRTC");
        let certificate = params.self_signed(&key).ok()?.der().to_vec();
        Some(Self {
            fingerprint: Fingerprint::of(&certificate),
            dtls: dimpl::DtlsCertificate {
                certificate,
                private_key: key.serialize_der(),
            },
        })
    }

    /// What signalling is to tell of it.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Certificate({})", self.fingerprint)
    }
}

/// SHA-256 of a certificate (RFC 8122, section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u8; HASH_BYTES]);

impl Fingerprint {
    /// Of a certificate in DER.
    pub fn of(certificate: &[u8]) -> Self {
        Self(Sha256::digest(certificate).into())
    }

    /// Read it as a session description has it: pairs of hexadecimal digits, apart by colons.
    pub fn read(text: &str) -> Option<Self> {
        let mut bytes = [0; HASH_BYTES];
        let mut pairs = text.split(':');
        for byte in &mut bytes {
            let pair = pairs.next().filter(|pair| pair.len() == 2)?;
            // The standard library takes a sign for a digit's.
            let pair = pair
                .bytes()
                .all(|sign| sign.is_ascii_hexdigit())
                .then_some(pair)?;
            *byte = u8::from_str_radix(pair, 16).ok()?;
        }
        pairs.next().is_none().then_some(Self(bytes))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, byte) in self.0.iter().enumerate() {
            if at > 0 {
                out.write_char(':')?;
            }
            write!(out, "{byte:02X}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_read_as_it_is_written() {
        let ours = Certificate::make().unwrap().fingerprint();
        assert_eq!(Fingerprint::read(&ours.to_string()), Some(ours));
        assert_eq!(Fingerprint::read(&ours.to_string().to_lowercase()), Some(ours));
        for bad in [
            "",
            "AB",
            &format!("{ours}:00"),
            &ours.to_string()[1..],
            &["+1"; 32].join(":"),
        ] {
            assert_eq!(Fingerprint::read(bad), None, "{bad}");
        }
    }
}
