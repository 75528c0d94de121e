//! Requests of ours besides those that make and end calls: OPTIONS to a trunk, REFER and NOTIFY in the dialog of a call.
//!
//! Sources: RFC 3261 8.1, 11, 22; RFC 3515.

use std::sync::Arc;

use rsipstack::dialog::authenticate::{handle_client_authenticate, Credential};
use rsipstack::sip::{
    parse_uri, Header, Method, Request, Response, SipMessage, StatusCodeKind, Transport, Version,
};
use rsipstack::transaction::transaction::Transaction;
use wire::Replied;

use crate::desk::Desk;
use crate::dialog::{cseq, is_sips, target_in, Hop};
use crate::identity::{mint, tag};
use crate::leg::{Leg, NotNow};
use crate::servers::Server;
use crate::stack::{Flow, Reached, ALLOW, PRODUCT};
use crate::text::one_line;

/// What may be asked; the others have orders of their own, or are the stack's.
const METHODS: [Method; 5] = [
    Method::Options,
    Method::Refer,
    Method::Notify,
    Method::Info,
    Method::Message,
];

/// Carry out Ask.
pub(crate) fn ask(desk: &Arc<Desk>, order: &wire::Ask) -> Result<(), NotNow> {
    let method = METHODS
        .into_iter()
        .find(|method| method.to_string() == order.method)
        .ok_or(NotNow("bad-method", "this request cannot be asked for"))?;
    let leg = match &order.call {
        Some(call) => Some(
            desk.registry
                .by_call(call)
                .ok_or(NotNow("unknown-call", "no living leg has this call"))?,
        ),
        None => None,
    };
    let (request, flow) = match &leg {
        Some(leg) => inside(leg, method, order),
        None => outside(method, order),
    }
    .ok_or(NotNow("bad-target", "the target is not a SIP address"))?;
    let credential = order.username.clone().map(|username| Credential {
        username,
        password: order.password.clone().unwrap_or_default(),
        ..Credential::default()
    });
    let asking = Asking {
        desk: Arc::clone(desk),
        leg,
        credential,
    };
    let name = order.request.clone();
    desk.runtime.spawn(async move {
        let (status, reason) = asking.run(request, flow).await;
        (asking.desk.facts)(
            Replied {
                request: name,
                status,
                reason,
            }
            .into(),
        );
    });
    Ok(())
}

fn inside(leg: &Arc<Leg>, method: Method, order: &wire::Ask) -> Option<(Request, Flow)> {
    leg.with_dialog(|dialog| {
        let request = dialog.request(method, extras(order), order.body.as_bytes().to_vec())?;
        Some((request, dialog.flow()?))
    })
}

fn outside(method: Method, order: &wire::Ask) -> Option<(Request, Flow)> {
    let target = target_in(&one_line(&order.target_uri))?;
    let hop = Hop::of(order.hop_uri.as_deref().unwrap_or(&target), Transport::Udp)
        .filter(|hop| !hop.host.is_empty())?;
    let mut headers = vec![
        Header::From(format!("<{}>;tag={}", one_line(&order.from_uri), tag()).into()),
        Header::To(format!("<{target}>").into()),
        Header::CallId(mint().into()),
        Header::CSeq(format!("1 {method}").into()),
        Header::MaxForwards(70.into()),
        Header::Contact("<sip:invalid>".into()),
        Header::Allow(ALLOW.into()),
        Header::UserAgent(PRODUCT.into()),
    ];
    headers.extend(extras(order));
    headers.push(Header::ContentLength((order.body.len() as u32).into()));
    let request = Request {
        method,
        uri: parse_uri(&target).ok()?,
        version: Version::V2,
        headers: headers.into(),
        body: order.body.as_bytes().to_vec(),
    };
    Some((request, Flow::to(hop)))
}

fn extras(order: &wire::Ask) -> Vec<Header> {
    let extra = order.headers.iter();
    let mut headers: Vec<Header> = extra
        .map(|header| Header::Other(one_line(&header.name), one_line(&header.value)))
        .collect();
    if let Some(kind) = &order.content_type {
        headers.push(Header::ContentType(one_line(kind).into()));
    }
    headers
}

struct Asking {
    desk: Arc<Desk>,
    leg: Option<Arc<Leg>>,
    credential: Option<Credential>,
}

impl Asking {
    async fn run(&self, request: Request, flow: Flow) -> (u16, String) {
        match self.ask(request, &flow).await {
            Ok(Some(response)) => (
                response.status_code.code(),
                response.status_code.text().to_string(),
            ),
            Ok(None) => (408, "no answer came".into()),
            Err(why) => (503, why.to_string()),
        }
    }

    async fn ask(&self, request: Request, flow: &Flow) -> rsipstack::Result<Option<Response>> {
        if self.leg.is_some() {
            let over = self.desk.stack.reach(flow).await?;
            return self.ask_over(request, &over).await;
        }
        let servers = self.desk.stack.servers(&flow.hop).await?;
        let last = servers.len().saturating_sub(1);
        for (turn, server) in servers.into_iter().enumerate() {
            let asked = self.ask_at(request.clone(), &flow.hop.host, server);
            if turn == last {
                return asked.await;
            }
            // Who does not answer or cannot is not the only one (RFC 3263 4.3).
            match tokio::time::timeout(self.desk.patience.t1 * 8, asked).await {
                Ok(Ok(Some(answer))) if !matches!(answer.status_code.code(), 408 | 503) => {
                    return Ok(Some(answer))
                }
                _ => {}
            }
        }
        Ok(None)
    }

    async fn ask_at(
        &self,
        request: Request,
        host: &str,
        server: Server,
    ) -> rsipstack::Result<Option<Response>> {
        let over = self.desk.stack.reach_at(host, server).await?;
        self.ask_over(request, &over).await
    }

    async fn ask_over(&self, mut request: Request, over: &Reached) -> rsipstack::Result<Option<Response>> {
        if self.leg.is_none() {
            let contact = self
                .desk
                .stack
                .contact(over.target, over.transport, is_sips(&request));
            for header in request.headers.iter_mut() {
                if let Header::Contact(value) = header {
                    *value = contact.clone().into();
                }
            }
        }
        let request = self.desk.stack.with_via(request, over)?;
        let mut transaction = self.desk.stack.transaction(request, over)?;
        let answer = final_answer(&mut transaction).await?;
        let Some((credential, challenge)) = self.credential.as_ref().zip(answer.as_ref()) else {
            return Ok(answer);
        };
        if !matches!(challenge.status_code.code(), 401 | 407) {
            return Ok(answer);
        }
        let number = match &self.leg {
            Some(leg) => leg.with_dialog(crate::dialog::Dialog::next_number),
            None => cseq(&transaction.original) + 1,
        };
        let mut again =
            handle_client_authenticate(number, &transaction, challenge.clone(), credential).await?;
        final_answer(&mut again).await
    }
}

async fn final_answer(transaction: &mut Transaction) -> rsipstack::Result<Option<Response>> {
    transaction.send().await?;
    while let Some(message) = transaction.receive().await {
        if let SipMessage::Response(response) = message {
            if response.status_code.kind() != StatusCodeKind::Provisional {
                return Ok(Some(response));
            }
        }
    }
    Ok(None)
}
