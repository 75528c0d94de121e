//! What the brain has ordered, by its names: kept off the real-time thread, for replies and snapshots.
//!
//! Turns orders into changes of the mixer, and the mixer's facts back into the brain's words. Each order either is
//! refused and changes nothing, or gives the changes that carry it out. Pure bookkeeping: no socket, no thread.
//!
//! Streams, rooms and sources each have a file. A plan may name calls that have no stream yet, and sources that have
//! not been started: they take their seats, and are heard, as soon as they are there.

mod facts;
mod places;
mod rooms;
mod sources;
mod streams;
mod wishes;

use std::collections::HashMap;
use std::sync::Arc;

use mixer::{Change, Limits, Spent};

use crate::real_time::Order;
use places::Places;
use rooms::Room;
use sources::Source;
use streams::Line;
pub(crate) use streams::Outfit;
use wishes::Wishes;
pub(crate) use wishes::{Mark, Spot};

/// A no, with a code that stays the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Which no, for programs.
    pub code: &'static str,
    /// The same for people.
    pub text: String,
}

impl Refusal {
    /// A no with this code, and these words for people.
    pub fn new(code: &'static str, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
        }
    }
}

/// An order to one of the real-time threads.
#[derive(Debug)]
pub(crate) struct Post {
    /// Which, from 0.
    pub thread: usize,
    pub order: Order,
}

/// Orders that carry something out, in order; or why it is not carried out.
pub(crate) type Outcome = Result<Vec<Post>, Refusal>;

/// Everything ordered and not undone.
#[derive(Debug)]
pub(crate) struct Registry {
    streams: HashMap<String, Line>,
    rooms: HashMap<String, Room>,
    sources: HashMap<String, Source>,
    clips: HashMap<String, Arc<[i16]>>,
    /// The conference whose plan named a call last, whether or not it has a stream.
    seated: HashMap<String, String>,
    stream_places: Places,
    room_places: Places,
    source_places: Places,
    threads: Vec<Load>,
    next_round: usize,
    wishes: Wishes,
}

/// What one real-time thread has to carry.
#[derive(Debug, Clone)]
struct Load {
    streams: usize,
    /// Seats of the plans in each of its rounds.
    seats: Vec<usize>,
    /// Seats its stage has room for.
    stage_seats: usize,
}

impl Registry {
    /// Nothing ordered yet, for so many threads.
    pub fn new(limits: &Limits, rounds: usize, threads: usize) -> Self {
        Self {
            streams: HashMap::new(),
            rooms: HashMap::new(),
            sources: HashMap::new(),
            clips: HashMap::new(),
            seated: HashMap::new(),
            stream_places: Places::new(limits.streams),
            room_places: Places::new(limits.conferences),
            source_places: Places::new(limits.sources),
            threads: vec![
                Load {
                    streams: 0,
                    seats: vec![0; rounds],
                    stage_seats: 0,
                };
                threads
            ],
            next_round: 0,
            wishes: Wishes::default(),
        }
    }

    /// The same change for every thread.
    fn everywhere(&self, change: impl Fn() -> Change) -> Vec<Post> {
        let post = |thread| Post {
            thread,
            order: Order::Change(change()),
        };
        (0..self.threads.len()).map(post).collect()
    }

    /// Note what the real-time thread has handed back; the facts from before must have been told.
    pub fn hand_back(&mut self, spent: &Spent) {
        match spent {
            Spent::Stream(stream, _) => self.stream_places.hand_back(stream.0),
            Spent::Conference(conference, _) => self.room_places.hand_back(conference.0),
            Spent::Source(source, _) => self.source_places.hand_back(source.0),
            Spent::Plan(_) | Spent::Kit(_) | Spent::Player(_) | Spent::Once(_) | Spent::Stage(_) => {}
        }
    }
}

#[cfg(test)]
mod tests;
