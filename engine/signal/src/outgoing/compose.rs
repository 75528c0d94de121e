//! The requests of a call of ours before its answer.

use rsipstack::sip::{parse_uri, Header, Method, Request, Version};

use crate::dialog::{cseq, target_in};
use crate::identity::{mint, tag};
use crate::session::{SHORTEST_S, USUAL_S};
use crate::stack::{ALLOW, PRODUCT, SUPPORTED};
use crate::text::{one_line, quoted};

/// Compose an INVITE without its Via; None when the target is no SIP address.
pub(crate) fn invite(order: &wire::Invite, target: &str, contact: &str) -> Option<Request> {
    let display = match one_line(&order.from_display).as_str() {
        "" => String::new(),
        name => format!("{} ", quoted(name)),
    };
    let from = format!("{display}<{}>;tag={}", one_line(&order.from_uri), tag());
    let mut headers = vec![
        Header::From(from.into()),
        Header::To(format!("<{}>", one_line(&order.to_uri)).into()),
        Header::CallId(mint().into()),
        Header::CSeq("1 INVITE".into()),
        Header::MaxForwards(70.into()),
        Header::Contact(contact.into()),
        Header::Allow(ALLOW.into()),
        Header::Supported(SUPPORTED.into()),
        Header::Other("Session-Expires".into(), USUAL_S.to_string()),
        Header::Other("Min-SE".into(), SHORTEST_S.to_string()),
        Header::UserAgent(PRODUCT.into()),
    ];
    let extra = order.headers.iter();
    headers.extend(extra.map(|header| Header::Other(one_line(&header.name), one_line(&header.value))));
    headers.push(Header::ContentType("application/sdp".into()));
    Some(Request {
        method: Method::Invite,
        uri: parse_uri(&target_in(&one_line(target))?).ok()?,
        version: Version::V2,
        headers: headers.into(),
        body: order.sdp.as_bytes().to_vec(),
    })
}

/// The same INVITE, asking for a longer session (RFC 4028 7.2), without its Via.
pub(crate) fn longer(invite: &Request, interval_s: u32) -> Request {
    let mut again = invite.clone();
    let mut headers: Vec<Header> = Vec::new();
    for header in invite.headers.iter() {
        match header {
            Header::Via(_) => {}
            Header::CSeq(_) => headers.push(Header::CSeq(format!("{} INVITE", cseq(invite) + 1).into())),
            Header::Other(name, _)
                if name.eq_ignore_ascii_case("Session-Expires") || name.eq_ignore_ascii_case("Min-SE") =>
            {
                headers.push(Header::Other(name.clone(), interval_s.to_string()));
            }
            header => headers.push(header.clone()),
        }
    }
    again.headers = headers.into();
    again
}

/// Compose the CANCEL of an INVITE that was sent: the same Via, From, To, Call-ID and number (RFC 3261 9.1).
pub(crate) fn cancel(invite: &Request) -> Request {
    let mut headers: Vec<Header> = Vec::new();
    for header in invite.headers.iter() {
        match header {
            Header::Via(_) | Header::From(_) | Header::To(_) | Header::CallId(_) | Header::Route(_) => {
                headers.push(header.clone());
            }
            Header::CSeq(_) => {
                headers.push(Header::CSeq(format!("{} CANCEL", cseq(invite)).into()));
            }
            _ => {}
        }
    }
    headers.push(Header::MaxForwards(70.into()));
    headers.push(Header::UserAgent(PRODUCT.into()));
    headers.push(Header::ContentLength(0.into()));
    Request {
        method: Method::Cancel,
        uri: invite.uri.clone(),
        version: Version::V2,
        headers: headers.into(),
        body: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order() -> wire::Invite {
        wire::Invite {
            n: 1,
            call: "c".into(),
            target_uri: "sip:+15550100@192.0.2.1".into(),
            hop_uri: None,
            from_uri: "sip:+15550199@us".into(),
            from_display: "A \"B\"\r\nX-Evil: 1".into(),
            to_uri: "sip:+15550100@192.0.2.1".into(),
            username: None,
            password: None,
            sdp: "v=0\r\n".into(),
            headers: vec![wire::Header {
                name: "X-One".into(),
                value: "1\r\nX-Two: 2".into(),
            }],
            ring_ms: 1_000,
            also: None,
        }
    }

    #[test]
    fn an_invite_says_who_calls_whom_and_no_text_breaks_out_of_its_header() {
        let text = invite(&order(), &order().target_uri, "<sip:us>")
            .unwrap()
            .to_string();
        assert!(
            text.starts_with("INVITE sip:+15550100@192.0.2.1 SIP/2.0\r\nFrom: \"A \\\"B\\\""),
            "{text}"
        );
        assert!(
            !text.contains("\r\nX-Evil") && !text.contains("\r\nX-Two"),
            "{text}"
        );
        assert!(text.contains("CSeq: 1 INVITE\r\n") && text.contains("Contact: <sip:us>\r\n"));
    }

    #[test]
    fn a_cancel_is_like_its_invite() {
        let mut sent = invite(&order(), &order().target_uri, "<sip:us>").unwrap();
        sent.headers
            .push_front(Header::Via("SIP/2.0/UDP us;branch=z9hG4bK1".into()));
        let text = cancel(&sent).to_string();
        assert!(text.starts_with(
            "CANCEL sip:+15550100@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP us;branch=z9hG4bK1\r\n"
        ));
        assert!(text.contains("CSeq: 1 CANCEL\r\n") && !text.contains("X-One"));
        let line = |text: &str, name: &str| {
            text.lines()
                .find(|line| line.starts_with(name))
                .map(str::to_string)
        };
        let invite = sent.to_string();
        for name in ["From:", "To:", "Call-ID:"] {
            assert_eq!(line(&text, name), line(&invite, name));
        }
    }

    #[test]
    fn what_is_no_address_cannot_be_called() {
        assert!(invite(&order(), "not an address", "<sip:us>").is_none());
    }
}
