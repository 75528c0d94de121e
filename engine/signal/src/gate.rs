//! The gate before the parser: what may pass, what is answered at once, what is dropped.
//!
//! Pure: bytes in, verdict out. It exists because the crate behind it drops in silence what RFC 3261 wants answered
//! (unknown methods, other versions, missing headers), stops reading headers at the first byte that is not UTF-8, and
//! reads no body without a Content-Length. Each of these a phone notices. What passes has been parsed once already,
//! so that nothing the crate would panic on reaches it.
//!
//! Sources: RFC 3261 7.3, 8.2, 16.3, 18.3, 18.4, 20.14; RFC 4475.

use std::fmt::Write;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::{catch_unwind, AssertUnwindSafe};

use rsipstack::dialog::DialogId;
use rsipstack::sip::prelude::{HeadersExt, ToTypedHeader};
use rsipstack::sip::{SipMessage, Transport};
use rsipstack::transaction::key::{TransactionKey, TransactionRole};
use rsipstack::transport::SipConnection;

use crate::text::{name_addr, parameter};

/// Largest message, in bytes, header and body; the crate's own buffer for datagrams has this size.
pub(crate) const MESSAGE_LIMIT_BYTES: usize = 8_192;

const FIELDS_LIMIT: usize = 150;
const METHODS: [&str; 14] = [
    "ACK",
    "BYE",
    "CANCEL",
    "INFO",
    "INVITE",
    "MESSAGE",
    "NOTIFY",
    "OPTIONS",
    "PRACK",
    "PUBLISH",
    "REFER",
    "REGISTER",
    "SUBSCRIBE",
    "UPDATE",
];
/// Headers that may come once only, and without which a message is none (RFC 3261 8.1.1).
const SINGLE: [(&str, &str); 4] = [("Call-ID", "i"), ("CSeq", "cseq"), ("From", "f"), ("To", "t")];

/// What becomes of a message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Give these bytes to the stack; they are the message, mended where needed.
    Pass(Vec<u8>),
    /// Send these bytes back; the stack does not see the message.
    Answer(Vec<u8>),
    /// Do nothing; the reason is for counting.
    Drop(&'static str),
}

/// Judge one whole message, as it came in a datagram or was cut from a stream.
pub(crate) fn judge(bytes: &[u8]) -> Verdict {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Verdict::Pass(bytes.to_vec());
    }
    let Some(end) = head_end(bytes) else {
        return Verdict::Drop("no end of headers");
    };
    let text = as_utf8(&bytes[..end]);
    let body = &bytes[end + 4..];
    let head = Head::read(&text);
    if head.start.starts_with("SIP/") {
        return judge_response(&text, body);
    }
    match head.flaw(body.len(), bytes.len()) {
        None => admit(&head, &text, body),
        Some(flaw) => head.refuse(flaw),
    }
}

/// Where the headers end, if they do: the offset of the empty line.
pub(crate) fn head_end(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|four| four == b"\r\n\r\n")
}

/// The length a head announces for its body: None without a Content-Length, Err when it cannot be read.
pub(crate) fn announced_length(head: &str) -> Result<Option<usize>, ()> {
    Head::read(head).content_length()
}

/// Header bytes as UTF-8. Anything else is taken for ISO 8859-1, as phones older than RFC 3261 send it.
pub(crate) fn as_utf8(head: &[u8]) -> String {
    match std::str::from_utf8(head) {
        Ok(text) => text.to_string(),
        Err(_) => head.iter().map(|byte| char::from(*byte)).collect(),
    }
}

fn judge_response(text: &str, body: &[u8]) -> Verdict {
    let message = whole(text, body, None);
    if is_readable(&message) {
        Verdict::Pass(message)
    } else {
        Verdict::Drop("unreadable response")
    }
}

