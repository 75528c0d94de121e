//! What waits to be sent to one server: bounded, and the oldest sound goes first when it is too much.

use std::collections::VecDeque;

use crate::words::{self, Frame};

/// How much sound may wait, in frames of 20 ms of each track: 2 s.
const MOST_FRAMES: usize = 100;

/// How many other messages may wait: all the marks there may be, and some words.
const MOST_WORDS: usize = 1_256;

#[derive(Debug)]
enum Item {
    Frame(Frame),
    Words(String),
    Mark(String),
}

/// The queue towards a server.
#[derive(Debug)]
pub(crate) struct Waiting {
    stream: String,
    tracks: Vec<String>,
    items: VecDeque<Item>,
    frames: usize,
    sequence: u64,
    /// Frames handed out, of all tracks.
    pub sent: u64,
    /// Frames dropped, of all tracks.
    pub dropped: u64,
}

impl Waiting {
    pub fn new(stream: String, tracks: Vec<String>) -> Self {
        Self {
            stream,
            tracks,
            items: VecDeque::new(),
            frames: 0,
            sequence: 1,
            sent: 0,
            dropped: 0,
        }
    }

    /// Begin anew on another socket: what waited is of the past.
    pub fn restart(&mut self) {
        self.dropped += self.frames as u64;
        self.items.clear();
        (self.frames, self.sequence) = (0, 1);
    }

    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Let a frame wait.
    pub fn frame(&mut self, frame: Frame) {
        if self.frames >= MOST_FRAMES * self.tracks.len().max(1) {
            self.drop_oldest();
        }
        self.items.push_back(Item::Frame(frame));
        self.frames += 1;
    }

    /// Let a JSON object of the brain's wait.
    pub fn words(&mut self, text: String) {
        self.other(Item::Words(text));
    }

    /// Let the last JSON object of all wait, whatever waits before it.
    pub fn farewell(&mut self, text: String) {
        self.items.push_back(Item::Words(text));
    }

    /// Let a mark wait.
    pub fn mark(&mut self, name: String) {
        self.other(Item::Mark(name));
    }

    /// The next message, spelled.
    pub fn next(&mut self) -> Option<String> {
        while let Some(item) = self.items.pop_front() {
            let (text, counted) = match item {
                Item::Frame(frame) => {
                    self.frames -= 1;
                    self.sent += 1;
                    let track = self.tracks.get(frame.track).map_or("", String::as_str);
                    (words::media(&self.stream, track, &frame, self.sequence), true)
                }
                Item::Mark(name) => (words::mark(&self.stream, &name, self.sequence), true),
                Item::Words(text) => match words::numbered(&text, self.sequence) {
                    Some(spelled) => spelled,
                    None => continue,
                },
            };
            self.sequence += u64::from(counted);
            return Some(text);
        }
        None
    }

    fn other(&mut self, item: Item) {
        if self.items.len() - self.frames < MOST_WORDS {
            self.items.push_back(item);
        }
    }

    fn drop_oldest(&mut self) {
        let is_frame = |item: &Item| matches!(item, Item::Frame(_));
        if let Some(at) = self.items.iter().position(is_frame) {
            self.items.remove(at);
            self.frames -= 1;
            self.dropped += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(chunk: u64) -> Frame {
        Frame {
            track: 0,
            chunk,
            at_ms: (chunk - 1) * 20,
            payload: vec![0xFF],
        }
    }

    fn waiting() -> Waiting {
        Waiting::new("MZ".into(), vec!["inbound".into()])
    }

    #[test]
    fn the_oldest_sound_is_dropped_and_counted_and_words_stay() {
        let mut waiting = waiting();
        waiting.words(r#"{"event":"start","sequenceNumber":""}"#.into());
        for chunk in 1..=MOST_FRAMES as u64 + 3 {
            waiting.frame(frame(chunk));
        }
        assert_eq!(waiting.dropped, 3);
        assert!(waiting.next().unwrap().contains("start"));
        let next = waiting.next().unwrap();
        assert!(
            next.contains(r#""chunk":"4""#) && next.contains(r#""sequenceNumber":"2""#),
            "{next}"
        );
        assert_eq!(std::iter::from_fn(|| waiting.next()).count(), MOST_FRAMES - 1);
        assert_eq!((waiting.sent, waiting.is_empty()), (MOST_FRAMES as u64, true));
    }

    #[test]
    fn a_new_socket_begins_at_one_and_forgets_what_waited() {
        let mut waiting = waiting();
        waiting.frame(frame(1));
        waiting.next();
        waiting.frame(frame(2));
        waiting.restart();
        assert_eq!((waiting.dropped, waiting.is_empty()), (1, true));
        waiting.mark("here".into());
        assert!(waiting.next().unwrap().contains(r#""sequenceNumber":"1""#));
    }

    #[test]
    fn words_are_bounded() {
        let mut waiting = waiting();
        for _ in 0..MOST_WORDS + 10 {
            waiting.words("{}".into());
        }
        assert_eq!(std::iter::from_fn(|| waiting.next()).count(), MOST_WORDS);
    }
}
