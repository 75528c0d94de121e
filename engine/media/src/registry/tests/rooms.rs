//! Plans, seats and places.

use super::*;

#[test]
fn a_plan_of_a_lower_revision_is_ignored_and_one_of_the_same_is_applied_again() {
    let mut desk = Desk::new(37_000);
    desk.open("a").unwrap();
    desk.apply("r", 5, &[seat("a", None)]).unwrap();
    desk.done();
    desk.apply("r", 4, &[]).unwrap();
    assert_eq!(desk.done(), [""; 0]);
    desk.apply("r", 5, &[seat("a", None)]).unwrap();
    assert_eq!(desk.done(), ["apply 0 with 1"]);
    assert_eq!(
        desk.registry.plan_states(),
        [wire::PlanState {
            conference: "r".into(),
            revision: 5,
            thread: Some(0),
        }]
    );
}

#[test]
fn a_stream_sits_in_the_plan_that_named_it_last() {
    let mut desk = Desk::new(37_010);
    desk.open("a").unwrap();
    desk.open("b").unwrap();
    desk.apply("r", 1, &[seat("a", None), seat("b", None)]).unwrap();
    desk.apply("a", 1, &[seat("a", None)]).unwrap();
    let sits = |call: &str, room: &str| (call.to_owned(), Some(room.to_owned()));
    assert_eq!(desk.seated(), [sits("a", "a"), sits("b", "r")]);
    desk.registry.drop_conference("a");
    assert_eq!(desk.seated(), [("a".to_owned(), None), sits("b", "r")]);
    desk.apply("r", 2, &[seat("a", None)]).unwrap();
    assert_eq!(desk.seated(), [sits("a", "r"), ("b".to_owned(), None)]);
}

#[test]
fn a_call_named_before_its_stream_is_open_takes_its_seat_then_and_again_after_reopening() {
    let mut desk = Desk::new(37_020);
    desk.apply("r", 1, &[seat("a", None), seat("b", None)]).unwrap();
    assert_eq!(desk.done(), ["apply 0 with 0"]);
    desk.open("a").unwrap();
    assert_eq!(desk.done().last().unwrap(), "apply 0 with 1");
    desk.open("b").unwrap();
    assert_eq!(desk.done().last().unwrap(), "apply 0 with 2");
    desk.close("a");
    desk.open("a").unwrap();
    assert_eq!(desk.done().last().unwrap(), "apply 0 with 2");
    desk.registry.drop_conference("r");
    desk.close("a");
    desk.open("a").unwrap();
    assert!(
        desk.done().last().unwrap().starts_with("open"),
        "no plan names it any more"
    );
}

#[test]
fn a_refused_plan_changes_nothing() {
    let mut desk = Desk::new(37_030);
    desk.open("a").unwrap();
    desk.apply("r", 1, &[seat("a", None)]).unwrap();
    desk.done();
    let mut whisperer = seat("a", None);
    whisperer.talks = wire::Talks::Call;
    let mut deaf = seat("a", None);
    deaf.hears = wire::Hears::Source;
    let mut greedy = seat("a", None);
    greedy.overlays = (0..9).map(|i| format!("s{i}")).collect();
    assert_eq!(
        code(desk.apply("r", 2, &[seat("a", None), seat("a", None)])),
        "bad-plan"
    );
    assert_eq!(code(desk.apply("r", 2, &[whisperer])), "bad-plan");
    assert_eq!(code(desk.apply("r", 2, &[deaf])), "bad-plan");
    assert_eq!(code(desk.apply("r", 2, &[greedy])), "too-many-sources");
    assert_eq!(desk.done(), [""; 0]);
    assert_eq!(desk.registry.plan_states()[0].revision, 1);
    for source in ["w", "x", "y", "z"] {
        desk.start(source, 1, None)
            .expect("the refused plan keeps no place");
    }
}

#[test]
fn there_is_a_limit_to_conferences_and_dropping_one_makes_room() {
    let mut desk = Desk::new(37_040);
    for room in ["x", "y", "z"] {
        desk.apply(room, 1, &[]).unwrap();
    }
    assert_eq!(
        code(desk.apply("one too many", 1, &[seat("a", Some("s"))])),
        "too-many-conferences"
    );
    let orders = desk.registry.drop_conference("y");
    desk.do_all(orders);
    desk.apply("another", 1, &[]).unwrap();
}

#[test]
fn places_are_found_again_however_often_plans_and_sources_come_and_go() {
    let mut desk = Desk::new(37_050);
    for turn in 0..500_u64 {
        let (room, source) = (format!("r{turn}"), format!("s{turn}"));
        desk.open("a").unwrap();
        if turn % 2 == 0 {
            desk.start(&source, turn, None).unwrap();
        }
        desk.apply(&room, 1, &[seat("a", Some(&source))]).unwrap();
        if turn % 3 == 0 {
            desk.stop(&source);
            desk.start(&source, turn, None).unwrap();
        }
        desk.apply(&room, 2, &[seat("a", None)]).unwrap();
        desk.stop(&source);
        let orders = desk.registry.drop_conference(&room);
        desk.do_all(orders);
        desk.close("a");
    }
    assert_eq!(desk.registry.source_states(), []);
    assert_eq!(desk.registry.plan_states(), []);
}
