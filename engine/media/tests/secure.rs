//! Sealed streams on real sockets: who has the keys is heard and hears, and nobody else.

mod phone;

use phone::{apply, seat, secure, security, talk, Hall, Phone};

const SUITES: [wire::Suite; 4] = [
    wire::Suite::Cm80,
    wire::Suite::Cm32,
    wire::Suite::Gcm128,
    wire::Suite::Gcm256,
];
const STRANGE_HZ: f64 = 2_300.0;

/// One phone with each suite and one without, all in a room.
fn meet(hall: &Hall) -> Vec<Phone> {
    let mut phones = hall.callers(&[400.0, 600.0, 900.0, 1_300.0, 1_800.0]);
    for (number, suite) in SUITES.into_iter().enumerate() {
        let agreed = security(suite, number as u8 + 1);
        hall.done(secure(&phones[number], &agreed));
        phones[number].agree(&agreed);
    }
    let seats = phones.iter().map(|phone| seat(&phone.call)).collect();
    hall.done(apply("room", 1, seats));
    phones
}

/// Who hears whom, as one string of letters for each; `!` for the stranger.
fn hearing(phones: &[Phone]) -> Vec<String> {
    let heard = |listener: &Phone| {
        let known = phones.iter().map(|phone| (phone.hz, phone.call.clone()));
        let all = known.chain([(STRANGE_HZ, "!".into())]);
        all.filter(|(hz, _)| listener.hears(*hz))
            .map(|(_, call)| call)
            .collect()
    };
    phones.iter().map(heard).collect()
}

fn refused(hall: &Hall, call: &str, at_least: u64) {
    hall.counts(call, |figures| figures.packets_refused >= at_least);
}

#[test]
fn sealed_and_plain_phones_hear_each_other_and_no_stranger_is_heard() {
    let hall = Hall::with_threads(45_500, 2);
    let mut phones = meet(&hall);
    talk(&mut phones, 1_000);
    let everybody = ["bcde", "acde", "abde", "abce", "abcd"];
    assert_eq!(hearing(&phones), everybody);
    // From the first phone's own socket and in its own name: plain, and sealed with a key of the stranger's.
    for keys in [None, Some(security(wire::Suite::Cm80, 77))] {
        let mut forger = Phone::beside(&phones[0], STRANGE_HZ);
        if let Some(keys) = &keys {
            forger.agree(keys);
        }
        let mut all = vec![forger];
        all.append(&mut phones);
        // The forger takes no packets out of the socket they share: it speaks, and the others listen.
        let start = std::time::Instant::now();
        for round in 1..=50 {
            all.iter_mut().for_each(Phone::say);
            let next = start + std::time::Duration::from_millis(20 * round);
            std::thread::sleep(next.saturating_duration_since(std::time::Instant::now()));
            all[1..].iter_mut().for_each(Phone::listen);
        }
        phones = all.split_off(1);
        assert_eq!(hearing(&phones), everybody);
    }
    refused(&hall, "a", 100);
}

#[test]
fn what_was_recorded_is_not_heard_again() {
    let hall = Hall::new(45_700);
    let mut phones = meet(&hall);
    for _ in 0..40 {
        for phone in &mut phones {
            phone.say();
            if let Some(last) = phone.last.clone().filter(|_| phone.call == "b") {
                phone.post(&last);
            }
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let figures = hall.counts("b", |figures| figures.packets_refused >= 40);
    assert_eq!(figures.packets_duplicate, 0, "it never comes so far");
}

#[test]
fn keys_change_in_a_call_and_the_old_ones_are_of_no_use() {
    let hall = Hall::new(45_800);
    let mut phones = meet(&hall);
    talk(&mut phones, 1_000);
    for (number, suite) in [(50, wire::Suite::Cm80), (51, wire::Suite::Gcm256)] {
        let agreed = security(suite, number);
        hall.done(secure(&phones[0], &agreed));
        phones[0].agree(&agreed);
        talk(&mut phones, 1_200);
        assert_eq!(hearing(&phones)[..2], ["bcde", "acde"]);
    }
    // The brain changes its mind about the key, and the phone does not hear of it.
    hall.done(secure(&phones[0], &security(wire::Suite::Gcm256, 52)));
    talk(&mut phones, 1_200);
    assert_eq!(hearing(&phones)[1], "cde");
}

#[test]
fn keys_of_a_wrong_length_are_refused_and_nothing_changes() {
    let hall = Hall::new(45_900);
    let mut phones = meet(&hall);
    let mut wrong = security(wire::Suite::Cm80, 1);
    wrong.suite = wire::Suite::Gcm256;
    assert_eq!(hall.refused(secure(&phones[3], &wrong)), "bad-key");
    talk(&mut phones, 1_000);
    assert_eq!(hearing(&phones)[3], "abce");
}
