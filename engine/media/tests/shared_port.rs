//! Many phones at one port: each is told by its address, whatever thread mixes it, and nobody else gets in.

mod phone;

use std::net::{Ipv4Addr, UdpSocket};

use phone::{apply, follow, seat, talk, talk_until, Hall, Phone};

const STRANGE_HZ: f64 = 2_300.0;

/// Who hears whom, as letters for each phone; `!` for the stranger.
fn hearing(phones: &[Phone]) -> Vec<String> {
    let heard = |listener: &Phone| {
        let all = phones.iter().map(|phone| (phone.hz, phone.call.as_str()));
        all.filter(|(hz, _)| listener.hears(*hz))
            .map(|(_, call)| call)
            .collect()
    };
    phones.iter().map(heard).collect()
}

fn expected(all: &[&str]) -> Vec<String> {
    all.iter().map(ToString::to_string).collect()
}

/// A phone of no call that sends to the port of others.
fn stranger(port: u16) -> Phone {
    let hall = Hall::new(46_600);
    let mut phone = Phone::new(&hall, "!", STRANGE_HZ);
    phone.port = port;
    phone
}

#[test]
fn phones_at_one_port_hear_each_other_in_their_rooms_and_no_stranger() {
    let hall = Hall::with_shared(46_400, 2, Some(46_500));
    let mut phones = hall.callers(&[400.0, 600.0, 900.0, 1_300.0]);
    assert!(phones.iter().all(|phone| phone.port == 46_500));
    hall.done(apply("one", 1, vec![seat("a"), seat("b")]));
    hall.done(apply("two", 1, vec![seat("c"), seat("d")]));
    talk_until(&mut phones, 1_000, &expected(&["b", "a", "d", "c"]), hearing);
    phones.push(stranger(46_500));
    talk_until(&mut phones, 1_000, &expected(&["b", "a", "d", "c", ""]), hearing);
    assert!(phones[4].packets.is_empty(), "a stranger is sent nothing");
    // Both change rooms, and with them perhaps the thread.
    hall.done(apply("one", 2, vec![seat("a"), seat("d")]));
    hall.done(apply("two", 2, vec![seat("c"), seat("b")]));
    talk_until(&mut phones, 1_000, &expected(&["d", "c", "b", "a", ""]), hearing);
    let mut counted: Vec<u64> = "abcd"
        .chars()
        .map(|call| {
            hall.counts(&call.to_string(), |it| it.packets_received > 100)
                .packets_refused
        })
        .collect();
    counted.dedup();
    assert_eq!(counted, [0], "nobody's packets came to another");
}

#[test]
fn a_phone_that_moves_is_followed_and_two_of_one_address_are_kept_apart() {
    let hall = Hall::with_shared(46_700, 1, Some(46_800));
    let mut phones = hall.callers(&[400.0, 600.0]);
    hall.done(apply("one", 1, vec![seat("a"), seat("b")]));
    talk_until(&mut phones, 1_000, &expected(&["b", "a"]), hearing);
    let there = phones[0].socket.local_addr().unwrap();
    assert_eq!(hall.refused(follow("b", there)), "address-taken");
    let second = hall.open("c", &phones[0].socket);
    assert!((46_700..46_800).contains(&second), "a port of its own: {second}");
    let next = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    next.set_nonblocking(true).unwrap();
    hall.done(follow("b", next.local_addr().unwrap()));
    let before = std::mem::replace(&mut phones[1].socket, next);
    talk_until(&mut phones, 1_000, &expected(&["b", "a"]), hearing);
    // Where it was before it is a stranger now.
    let mut leftover = stranger(46_800);
    leftover.socket = before;
    phones.push(leftover);
    talk(&mut phones, 1_000);
    // What lay at its old place from before the move is no sign of what comes there now.
    phones[2].heard.clear();
    talk_until(&mut phones, 1_000, &expected(&["b", "a", ""]), hearing);
    hall.done(wire::CloseStream {
        n: 1,
        call: "a".into(),
    });
    hall.done(follow("b", there));
    assert_eq!(hall.open("d", &phones[1].socket), 46_800, "its place is free");
}
