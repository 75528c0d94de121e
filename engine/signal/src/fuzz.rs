//! Ways in for the fuzz target `sip`: what is done with a stranger's bytes before and after the library reads them, and what
//! must hold whatever they are.

use std::net::SocketAddr;
use std::time::Instant;

use rsipstack::sip::prelude::HeadersExt;
use rsipstack::sip::{Method, Request, Response, SipMessage, Transport};

use crate::body::{digit_of, sdp_in, sdp_of};
use crate::cutting::{next_message, Cut};
use crate::dialog::{cseq, Arrival, Dialog, DialogKey};
use crate::gate::{head_end, judge, Verdict, MESSAGE_LIMIT_BYTES};
use crate::reception::{told_headers, unsupported_extensions};
use crate::registry::Registry;
use crate::replacing::replaced;
use crate::session::{at_least, Session};
use crate::text::{name_addr, one_line, parameter, quoted, split_list};
use crate::turn::{compose, to_tag, Answer};
use crate::websocket::measured;

const OURS: &str = "<sip:us@192.0.2.9:5060>";
const VIA: &str = "Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKours\r\n";
const INVITE: &str = "INVITE sip:a@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKours\r\n\
    From: <sip:us@192.0.2.9>;tag=ours\r\nTo: <sip:a@192.0.2.1>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n";

/// Bytes that an answer of the gate may be longer than what it answers: our own names and its status.
const ANSWER_MORE_BYTES: usize = 400;

/// Cut a stream that comes in pieces of so many bytes. However it comes, the same messages are in it.
pub fn stream(bytes: &[u8], piece_bytes: usize) {
    assert_eq!(cut(bytes.chunks(piece_bytes.max(1))), cut(std::iter::once(bytes)));
}

/// The messages of a stream, how many keepalives are between them, and whether it makes no sense in the end.
fn cut<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<Vec<u8>>, u32, bool) {
    let (mut buffer, mut messages, mut pings) = (Vec::new(), Vec::new(), 0);
    for piece in pieces {
        buffer.extend_from_slice(piece);
        loop {
            match next_message(&mut buffer) {
                Cut::Message(message) => messages.push(message),
                Cut::Ping => pings += 1,
                Cut::NotYet => break,
                Cut::Senseless(answer) => {
                    is_one_answer(&answer, buffer.len());
                    return (messages, pings, true);
                }
            }
        }
    }
    (messages, pings, false)
}

/// Take one message, from the gate to all that looks at it.
pub fn message(bytes: &[u8]) {
    of_a_websocket(bytes);
    match judge(bytes) {
        Verdict::Drop(_) => {}
        Verdict::Answer(answer) => is_one_answer(&answer, bytes.len()),
        Verdict::Pass(passed) => {
            assert!(passed.len() <= MESSAGE_LIMIT_BYTES.max(2 * bytes.len()));
            assert_eq!(
                judge(&passed),
                Verdict::Pass(passed.clone()),
                "it has been mended"
            );
            match SipMessage::try_from(passed.as_slice()) {
                Ok(SipMessage::Request(request)) => take_request(&request),
                Ok(SipMessage::Response(response)) => take_response(&response),
                Err(_) => assert!(passed.iter().all(u8::is_ascii_whitespace), "the gate has read it"),
            }
        }
    }
}

/// What is between the line of a header's name and the next.
pub fn value(text: &str) {
    for part in split_list(text) {
        assert!(!part.is_empty() && part.len() <= text.len());
        if let Some(one) = name_addr(part) {
            let _ = parameter(one.parameters, "tag");
        }
    }
    let shown = format!("{} <sip:a@h>;tag=1", quoted(text));
    let read = name_addr(&shown).expect("we have quoted it");
    assert_eq!(
        (read.display, read.uri, read.parameters),
        (one_line(text), "sip:a@h", "tag=1")
    );
    assert_eq!(split_list(&shown), [shown.as_str()]);
}

fn of_a_websocket(bytes: &[u8]) {
    let mut whole = measured(bytes);
    if whole.len() > bytes.len() {
        assert_ne!(next_message(&mut whole), Cut::NotYet, "its length was put in");
    }
}

/// An answer that was made without the library: one message, no longer than it need be.
fn is_one_answer(answer: &[u8], asked_bytes: usize) {
    if !answer.is_empty() {
        assert!(answer.starts_with(b"SIP/2.0 "));
        assert_eq!(
            head_end(answer),
            Some(answer.len() - 4),
            "it ends where its headers do"
        );
        // Bytes that are no UTF-8 become two each.
        assert!(answer.len() <= 2 * asked_bytes + ANSWER_MORE_BYTES);
    }
}

