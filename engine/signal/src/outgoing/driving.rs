//! The task that carries an attempt: sends its INVITE, answers a challenge once, and listens until nothing more can come.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rsipstack::dialog::authenticate::{handle_client_authenticate, Credential};
use rsipstack::sip::{Request, Response, SipMessage, StatusCodeKind, Transport};
use rsipstack::transaction::transaction::Transaction;
use rsipstack::transport::SipConnection;
use wire::{Answered, EndedBy};

use super::attempt::{Attempt, Cancel, Refusal};
use super::compose;
use super::early::Early;
use crate::body::sdp_in;
use crate::desk::Desk;
use crate::dialog::{call_id, cseq, is_sips, target_in, Arrival, Dialog, Hop};
use crate::leg::{Leg, NotNow};
use crate::servers::Server;
use crate::session::{at_least, Session};
use crate::stack::Reached;
use crate::text::split_list;

/// Where a redirection may point, at most.
const CONTACTS: usize = 10;
/// How long a server may be silent while there are others, in T1: the INVITE has been sent four times by then.
const SILENT_T1: u32 = 8;
/// Places that one call rings at, at most.
const PLACES: usize = 16;

/// Begin a call of ours.
pub(crate) fn call(desk: &Arc<Desk>, order: &wire::Invite) -> Result<(), NotNow> {
    let mut places = vec![place(order, &order.target_uri, order.hop_uri.as_deref())?];
    for also in order.also.iter().flatten().take(PLACES - 1) {
        places.push(place(order, &also.uri, also.hop_uri.as_deref())?);
    }
    let until = Instant::now() + Duration::from_millis(order.ring_ms.into());
    let facts = Arc::clone(&desk.facts);
    let sip_call_id = call_id(&places[0].0);
    let attempt = Arc::new(Attempt::new(order, sip_call_id, places.len(), until, facts));
    if !desk.registry.take_in_attempt(&attempt) {
        return Err(NotNow("full", "as many calls are held as the engine may hold"));
    }
    let credential = order.username.clone().map(|username| Credential {
        username,
        password: order.password.clone().unwrap_or_default(),
        ..Credential::default()
    });
    for (branch, (request, hop)) in places.into_iter().enumerate() {
        let drive = Drive {
            desk: Arc::clone(desk),
            attempt: Arc::clone(&attempt),
            branch,
            credential: credential.clone(),
            leg: None,
            early: Early::default(),
            lengthened: false,
            challenged: false,
            others: false,
        };
        desk.runtime.spawn(drive.run(request, hop));
    }
    Ok(())
}

/// The INVITE for one place, and where it goes.
fn place(order: &wire::Invite, uri: &str, hop: Option<&str>) -> Result<(Request, Hop), NotNow> {
    let nowhere = NotNow("bad-target", "the target is not a SIP address that can be called");
    let hop = Hop::of(hop.unwrap_or(uri), Transport::Udp).filter(|hop| !hop.host.is_empty());
    // The Contact is put right once the way is known.
    compose::invite(order, uri, "<sip:invalid>")
        .zip(hop)
        .ok_or(nowhere)
}

/// Do what remains to be done for an attempt.
pub(crate) fn follow(desk: &Arc<Desk>, attempt: &Arc<Attempt>, next: impl IntoIterator<Item = Cancel>) {
    for cancel in next {
        let (desk, call) = (Arc::clone(desk), attempt.call.clone());
        desk.runtime.clone().spawn(async move {
            let (request, over) = *cancel;
            if let Err(why) = desk.stack.last_word(request, &over).await {
                tracing::info!(%call, %why, "CANCEL could not be sent");
            }
        });
    }
}

struct Drive {
    desk: Arc<Desk>,
    attempt: Arc<Attempt>,
    /// Which of the attempt's places.
    branch: usize,
    credential: Option<Credential>,
    /// What the first answer made of it.
    leg: Option<Arc<Leg>>,
    early: Early,
    /// A 422 was answered with a longer session.
    lengthened: bool,
    /// A challenge was answered.
    challenged: bool,
    /// There are servers to try when this one does not answer or cannot (RFC 3263 4.3).
    others: bool,
}

/// What came of one INVITE.
enum Heard {
    /// To be sent again, otherwise.
    Again(Box<Transaction>),
    /// The next server is to be tried.
    Elsewhere,
    Settled,
}

impl Drive {
    async fn run(mut self, request: Request, hop: Hop) {
        if let Err(why) = self.invite(request, hop).await {
            self.failed(EndedBy::Transport, 503, why.to_string(), None);
        }
        // Whatever happened: who was not answered is over now.
        self.failed(EndedBy::Internal, 500, "the transaction ended".into(), None);
        self.desk.registry.forget_early(self.early.keys());
        if self.attempt.is_done() {
            self.desk.registry.forget_attempt(&self.attempt);
        }
    }

