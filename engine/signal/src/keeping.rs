//! A dialog in bytes, for an engine that has to go on with it: who, where to, the numbers, and what was agreed on time.
//!
//! The brain keeps the bytes and reads nothing in them. Connections are not among them: they die with the process, and
//! the next hop is found anew, as RFC 3261 12.2.1.1 has it.

use std::time::Instant;

use rsipstack::sip::Transport;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::dialog::{Dialog, DialogKey};
use crate::session::Session;

/// The numbers a dead engine may have used since its last word. RFC 3261 12.2.1.1 asks for the very next number, which
/// nobody knows; 12.2.2 has peers take any higher one.
const SKIPPED: u32 = 1_000;

/// All that another engine needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    from_uri: String,
    to_uri: String,
    call_id: String,
    local_tag: String,
    remote_tag: String,
    local: String,
    remote: String,
    routes: Vec<String>,
    target: String,
    local_cseq: u32,
    remote_cseq: Option<u32>,
    contact: String,
    source: String,
    transport: String,
    peer_updates: bool,
    /// Interval in seconds, and whether we refresh it.
    session: Option<(u32, bool)>,
}

impl Kept {
    /// Read what an engine wrote; None: it is not of this form.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        wire::decode(bytes).ok()
    }

    /// As it is handed to the brain.
    pub fn bytes(&self) -> ByteBuf {
        wire::encode(self).split_off(4).into()
    }

    /// Take a dialog down.
    pub fn of(dialog: &Dialog, uris: (&str, &str), session: Option<&Session>) -> Self {
        Self {
            from_uri: uris.0.into(),
            to_uri: uris.1.into(),
            call_id: dialog.key.call_id.clone(),
            local_tag: dialog.key.local_tag.clone(),
            remote_tag: dialog.key.remote_tag.clone(),
            local: dialog.local.clone(),
            remote: dialog.remote.clone(),
            routes: dialog.routes.clone(),
            target: dialog.target.clone(),
            local_cseq: dialog.local_cseq,
            remote_cseq: dialog.remote_cseq,
            contact: dialog.contact.clone(),
            source: dialog.source.to_string(),
            transport: word(dialog.transport).into(),
            peer_updates: dialog.peer_updates,
            session: session.map(|one| (one.interval_s, one.ours)),
        }
    }

    /// Whether what was kept before will do as well: numbers are skipped anyway.
    pub fn goes_on_like(&self, before: &Self) -> bool {
        (&self.target, &self.session) == (&before.target, &before.session)
    }

    /// From whom and to whom the call was.
    pub fn uris(&self) -> (String, String) {
        (self.from_uri.clone(), self.to_uri.clone())
    }

    /// What was agreed on time, beginning anew.
    pub fn session(&self, now: Instant) -> Option<Session> {
        self.session
            .map(|(interval_s, ours)| Session::again(interval_s, ours, now))
    }

    /// Go on with the dialog; None when it holds no address that can be read.
    pub fn dialog(&self) -> Option<Dialog> {
        Some(Dialog {
            key: DialogKey {
                call_id: self.call_id.clone(),
                local_tag: self.local_tag.clone(),
                remote_tag: self.remote_tag.clone(),
            },
            local: self.local.clone(),
            remote: self.remote.clone(),
            routes: self.routes.clone(),
            target: self.target.clone(),
            local_cseq: self.local_cseq.checked_add(SKIPPED)?,
            remote_cseq: self.remote_cseq,
            contact: self.contact.clone(),
            connection: None,
            source: self.source.parse().ok()?,
            transport: transport(&self.transport)?,
            peer_updates: self.peer_updates,
        })
    }
}

fn word(transport: Transport) -> &'static str {
    match transport {
        Transport::Tcp => "tcp",
        Transport::Tls => "tls",
        Transport::Ws => "ws",
        Transport::Wss => "wss",
        _ => "udp",
    }
}

fn transport(word: &str) -> Option<Transport> {
    [
        Transport::Udp,
        Transport::Tcp,
        Transport::Tls,
        Transport::Ws,
        Transport::Wss,
    ]
    .into_iter()
    .find(|one| self::word(*one) == word)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A dialog over TLS, of half-hour sessions that we refresh.
    pub(crate) fn kept() -> Kept {
        Kept {
            from_uri: "sip:a@h".into(),
            to_uri: "sip:b@h".into(),
            call_id: "c".into(),
            local_tag: "l".into(),
            remote_tag: "r".into(),
            local: "<sip:b@h>;tag=l".into(),
            remote: "<sip:a@h>;tag=r".into(),
            routes: vec!["<sip:p;lr>".into()],
            target: "sip:a@192.0.2.1".into(),
            local_cseq: 3,
            remote_cseq: Some(7),
            contact: "<sip:us>".into(),
            source: "192.0.2.1:5060".into(),
            transport: "tls".into(),
            peer_updates: true,
            session: Some((1_800, true)),
        }
    }

    #[test]
    fn what_was_taken_down_goes_on_with_higher_numbers_and_no_connection() {
        let read = Kept::read(&kept().bytes()).unwrap();
        assert_eq!(read, kept());
        let dialog = read.dialog().unwrap();
        assert_eq!((dialog.local_cseq, dialog.remote_cseq), (1_003, Some(7)));
        assert!(dialog.connection.is_none());
        let session = read.session(Instant::now()).unwrap();
        let again = Kept::of(&dialog, ("sip:a@h", "sip:b@h"), Some(&session));
        assert_eq!(
            again,
            Kept {
                local_cseq: 1_003,
                ..kept()
            }
        );
    }

    #[test]
    fn what_is_none_is_refused() {
        assert!(Kept::read(b"nonsense").is_none());
        let lost = Kept {
            source: "nowhere".into(),
            ..kept()
        };
        assert!(lost.dialog().is_none());
        let strange = Kept {
            transport: "pigeon".into(),
            ..kept()
        };
        assert!(strange.dialog().is_none());
    }
}
