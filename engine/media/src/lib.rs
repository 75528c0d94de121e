//! Carries sound: owns the UDP ports and the one real-time thread that ticks the mixer.
//!
//! The program calls [`Media`] from any thread; the real-time thread is reached only through lock-free rings. Nothing is
//! decided here: orders come from the brain, facts go to it. What an order means is written in `engine/wire/protocol.toml`.

mod settings;

use std::io;

pub use settings::Settings;

/// The media of one engine: give it orders, ask it what it holds, stop it. Shared by reference between threads.
pub struct Media {}

impl Media {
    /// Start the real-time thread and the thread that forwards its facts.
    ///
    /// `facts` is called from an ordinary thread, one fact at a time, and may block: then facts queue up, and when the
    /// bounded queue is full statistics are dropped first and `FactsDropped` tells how many were lost.
    pub fn start(_settings: Settings, _facts: impl Fn(wire::Fact) + Send + 'static) -> io::Result<Media> {
        Ok(Media {})
    }

    /// Carry out one media order and give its reply.
    ///
    /// Orders that are not about media are refused with code `not-media`. May take milliseconds (sockets are opened
    /// here), and for `LoadClip` as long as resampling takes: call that one from a thread that may block.
    pub fn carry_out(&self, order: wire::Order) -> wire::Reply {
        wire::Reply::from(wire::Refused {
            n: order.n(),
            code: "not-media".into(),
            text: String::new(),
        })
    }

    /// Tell everything held: streams, plans, sources, names of clips.
    pub fn snapshot(
        &self,
    ) -> (
        Vec<wire::StreamState>,
        Vec<wire::PlanState>,
        Vec<wire::SourceState>,
        Vec<String>,
    ) {
        (Vec::new(), Vec::new(), Vec::new(), Vec::new())
    }

    /// Stop both threads and close every port. No fact follows. Dropping does the same.
    pub fn stop(self) {}
}
