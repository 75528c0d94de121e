//! One DTLS association with a peer, up to the keys: afterwards it only waits for the peer's goodbye.

use std::sync::Arc;
use std::time::Instant;

use dimpl::{Config, Dtls, KeyingMaterial, Output, SrtpProfile};
use srtp::Suite;

use crate::certificate::{Certificate, Fingerprint};

/// More than any record of a handshake at our MTU.
const RECORD_BYTES: usize = 2_048;

/// Fits a packet on any network that browsers work in.
const MTU_BYTES: usize = 1_200;

/// What SRTP is sealed with: master keys, each followed by its salt.
#[derive(Clone, PartialEq, Eq)]
pub struct Agreed {
    /// How.
    pub suite: Suite,
    /// What we seal with.
    pub send_key: Vec<u8>,
    /// What the peer seals with.
    pub receive_key: Vec<u8>,
}

impl std::fmt::Debug for Agreed {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Agreed({:?})", self.suite)
    }
}

impl Agreed {
    /// Cut the exported material (RFC 5764, section 4.2): both keys, then both salts, the client's first.
    fn cut(material: &KeyingMaterial, profile: SrtpProfile, active: bool) -> Option<Self> {
        let (suite, key_bytes, salt_bytes) = match profile {
            SrtpProfile::AES128_CM_SHA1_80 => (Suite::AesCm80, 16, 14),
            SrtpProfile::AEAD_AES_128_GCM => (Suite::Gcm128, 16, 12),
            SrtpProfile::AEAD_AES_256_GCM => (Suite::Gcm256, 32, 12),
            _ => return None,
        };
        let side = |at: usize| {
            let key = material.get(at * key_bytes..(at + 1) * key_bytes)?;
            let salts = material.get(2 * key_bytes..)?;
            Some([key, salts.get(at * salt_bytes..(at + 1) * salt_bytes)?].concat())
        };
        let (client, server) = (side(0)?, side(1)?);
        let (send_key, receive_key) = if active {
            (client, server)
        } else {
            (server, client)
        };
        Some(Self {
            suite,
            send_key,
            receive_key,
        })
    }
}

/// What has become of a handshake.
#[derive(Debug, Default)]
pub(crate) struct Handshake {
    dtls: Option<Dtls>,
    active: bool,
    peer: Option<Fingerprint>,
    agreed: Option<Agreed>,
    /// When time is to be told again.
    pub due: Option<Instant>,
    /// Whether the peer has said goodbye, or what it says makes no sense.
    pub over: bool,
}

impl Handshake {
    /// Begin: as the one who speaks first, or waiting for the peer.
    pub fn new(certificate: &Certificate, active: bool, now: Instant) -> Self {
        let config = Config::builder()
            .mtu(MTU_BYTES)
            .require_client_certificate(true)
            .build();
        let dtls = config.ok().map(|config| {
            let mut dtls = Dtls::new_12(Arc::new(config), certificate.dtls.clone(), now);
            dtls.set_active(active);
            dtls
        });
        Self {
            over: dtls.is_none(),
            dtls,
            active,
            ..Self::default()
        }
    }

    /// Take a packet of the peer's; gives what is to be sent.
    pub fn hear(&mut self, packet: &[u8], now: Instant) -> Vec<Vec<u8>> {
        self.drive(|dtls| {
            dtls.handle_timeout(now)?;
            dtls.handle_packet(packet)
        })
    }

    /// Let time pass; gives what is to be sent. The first call of an active side begins to speak.
    pub fn pass(&mut self, now: Instant) -> Vec<Vec<u8>> {
        self.drive(|dtls| dtls.handle_timeout(now))
    }

    /// Say goodbye; gives what is to be sent.
    pub fn close(&mut self) -> Vec<Vec<u8>> {
        let said = self.drive(Dtls::close);
        self.over = true;
        said
    }

    /// The keys, if the certificate that proved them is the one that signalling has told of.
    pub fn keys_of(&self, expected: Fingerprint) -> Option<&Agreed> {
        self.agreed.as_ref().filter(|_| self.peer == Some(expected))
    }

    /// Whether somebody else than the expected has answered.
    pub fn is_impostor(&self, expected: Fingerprint) -> bool {
        self.peer.is_some_and(|peer| peer != expected)
    }

    fn drive(&mut self, act: impl FnOnce(&mut Dtls) -> Result<(), dimpl::Error>) -> Vec<Vec<u8>> {
        let mut said = Vec::new();
        let Some(dtls) = self.dtls.as_mut().filter(|_| !self.over) else {
            return said;
        };
        // Every error is the end of an association: packets that only make no sense give none.
        self.over = act(dtls).is_err();
        let mut buffer = vec![0; RECORD_BYTES];
        loop {
            match dtls.poll_output(&mut buffer) {
                Output::Packet(packet) => said.push(packet.to_vec()),
                Output::BufferTooSmall { needed } if needed <= 16 * RECORD_BYTES => buffer.resize(needed, 0),
                Output::BufferTooSmall { .. } => {
                    self.over = true;
                    break;
                }
                Output::Timeout(due) => {
                    self.due = Some(due);
                    break;
                }
                Output::PeerCert(certificate) => self.peer = Some(Fingerprint::of(certificate)),
                Output::KeyingMaterial(material, profile) => {
                    self.agreed = Agreed::cut(&material, profile, self.active);
                }
                Output::CloseNotify => self.over = true,
                // What it says once it is connected is not for us.
                _ => {}
            }
        }
        said
    }
}
