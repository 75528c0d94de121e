//! A browser at a stream's door: it is heard and hears, sealed with what DTLS agreed on; one that has left is sent nothing.

mod phone;

use std::net::{Ipv4Addr, UdpSocket};
use std::time::{Duration, Instant};

use phone::{apply, open, seat, talk, talk_until, Hall, Phone};
use webrtc::{Agreed, Certificate, Fingerprint, Kind, Said, Terms, Visitor};

const NAME: &str = "ours";
const PASSWORD: &str = "a password of twenty-two";

/// A browser's socket and what it says of itself, at a stream that was opened for it.
struct Browser {
    visitor: Visitor,
    phone: Phone,
}

impl Browser {
    fn come(hall: &Hall, call: &str, hz: f64) -> Self {
        let shown = Certificate::make().unwrap();
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        socket.set_nonblocking(true).unwrap();
        let door = wire::Door {
            username: NAME.into(),
            password: PASSWORD.as_bytes().to_vec().into(),
            fingerprint: Some(shown.fingerprint().to_string()),
            active: false,
        };
        let order = wire::OpenStream {
            door: Some(door),
            ..open(call, socket.local_addr().unwrap())
        };
        let wire::Reply::Opened(wire::Opened { port, .. }) = hall.media.carry_out(order.into()) else {
            panic!("not opened");
        };
        let terms = Terms {
            username: NAME.into(),
            password: PASSWORD.into(),
            fingerprint: Fingerprint::read(&hall.media.fingerprint().unwrap()),
            active: true,
        };
        let there = (Ipv4Addr::LOCALHOST, port).into();
        let mut browser = Self {
            visitor: Visitor::new(there, terms, &shown, Instant::now()),
            phone: Phone::at(call, hz, socket, port),
        };
        browser.agree();
        browser
    }

    /// Send what it has to say; gives the keys once they are agreed on.
    fn speak(&mut self) -> Option<Agreed> {
        let mut agreed = None;
        while let Some(said) = self.visitor.poll() {
            match said {
                Said::Packet(_, packet) => self.phone.post(&packet),
                Said::Keys(keys) => agreed = Some(keys),
                other => panic!("{other:?}"),
            }
        }
        agreed
    }

    fn agree(&mut self) {
        let until = Instant::now() + Duration::from_secs(60);
        let mut bytes = [0; 2_048];
        while Instant::now() < until {
            self.visitor.pass(Instant::now());
            while let Ok((length, _)) = self.phone.socket.recv_from(&mut bytes) {
                if Kind::of(&bytes[..length]) == Kind::Knock {
                    self.visitor.hear(&bytes[..length], Instant::now());
                }
            }
            if let Some(keys) = self.speak() {
                // A phone agrees as the other side of what the media have.
                return self.phone.agree(&wire::Security {
                    suite: match keys.suite {
                        srtp::Suite::AesCm80 => wire::Suite::Cm80,
                        srtp::Suite::AesCm32 => wire::Suite::Cm32,
                        srtp::Suite::Gcm128 => wire::Suite::Gcm128,
                        srtp::Suite::Gcm256 => wire::Suite::Gcm256,
                    },
                    send_key: keys.receive_key.into(),
                    receive_key: keys.send_key.into(),
                });
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("no keys within a minute");
    }

    /// Throw away what came to its socket; gives how many packets of sound, or reports, there were.
    fn drain(&self) -> usize {
        let mut bytes = [0; 2_048];
        let came = std::iter::from_fn(|| self.phone.socket.recv(&mut bytes).ok().map(|_| Kind::of(&bytes)));
        came.filter(|kind| *kind != Kind::Knock).count()
    }
}

#[test]
fn a_browser_is_heard_and_hears_and_is_sent_nothing_once_it_has_left() {
    let hall = Hall::new(46_100);
    let ann = Phone::new(&hall, "ann", 600.0);
    let Browser { mut visitor, phone } = Browser::come(&hall, "web", 1_300.0);
    hall.done(apply("room", 1, vec![seat("ann"), seat("web")]));
    let mut phones = [ann, phone];
    talk_until(&mut phones, 1_000, &[true, true], |phones| {
        [phones[0].hears(1_300.0), phones[1].hears(600.0)]
    });
    let [ann, phone] = phones;
    visitor.close();
    let mut browser = Browser { visitor, phone };
    browser.speak();
    let left = hall.wait_for(|fact| matches!(fact, wire::Fact::PeerLeft(_)));
    assert!(matches!(left, wire::Fact::PeerLeft(told) if told.call == "web" && told.why == "closed"));
    let mut others = [ann];
    let mut came = usize::MAX;
    for _ in 0..20 {
        browser.drain();
        talk(&mut others, 400);
        came = browser.drain();
        if came == 0 {
            break;
        }
    }
    assert_eq!(came, 0, "nothing is sent to who is not there");
}