    fn failed(&self, by: EndedBy, status: u16, reason: String, contacts: Option<Vec<String>>) {
        let refusal = Refusal {
            by,
            status,
            reason,
            contacts,
        };
        let next = self.attempt.failed(self.branch, refusal);
        follow(&self.desk, &self.attempt, next);
    }

    /// Try one server after the other, until one has taken the call or refused it.
    async fn invite(&mut self, request: Request, hop: Hop) -> rsipstack::Result<()> {
        let servers = self.desk.stack.servers(&hop).await?;
        let last = servers.len().saturating_sub(1);
        for (turn, server) in servers.into_iter().enumerate() {
            (self.others, self.challenged, self.lengthened) = (turn < last, false, false);
            match self.invite_at(request.clone(), &hop.host, server).await {
                Ok(Heard::Elsewhere) => {}
                Ok(_) => break,
                Err(why) if self.others => {
                    tracing::info!(call = %self.attempt.call, at = %server.address, %why, "not reached");
                }
                Err(why) => return Err(why),
            }
        }
        Ok(())
    }

    async fn invite_at(
        &mut self,
        mut request: Request,
        host: &str,
        server: Server,
    ) -> rsipstack::Result<Heard> {
        let over = self.desk.stack.reach_at(host, server).await?;
        let contact = self
            .desk
            .stack
            .contact(over.target, over.transport, is_sips(&request));
        for header in request.headers.iter_mut() {
            if let rsipstack::sip::Header::Contact(value) = header {
                *value = contact.clone().into();
            }
        }
        let request = self.desk.stack.with_via(request, &over)?;
        let mut next = self.desk.stack.transaction(request, &over)?;
        loop {
            match self.listen(next, &over).await? {
                Heard::Again(again) => next = *again,
                heard => return Ok(heard),
            }
        }
    }

    /// Send an INVITE and hear all that is said to it.
    async fn listen(&mut self, mut transaction: Transaction, over: &Reached) -> rsipstack::Result<Heard> {
        if !self.attempt.sending(self.branch, &transaction.original, over) {
            return Ok(Heard::Settled);
        }
        transaction.send().await?;
        loop {
            // The transaction's own patience is too long for somebody who waits while there are others to ask.
            let is_silent = self.others && !self.attempt.was_heard(self.branch);
            let message = if is_silent {
                let silence = self.desk.patience.t1 * SILENT_T1;
                match tokio::time::timeout(silence, transaction.receive()).await {
                    Ok(message) => message,
                    Err(_) => return Ok(Heard::Elsewhere),
                }
            } else {
                transaction.receive().await
            };
            let response = match message {
                Some(SipMessage::Response(response)) => response,
                Some(SipMessage::Request(_)) => continue,
                None => return Ok(Heard::Settled),
            };
            match response.status_code.kind() {
                StatusCodeKind::Provisional => self.progressed(&transaction.original, &response, over),
                StatusCodeKind::Successful => self.answered(&transaction.original, &response, over),
                _ => return self.declined(&transaction, &response, over).await,
            }
        }
    }

    /// A final answer came that is no yes.
    async fn declined(
        &mut self,
        transaction: &Transaction,
        response: &Response,
        over: &Reached,
    ) -> rsipstack::Result<Heard> {
        let again = match self.lengthened(transaction, response, over)? {
            None => self.authenticated(transaction, response).await,
            longer => longer,
        };
        if let Some(again) = again {
            return Ok(Heard::Again(Box::new(again)));
        }
        let status = response.status_code.code();
        let cannot = status == 503 || (status == 408 && !self.attempt.was_heard(self.branch));
        if self.others && cannot {
            return Ok(Heard::Elsewhere);
        }
        self.refused(response);
        Ok(Heard::Settled)
    }

    fn progressed(&mut self, invite: &Request, response: &Response, over: &Reached) {
        let sdp = sdp_in(response, &response.body).ok().flatten();
        self.confirm(invite, response, over, sdp.clone());
        let next = self
            .attempt
            .progressed(self.branch, response.status_code.code(), sdp);
        follow(&self.desk, &self.attempt, next);
    }

    /// Keep the dialog a provisional answer makes, and confirm the answer where it asks for that.
    fn confirm(&mut self, invite: &Request, response: &Response, over: &Reached, sdp: Option<String>) {
        let Some(dialog) = self.dialog(invite, response, over) else {
            return;
        };
        if response.status_code.code() == 100 || dialog.key.remote_tag.is_empty() {
            return;
        }
        if !self.early.has_room(&dialog.key) {
            return; // a peer may invent as many dialogs as it likes
        }
        self.desk.registry.note_early(dialog.key.clone());
        let Some((prack, flow)) = self.early.hear(invite, response, dialog, sdp) else {
            return;
        };
        let (desk, call) = (Arc::clone(&self.desk), self.attempt.call.clone());
        self.desk.runtime.spawn(async move {
            if let Err(why) = desk.stack.ask(prack, &flow).await {
                tracing::info!(%call, %why, "PRACK could not be sent");
            }
        });
    }

