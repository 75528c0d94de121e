//! The mixer's facts in the brain's words.

use mixer::{Fact, Figures, StreamId};

use super::streams::Line;
use super::Registry;
use crate::lateness::Ticks;
use crate::wires::News;

impl Registry {
    /// Say news by name; None when it is not to be told: its source was stopped or replaced meanwhile.
    pub fn tell(&mut self, news: News) -> Option<wire::Fact> {
        match news {
            News::Fact(fact) => self.tell_fact(fact),
            News::Ticks(ticks) => Some(self.tick_statistics(&ticks).into()),
        }
    }

    fn tick_statistics(&self, ticks: &Ticks) -> wire::TickStatistics {
        wire::TickStatistics {
            thread: ticks.thread as u16,
            ticks: ticks.counted,
            skipped: ticks.skipped,
            late_p50_us: ticks.p50_us,
            late_p99_us: ticks.p99_us,
            late_p999_us: ticks.p999_us,
            late_max_us: ticks.max_us,
            busy_permille: Some(ticks.busy_permille),
            streams: ticks.streams as u32,
            conferences: self.rooms_on(ticks.thread) as u32,
            packets_unsent: ticks.unsent,
            facts_dropped: ticks.facts_dropped,
        }
    }

    fn tell_fact(&mut self, fact: Fact) -> Option<wire::Fact> {
        let told = match fact {
            Fact::Digit {
                stream,
                key,
                duration_ms,
                by_tone,
            } => wire::Digit {
                call: self.call_of(stream)?,
                digit: key.to_string(),
                duration_ms,
                source: Some(if by_tone {
                    wire::DigitSource::Tone
                } else {
                    wire::DigitSource::Rtp
                }),
            }
            .into(),
            Fact::SpeechStarted(stream) => wire::SpeechStarted {
                call: self.call_of(stream)?,
            }
            .into(),
            Fact::SpeechStopped(stream) => wire::SpeechStopped {
                call: self.call_of(stream)?,
            }
            .into(),
            Fact::SourceEnded { source, turn } => {
                let source = self.source_places.name(source.0)?.to_owned();
                if !self.note_end(&source, turn) {
                    return None;
                }
                wire::SourceEnded { source, turn }.into()
            }
            Fact::StreamSilent { stream, silent_ms } => wire::StreamSilent {
                call: self.call_of(stream)?,
                silent_ms,
            }
            .into(),
            Fact::StreamHeard { stream, remote } => wire::StreamHeard {
                call: self.call_of(stream)?,
                remote_host: remote.ip().to_string(),
                remote_port: remote.port(),
            }
            .into(),
            Fact::Statistics {
                stream,
                last: true,
                figures,
            } => last_statistics(self.call_of(stream)?, &figures).into(),
            Fact::Statistics { stream, figures, .. } => {
                // A closed stream has a name yet, but nobody can ask for it.
                if let Some(line) = self
                    .stream_places
                    .name(stream.0)
                    .and_then(|call| self.streams.get_mut(call))
                {
                    line.latest = Some(figures);
                }
                return None;
            }
        };
        Some(told)
    }

    /// The latest counters of these calls' streams, or of all when none is named.
    pub fn statistics(&self, calls: &[String]) -> Vec<wire::StreamFigures> {
        let figures = |(call, line): (&String, &Line)| {
            let latest = line.latest.as_ref()?;
            Some(figures_of(call.clone(), Some(line.codec()), latest))
        };
        if calls.is_empty() {
            return self.streams.iter().filter_map(figures).collect();
        }
        let named = calls.iter().filter_map(|call| self.streams.get_key_value(call));
        named.filter_map(figures).collect()
    }

    fn call_of(&self, stream: StreamId) -> Option<String> {
        self.stream_places.name(stream.0).map(str::to_owned)
    }
}

fn last_statistics(call: String, figures: &Figures) -> wire::StreamStatistics {
    let it = figures_of(call, None, figures);
    wire::StreamStatistics {
        call: it.call,
        last: true,
        packets_received: it.packets_received,
        packets_sent: it.packets_sent,
        packets_lost: it.packets_lost,
        packets_late: it.packets_late,
        packets_duplicate: it.packets_duplicate,
        packets_refused: it.packets_refused,
        jitter_ms: it.jitter_ms,
        depth_ms: it.depth_ms,
        round_trip_ms: it.round_trip_ms,
        codec: it.codec,
        mix_delay_ms: it.mix_delay_ms,
        depths_ms: it.depths_ms,
        level_db: it.level_db,
    }
}

fn figures_of(call: String, codec: Option<wire::Codec>, figures: &Figures) -> wire::StreamFigures {
    wire::StreamFigures {
        call,
        packets_received: figures.packets_received,
        packets_sent: figures.packets_sent,
        packets_lost: figures.packets_lost,
        packets_late: figures.packets_late,
        packets_duplicate: figures.packets_duplicate,
        packets_refused: figures.packets_refused,
        jitter_ms: figures.jitter_ms,
        depth_ms: figures.depth_ms,
        round_trip_ms: figures.round_trip_ms,
        codec,
        mix_delay_ms: figures.recent.mix_delay_ms,
        depths_ms: Some(figures.recent.depths_ms.map(f32::from).to_vec()),
        level_db: figures.recent.level_db,
    }
}
