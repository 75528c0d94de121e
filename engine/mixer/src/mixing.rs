//! The arithmetic of a round: everybody is heard once, then each listener gets a sum.

use crate::conference::{Hall, Scratch, Sources};
use crate::ears::{self, Ear};
use crate::frame::{add, subtract};
use crate::mixer::{ConferenceId, SourceId};
use crate::moment::Moment;
use crate::outlet::Outlet;
use crate::plan::{Hears, Plan, Seat, Talks};
use crate::source::Reader;
use crate::stage::{Same, Stage, Voice};
use crate::stream::{Home, Stream};

/// Take everybody's frame, and sum up those who talk to the room.
pub(crate) fn hear_all<O: Outlet>(id: ConferenceId, mix_hz: u32, plan: &Plan, hall: &mut Hall<'_, O>) {
    let room = &mut hall.scratch.room[..hall.stage.samples()];
    room.fill(0);
    for (place, seat) in plan.seats.iter().enumerate() {
        hall.stage.voices[place] = Voice::Absent;
        let Some(Some(stream)) = hall.streams.get_mut(seat.stream.index()) else {
            continue;
        };
        if stream.home != Home::Seat(id) || !stream.is_due(hall.now) {
            continue;
        }
        let frame = hall.stage.frame_mut(place);
        let talking = seat.talks != Talks::Nobody;
        let tapped = stream.tap.hears(Ear::In);
        let awake = stream.listen(talking || tapped, (hall.now, mix_hz), frame);
        if tapped {
            ears::tell_in(stream, talking, (hall.now, mix_hz), frame, hall.outlet);
        }
        if (plan.speech || hall.automatic_gain) && talking {
            stream.watch_speech(awake.then_some(&*frame), hall.outlet);
        }
        let heard = talking
            && awake
            && if stream.makes_noise() {
                stream.gate.lets_in_noise(frame)
            } else {
                stream.gate.lets_in(frame)
            };
        if hall.automatic_gain && talking && awake {
            stream.level(frame);
        }
        hall.stage.voices[place] = Voice::Still;
        if seat.talks == Talks::Room && heard {
            add(room, hall.stage.frame(place));
            ears::tell(
                stream,
                Ear::Said,
                (hall.now, mix_hz),
                hall.stage.frame(place),
                hall.outlet,
            );
            hall.stage.voices[place] = Voice::InRoom;
        }
    }
}

/// Whether this listener hears just what others hear, so that one mix and one coding serve them all.
pub(crate) fn what_others_hear_too(
    plan: &Plan,
    at: (usize, &Seat),
    stream: &Stream,
    stage: &Stage,
) -> Option<Same> {
    let (place, seat) = at;
    if stream.beeps != 0 || !plan.overlays(seat).is_empty() {
        return None;
    }
    match seat.hears {
        Hears::Nothing => Some(Same::Nothing),
        Hears::Source(source) => Some(Same::Source(source)),
        Hears::Room if stage.voices[place] == Voice::InRoom || !plan.whispers(seat).is_empty() => None,
        Hears::Room => Some(Same::Room),
    }
}

/// Mix what this listener alone hears, into the scratch's frame, and say whether it is silent.
pub(crate) fn mix_own<O: Outlet>(
    mix_hz: u32,
    (plan, (place, seat)): (&Plan, (usize, &Seat)),
    stream: &mut Stream,
    hall: &mut Hall<'_, O>,
) -> bool {
    let samples = hall.stage.samples();
    let Scratch {
        room,
        sum,
        frame,
        other,
        ..
    } = &mut *hall.scratch;
    let (sum, other) = (&mut sum[..samples], &mut other[..samples]);
    let at = (hall.now, mix_hz);
    sum.fill(0);
    match seat.hears {
        Hears::Room => {
            sum.copy_from_slice(&room[..samples]);
            if hall.stage.voices[place] == Voice::InRoom {
                subtract(sum, hall.stage.frame(place));
            }
            let there = |other: &&usize| hall.stage.voices[**other] != Voice::Absent;
            for other in plan.whispers(seat).iter().filter(there) {
                add(sum, hall.stage.frame(*other));
            }
        }
        Hears::Source(source) => {
            write_source(hall.sources, source, (at.0, at.1, &mut *hall.reader), other);
            add(sum, other);
        }
        Hears::Nothing => {}
    }
    for source in plan.overlays(seat) {
        write_source(hall.sources, *source, (at.0, at.1, &mut *hall.reader), other);
        add(sum, other);
    }
    for (beep, frame) in hall.stage.beeps.iter().enumerate() {
        if stream.beeps & 1 << beep != 0 {
            add(sum, &frame[..samples]);
        }
    }
    stream.limiter.fit(sum, &mut frame[..samples]);
    hall.floor.settle(&mut frame[..samples])
}

/// A source that was not started, or was stopped, is silent.
pub(crate) fn write_source(
    sources: &mut Sources,
    source: SourceId,
    at: (Moment, u32, &mut Reader),
    frame: &mut [i16],
) {
    match sources.get_mut(source.index()) {
        Some(Some(player)) => player.write(at, frame),
        _ => frame.fill(0),
    }
}
