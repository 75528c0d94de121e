//! Those who listen: to what does not exist yet, to what moves between threads, at their own rate, without a gap.

mod phone;

use std::sync::{Arc, Mutex};

use media::{Hearing, Round};
use phone::{apply, level, seat, talk, talk_until, Hall};

/// The rounds that somebody was given.
type Rounds = Arc<Mutex<Vec<Round>>>;

fn track(name: &str, heard: &[(wire::Ear, &str)]) -> wire::Track {
    wire::Track {
        name: name.into(),
        heard: heard
            .iter()
            .map(|(ear, subject)| wire::Heard {
                ear: *ear,
                subject: (*subject).into(),
            })
            .collect(),
        sources: Vec::new(),
        place: None,
    }
}

fn listen(hall: &Hall, tracks: &[wire::Track], rate_hz: u32) -> (Rounds, Hearing) {
    let rounds = Rounds::default();
    let kept = rounds.clone();
    let sink = Box::new(move |round| kept.lock().unwrap().push(round));
    let (hearing, _) = hall.media.listen(tracks, rate_hz, sink).unwrap();
    (rounds, hearing)
}

/// The last second of a track at 8 kHz.
fn sound(rounds: &Rounds, name: &str) -> Vec<i16> {
    let rounds = rounds.lock().unwrap();
    let last = &rounds[rounds.len().saturating_sub(50)..];
    let frame = |round: &Round| {
        let at = round.names.iter().position(|it| it == name)?;
        round.tracks[at].clone()
    };
    last.iter()
        .flat_map(|round| frame(round).unwrap_or_else(|| vec![0; 160]))
        .collect()
}

fn hears(rounds: &Rounds, name: &str, hz: f64) -> bool {
    level(&sound(rounds, name), hz) > 1_000.0
}

fn is_seamless(rounds: &Rounds) -> bool {
    let rounds = rounds.lock().unwrap();
    rounds.windows(2).all(|pair| pair[1].number == pair[0].number + 1)
}

fn calls_and_their_room_are_heard_from_when_they_exist(threads: usize, first: u16) {
    let hall = Hall::with_threads(first, threads);
    let tracks = [
        track("mix", &[(wire::Ear::Room, "room")]),
        track("call-a", &[(wire::Ear::Said, "a")]),
        track("both", &[(wire::Ear::In, "b"), (wire::Ear::Out, "b")]),
    ];
    let (rounds, hearing) = listen(&hall, &tracks, 8_000);
    let mut phones = hall.callers(&[400.0, 700.0]);
    let told = |name: &str| [hears(&rounds, name, 400.0), hears(&rounds, name, 700.0)];
    let all = || [told("mix"), told("call-a"), told("both")];
    // In no conference: only what comes from the phone.
    talk_until(
        &mut phones,
        1_200,
        &[[false, false], [false, false], [false, true]],
        |_| all(),
    );
    hall.done(apply("room", 1, vec![seat("a"), seat("b")]));
    talk_until(
        &mut phones,
        1_200,
        &[[true, true], [true, false], [true, true]],
        |_| all(),
    );
    // Away, perhaps to another thread, and back to a conference of the same name.
    hall.done(apply("other", 1, vec![seat("b")]));
    hall.done(wire::DropConference {
        n: 1,
        conference: "room".into(),
    });
    talk_until(
        &mut phones,
        1_200,
        &[[false, false], [false, false], [false, true]],
        |_| all(),
    );
    hall.done(apply("room", 1, vec![seat("a"), seat("b")]));
    talk_until(
        &mut phones,
        1_200,
        &[[true, true], [true, false], [true, true]],
        |_| all(),
    );
    // Other tracks from now on; what stays goes on.
    hall.media.listen_to(hearing, &tracks[..1]).unwrap();
    talk_until(&mut phones, 1_200, &([true, true], 1), |_| {
        (told("mix"), rounds.lock().unwrap().last().unwrap().names.len())
    });
    assert!(is_seamless(&rounds));
    assert_eq!(
        rounds.lock().unwrap().iter().map(|round| round.lost).sum::<u64>(),
        0
    );
    hall.media.stop_listening(hearing);
    let count = rounds.lock().unwrap().len();
    talk(&mut phones, 100);
    assert_eq!(rounds.lock().unwrap().len(), count);
    assert_eq!(Arc::strong_count(&rounds), 1, "the sink is gone");
}

#[test]
fn on_one_thread() {
    calls_and_their_room_are_heard_from_when_they_exist(1, 41_000);
}

#[test]
fn on_three_threads() {
    calls_and_their_room_are_heard_from_when_they_exist(3, 41_100);
}

#[test]
fn an_announcement_is_in_the_mix_and_the_rate_is_the_listeners() {
    let hall = Hall::new(41_200);
    let mix = wire::Track {
        sources: vec!["news".into()],
        place: None,
        ..track("mix", &[(wire::Ear::Room, "room")])
    };
    let (rounds, _) = listen(&hall, &[mix], 24_000);
    let mut phones = hall.callers(&[400.0, 700.0]);
    let mut seats = vec![seat("a"), seat("b")];
    seats[0].overlays = vec!["news".into()];
    hall.done(apply("room", 1, seats));
    let content = wire::Content {
        clip: None,
        loops: 1,
        tone_hz: Some(1_500.0),
        level_db: -18.0,
        duration_ms: 0,
    };
    hall.done(wire::StartSource {
        n: 1,
        source: "news".into(),
        turn: 1,
        content,
    });
    let hears = |hz: f64| {
        let rounds = rounds.lock().unwrap();
        let last = &rounds[rounds.len().saturating_sub(50)..];
        let sound: Vec<i16> = last
            .iter()
            .filter_map(|round| round.tracks[0].clone())
            .flatten()
            .collect();
        // At 24 kHz a pitch is a third as high as the measure for 8 kHz takes it.
        level(&sound, hz / 3.0) > 1_000.0
    };
    talk_until(&mut phones, 1_200, &[true; 3], |_| {
        [400.0, 700.0, 1_500.0].map(hears)
    });
    let refused = hall.media.listen(&[], 11_025, Box::new(drop)).unwrap_err();
    assert_eq!(refused.code, "bad-rate");
    let refused = hall
        .media
        .listen(&[track("../x", &[])], 8_000, Box::new(drop))
        .unwrap_err();
    assert_eq!(refused.code, "bad-track");
}