    /// The dialog an answer makes.
    fn dialog(&self, invite: &Request, response: &Response, over: &Reached) -> Option<Dialog> {
        let via = Arrival {
            connection: Some(over.connection.clone()).filter(SipConnection::is_reliable),
            source: over.target,
            transport: over.transport,
        };
        let contact = self
            .desk
            .stack
            .contact(over.target, over.transport, is_sips(invite));
        Dialog::from_answer(invite, response, contact, via)
    }

    /// The same INVITE with a longer session, when the peer finds ours too brief; once.
    #[allow(clippy::result_large_err, reason = "the crate's own error, and no hot path")]
    fn lengthened(
        &mut self,
        transaction: &Transaction,
        response: &Response,
        over: &Reached,
    ) -> rsipstack::Result<Option<Transaction>> {
        let wanted = at_least(response).filter(|_| response.status_code.code() == 422 && !self.lengthened);
        let Some(interval_s) = wanted else {
            return Ok(None);
        };
        self.lengthened = true;
        let request = compose::longer(&transaction.original, interval_s);
        let request = self.desk.stack.with_via(request, over)?;
        self.desk.stack.transaction(request, over).map(Some)
    }

    /// The same INVITE with credentials, when they are asked for and have not been tried.
    async fn authenticated(&mut self, transaction: &Transaction, response: &Response) -> Option<Transaction> {
        if !matches!(response.status_code.code(), 401 | 407) {
            return None;
        }
        let credential = self.credential.clone().filter(|_| !self.challenged)?;
        self.challenged = true;
        let number = cseq(&transaction.original) + 1;
        handle_client_authenticate(number, transaction, response.clone(), &credential)
            .await
            .map_err(
                |why| tracing::info!(call = %self.attempt.call, %why, "the challenge cannot be answered"),
            )
            .ok()
    }

    fn refused(&self, response: &Response) {
        let status = response.status_code.code();
        let by = match status {
            // The stack's own word for a peer of which nothing was heard.
            408 if !self.attempt.was_heard(self.branch) => EndedBy::Transport,
            408 => EndedBy::Timeout,
            _ => EndedBy::Remote,
        };
        let contacts = (300..400).contains(&status).then(|| contacts_of(response));
        let reason = response.status_code.text().to_string();
        self.failed(by, status, reason, contacts);
    }

    /// A 2xx came, which the stack has acknowledged: the first, the first again, or that of another phone.
    fn answered(&mut self, invite: &Request, response: &Response, over: &Reached) {
        let Some(mut dialog) = self.dialog(invite, response, over) else {
            return;
        };
        let before = self.early.take_over(&mut dialog);
        if self.leg.as_ref().is_some_and(|leg| leg.key == dialog.key) {
            return;
        }
        let uris = (self.attempt.from_uri.clone(), self.attempt.to_uri.clone());
        let (call, facts) = (self.attempt.call.clone(), Arc::clone(&self.desk.facts));
        let origin = (dialog.key.call_id.clone(), dialog.key.local_tag.clone(), 0);
        let Some(others) = self.attempt.answered(self.branch) else {
            // Nobody waits for this one: it crossed our CANCEL, or another phone was faster.
            return self.thank_and_hang_up(dialog);
        };
        follow(&self.desk, &self.attempt, others);
        let session = Session::agreed(response, Instant::now());
        let said = String::from_utf8_lossy(&invite.body).into_owned();
        let leg = Arc::new(Leg::answered(call.clone(), uris, dialog, (session, said), facts));
        self.desk.registry.promote(&leg, origin);
        leg.announce(Answered {
            call,
            // Without one the answer is what a confirmed provisional answer said (RFC 3262 5).
            sdp: sdp_in(response, &response.body).ok().flatten().or(before),
            sip_call_id: leg.key.call_id.clone(),
        });
        self.leg = Some(leg);
    }

    fn thank_and_hang_up(&self, mut dialog: Dialog) {
        let Some(bye) = dialog.bye("") else { return };
        let (desk, call) = (Arc::clone(&self.desk), self.attempt.call.clone());
        desk.runtime.clone().spawn(async move {
            let Some(flow) = dialog.flow() else { return };
            if let Err(why) = desk.stack.ask(bye, &flow).await {
                tracing::info!(%call, %why, "BYE to an answer nobody waited for could not be sent");
            }
        });
    }
}

fn contacts_of(response: &Response) -> Vec<String> {
    let values = response.headers.iter().filter_map(|header| match header {
        rsipstack::sip::Header::Contact(contact) => Some(contact.value().to_string()),
        _ => None,
    });
    values
        .flat_map(|value| {
            let each: Vec<String> = split_list(&value).into_iter().map(str::to_string).collect();
            each
        })
        .filter_map(|one| target_in(&one))
        .take(CONTACTS)
        .collect()
}
