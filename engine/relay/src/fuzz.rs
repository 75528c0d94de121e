//! A way in for the fuzz target `relay`: a two-way session without its socket, and what must hold whatever a server says.

use std::collections::VecDeque;
use std::sync::Arc;

use mixer::live::{Live, RATE_HZ};
use serde_json::{Map, Value};
use wire::RelayCodec;

use crate::coding::Coding;
use crate::life::Sound;
use crate::speaking::{Speaking, AT_HAND_MS};
use crate::words::{self, Frame, Said};
use crate::{Hearing, Round, Tuner};

const CODINGS: [(RelayCodec, u32); 5] = [
    (RelayCodec::Pcmu, 8_000),
    (RelayCodec::Pcma, 8_000),
    (RelayCodec::L16, 8_000),
    (RelayCodec::L16, 16_000),
    (RelayCodec::L16, 24_000),
];

/// Nobody speaks: what is tried here comes from the other side.
struct Silence;

impl Hearing for Silence {
    fn next(&mut self) -> Option<Round> {
        None
    }

    fn tuner(&self) -> Tuner {
        Box::new(|_| Ok(()))
    }
}

/// A server that speaks, and the sound that it is heard by.
pub struct Conversation {
    sound: Sound,
    live: Arc<Live>,
    /// Marks that were taken and have not come back, the oldest first.
    marks: VecDeque<String>,
    sequence: u64,
}

impl Conversation {
    /// Begin, in one of the codings there are.
    pub fn new(choice: u8) -> Self {
        let (codec, rate_hz) = CODINGS[usize::from(choice) % CODINGS.len()];
        let (live, coding) = (Live::new(), Coding::new(codec, rate_hz));
        let stream = ("MZ".into(), vec!["inbound".into()]);
        let sound = Sound::new(Box::new(Silence), coding, stream, Some(Arc::clone(&live)));
        Self {
            sound,
            live,
            marks: VecDeque::new(),
            sequence: 1,
        }
    }

    /// The server says this.
    pub fn hear(&mut self, text: &str) {
        let before = self.sound.garbage;
        let is_for_the_brain = self.sound.obey(text);
        match words::read(text) {
            Said::Media(payload) => reads_as_it_was_written(payload),
            Said::Mark(name) if self.sound.garbage == before => self.marks.push_back(name),
            Said::Other => assert!(is_for_the_brain && is_an_object(text)),
            Said::Mark(_) | Said::Garbage => assert_eq!(self.sound.garbage, before + 1),
            Said::Clear => {}
        }
        self.is_bounded();
    }

    /// 20 ms pass, and the mix plays so much of what it has at hand.
    pub fn pass(&mut self, played_ms: u8) {
        for mark in self.sound.speak() {
            self.sound.waiting.mark(mark);
        }
        assert!(self.live.waiting() <= AT_HAND_MS * RATE_HZ as usize / 1_000);
        self.live.skip(u64::from(played_ms) * u64::from(RATE_HZ) / 1_000);
        self.is_bounded();
    }

    /// What waits for the server leaves.
    pub fn send(&mut self) {
        while let Some(text) = self.sound.waiting.next() {
            let said: Map<String, Value> = serde_json::from_str(&text).expect("we write objects");
            assert_eq!(said["sequenceNumber"], self.sequence.to_string());
            self.sequence += 1;
            assert_eq!(said["event"], "mark", "nothing else was there to be sent");
            let name = said["mark"]["name"].as_str().expect("a mark has a name");
            // Some may have found no room; those that come keep their order, and none comes twice.
            while self.marks.pop_front().expect("it was taken") != name {}
        }
    }

    fn is_bounded(&self) {
        assert!(self.sound.speaking.as_ref().is_some_and(Speaking::is_bounded));
    }
}

fn is_an_object(text: &str) -> bool {
    serde_json::from_str::<Map<String, Value>>(text).is_ok()
}

fn reads_as_it_was_written(payload: Vec<u8>) {
    let frame = Frame {
        track: 0,
        chunk: 1,
        at_ms: 0,
        payload,
    };
    let text = words::media("MZ", "inbound", &frame, 1);
    assert_eq!(words::read(&text), Said::Media(frame.payload));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_of_many_sounds_and_marks_stays_within_its_bounds() {
        let mut conversation = Conversation::new(4);
        let media = format!(
            r#"{{"event":"media","media":{{"payload":"{}"}}}}"#,
            "AAAA".repeat(40_000)
        );
        for round in 0..100 {
            conversation.hear(&media);
            for mark in 0..30 {
                conversation.hear(&format!(
                    r#"{{"event":"mark","mark":{{"name":"{round} {mark}"}}}}"#
                ));
            }
            conversation.pass(40);
        }
        conversation.send();
        for text in [r#"{"event":"clear"}"#, r#"{"event":"dtmf"}"#, "[]"] {
            conversation.hear(text);
        }
        conversation.send();
    }
}