fn admit(head: &Head<'_>, text: &str, body: &[u8]) -> Verdict {
    // RFC 3261 18.3: without a Content-Length, a datagram's body reaches to its end.
    let missing = matches!(head.content_length(), Ok(None)).then_some(body.len());
    let message = whole(text, body, missing);
    if message.len() > MESSAGE_LIMIT_BYTES {
        return head.refuse((513, "Message Too Large"));
    }
    if is_readable(&message) {
        Verdict::Pass(message)
    } else {
        head.refuse((400, "Unreadable Request"))
    }
}

fn whole(text: &str, body: &[u8], content_length: Option<usize>) -> Vec<u8> {
    let mut message = text.as_bytes().to_vec();
    if let Some(length) = content_length {
        message.extend_from_slice(format!("\r\nContent-Length: {length}").as_bytes());
    }
    message.extend_from_slice(b"\r\n\r\n");
    message.extend_from_slice(body);
    message
}

/// Go through all the crate's code that reads a message before anybody of ours sees it, and survive it.
fn is_readable(bytes: &[u8]) -> bool {
    let read = || -> Option<()> {
        let message = SipMessage::try_from(bytes).ok()?;
        message.via_header().ok()?.typed().ok()?;
        message.to_header().ok()?.tag().ok()?;
        let somewhere = std::net::SocketAddr::from(([192, 0, 2, 1], 5060));
        let message = SipConnection::update_msg_received(message, somewhere, Transport::Udp).ok()?;
        match &message {
            SipMessage::Request(request) => {
                TransactionKey::from_request(request, TransactionRole::Server).ok()?;
                DialogId::try_from((request, TransactionRole::Server)).ok()?;
            }
            SipMessage::Response(response) => {
                TransactionKey::from_response(response, TransactionRole::Client).ok()?;
            }
        }
        Some(())
    };
    matches!(catch_unwind(AssertUnwindSafe(read)), Ok(Some(())))
}

/// Start line and header fields of a message, unfolded.
struct Head<'a> {
    start: &'a str,
    fields: Vec<(&'a str, String)>,
}