fn take_request(request: &Request) {
    let registry = Registry::new(1);
    assert!(i32::try_from(cseq(request)).is_ok());
    let _ = (
        unsupported_extensions(request),
        told_headers(request),
        DialogKey::of(request),
    );
    let _ = (
        Session::asked(request, Instant::now()),
        replaced(request, &registry).is_ok(),
    );
    if let Some((digit, _)) = digit_of(request) {
        assert!("0123456789*#ABCD".contains(digit));
    }
    if let Ok(Some(sdp)) = sdp_of(request) {
        // Bytes that are no UTF-8 become three each.
        assert!(sdp.len() <= 3 * request.body.len() + 2);
    }
    for status in [100, 180, 200, 404] {
        let answer = Answer::of(status).with("Reason", request.uri.to_string());
        let answer = compose(request, "ours", Some(OURS), &answer).to_string();
        is_sound(&answer);
    }
    if request.method == Method::Invite && to_tag(request).is_empty() {
        be_called(request);
    }
}

/// As the reception does it: what cannot be told to the brain makes no call.
fn be_called(request: &Request) {
    let known = |value: &str| name_addr(value).is_some();
    let from = request.from_header().is_ok_and(|from| known(from.value()));
    let to = request.to_header().is_ok_and(|to| known(to.value()));
    let dialog = Dialog::from_invite(request, "ours", OURS.into(), arrival());
    if let Some(dialog) = dialog.filter(|_| from && to) {
        go_on(dialog, cseq(request));
    }
}

fn take_response(response: &Response) {
    let _ = (at_least(response), sdp_in(response, &response.body));
    let session = Session::agreed(response, Instant::now());
    assert!(session.is_none_or(|agreed| agreed.interval_s >= crate::session::SHORTEST_S));
    let Ok(SipMessage::Request(invite)) = SipMessage::try_from(INVITE.as_bytes()) else {
        unreachable!("it is a request");
    };
    let dialog = Dialog::from_answer(&invite, response, OURS.into(), arrival());
    // A peer that writes no tag, or an empty one, gets back what it wrote.
    if let Some(dialog) = dialog.filter(|it| !it.key.remote_tag.is_empty()) {
        go_on(dialog, 1);
    }
}

/// What we ask in a dialog is a message like any other, of that dialog and numbered as it should be.
fn go_on(mut dialog: Dialog, asked: u32) {
    let _ = dialog.next_hop();
    let number = dialog.local_cseq + 1;
    let Some(bye) = dialog.bye("it is over") else {
        return;
    };
    let text = bye.to_string();
    let (start, rest) = text.split_once("\r\n").expect("a start line");
    let read = is_sound(&format!("{start}\r\n{VIA}{rest}"));
    let SipMessage::Request(read) = read else {
        panic!("it is a request");
    };
    assert_eq!((read.method, cseq(&read)), (Method::Bye, number));
    let key = DialogKey::of(&read);
    // From the other side: its local tag is our remote one.
    assert_eq!(
        (&key.call_id, &key.remote_tag, &key.local_tag),
        (&dialog.key.call_id, &dialog.key.local_tag, &dialog.key.remote_tag)
    );
    assert!(asked == 1 || !dialog.accepts(&read) || number > asked);
}

/// What we send is one message, and would pass our own gate.
fn is_sound(text: &str) -> SipMessage {
    assert_eq!(
        head_end(text.as_bytes()),
        Some(text.len() - 4),
        "it has no body: {text}"
    );
    assert_eq!(
        judge(text.as_bytes()),
        Verdict::Pass(text.as_bytes().to_vec()),
        "{text}"
    );
    SipMessage::try_from(text).expect("the gate has read it")
}

fn arrival() -> Arrival {
    Arrival {
        connection: None,
        source: SocketAddr::from(([192, 0, 2, 1], 5_060)),
        transport: Transport::Udp,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_we_answer_and_ask_of_a_caller_and_a_called_passes_our_own_gate() {
        message(
            INVITE
                .replace("To: ", "Contact: <sip:b@192.0.2.1>\r\nTo: ")
                .as_bytes(),
        );
        message(
            b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKours\r\nFrom: <sip:us@192.0.2.9>;tag=ours\r\n\
              To: \"A, B\" <sip:a@192.0.2.1>;tag=theirs\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n",
        );
        stream(format!("\r\n\r\n{INVITE}\r\n{INVITE}").as_bytes(), 7);
        value("\"A\\\" B\" <sip:a@h>, sip:b@h");
    }
}
