//! Tracks as they are ordered, and the places they listen at.

use std::collections::HashSet;

use mixer::ears::SOURCES_TAPPED;
use mixer::Ear;

use crate::registry::{Refusal, Spot};

/// Tracks of one hearing, and places of one track.
const TRACKS: usize = 2_048;
const PLACES: usize = 2_048;

/// Longest name of a track: it may become the name of a file.
const NAME_BYTES: usize = 64;

/// Say where each track listens; refused when a name is none, or twice there.
pub(crate) fn read_tracks(tracks: &[wire::Track]) -> Result<Vec<Vec<Spot>>, Refusal> {
    let bad = |text: String| Err(Refusal::new("bad-track", text));
    let mut names = HashSet::new();
    if tracks.len() > TRACKS {
        return bad(format!("more than {TRACKS} tracks"));
    }
    for track in tracks {
        if !is_name(&track.name) || !names.insert(&track.name) {
            return bad(format!("{:?} is no name, or named twice", track.name));
        }
        if track.heard.len() > PLACES || track.sources.len() > SOURCES_TAPPED {
            let text = format!(
                "{} listens at more than {PLACES} places or {SOURCES_TAPPED} sources",
                track.name
            );
            return bad(text);
        }
    }
    Ok(tracks.iter().map(places_of).collect())
}

/// 1 to 64 of a-z, 0-9 and "-".
fn is_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=NAME_BYTES).contains(&name.len()) && name.bytes().all(fits)
}

fn places_of(track: &wire::Track) -> Vec<Spot> {
    let mut spots: Vec<Spot> = Vec::new();
    for heard in &track.heard {
        let call = |ear| Spot::Call(heard.subject.clone(), ear);
        let spot = match heard.ear {
            wire::Ear::Room => Spot::Room(heard.subject.clone()),
            wire::Ear::Said => call(Ear::Said),
            wire::Ear::In => call(Ear::In),
            wire::Ear::Out => call(Ear::Out),
        };
        if !spots.contains(&spot) {
            spots.push(spot);
        }
    }
    spots.extend(sources_of(track));
    spots
}

/// Sources are read where they play to others: where the track says; else in the conference whose room it holds; without
/// one, in the private plan of its call.
fn sources_of(track: &wire::Track) -> Vec<Spot> {
    let room = track.heard.iter().find(|heard| heard.ear == wire::Ear::Room);
    let heard = room.or(track.heard.first()).map(|heard| &heard.subject);
    let Some(place) = track.place.as_ref().or(heard) else {
        return Vec::new();
    };
    let mut sources = track.sources.clone();
    sources.sort();
    sources.dedup();
    let spot = |source| Spot::Source {
        conference: place.clone(),
        source,
    };
    sources.into_iter().map(spot).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn track(name: &str) -> wire::Track {
        wire::Track {
            name: name.into(),
            heard: Vec::new(),
            sources: Vec::new(),
            place: None,
        }
    }

    #[test]
    fn sources_are_heard_where_the_track_says() {
        let mut outbound = track("outbound");
        outbound.sources = vec!["stream:b".into(), "stream:a".into(), "stream:b".into()];
        assert_eq!(read_tracks(&[outbound.clone()]).unwrap(), [[]]);
        outbound.place = Some("room".into());
        let spot = |source: &str| Spot::Source {
            conference: "room".into(),
            source: source.into(),
        };
        assert_eq!(
            read_tracks(&[outbound]).unwrap(),
            [[spot("stream:a"), spot("stream:b")]]
        );
    }

    #[test]
    fn names_that_are_paths_or_come_twice_are_refused() {
        let long = "a".repeat(65);
        for name in ["", "..", "a/b", "A", "mix.wav", "ä", "a b", &long, "\0"] {
            assert_eq!(
                read_tracks(&[track(name)]).unwrap_err().code,
                "bad-track",
                "{name:?}"
            );
        }
        assert!(read_tracks(&[track("mix"), track("mix")]).is_err());
        assert!(read_tracks(&[track("mix"), track("call-0f"), track(&"a".repeat(64))]).is_ok());
    }
}
