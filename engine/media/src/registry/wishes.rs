//! What is listened to, by the brain's names: wishes, which wait for what does not exist yet.
//!
//! A call or a conference that somebody listens to has a mark for as long as somebody does. It goes to the real-time
//! thread with the tap and comes back beside each frame, so that a place in the mixer's tables that is used again is
//! never mistaken for what it held before.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use mixer::ears::SOURCES_TAPPED;
use mixer::{Change, Ear, RoomTap, Tap};

use super::{Post, Refusal, Registry};
use crate::real_time::Order;

/// One place to listen at.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Spot {
    /// An ear of a call.
    Call(String, Ear),
    /// The room of a conference.
    Room(String),
    /// A source as it plays in a conference.
    Source { conference: String, source: String },
}

/// What comes back beside a frame.
pub(crate) type Mark = (u32, Ear);

/// Everything listened to.
#[derive(Debug, Default)]
pub(super) struct Wishes {
    calls: HashMap<String, Wish<Ear>>,
    rooms: HashMap<String, Wish<Option<String>>>,
    next: u32,
}

/// What is listened to of one call, or of one conference (a source of it, or none: the room), how often, and its mark.
#[derive(Debug)]
struct Wish<T> {
    /// Of a call.
    mark: u32,
    counts: BTreeMap<T, (u32, usize)>,
}

impl<T: Ord> Wish<T> {
    fn marked(mark: u32) -> Self {
        Self {
            mark,
            counts: BTreeMap::new(),
        }
    }

    /// Count up; `mark` is that of a new one.
    fn add(&mut self, what: T, mark: u32) -> u32 {
        let (mark, count) = self.counts.entry(what).or_insert((mark, 0));
        *count += 1;
        *mark
    }

    /// Count down, and say whether nothing is left.
    fn take(&mut self, what: &T) -> bool {
        if let Some((_, count)) = self.counts.get_mut(what) {
            *count -= 1;
            if *count == 0 {
                self.counts.remove(what);
            }
        }
        self.counts.is_empty()
    }
}

impl Registry {
    /// Listen at these places. Gives their marks, in order.
    pub fn wish(&mut self, spots: &[Spot]) -> Result<(Vec<Mark>, Vec<Post>), Refusal> {
        let sources = sources_of(spots);
        self.intern_sources(&sources)?;
        self.use_sources(&sources);
        let marks = spots.iter().map(|spot| self.count_up(spot)).collect();
        Ok((marks, self.tap(spots)))
    }

    /// Listen there no longer.
    pub fn unwish(&mut self, spots: &[Spot]) -> Vec<Post> {
        for spot in spots {
            self.count_down(spot);
        }
        let posts = self.tap(spots);
        self.unuse_sources(&sources_of(spots));
        posts
    }

    fn count_up(&mut self, spot: &Spot) -> Mark {
        let Wishes { calls, rooms, next } = &mut self.wishes;
        *next = next.wrapping_add(1);
        let mark = *next;
        match spot {
            Spot::Call(call, ear) => {
                let wish = calls.entry(call.clone()).or_insert_with(|| Wish::marked(mark));
                let mark = wish.mark;
                (wish.add(*ear, mark), *ear)
            }
            Spot::Room(conference) => {
                let wish = rooms
                    .entry(conference.clone())
                    .or_insert_with(|| Wish::marked(mark));
                (wish.add(None, mark), Ear::Room)
            }
            Spot::Source { conference, source } => {
                let wish = rooms
                    .entry(conference.clone())
                    .or_insert_with(|| Wish::marked(mark));
                (wish.add(Some(source.clone()), mark), Ear::Source)
            }
        }
    }

    fn count_down(&mut self, spot: &Spot) {
        let Wishes { calls, rooms, .. } = &mut self.wishes;
        match spot {
            Spot::Call(call, ear) => {
                if calls.get_mut(call).is_some_and(|wish| wish.take(ear)) {
                    calls.remove(call);
                }
            }
            Spot::Room(conference) => forget(rooms, conference, None),
            Spot::Source { conference, source } => forget(rooms, conference, Some(source)),
        }
    }

    /// Bring the taps of all that these places belong to up to date, as far as it exists.
    fn tap(&self, spots: &[Spot]) -> Vec<Post> {
        let (mut calls, mut rooms) = (BTreeSet::new(), BTreeSet::new());
        for spot in spots {
            match spot {
                Spot::Call(call, _) => calls.insert(call),
                Spot::Room(conference) | Spot::Source { conference, .. } => rooms.insert(conference),
            };
        }
        let calls = calls.into_iter().filter_map(|call| self.tap_call(call));
        let rooms = rooms.into_iter().filter_map(|room| self.tap_room(room));
        calls.chain(rooms).collect()
    }

    fn tap_call(&self, call: &str) -> Option<Post> {
        let line = self.streams.get(call)?;
        let tap = self.wishes.calls.get(call).map_or_else(Tap::default, |wish| {
            let tap = Tap::marked(wish.mark);
            wish.counts.keys().fold(tap, |tap, ear| tap.with(*ear))
        });
        Some(Post {
            thread: line.thread,
            order: Order::Change(Change::TapStream(line.id, tap)),
        })
    }

    fn tap_room(&self, conference: &str) -> Option<Post> {
        let room = self.rooms.get(conference)?;
        Some(Post {
            thread: room.thread,
            order: Order::Change(Change::TapRoom(room.id, self.room_tap(conference))),
        })
    }

    fn room_tap(&self, conference: &str) -> RoomTap {
        let mut tap = RoomTap::default();
        let Some(wish) = self.wishes.rooms.get(conference) else {
            return tap;
        };
        tap.room = wish.counts.get(&None).map(|(mark, _)| *mark);
        let known = wish.counts.iter().filter_map(|(source, (mark, _))| {
            let source = self.sources.get(source.as_ref()?)?;
            Some((source.id, *mark))
        });
        for (place, source) in tap.sources.iter_mut().zip(known.take(SOURCES_TAPPED)) {
            *place = Some(source);
        }
        tap
    }

    /// The tap of a call whose stream has just opened, if somebody waits for it.
    pub(super) fn tap_latecomer(&self, call: &str) -> Option<Post> {
        self.wishes.calls.get(call).and_then(|_| self.tap_call(call))
    }

    /// The tap of a room whose plan was just put in force: the mixer may have made it anew.
    pub(super) fn tap_of_room(&self, conference: &str) -> Option<RoomTap> {
        let waited_for = self.wishes.rooms.contains_key(conference);
        waited_for.then(|| self.room_tap(conference))
    }
}

fn forget(rooms: &mut HashMap<String, Wish<Option<String>>>, conference: &str, source: Option<&String>) {
    if rooms
        .get_mut(conference)
        .is_some_and(|wish| wish.take(&source.cloned()))
    {
        rooms.remove(conference);
    }
}

fn sources_of(spots: &[Spot]) -> Vec<String> {
    let source = |spot: &Spot| match spot {
        Spot::Source { source, .. } => Some(source.clone()),
        _ => None,
    };
    spots.iter().filter_map(source).collect()
}