type Flaw = (u16, &'static str);

impl<'a> Head<'a> {
    fn read(text: &'a str) -> Self {
        let mut lines = text
            .split('\n')
            .map(|line| line.strip_suffix('\r').unwrap_or(line));
        let start = lines.next().unwrap_or("");
        let mut fields: Vec<(&str, String)> = Vec::new();
        for line in lines {
            if line.starts_with([' ', '\t']) {
                if let Some((_, value)) = fields.last_mut() {
                    let _ = write!(value, " {}", line.trim());
                }
            } else if let Some((name, value)) = line.split_once(':') {
                fields.push((name.trim(), value.trim().to_string()));
            }
        }
        Self { start, fields }
    }

    fn all<'b>(&'b self, name: &'b str, short: &'b str) -> impl Iterator<Item = &'b str> {
        self.fields
            .iter()
            .filter(move |(key, _)| key.eq_ignore_ascii_case(name) || key.eq_ignore_ascii_case(short))
            .map(|(_, value)| value.as_str())
    }

    fn first<'b>(&'b self, name: &'b str, short: &'b str) -> Option<&'b str> {
        self.all(name, short).next()
    }

    fn method(&self) -> &str {
        self.start.split(' ').next().unwrap_or("")
    }

    fn content_length(&self) -> Result<Option<usize>, ()> {
        self.first("Content-Length", "l")
            .map(|text| text.parse().map_err(|_| ()))
            .transpose()
    }

    /// What is wrong with a request, as the status and phrase it deserves.
    fn flaw(&self, body: usize, size: usize) -> Option<Flaw> {
        let mut words = self.start.split(' ');
        let (_, uri, version) = (
            words.next(),
            words.next().unwrap_or(""),
            words.next().unwrap_or(""),
        );
        if size > MESSAGE_LIMIT_BYTES {
            return Some((513, "Message Too Large"));
        }
        if words.next().is_some() || uri.is_empty() || version.is_empty() || self.fields.len() > FIELDS_LIMIT
        {
            return Some((400, "Bad Request"));
        }
        if !version.eq_ignore_ascii_case("SIP/2.0") {
            return Some((505, "Version Not Supported"));
        }
        self.flaw_of_fields(body).or_else(|| self.flaw_of_target(uri))
    }

    fn flaw_of_fields(&self, body: usize) -> Option<Flaw> {
        if SINGLE
            .iter()
            .any(|(name, short)| self.all(name, short).count() != 1)
        {
            return Some((400, "Missing Or Repeated Header"));
        }
        let mut cseq = self.first("CSeq", "cseq").unwrap_or("").split_whitespace();
        let number = cseq.next().and_then(|digits| digits.parse::<u32>().ok());
        if number.is_none_or(|number| number > i32::MAX as u32) || cseq.next() != Some(self.method()) {
            return Some((400, "Bad CSeq"));
        }
        let from = self.first("From", "f").and_then(name_addr);
        if from.and_then(|from| parameter(from.parameters, "tag").map(str::is_empty)) != Some(false) {
            return Some((400, "From Without Tag"));
        }
        // A tag is a token (RFC 3261 25.1): beside an empty one ours would be a second.
        let to = self.first("To", "t").and_then(name_addr);
        if to.and_then(|to| parameter(to.parameters, "tag").map(str::is_empty)) == Some(true) {
            return Some((400, "Empty To Tag"));
        }
        match self.content_length() {
            Err(()) => Some((400, "Bad Content-Length")),
            Ok(Some(length)) if length > body => Some((400, "Body Cut Short")),
            Ok(_) => None,
        }
    }

    fn flaw_of_target(&self, uri: &str) -> Option<Flaw> {
        if !METHODS.contains(&self.method()) {
            return Some((501, "Not Implemented"));
        }
        let scheme = uri.split(':').next().unwrap_or("").to_ascii_lowercase();
        (!matches!(scheme.as_str(), "sip" | "sips" | "tel")).then_some((416, "Unsupported URI Scheme"))
    }

    /// Answer without keeping anything (RFC 3261 8.2.7), or drop what cannot or must not be answered.
    fn refuse(&self, (status, phrase): Flaw) -> Verdict {
        if self.method() == "ACK" {
            return Verdict::Drop("a flawed ACK");
        }
        let (Some(from), Some(to), Some(call_id), Some(cseq)) = (
            self.first("From", "f"),
            self.first("To", "t"),
            self.first("Call-ID", "i"),
            self.first("CSeq", "cseq"),
        ) else {
            return Verdict::Drop("too little to answer");
        };
        let vias: Vec<&str> = self.all("Via", "v").collect();
        if vias.is_empty() {
            return Verdict::Drop("no Via to answer to");
        }
        let mut answer = format!("SIP/2.0 {status} {phrase}\r\n");
        for via in &vias {
            let _ = write!(answer, "Via: {via}\r\n");
        }
        let tag = to_tag(to, call_id, vias[0]);
        let _ = write!(
            answer,
            "From: {from}\r\nTo: {to}{tag}\r\nCall-ID: {call_id}\r\nCSeq: {cseq}\r\n"
        );
        let _ = write!(
            answer,
            "Allow: {}\r\nServer: {}\r\n",
            crate::stack::ALLOW,
            crate::stack::PRODUCT
        );
        answer.push_str("Content-Length: 0\r\n\r\n");
        Verdict::Answer(answer.into_bytes())
    }
}

/// A tag that is the same for each retransmission, without remembering any (RFC 3261 8.2.7).
fn to_tag(to: &str, call_id: &str, via: &str) -> String {
    if name_addr(to).is_some_and(|to| parameter(to.parameters, "tag").is_some()) {
        return String::new();
    }
    let mut hasher = DefaultHasher::new();
    (call_id, via).hash(&mut hasher);
    format!(";tag={:016x}", hasher.finish())
}

#[cfg(test)]
#[path = "gate_tests.rs"]
mod tests;
