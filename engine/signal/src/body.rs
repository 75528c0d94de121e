//! What is in the body of a request: SDP, alone or in a multipart, and pressed keys.
//!
//! Sources: RFC 3261 7.4, 13.2.1; RFC 5621 (multipart); RFC 6086 (INFO as it was used before).

use rsipstack::sip::prelude::HeadersExt;
use rsipstack::sip::Request;

use crate::text::parameter;

/// A body we cannot read: answered 415.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unsupported;

/// The SDP of a request: None when it has no body at all.
pub(crate) fn sdp_of(request: &Request) -> Result<Option<String>, Unsupported> {
    sdp_in(request, &request.body)
}

/// The SDP of a request or an answer: None when it has no body at all.
pub(crate) fn sdp_in(headers: &impl HeadersExt, body: &[u8]) -> Result<Option<String>, Unsupported> {
    if body.is_empty() {
        return Ok(None);
    }
    if headers
        .header_value("Content-Encoding")
        .is_some_and(|coding| !coding.eq_ignore_ascii_case("identity"))
    {
        return Err(Unsupported);
    }
    let kind = headers.header_value("Content-Type").unwrap_or_default();
    let (essence, parameters) = kind.split_once(';').unwrap_or((&kind, ""));
    let body = String::from_utf8_lossy(body);
    match essence.trim().to_ascii_lowercase().as_str() {
        "application/sdp" => Ok(Some(body.into_owned())),
        // Some gateways leave the type out; what looks like SDP is taken for it.
        "" if body.starts_with("v=0") => Ok(Some(body.into_owned())),
        essence if essence.starts_with("multipart/") => {
            let boundary = parameter(parameters, "boundary")
                .filter(|text| !text.is_empty())
                .ok_or(Unsupported)?;
            sdp_part(&body, boundary).map(Some).ok_or(Unsupported)
        }
        _ => Err(Unsupported),
    }
}

/// The key an INFO reports, and for how many milliseconds it was held.
pub(crate) fn digit_of(request: &Request) -> Option<(char, u32)> {
    let kind = request.header_value("Content-Type")?.to_ascii_lowercase();
    let body = String::from_utf8_lossy(&request.body);
    let (signal, duration) = match kind.split(';').next()?.trim() {
        "application/dtmf-relay" => (
            field(&body, "signal")?,
            field(&body, "duration").unwrap_or_default(),
        ),
        "application/dtmf" => (body.trim().to_string(), String::new()),
        _ => return None,
    };
    let digit = match signal.as_str() {
        "10" => '*',
        "11" => '#',
        other => {
            let mut signs = other.chars();
            signs
                .next()
                .filter(|_| signs.next().is_none())?
                .to_ascii_uppercase()
        }
    };
    let known = digit.is_ascii_digit() || matches!(digit, '*' | '#' | 'A'..='D');
    known.then(|| (digit, duration.parse().unwrap_or(160)))
}

fn field(body: &str, name: &str) -> Option<String> {
    body.lines().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        key.trim()
            .eq_ignore_ascii_case(name)
            .then(|| value.trim().to_string())
    })
}

fn sdp_part(body: &str, boundary: &str) -> Option<String> {
    let mark = format!("--{boundary}");
    body.split(&mark).skip(1).find_map(|part| {
        let part = part.strip_prefix("\r\n").unwrap_or(part);
        let (head, content) = part.split_once("\r\n\r\n")?;
        let is_sdp = head.lines().any(|line| {
            let line = line.to_ascii_lowercase();
            line.starts_with("content-type:") && line.contains("application/sdp")
        });
        is_sdp.then(|| format!("{}\r\n", content.trim_end_matches("\r\n")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(kind: &str, body: &str) -> Request {
        let text = format!(
            "INVITE sip:a@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\nFrom: <sip:b@h>;tag=1\r\nTo: <sip:a@h>\r\n\
             Call-ID: c\r\nCSeq: 1 INVITE\r\n{kind}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        Request::try_from(text).unwrap()
    }

    #[test]
    fn sdp_is_found_alone_untyped_and_among_other_parts() {
        let sdp = "v=0\r\ns=-\r\n";
        assert_eq!(sdp_of(&request("", "")), Ok(None));
        assert_eq!(sdp_of(&request("", sdp)), Ok(Some(sdp.into())));
        assert_eq!(
            sdp_of(&request("c: Application/SDP ; charset=utf-8\r\n", sdp)),
            Ok(Some(sdp.into()))
        );
        let parts = format!(
            "--b1\r\nContent-Type: application/isup\r\n\r\n\u{1}\u{2}\r\n--b1\r\n\
             Content-Type: application/sdp\r\n\r\n{sdp}\r\n--b1--\r\n"
        );
        let kind = "Content-Type: multipart/mixed;boundary=\"b1\"\r\n";
        assert_eq!(sdp_of(&request(kind, &parts)), Ok(Some(sdp.into())));
        assert_eq!(
            sdp_of(&request("Content-Type: text/plain\r\n", "hello")),
            Err(Unsupported)
        );
        assert_eq!(
            sdp_of(&request(
                "Content-Type: application/sdp\r\nContent-Encoding: gzip\r\n",
                sdp
            )),
            Err(Unsupported)
        );
    }

    #[test]
    fn keys_are_read_in_both_usual_forms() {
        let relay = "Content-Type: application/dtmf-relay\r\n";
        assert_eq!(
            digit_of(&request(relay, "Signal=5\r\nDuration=200\r\n")),
            Some(('5', 200))
        );
        assert_eq!(digit_of(&request(relay, "Signal= 11\r\n")), Some(('#', 160)));
        assert_eq!(
            digit_of(&request("Content-Type: application/dtmf\r\n", "*")),
            Some(('*', 160))
        );
        assert_eq!(digit_of(&request(relay, "Signal=xx\r\n")), None);
        assert_eq!(digit_of(&request("Content-Type: text/plain\r\n", "5")), None);
    }
}
