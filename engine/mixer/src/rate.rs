//! At which rate a conference mixes: as low as its members allow.
//!
//! 8 kHz among telephones; 16 kHz as soon as somebody has a wider codec; 48 kHz when two or more can speak who are heard in
//! full, for one alone would have nobody to hear it from. It is looked at when somebody comes, goes, is muted, or agrees on
//! another codec. The lanes and the streams' converters follow without a click.

use crate::conference::Streams;
use crate::frame::CLOCK_RATE_HZ;
use crate::mixer::ConferenceId;
use crate::plan::{Plan, Talks};
use crate::stream::Home;

/// What a conference needs.
pub(crate) struct Needs {
    /// The rate of its mix.
    pub mix_hz: u32,
    /// Whether some of its streams need a lane at that rate.
    pub lanes: bool,
}

/// See what the members of a conference need.
pub(crate) fn needed(id: ConferenceId, plan: &Plan, streams: &Streams) -> Needs {
    let (mut widest_hz, mut full_band_speakers) = (CLOCK_RATE_HZ, 0);
    let members = || {
        let seated = plan
            .seats
            .iter()
            .filter_map(|seat| Some((seat, streams.get(seat.stream.index())?.as_deref()?)));
        seated.filter(|(_, stream)| stream.home == Home::Seat(id))
    };
    for (seat, stream) in members() {
        let rate_hz = stream.coding().rate_hz;
        widest_hz = widest_hz.max(rate_hz);
        let speaks = seat.talks != Talks::Nobody && stream.terms().flow.receives();
        if rate_hz == 48_000 && speaks {
            full_band_speakers += 1;
        }
    }
    let mix_hz = if full_band_speakers >= 2 {
        48_000
    } else {
        widest_hz.min(16_000)
    };
    Needs {
        mix_hz,
        lanes: members().any(|(_, stream)| stream.needs_lane(mix_hz)),
    }
}
