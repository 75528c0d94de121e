//! Requests of peers, as they come out of the stack: what is answered at once, and what becomes a leg's business.
//!
//! Sources: RFC 3261 8.2 (UAS), 11.2 (OPTIONS), 12.2.2 (requests in a dialog), 21; RFC 3311; RFC 6086.

use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use futures_util::FutureExt;
use rsipstack::sip::prelude::HeadersExt;
use rsipstack::sip::{Header, Method, Request, Transport};
use rsipstack::transaction::transaction::Transaction;
use rsipstack::transaction::TransactionReceiver;
use rsipstack::transport::SipConnection;
use wire::IncomingCall;

use crate::body::{digit_of, sdp_of};
use crate::desk::Desk;
use crate::dialog::{call_id, cseq, is_sips, Arrival, Dialog, DialogKey};
use crate::handing_over;
use crate::identity::{mint, tag};
use crate::leg::{Leg, Which};
use crate::registry::NoRoom;
use crate::replacing::replaced;
use crate::session::{Session, SHORTEST_S};
use crate::stack::SUPPORTED;
use crate::text::name_addr;
use crate::turn::{compose, from_tag, to_tag, Answer, Turn};
use crate::waiting;

/// Seconds after which a caller may try again when we take no calls.
const RETRY_AFTER_S: &str = "5";
/// Headers the brain is told of, besides those that begin with X-.
const TOLD: [&str; 5] = [
    "Authorization",
    "Diversion",
    "P-Asserted-Identity",
    "Proxy-Authorization",
    "User-Agent",
];

/// Take requests until the stack ends. A request that breaks something of ours ends itself and nothing else.
pub(crate) async fn receive(desk: Arc<Desk>, mut requests: TransactionReceiver) {
    while let Some(transaction) = requests.recv().await {
        let method = transaction.original.method;
        if AssertUnwindSafe(sort(&desk, transaction))
            .catch_unwind()
            .await
            .is_err()
        {
            tracing::error!(%method, "a request broke the reception");
        }
    }
}

async fn sort(desk: &Arc<Desk>, transaction: Transaction) {
    let request = &transaction.original;
    let is_new = to_tag(request).is_empty();
    if let Some((source, _)) = origin_of(&transaction).filter(|_| is_new) {
        if desk.shunned.drops(source.ip().to_canonical(), Instant::now()) {
            return;
        }
    }
    if let Some(refusal) = unsupported_extensions(request) {
        return reply(desk, transaction, &refusal).await;
    }
    if !is_new {
        return in_some_dialog(desk, transaction).await;
    }
    match request.method {
        Method::Invite => new_call(desk, transaction).await,
        Method::Register => waiting::tell(desk, transaction, None).await,
        Method::Options => reply(desk, transaction, &abilities(desk)).await,
        Method::Bye | Method::Info | Method::Update | Method::PRack | Method::Refer | Method::Notify => {
            reply(desk, transaction, &Answer::of(481)).await;
        }
        _ => reply(desk, transaction, &Answer::of(405)).await,
    }
}

async fn in_some_dialog(desk: &Arc<Desk>, transaction: Transaction) {
    let key = DialogKey::of(&transaction.original);
    match desk.registry.by_dialog(&key) {
        Some(leg) => in_dialog_of(desk, transaction, leg).await,
        None if transaction.original.method == Method::Update && desk.registry.is_early(&key) => {
            early_update(desk, transaction).await;
        }
        None if desk.handing_over.is_on() && transaction.original.method != Method::Ack => {
            handing_over::wait(desk, transaction, key).await;
        }
        None => reply(desk, transaction, &Answer::of(481)).await,
    }
}

/// A request in the dialog of this leg.
pub(crate) async fn in_dialog_of(desk: &Arc<Desk>, transaction: Transaction, leg: Arc<Leg>) {
    if let Some((source, _)) = remote(&transaction) {
        let connection = transaction.connection.as_ref();
        leg.reached_by(connection.filter(|one| one.is_reliable()), source);
    }
    in_dialog(desk, transaction, leg).await;
}

/// RFC 3261 8.2.2.3: what we do not support is refused, all of it named.
pub(crate) fn unsupported_extensions(request: &Request) -> Option<Answer> {
    if matches!(request.method, Method::Ack | Method::Cancel) {
        return None;
    }
    let required = request.header_value("Require")?;
    let known: Vec<&str> = SUPPORTED.split(", ").collect();
    let unknown = required.split(',').map(str::trim);
    let unknown: Vec<&str> = unknown
        .filter(|one| !one.is_empty() && !known.iter().any(|name| name.eq_ignore_ascii_case(one)))
        .collect();
    (!unknown.is_empty()).then(|| Answer::of(420).with("Unsupported", unknown.join(", ")))
}

fn abilities(desk: &Desk) -> Answer {
    let answer = Answer {
        status: if desk.is_closed() { 503 } else { 200 },
        ..Answer::default()
    };
    let answer = answer
        .with("Accept", "application/sdp")
        .with("Supported", SUPPORTED);
    if answer.status == 503 {
        answer.with("Retry-After", RETRY_AFTER_S)
    } else {
        answer
    }
}

