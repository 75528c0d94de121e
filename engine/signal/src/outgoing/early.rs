//! Dialogs that provisional answers make, and the PRACKs that confirm those that ask for it.
//!
//! Source: RFC 3262 4.

use rsipstack::sip::prelude::HeadersExt;
use rsipstack::sip::{Header, Method, Request, Response};

use crate::dialog::{cseq, Dialog, DialogKey};
use crate::stack::Flow;
use crate::text::requires;

/// Early dialogs of one INVITE, at most: a proxy may fork it to many phones.
const DIALOGS: usize = 16;

/// The early dialogs of one INVITE of ours.
#[derive(Default)]
pub(crate) struct Early {
    dialogs: Vec<One>,
}

struct One {
    dialog: Dialog,
    /// The last provisional answer that was confirmed.
    confirmed: u32,
    /// The answer to our offer, if one came reliably: it counts though the 200 does not repeat it.
    sdp: Option<String>,
}

impl Early {
    /// Whether a dialog is one of them, or may become one.
    pub fn has_room(&self, key: &DialogKey) -> bool {
        self.dialogs.len() < DIALOGS || self.dialogs.iter().any(|one| one.dialog.key == *key)
    }

    /// Take a provisional answer, with the dialog it makes; gives the PRACK to send when it asks for one, in order.
    pub fn hear(
        &mut self,
        invite: &Request,
        response: &Response,
        dialog: Dialog,
        sdp: Option<String>,
    ) -> Option<(Request, Flow)> {
        let at = match self.dialogs.iter().position(|one| one.dialog.key == dialog.key) {
            Some(at) => at,
            None if self.dialogs.len() < DIALOGS => {
                let (confirmed, sdp) = (0, None);
                self.dialogs.push(One {
                    dialog,
                    confirmed,
                    sdp,
                });
                self.dialogs.len() - 1
            }
            None => return None,
        };
        let one = &mut self.dialogs[at];
        let number: u32 = response.header_value("RSeq")?.trim().parse().ok()?;
        let is_next = one.confirmed == 0 || number == one.confirmed.wrapping_add(1);
        if !requires(response, "100rel") || !is_next {
            return None;
        }
        one.confirmed = number;
        one.sdp = sdp.or(one.sdp.take());
        let rack = Header::Other("RAck".into(), format!("{number} {} INVITE", cseq(invite)));
        let request = one.dialog.request(Method::PRack, vec![rack], Vec::new())?;
        Some((request, one.dialog.flow()?))
    }

    /// Let an answered dialog go on where its early one was; gives the description that came before, if one did.
    pub fn take_over(&mut self, dialog: &mut Dialog) -> Option<String> {
        let one = self.dialogs.iter_mut().find(|one| one.dialog.key == dialog.key)?;
        dialog.count_from(&one.dialog);
        one.sdp.clone()
    }

    /// All of them.
    pub fn keys(&self) -> impl Iterator<Item = &DialogKey> {
        self.dialogs.iter().map(|one| &one.dialog.key)
    }
}
