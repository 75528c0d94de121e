//! Cuts what comes over a stream into messages.
//!
//! Sources: RFC 3261 7.5 and 18.3; RFC 5626 3.5.1 (keepalives).

use crate::gate::{announced_length, as_utf8, head_end, judge, Verdict, MESSAGE_LIMIT_BYTES};

/// What the front of a stream's buffer is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    Message(Vec<u8>),
    Ping,
    NotYet,
    /// Not SIP, or longer than we read: there is no telling where the next message begins. To be sent before closing.
    Senseless(Vec<u8>),
}

/// Take the next message off the front of a buffer.
pub(crate) fn next_message(buffer: &mut Vec<u8>) -> Cut {
    if buffer.starts_with(b"\r\n\r\n") {
        buffer.drain(..4);
        return Cut::Ping;
    }
    // RFC 3261 7.5: empty lines before a start line are to be ignored.
    while buffer.starts_with(b"\r\n") && buffer.len() > 3 {
        buffer.drain(..2);
    }
    let Some(end) = head_end(buffer) else {
        let is_endless = buffer.len() > MESSAGE_LIMIT_BYTES;
        return if is_endless {
            Cut::Senseless(Vec::new())
        } else {
            Cut::NotYet
        };
    };
    // RFC 3261 18.3: on a stream the length must be there; 0 is the kinder guess for those who leave it out.
    let Ok(length) = announced_length(&as_utf8(&buffer[..end])) else {
        return Cut::Senseless(answer_to(buffer));
    };
    let whole = (end + 4).saturating_add(length.unwrap_or(0));
    if whole > MESSAGE_LIMIT_BYTES {
        return Cut::Senseless(answer_to(buffer));
    }
    if buffer.len() < whole {
        return Cut::NotYet;
    }
    Cut::Message(buffer.drain(..whole).collect())
}

fn answer_to(buffer: &[u8]) -> Vec<u8> {
    match judge(buffer) {
        Verdict::Answer(answer) => answer,
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PING: &str =
        "OPTIONS sip:a@h SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bKx\r\nFrom: <sip:b@h>;tag=1\r\n\
        To: <sip:a@h>\r\nCall-ID: c\r\nCSeq: 7 OPTIONS\r\nl: 2\r\n\r\nab";

    #[test]
    fn messages_come_out_whole_however_they_are_cut() {
        let stream = format!("\r\n{PING}{PING}\r\n\r\n{PING}");
        for step in [1, 7, 100, 10_000] {
            let (mut buffer, mut messages, mut pings) = (Vec::new(), 0, 0);
            for piece in stream.as_bytes().chunks(step) {
                buffer.extend_from_slice(piece);
                loop {
                    match next_message(&mut buffer) {
                        Cut::Message(message) => {
                            assert_eq!(message, PING.as_bytes());
                            messages += 1;
                        }
                        Cut::Ping => pings += 1,
                        Cut::NotYet => break,
                        Cut::Senseless(_) => panic!("step {step}"),
                    }
                }
            }
            assert_eq!((messages, pings), (3, 1), "step {step}");
        }
    }

    #[test]
    fn an_impossible_length_ends_the_stream_with_an_answer() {
        for length in ["18446744073709551615", "-1", "9000000"] {
            let mut buffer = PING.replace("l: 2", &format!("l: {length}")).into_bytes();
            match next_message(&mut buffer) {
                Cut::Senseless(answer) => assert!(answer.starts_with(b"SIP/2.0 "), "{length}"),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(
            next_message(&mut vec![b'x'; MESSAGE_LIMIT_BYTES + 1]),
            Cut::Senseless(Vec::new())
        );
    }
}