// --- outside dialogs ------------------------------------------------------------------------------------------------

async fn new_call(desk: &Arc<Desk>, mut transaction: Transaction) {
    let request = &transaction.original;
    let origin = (call_id(request), from_tag(request), cseq(request));
    let refusal = match desk.registry.has_room(&origin) {
        Err(NoRoom::Merged) => Some(Answer::of(482)),
        Err(NoRoom::Full) => Some(Answer::of(503).with("Retry-After", RETRY_AFTER_S)),
        Ok(()) if desk.is_closed() => Some(Answer::of(503).with("Retry-After", RETRY_AFTER_S)),
        Ok(()) if Session::asked(request, Instant::now()).is_err() => {
            Some(Answer::of(422).with("Min-SE", SHORTEST_S.to_string()))
        }
        Ok(()) if sdp_of(request).is_err() => Some(Answer::of(415).with("Accept", "application/sdp")),
        Ok(()) => None,
    };
    if let Some(refusal) = refusal {
        return reply(desk, transaction, &refusal).await;
    }
    let replaces = match replaced(request, &desk.registry) {
        Ok(call) => call,
        Err(refusal) => return reply(desk, transaction, &refusal).await,
    };
    let Some((leg, incoming)) = open(desk, &transaction, replaces) else {
        let answer = Answer {
            status: 400,
            phrase: "Missing Or Unusable Contact".into(),
            ..Answer::default()
        };
        return reply(desk, transaction, &answer).await;
    };
    // RFC 3261 8.2.6.1: at once, so that the peer stops sending its INVITE again while the brain thinks.
    if let Err(why) = transaction.send_trying().await {
        tracing::debug!(call = %leg.call, %why, "100 could not be sent");
    }
    let leg = Arc::new(leg);
    desk.registry.take_in(&leg, origin);
    leg.announce(incoming);
    desk.drive(transaction, leg, Which::First);
}

fn open(
    desk: &Arc<Desk>,
    transaction: &Transaction,
    replaces: Option<String>,
) -> Option<(Leg, IncomingCall)> {
    let request = &transaction.original;
    let connection = transaction.connection.clone();
    let (source, transport) = remote(transaction)?;
    let contact = desk.stack.contact(source, transport, is_sips(request));
    let local_tag = tag();
    // A datagram socket is never gone: keeping its handle would only cost memory.
    let kept = connection.filter(SipConnection::is_reliable);
    let arrival = Arrival {
        connection: kept,
        source,
        transport,
    };
    let dialog = Dialog::from_invite(request, &local_tag, contact.clone(), arrival)?;
    let from = name_addr(request.from_header().ok()?.value())?;
    let to_uri = name_addr(request.to_header().ok()?.value())?.uri.to_string();
    let incoming = IncomingCall {
        call: mint(),
        from_uri: from.uri.to_string(),
        from_display: from.display,
        to_uri: to_uri.clone(),
        request_uri: request.uri.to_string(),
        sip_call_id: call_id(request),
        sdp: sdp_of(request).ok().flatten(),
        headers: told_headers(request),
        transport: transport.to_string().to_ascii_lowercase(),
        source_host: source.ip().to_canonical().to_string(),
        source_port: source.port(),
        replaces,
    };
    let turn = Turn::new(transaction, &local_tag, &contact);
    let uris = (incoming.from_uri.clone(), to_uri);
    Some((
        Leg::new(incoming.call.clone(), uris, dialog, turn, Arc::clone(&desk.facts)),
        incoming,
    ))
}

