//! Which thread has what.

use super::*;

fn threads_of(desk: &Desk) -> Vec<(String, Option<u16>)> {
    let mut all: Vec<_> = desk
        .registry
        .stream_states()
        .into_iter()
        .map(|state| (state.call, state.thread))
        .collect();
    all.sort();
    all
}

fn on(thread: u16, calls: &[&str]) -> Vec<(String, Option<u16>)> {
    calls.iter().map(|call| ((*call).into(), Some(thread))).collect()
}

#[test]
fn streams_come_to_the_thread_of_their_conference_and_the_plan_behind_them() {
    let mut desk = Desk::with_threads(37_200, 2);
    for call in ["a", "b", "c"] {
        desk.open(call).unwrap();
    }
    let threads: Vec<_> = threads_of(&desk).into_iter().map(|(_, thread)| thread).collect();
    assert_eq!(
        threads,
        [Some(0), Some(1), Some(0)],
        "legs in no conference are anywhere"
    );
    desk.done();
    desk.apply("room", 1, &[seat("a", None), seat("b", None), seat("c", None)])
        .unwrap();
    assert_eq!(threads_of(&desk), on(0, &["a", "b", "c"]));
    assert_eq!(desk.done(), ["1 leaves 1", "1 comes to 0", "apply 0 with 3"]);
    desk.apply("room", 2, &[seat("a", None), seat("b", None)])
        .unwrap();
    assert_eq!(desk.done(), ["apply 0 with 2"], "nobody moves without need");
}

#[test]
fn a_conference_moves_only_while_nobody_sits_there() {
    let mut desk = Desk::with_threads(37_210, 2);
    for call in ["a", "b", "c"] {
        desk.open(call).unwrap();
    }
    desk.apply("one", 1, &[seat("a", None)]).unwrap();
    desk.apply("two", 1, &[seat("b", None), seat("c", None)]).unwrap();
    let thread = |desk: &Desk, name: &str| {
        let states = desk.registry.plan_states();
        let found = states.iter().find(|state| state.conference == name);
        found.and_then(|state| state.thread)
    };
    assert_eq!((thread(&desk, "one"), thread(&desk, "two")), (Some(0), Some(1)));
    desk.apply("two", 2, &[]).unwrap();
    desk.apply("one", 2, &[seat("a", None), seat("b", None)]).unwrap();
    assert_eq!(thread(&desk, "one"), Some(0), "a sits there");
    desk.done();
    desk.close("a");
    desk.apply("two", 3, &[seat("b", None), seat("c", None)]).unwrap();
    desk.done();
    // Nobody sits in the first any more; the second thread has two seats.
    desk.apply("one", 3, &[]).unwrap();
    assert_eq!(thread(&desk, "one"), Some(0));
    assert_eq!(threads_of(&desk), on(1, &["b", "c"]));
}

#[test]
fn a_private_plan_goes_where_its_call_is_and_a_place_is_free_only_when_all_came_back() {
    let mut desk = Desk::with_threads(37_220, 2);
    desk.open("a").unwrap();
    desk.open("b").unwrap();
    desk.apply("a", 1, &[seat("a", None)]).unwrap();
    desk.apply("filler", 1, &[seat("x", None)]).unwrap();
    desk.apply("room", 1, &[seat("b", None), seat("a", None)])
        .unwrap();
    desk.done();
    let thread = threads_of(&desk)[0].1.unwrap();
    desk.apply("a", 2, &[seat("a", None)]).unwrap();
    let told = desk.done();
    assert!(
        !told.iter().any(|line| line.contains("leaves")),
        "the plan follows the call: {told:?} on {thread}"
    );
    desk.registry.drop_conference("filler");
    desk.registry.drop_conference("room");
    let posts = desk.registry.stop_source("none");
    assert!(posts.is_empty());
}

#[test]
fn a_source_plays_on_every_thread_and_ends_once() {
    let mut desk = Desk::with_threads(37_230, 3);
    desk.start("music", 1, None).unwrap();
    assert_eq!(desk.done(), ["start 0", "start 0", "start 0"]);
    let end = News::Fact(Fact::SourceEnded {
        source: SourceId(0),
        turn: 1,
    });
    assert!(desk.registry.tell(end).is_some() && desk.registry.tell(end).is_none());
    let posts = desk.registry.stop_source("music");
    assert_eq!(
        posts.iter().map(|post| post.thread).collect::<Vec<_>>(),
        [0, 1, 2]
    );
    desk.start("next", 1, None).unwrap();
    assert_eq!(
        desk.done(),
        ["start 1"; 3],
        "the place of the first is not free yet"
    );
    desk.do_all(posts);
    desk.start("third", 1, None).unwrap();
    assert!(desk.done().ends_with(&["start 0".into()]));
}
