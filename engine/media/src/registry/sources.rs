//! Clips and sources by name.

use std::sync::Arc;

use mixer::live::Live;
use mixer::source::{Content, Once, Player};
use mixer::{Change, SourceId};

use super::{Outcome, Post, Refusal, Registry};
use crate::real_time::Order;

/// The highest pitch a tone can have, in Hz: half the rate of the mix.
const HIGHEST_HZ: f32 = 4_000.0;

/// A source that was started, or that a plan names.
#[derive(Debug)]
pub(super) struct Source {
    pub id: SourceId,
    /// How often plans in force name it.
    uses: usize,
    playing: Option<Playing>,
}

#[derive(Debug)]
struct Playing {
    turn: u64,
    ended: bool,
}

impl Registry {
    /// Whether a clip of this name is here.
    pub fn has_clip(&self, clip: &str) -> bool {
        self.clips.contains_key(clip)
    }

    /// Keep a clip; one of this name that is here stays.
    pub fn keep_clip(&mut self, clip: String, samples: Arc<[i16]>) {
        self.clips.entry(clip).or_insert(samples);
    }

    /// Forget a clip; what plays it goes on.
    pub fn drop_clip(&mut self, clip: &str) {
        self.clips.remove(clip);
    }

    /// Start a source, or replace what it plays.
    pub fn start_source(&mut self, order: &wire::StartSource) -> Outcome {
        let content = self.read_content(&order.content)?;
        self.start(&order.source, order.turn, &content)
    }

    /// Start a source that plays what comes meanwhile, or let it play that from now on. It never ends by itself.
    pub fn start_live(&mut self, source: &str, live: &Arc<Live>) -> Outcome {
        self.start(source, 0, &Content::Live(Arc::clone(live)))
    }

    fn start(&mut self, name: &str, turn: u64, content: &Content) -> Outcome {
        let id = self.intern_source(name)?;
        let source = self.sources.get_mut(name).expect("just interned");
        source.playing = Some(Playing { turn, ended: false });
        // Its listeners may sit anywhere: each thread plays it, and the first to come to its end says so.
        Ok(self.everywhere(|| Change::Start(id, Box::new(Player::new(content.clone(), turn)))))
    }

    /// Stop a source, if it was started.
    pub fn stop_source(&mut self, name: &str) -> Vec<Post> {
        let Some(source) = self.sources.get_mut(name) else {
            return Vec::new();
        };
        if source.playing.take().is_none() {
            return Vec::new();
        }
        let (id, uses) = (source.id, source.uses);
        for _ in &self.threads {
            self.source_places.owe(id.0);
        }
        if uses == 0 {
            self.sources.remove(name);
            self.source_places.release(id.0);
        }
        self.everywhere(|| Change::Stop(id))
    }

    /// Play something once over what some seats hear. In a conference without a plan nobody hears it.
    pub fn play_once(&self, order: &wire::PlayOnce) -> Outcome {
        let content = self.read_content(&order.content)?;
        if content.length().is_none() {
            return Err(Refusal::new(
                "endless",
                "what plays once must end: give loops or duration_ms",
            ));
        }
        let Some(room) = self.rooms.get(&order.conference) else {
            return Ok(Vec::new());
        };
        let streams = order
            .calls
            .iter()
            .filter_map(|call| self.streams.get(call))
            .map(|line| line.id)
            .collect();
        let once = Box::new(Once {
            player: Player::new(content, 0),
            streams,
        });
        Ok(vec![Post {
            thread: room.thread,
            order: Order::Change(Change::PlayOnce(room.id, once)),
        }])
    }

    fn read_content(&self, content: &wire::Content) -> Result<Content, Refusal> {
        let bad = |text: &str| Err(Refusal::new("bad-content", text));
        match (&content.clip, content.tone_hz) {
            (Some(_), Some(_)) => bad("a source plays a clip or a tone, not both"),
            (Some(clip), None) => match self.clips.get(clip) {
                Some(samples) => Ok(Content::Clip {
                    samples: samples.clone(),
                    loops: content.loops,
                }),
                None => Err(Refusal::new(
                    "unknown-clip",
                    format!("clip {clip} was not loaded"),
                )),
            },
            (None, Some(hz)) if !(hz > 0.0 && hz < HIGHEST_HZ) || content.level_db.is_nan() => {
                bad("tone_hz lies between 0 and 4000")
            }
            (None, Some(hz)) => Ok(Content::Tone {
                hz,
                level_db: content.level_db,
                duration_ms: content.duration_ms,
            }),
            (None, None) => Ok(Content::Silence {
                duration_ms: content.duration_ms,
            }),
        }
    }

    fn intern_source(&mut self, name: &str) -> Result<SourceId, Refusal> {
        if let Some(source) = self.sources.get(name) {
            return Ok(source.id);
        }
        let full = || Refusal::new("too-many-sources", "no room for another source");
        let id = SourceId(self.source_places.take(name).ok_or_else(full)?);
        self.sources.insert(
            name.to_owned(),
            Source {
                id,
                uses: 0,
                playing: None,
            },
        );
        Ok(id)
    }

    /// Give every source a place, or none of them one.
    pub(super) fn intern_sources(&mut self, names: &[String]) -> Result<(), Refusal> {
        for name in names {
            if let Err(refusal) = self.intern_source(name) {
                self.forget_unused(names);
                return Err(refusal);
            }
        }
        Ok(())
    }

    pub(super) fn use_sources(&mut self, names: &[String]) {
        for name in names {
            if let Some(source) = self.sources.get_mut(name) {
                source.uses += 1;
            }
        }
    }

    /// Count uses down, and forget what nobody names and nobody started.
    pub(super) fn unuse_sources(&mut self, names: &[String]) {
        for name in names {
            if let Some(source) = self.sources.get_mut(name) {
                source.uses = source.uses.saturating_sub(1);
            }
        }
        self.forget_unused(names);
    }

    /// Forget those of these names that no plan uses and that were not started: the mixer holds nothing of them.
    pub(super) fn forget_unused(&mut self, names: &[String]) {
        for name in names {
            let unused = |source: &&Source| source.uses == 0 && source.playing.is_none();
            if let Some(source) = self.sources.get(name).filter(unused) {
                self.source_places.release(source.id.0);
                self.sources.remove(name);
            }
        }
    }

    /// Note that a source has come to its end; says whether it is to be told.
    pub(super) fn note_end(&mut self, name: &str, turn: u64) -> bool {
        let playing = self
            .sources
            .get_mut(name)
            .and_then(|source| source.playing.as_mut());
        match playing {
            Some(playing) if playing.turn == turn && !playing.ended => {
                playing.ended = true;
                true
            }
            _ => false,
        }
    }

    /// All sources that were started and not stopped.
    pub fn source_states(&self) -> Vec<wire::SourceState> {
        let state = |(name, source): (&String, &Source)| {
            let playing = source.playing.as_ref()?;
            Some(wire::SourceState {
                source: name.clone(),
                turn: playing.turn,
                ended: playing.ended,
            })
        };
        self.sources.iter().filter_map(state).collect()
    }

    /// Names of all clips.
    pub fn clip_names(&self) -> Vec<String> {
        self.clips.keys().cloned().collect()
    }
}