pub(crate) fn remote(transaction: &Transaction) -> Option<(SocketAddr, Transport)> {
    let address = transaction
        .connection
        .as_ref()
        .and_then(|connection| connection.get_remote_addr().cloned())?;
    Some((address.get_socketaddr().ok()?, address.r#type.unwrap_or_default()))
}

/// Where a request came from, and by which transport.
pub(crate) fn origin_of(transaction: &Transaction) -> Option<(SocketAddr, String)> {
    let (source, transport) = remote(transaction)?;
    Some((source, transport.to_string().to_ascii_lowercase()))
}

pub(crate) fn told_headers(request: &Request) -> Vec<wire::Header> {
    let is_told = |header: &&Header| {
        let name = header.name();
        name.get(..2)
            .is_some_and(|start| start.eq_ignore_ascii_case("X-"))
            || TOLD.iter().any(|told| name.eq_ignore_ascii_case(told))
    };
    let headers = request.headers.iter().filter(is_told);
    headers
        .map(|header| wire::Header {
            name: header.name().into(),
            value: header.value().into(),
        })
        .collect()
}

// --- in dialogs -----------------------------------------------------------------------------------------------------

async fn in_dialog(desk: &Arc<Desk>, transaction: Transaction, leg: Arc<Leg>) {
    let request = &transaction.original;
    match request.method {
        Method::Bye => {
            let reason = request
                .reason_header()
                .map(|reason| reason.value().to_string())
                .unwrap_or_default();
            let next = leg.said_bye(&reason);
            reply_in(desk, transaction, &leg, &Answer::of(200)).await;
            desk.follow(&leg, next);
        }
        Method::Update if request.body.is_empty() => {
            let answer = match Session::asked(request, Instant::now()) {
                Ok(_) => leg.updated(request),
                Err(_) => Answer::of(422).with("Min-SE", SHORTEST_S.to_string()),
            };
            reply_in(desk, transaction, &leg, &answer).await;
        }
        Method::PRack => {
            // An offer in a PRACK is not taken up: what was agreed stays (RFC 3262 5).
            let status = if request.body.is_empty() {
                leg.confirmed(request)
            } else {
                488
            };
            desk.repeat_provisional(&leg);
            reply_in(desk, transaction, &leg, &Answer::of(status)).await;
        }
        Method::Invite | Method::Update => later_offer(desk, transaction, leg).await,
        Method::Info => pressed_key(desk, transaction, leg).await,
        Method::Options => {
            leg.heard(request, false);
            reply_in(desk, transaction, &leg, &abilities(desk)).await;
        }
        Method::Refer | Method::Notify if leg.heard(request, false) => {
            waiting::tell(desk, transaction, Some(leg)).await;
        }
        Method::Refer | Method::Notify => reply_in(desk, transaction, &leg, &Answer::of(500)).await,
        _ => reply_in(desk, transaction, &leg, &Answer::of(405)).await,
    }
}

/// An UPDATE of a peer that we call and that has not answered: without an offer it changes nothing but perhaps its
/// address, which its answer will name again; an offer is not taken up before that (RFC 3311 5.2).
async fn early_update(desk: &Arc<Desk>, transaction: Transaction) {
    let request = &transaction.original;
    let contact = remote(&transaction).map(|(source, by)| desk.stack.contact(source, by, is_sips(request)));
    let status = if request.body.is_empty() { 200 } else { 488 };
    send(desk, transaction, "", contact.as_deref(), &Answer::of(status)).await;
}

async fn later_offer(desk: &Arc<Desk>, mut transaction: Transaction, leg: Arc<Leg>) {
    let Ok(sdp) = sdp_of(&transaction.original) else {
        let answer = Answer::of(415).with("Accept", "application/sdp");
        return reply_in(desk, transaction, &leg, &answer).await;
    };
    let contact = leg.with_dialog(|dialog| dialog.contact.clone());
    let turn = Turn::new(&transaction, &leg.key.local_tag, &contact);
    if turn.is_invite() {
        let _ = transaction.send_trying().await;
    }
    match leg.reoffered(turn, &transaction.original, sdp) {
        Ok(()) => desk.drive(transaction, leg, Which::Later),
        Err(answer) => reply_in(desk, transaction, &leg, &answer).await,
    }
}

async fn pressed_key(desk: &Arc<Desk>, transaction: Transaction, leg: Arc<Leg>) {
    let request = &transaction.original;
    let in_order = leg.heard(request, false);
    let status = match digit_of(request) {
        _ if !in_order => 500,
        Some((digit, duration_ms)) => {
            leg.pressed(digit, duration_ms);
            200
        }
        None if request.body.is_empty() => 200,
        None => 415,
    };
    let answer = Answer::of(status);
    let answer = if status == 415 {
        answer.with("Accept", "application/dtmf-relay")
    } else {
        answer
    };
    reply_in(desk, transaction, &leg, &answer).await;
}

// --- answers --------------------------------------------------------------------------------------------------------

pub(crate) async fn reply(desk: &Arc<Desk>, transaction: Transaction, answer: &Answer) {
    let local_tag = if to_tag(&transaction.original).is_empty() {
        tag()
    } else {
        String::new()
    };
    send(desk, transaction, &local_tag, None, answer).await;
}

pub(crate) async fn reply_in(desk: &Arc<Desk>, transaction: Transaction, leg: &Leg, answer: &Answer) {
    let contact = leg.with_dialog(|dialog| dialog.contact.clone());
    send(desk, transaction, &leg.key.local_tag, Some(&contact), answer).await;
}

async fn send(
    desk: &Arc<Desk>,
    mut transaction: Transaction,
    tag: &str,
    contact: Option<&str>,
    answer: &Answer,
) {
    let response = compose(&transaction.original, tag, contact, answer);
    if let Err(why) = transaction.respond(response).await {
        tracing::debug!(method = %transaction.original.method, status = answer.status, %why, "not answered");
        return;
    }
    if transaction.original.method == Method::Invite {
        // Sends the refusal again until its ACK comes.
        desk.runtime
            .spawn(async move { while transaction.receive().await.is_some() {} });
    }
}

/// The Allow header is in each answer; this keeps the list and the dispatch above from drifting apart.
#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::ALLOW;

    #[test]
    fn the_methods_we_say_we_do_are_those_we_do() {
        let done = [
            Method::Invite,
            Method::Ack,
            Method::Bye,
            Method::Cancel,
            Method::Options,
            Method::Update,
            Method::Info,
            Method::PRack,
            Method::Register,
            Method::Refer,
            Method::Notify,
        ];
        assert_eq!(ALLOW, done.map(|method| method.to_string()).join(", "));
    }
}
