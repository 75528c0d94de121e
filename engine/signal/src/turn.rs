//! One request of the peer that waits for our answer: what came, and the way back through its transaction.

use rsipstack::sip::{Header, HeadersExt, Method, Request, Response, StatusCode};
use rsipstack::transaction::key::TransactionKey;
use rsipstack::transaction::transaction::{Transaction, TransactionEvent, TransactionEventSender};

use crate::stack::{ALLOW, PRODUCT, SUPPORTED};
use crate::text::one_line;

/// A request and where its answer goes. Answering twice does no harm: the transaction ignores the second.
pub(crate) struct Turn {
    request: Request,
    key: TransactionKey,
    answers: TransactionEventSender,
    local_tag: String,
    contact: String,
}

/// An answer in the making.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answer {
    /// SIP status.
    pub status: u16,
    /// Phrase in the status line; empty for the usual one.
    pub phrase: String,
    /// Headers beyond those every answer has.
    pub headers: Vec<(String, String)>,
    /// Body, sent as `application/sdp`.
    pub sdp: Option<String>,
}

impl Answer {
    /// An answer of this status and nothing else.
    pub fn of(status: u16) -> Self {
        Self {
            status,
            ..Self::default()
        }
    }

    /// The same answer with one more header.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_string(), value.into()));
        self
    }
}

impl Turn {
    /// Take a request of a dialog, to be answered with this tag and contact.
    pub fn new(transaction: &Transaction, local_tag: &str, contact: &str) -> Self {
        Self {
            request: transaction.original.clone(),
            key: transaction.key.clone(),
            answers: transaction.tu_sender.clone(),
            local_tag: local_tag.to_string(),
            contact: contact.to_string(),
        }
    }

    /// Whether it is an INVITE (first or later) and not an UPDATE.
    pub fn is_invite(&self) -> bool {
        self.request.method == Method::Invite
    }

    /// Whether it came with SDP.
    pub fn has_sdp(&self) -> bool {
        matches!(crate::body::sdp_of(&self.request), Ok(Some(_)))
    }

    /// What was asked.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// Hand an answer to the transaction, which sends it, again where needed.
    pub fn answer(&self, answer: &Answer) {
        let response = compose(&self.request, &self.local_tag, Some(&self.contact), answer);
        // The transaction may be gone already (cancelled, timed out): then there is nobody to answer.
        let _ = self.answers.send(TransactionEvent::Respond(response));
    }

    /// End the transaction without another word.
    pub fn forget(&self) {
        let _ = self.answers.send(TransactionEvent::Terminate(self.key.clone()));
    }
}

/// Compose an answer to a request (RFC 3261 8.2.6).
pub(crate) fn compose(
    request: &Request,
    local_tag: &str,
    contact: Option<&str>,
    answer: &Answer,
) -> Response {
    let mut headers: Vec<Header> = Vec::with_capacity(16);
    for header in request.headers.iter() {
        match header {
            Header::Via(_) | Header::From(_) | Header::CallId(_) | Header::CSeq(_) => {
                headers.push(header.clone());
            }
            Header::To(to) => headers.push(Header::To(with_tag(to.value(), local_tag).into())),
            Header::RecordRoute(_) if establishes_dialog(request, answer.status) => {
                headers.push(header.clone());
            }
            _ => {}
        }
    }
    if let Some(contact) = contact.filter(|_| answer.status < 300) {
        headers.push(Header::Contact(contact.into()));
    }
    headers.push(Header::Allow(ALLOW.into()));
    if (200..300).contains(&answer.status) && matches!(request.method, Method::Invite | Method::Update) {
        headers.push(Header::Supported(SUPPORTED.into()));
    }
    headers.push(Header::Server(PRODUCT.into()));
    for (name, value) in &answer.headers {
        headers.push(Header::Other(one_line(name), one_line(value)));
    }
    let body = answer
        .sdp
        .as_ref()
        .map(|sdp| sdp.as_bytes().to_vec())
        .unwrap_or_default();
    if answer.sdp.is_some() {
        headers.push(Header::ContentType("application/sdp".into()));
    }
    headers.push(Header::ContentLength(
        u32::try_from(body.len()).unwrap_or(u32::MAX).into(),
    ));
    Response {
        status_code: status(answer.status, &answer.phrase),
        wire_reason: None,
        version: *request.version(),
        headers: headers.into(),
        body,
    }
}

fn status(code: u16, phrase: &str) -> StatusCode {
    let phrase = one_line(phrase);
    if phrase.is_empty() {
        StatusCode::from(code)
    } else {
        StatusCode::Other(code, phrase)
    }
}

/// RFC 3261 12.1.1: Record-Route goes back in answers that make a dialog.
fn establishes_dialog(request: &Request, status: u16) -> bool {
    request.method == Method::Invite && (101..300).contains(&status)
}

fn with_tag(to: &str, tag: &str) -> String {
    let has_tag =
        crate::text::name_addr(to).is_some_and(|to| crate::text::parameter(to.parameters, "tag").is_some());
    if has_tag || tag.is_empty() {
        to.to_string()
    } else {
        format!("{to};tag={tag}")
    }
}

/// The To tag of a request, empty when it has none.
pub(crate) fn to_tag(request: &Request) -> String {
    tag_of(request.to_header().ok().map(|to| to.value().to_string()))
}

/// The From tag of a request, empty when it has none.
pub(crate) fn from_tag(request: &Request) -> String {
    tag_of(request.from_header().ok().map(|from| from.value().to_string()))
}

fn tag_of(value: Option<String>) -> String {
    tag_in(&value.unwrap_or_default())
}

/// The tag of a From or To value, empty when it has none.
pub(crate) fn tag_in(value: &str) -> String {
    crate::text::name_addr(value)
        .and_then(|one| crate::text::parameter(one.parameters, "tag").map(str::to_string))
        .unwrap_or_default()
}
