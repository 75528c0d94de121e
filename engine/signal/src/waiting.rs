//! Requests of peers that wait for the brain's answer: REGISTER, and REFER and NOTIFY in the dialog of a call.
//!
//! Bounded in number and time. What a request is for, and whether it is granted, the brain says.
//!
//! Sources: RFC 3261 10.3 (registrars); RFC 3515 (REFER).

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rsipstack::sip::prelude::HeadersExt;
use rsipstack::sip::{Header, Method, Request, Transport};
use rsipstack::transaction::transaction::Transaction;
use wire::Requested;

use crate::desk::Desk;
use crate::dialog::{call_id, cseq};
use crate::identity::mint;
use crate::leg::{Leg, NotNow};
use crate::reception::{origin_of, remote, reply, reply_in};
use crate::text::name_addr;
use crate::turn::Answer;

/// Requests that may wait at a time; more are answered 503.
const REQUESTS: usize = 4_096;
/// Headers the brain is told of, besides those that begin with X-; the short form of a name counts as the name.
const TOLD: [(&str, &str); 15] = [
    ("Contact", "m"),
    ("Expires", ""),
    ("Authorization", ""),
    ("Proxy-Authorization", ""),
    ("User-Agent", ""),
    ("Event", "o"),
    ("Refer-To", "r"),
    ("Referred-By", "b"),
    ("Refer-Sub", ""),
    ("Replaces", ""),
    ("Subscription-State", ""),
    ("Content-Type", "c"),
    ("Supported", "k"),
    ("Path", ""),
    ("Reason", ""),
];
/// Seconds after which a peer may try again when the brain does not answer.
const RETRY_AFTER_S: &str = "5";

/// The requests that wait.
#[derive(Default)]
pub(crate) struct Waiting {
    requests: Mutex<HashMap<String, Pending>>,
}

struct Pending {
    transaction: Transaction,
    /// In whose dialog it came.
    leg: Option<Arc<Leg>>,
    came: Instant,
}

/// Tell the brain of a request and keep it until its answer.
pub(crate) async fn tell(desk: &Arc<Desk>, transaction: Transaction, leg: Option<Arc<Leg>>) {
    let origin = origin_of(&transaction);
    let fact = origin.and_then(|(source, transport)| {
        requested(
            &transaction.original,
            leg.as_ref().map(|leg| leg.call.clone()),
            (source, &transport),
            flow_of(desk, &transaction),
        )
    });
    let is_full = desk.waiting.requests.lock().len() >= REQUESTS;
    let Some(fact) = fact.filter(|_| !is_full && !desk.is_closed()) else {
        let answer = Answer::of(503).with("Retry-After", RETRY_AFTER_S);
        return say(desk, transaction, leg.as_deref(), &answer).await;
    };
    let pending = Pending {
        transaction,
        leg,
        came: Instant::now(),
    };
    desk.waiting.requests.lock().insert(fact.request.clone(), pending);
    (desk.facts)(fact.into());
}

/// Carry out Respond.
pub(crate) fn respond(desk: &Arc<Desk>, order: &wire::Respond) -> Result<(), NotNow> {
    if !(200..700).contains(&order.status) {
        return Err(NotNow(
            "bad-status",
            "a final answer has a status from 200 to 699",
        ));
    }
    let pending = desk.waiting.requests.lock().remove(&order.request);
    let pending = pending.ok_or(NotNow("unknown-request", "nobody waits for this answer"))?;
    let headers = order
        .headers
        .iter()
        .map(|header| (header.name.clone(), header.value.clone()))
        .collect();
    let answer = Answer {
        status: order.status,
        phrase: order.reason.clone(),
        headers,
        sdp: None,
    };
    answer_later(desk, pending, answer);
    Ok(())
}

/// Answer what has waited too long. To be called every second or so.
pub(crate) fn check(desk: &Arc<Desk>, now: Instant, patience: Duration) {
    let mut requests = desk.waiting.requests.lock();
    let is_late = |pending: &Pending| now.saturating_duration_since(pending.came) > patience;
    let late = requests.iter().filter(|(_, pending)| is_late(pending));
    let late: Vec<String> = late.map(|(request, _)| request.clone()).collect();
    let late: Vec<Pending> = late
        .iter()
        .filter_map(|request| requests.remove(request))
        .collect();
    drop(requests);
    for pending in late {
        let answer = Answer::of(503).with("Retry-After", RETRY_AFTER_S);
        answer_later(desk, pending, answer);
    }
}

fn answer_later(desk: &Arc<Desk>, pending: Pending, answer: Answer) {
    let again = Arc::clone(desk);
    desk.runtime.spawn(async move {
        say(&again, pending.transaction, pending.leg.as_deref(), &answer).await;
    });
}

async fn say(desk: &Arc<Desk>, transaction: Transaction, leg: Option<&Leg>, answer: &Answer) {
    match leg {
        Some(leg) => reply_in(desk, transaction, leg, answer).await,
        None => reply(desk, transaction, answer).await,
    }
}

/// The connection a REGISTER came over: when it closes, its phone is not reached by it any more.
fn flow_of(desk: &Desk, transaction: &Transaction) -> Option<String> {
    let (source, transport) = remote(transaction)?;
    let registers = transaction.original.method == Method::Register && transport != Transport::Udp;
    registers.then(|| desk.stack.streams.flow_from(transport, source))
}

fn requested(
    request: &Request,
    call: Option<String>,
    (source, transport): (SocketAddr, &str),
    flow: Option<String>,
) -> Option<Requested> {
    Some(Requested {
        request: mint(),
        call,
        method: request.method.to_string(),
        request_uri: request.uri.to_string(),
        from_uri: name_addr(request.from_header().ok()?.value())?.uri.to_string(),
        to_uri: name_addr(request.to_header().ok()?.value())?.uri.to_string(),
        sip_call_id: call_id(request),
        cseq: cseq(request),
        headers: told(request),
        body: String::from_utf8_lossy(&request.body).into_owned(),
        transport: transport.to_string(),
        source_host: source.ip().to_canonical().to_string(),
        source_port: source.port(),
        flow,
    })
}

fn told(request: &Request) -> Vec<wire::Header> {
    request.headers.iter().filter_map(told_one).collect()
}

fn told_one(header: &Header) -> Option<wire::Header> {
    let name = header.name();
    let is_extra = name
        .get(..2)
        .is_some_and(|start| start.eq_ignore_ascii_case("X-"));
    let known = TOLD
        .iter()
        .find(|(long, short)| {
            name.eq_ignore_ascii_case(long) || (!short.is_empty() && name.eq_ignore_ascii_case(short))
        })
        .map(|(long, _)| (*long).to_string());
    let name = known.or_else(|| is_extra.then(|| name.to_string()))?;
    Some(wire::Header {
        name,
        value: header.value().into(),
    })
}
