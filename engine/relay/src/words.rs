//! The messages: what we write, and what a server may say.
//!
//! Source: Twilio, "Media Streams: WebSocket messages"; `SignalWire` spells the same.

use std::fmt::Write;

use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::DecodePaddingMode;
use base64::Engine;
use serde_json::{Map, Value};

/// Standard base64; padding may be left out by who writes to us.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Longest name of a mark that comes back.
const LONGEST_MARK: usize = 1_024;

/// A frame of a track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Which track.
    pub track: usize,
    /// Its number in its track, from 1.
    pub chunk: u64,
    /// Where it begins, in ms since the stream began.
    pub at_ms: u64,
    /// Coded sound.
    pub payload: Vec<u8>,
}

/// Spell a frame.
pub(crate) fn media(stream: &str, track: &str, frame: &Frame, sequence: u64) -> String {
    let mut text = String::with_capacity(200 + frame.payload.len() * 4 / 3);
    // Writing to a String cannot fail. The stream's sid and the track's name need no escapes: the brain
    // makes both, of hex digits and words.
    let _ = write!(
        text,
        r#"{{"event":"media","sequenceNumber":"{sequence}","streamSid":"{stream}","media":{{"track":"{track}","chunk":"{}","timestamp":"{}","payload":""#,
        frame.chunk, frame.at_ms
    );
    BASE64.encode_string(&frame.payload, &mut text);
    text.push_str("\"}}");
    text
}

/// Spell a mark that is reached.
pub(crate) fn mark(stream: &str, name: &str, sequence: u64) -> String {
    serde_json::json!({
        "event": "mark",
        "sequenceNumber": sequence.to_string(),
        "streamSid": stream,
        "mark": {"name": name},
    })
    .to_string()
}

/// Put the number into a message of the brain's that has a place for one; None when it is not a JSON object.
pub(crate) fn numbered(text: &str, sequence: u64) -> Option<(String, bool)> {
    let mut object: Map<String, Value> = serde_json::from_str(text).ok()?;
    let Some(place) = object.get_mut("sequenceNumber") else {
        return Some((text.to_owned(), false));
    };
    *place = Value::String(sequence.to_string());
    Some((Value::Object(object).to_string(), true))
}

/// What a server says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// Sound to play, still coded.
    Media(Vec<u8>),
    /// Tell when what came before was played.
    Mark(String),
    /// Forget what was not played yet.
    Clear,
    /// Something for the brain.
    Other,
    /// Nothing that we understand.
    Garbage,
}

/// Read a text frame.
pub(crate) fn read(text: &str) -> Said {
    let Ok(object) = serde_json::from_str::<Map<String, Value>>(text) else {
        return Said::Garbage;
    };
    let inner = |place: &str, key: &str| object.get(place)?.get(key)?.as_str();
    match object.get("event").and_then(Value::as_str) {
        Some("media") => match inner("media", "payload").map(|payload| BASE64.decode(payload)) {
            Some(Ok(payload)) => Said::Media(payload),
            _ => Said::Garbage,
        },
        Some("mark") => match inner("mark", "name") {
            Some(name) if name.len() <= LONGEST_MARK => Said::Mark(name.to_owned()),
            _ => Said::Garbage,
        },
        Some("clear") => Said::Clear,
        Some(_) => Said::Other,
        None => Said::Garbage,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_spelled_as_the_vendors_do() {
        let frame = Frame {
            track: 0,
            chunk: 2,
            at_ms: 20,
            payload: vec![0xFF; 3],
        };
        let text = media("MZ1", "inbound", &frame, 4);
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            value,
            serde_json::json!({"event": "media", "sequenceNumber": "4", "streamSid": "MZ1",
                "media": {"track": "inbound", "chunk": "2", "timestamp": "20", "payload": "////"}})
        );
    }

    #[test]
    fn only_a_message_with_a_place_for_a_number_gets_one() {
        assert_eq!(
            numbered(r#"{"event":"connected"}"#, 1),
            Some((r#"{"event":"connected"}"#.into(), false))
        );
        let (text, counted) = numbered(r#"{"event":"start","sequenceNumber":""}"#, 1).unwrap();
        assert!(counted && text.contains(r#""sequenceNumber":"1""#), "{text}");
        assert_eq!(numbered("[]", 1), None);
    }

    #[test]
    fn a_server_is_understood_or_it_is_garbage() {
        assert_eq!(
            read(r#"{"event":"media","media":{"payload":"////"}}"#),
            Said::Media(vec![0xFF; 3])
        );
        assert_eq!(
            read(r#"{"event":"media","media":{"payload":"/w"}}"#),
            Said::Media(vec![0xFF])
        );
        assert_eq!(
            read(r#"{"event":"mark","mark":{"name":"a"}}"#),
            Said::Mark("a".into())
        );
        assert_eq!(read(r#"{"event":"clear"}"#), Said::Clear);
        assert_eq!(read(r#"{"event":"dtmf","dtmf":{"digit":"1"}}"#), Said::Other);
        for text in [
            "",
            "[]",
            "{}",
            "null",
            r#"{"event":1}"#,
            r#"{"event":"media"}"#,
            r#"{"event":"mark","mark":{}}"#,
        ] {
            assert_eq!(read(text), Said::Garbage, "{text}");
        }
        assert_eq!(
            read(r#"{"event":"media","media":{"payload":"!"}}"#),
            Said::Garbage
        );
    }
}
