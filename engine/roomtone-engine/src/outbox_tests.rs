//! What reaches which brain, in which order, and what is lost when.

use super::*;
use wire::{Confirmed, Done, Snapshot};

fn fact(call: &str) -> Fact {
    Confirmed {
        call: call.into(),
        sdp: None,
    }
    .into()
}

fn statistics(thread: u16) -> Fact {
    wire::TickStatistics {
        thread,
        ticks: 1_000,
        skipped: 0,
        late_p50_us: 0,
        late_p99_us: 0,
        late_p999_us: 0,
        late_max_us: 0,
        busy_permille: None,
        streams: 0,
        conferences: 0,
        packets_unsent: 0,
        facts_dropped: 0,
    }
    .into()
}

fn snapshot(n: u64) -> Reply {
    Snapshot {
        n,
        legs: vec![],
        streams: vec![],
        plans: vec![],
        sources: vec![],
        clips: vec![],
        recordings: None,
        relays: None,
    }
    .into()
}

#[test]
fn facts_wait_for_the_snapshot_and_then_keep_their_order() {
    let outbox = Outbox::default();
    outbox.post(fact("early"));
    let brain = outbox.attach();
    outbox.reply(brain, Done { n: 1 }.into());
    assert_eq!(
        outbox.take(brain),
        Some(vec![Letter::Reply(Done { n: 1 }.into())])
    );
    outbox.reply(brain, snapshot(2));
    outbox.post(fact("late"));
    outbox.reply(brain, Done { n: 3 }.into());
    let told = outbox.take(brain).unwrap();
    let expected = [
        Letter::Reply(snapshot(2)),
        Letter::Fact(fact("early")),
        Letter::Fact(fact("late")),
        Letter::Reply(Done { n: 3 }.into()),
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_second_brain_takes_over_facts_but_not_replies() {
    let outbox = Outbox::default();
    let first = outbox.attach();
    outbox.reply(first, snapshot(1));
    outbox.post(fact("a"));
    let unwritten = outbox.take(first).unwrap();
    let second = outbox.attach();
    outbox.give_back(unwritten);
    outbox.reply(first, Done { n: 9 }.into());
    assert_eq!(outbox.take(first), None);
    assert!(!outbox.detach(first));
    outbox.reply(second, snapshot(1));
    assert_eq!(
        outbox.take(second),
        Some(vec![Letter::Reply(snapshot(1)), Letter::Fact(fact("a"))])
    );
    assert!(outbox.detach(second) && outbox.alone_since().is_some());
}

#[test]
fn a_full_box_loses_statistics_first_and_counts() {
    let outbox = Outbox::default();
    outbox.post(statistics(0));
    outbox.post(fact("w"));
    for _ in 2..FACTS_LIMIT {
        outbox.post(fact("x"));
    }
    outbox.post(fact("y"));
    outbox.post(statistics(1));
    outbox.post(fact("z"));
    let brain = outbox.attach();
    outbox.reply(brain, snapshot(1));
    let mut told = Vec::new();
    while told.len() < FACTS_LIMIT + 2 {
        told.extend(outbox.take(brain).unwrap());
    }
    assert_eq!(told[1], Letter::Fact(FactsDropped { count: 3 }.into()));
    assert_eq!(told[2], Letter::Fact(fact("w")));
    assert_eq!(told.last(), Some(&Letter::Fact(fact("y"))));
}
