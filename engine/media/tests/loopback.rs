//! Real sockets on loopback: callers with pitches, steered by orders, measured in what each receives.

mod phone;

use phone::{apply, seat, Hall};

#[test]
fn callers_in_a_room_hear_all_others_and_not_themselves() {
    let hall = Hall::new(40_000);
    let mut phones = hall.callers(&[400.0, 700.0, 1_100.0]);
    hall.done(apply(
        "room",
        1,
        phones.iter().map(|phone| seat(&phone.call)).collect(),
    ));
    phone::talk(&mut phones, 1_000);
    for listener in &phones {
        for talker in &phones {
            assert_eq!(
                listener.hears(talker.hz),
                listener.call != talker.call,
                "{} hearing {}",
                listener.call,
                talker.call
            );
        }
    }
}
