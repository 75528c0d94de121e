//! Relays against WebSocket servers on loopback: well-behaved ones and others. No mix is there: sound comes from a list.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{channel, Receiver};
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine;
use futures_util::{SinkExt, StreamExt};
use mixer::live::Live;
use parking_lot::Mutex;
use relay::{Floor, Hearing, Relays, Round};
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::WebSocketStream;
use wire::{CloseRelay, Fact, OpenRelay, Order, RelayClosed, RelayCodec, Reply, TellRelay, Track};

const SOON: Duration = Duration::from_secs(30);

struct Stage {
    live: Arc<Live>,
    stopped: Mutex<Vec<String>>,
    /// What relays were tuned to.
    tuned: Arc<Mutex<Vec<Vec<String>>>>,
    /// Hearing breaks.
    breaks: AtomicBool,
}

/// Sound for 0.8 s, then silence, for ever: a round each 20 ms.
struct Tape {
    began: Instant,
    given: u64,
    tracks: usize,
    frame: usize,
    tuned: Arc<Mutex<Vec<Vec<String>>>>,
    breaks: bool,
}

impl Hearing for Tape {
    fn tuner(&self) -> relay::Tuner {
        let tuned = Arc::clone(&self.tuned);
        Box::new(move |tracks| {
            if tracks.iter().any(|track| track.sources.len() > 8) {
                return Err("too many".into());
            }
            tuned
                .lock()
                .push(tracks.iter().flat_map(|track| track.sources.clone()).collect());
            Ok(())
        })
    }

    fn next(&mut self) -> Option<Round> {
        assert!(!self.breaks, "a fault of ours");
        let due = self.began.elapsed().as_millis() as u64 / 20;
        (self.given < due).then(|| {
            self.given += 1;
            let sound = || (self.given <= 40).then(|| vec![8_031; self.frame]);
            Round {
                number: 1_000 + self.given,
                tracks: (0..self.tracks).map(|_| sound()).collect(),
            }
        })
    }
}

impl Floor for Stage {
    fn hear(&self, tracks: &[Track], rate_hz: u32) -> Result<Box<dyn Hearing>, String> {
        Ok(Box::new(Tape {
            began: Instant::now(),
            given: 0,
            tracks: tracks.len(),
            frame: rate_hz as usize / 50,
            tuned: Arc::clone(&self.tuned),
            breaks: self.breaks.load(Ordering::SeqCst),
        }))
    }

    fn play(&self, _: &str) -> Result<Arc<Live>, String> {
        Ok(Arc::clone(&self.live))
    }

    fn stop(&self, source: &str) {
        self.stopped.lock().push(source.to_owned());
    }
}

struct World {
    relays: Relays,
    facts: Receiver<Fact>,
    stage: Arc<Stage>,
    runtime: tokio::runtime::Runtime,
}

impl World {
    fn new() -> Self {
        let stage = Arc::new(Stage {
            live: Live::new(),
            stopped: Mutex::default(),
            tuned: Arc::default(),
            breaks: AtomicBool::default(),
        });
        let (tell, facts) = channel();
        let tell = Mutex::new(tell);
        let floor: Arc<dyn Floor> = stage.clone();
        let relays = Relays::start(floor, move |fact| {
            let _ = tell.lock().send(fact);
        });
        Self {
            relays: relays.expect("threads can be started"),
            facts,
            stage,
            runtime: tokio::runtime::Runtime::new().expect("threads can be started"),
        }
    }

    /// Serve with what is done to each connection; gives the address.
    fn serve<F, T>(&self, treat: F) -> String
    where
        F: Fn(TcpStream) -> T + Send + Sync + 'static,
        T: std::future::Future<Output = ()> + Send + 'static,
    {
        let listener = self
            .runtime
            .block_on(TcpListener::bind("127.0.0.1:0"))
            .expect("a port");
        let address = listener.local_addr().expect("it has one").to_string();
        self.runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(treat(stream));
            }
        });
        address
    }

    fn open(&self, order: OpenRelay) -> Reply {
        self.relays.carry_out(Order::OpenRelay(order))
    }

    fn fact(&self) -> Fact {
        self.facts.recv_timeout(SOON).expect("a fact comes")
    }

    fn opened(&self) -> bool {
        match self.fact() {
            Fact::RelayOpened(opened) => opened.again,
            other => panic!("{other:?}"),
        }
    }

    fn closed(&self) -> RelayClosed {
        loop {
            match self.fact() {
                Fact::RelayClosed(closed) => return closed,
                Fact::RelayOpened(_) | Fact::RelayTold(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    fn close(&self) {
        let order = CloseRelay {
            n: 2,
            relay: "a".into(),
            farewell: r#"{"event":"stop","sequenceNumber":""}"#.into(),
        };
        self.relays.carry_out(Order::CloseRelay(order));
    }
}

fn order(address: &str) -> OpenRelay {
    OpenRelay {
        n: 1,
        relay: "a".into(),
        url: format!("ws://{address}/path?x=1"),
        addresses: vec![address.into()],
        trusted_roots: Vec::new(),
        headers: vec![wire::Header {
            name: "Authorization".into(),
            value: "Bearer b".into(),
        }],
        opening: vec![
            r#"{"event":"connected"}"#.into(),
            r#"{"event":"start","sequenceNumber":"","streamSid":"MZ"}"#.into(),
        ],
        stream_sid: "MZ".into(),
        tracks: vec![Track {
            name: "inbound".into(),
            heard: Vec::new(),
            sources: Vec::new(),
            place: None,
        }],
        encoding: RelayCodec::Pcmu,
        rate_hz: 8_000,
        source: None,
        connect_ms: 10_000,
        again: Vec::new(),
    }
}

async fn accept(stream: TcpStream) -> WebSocketStream<TcpStream> {
    tokio_tungstenite::accept_async(stream)
        .await
        .expect("a handshake")
}

async fn next(socket: &mut WebSocketStream<TcpStream>) -> Option<Value> {
    loop {
        match socket.next().await?.ok()? {
            Message::Text(text) => return Some(serde_json::from_str(&text).expect("JSON")),
            Message::Close(_) => return None,
            _ => {}
        }
    }
}

#[test]
fn sound_goes_out_even_and_numbered_and_the_farewell_is_the_last() {
    let world = World::new();
    let (said, heard) = channel();
    let said = Mutex::new(said);
    let address = world.serve(move |stream| {
        let said = said.lock().clone();
        async move {
            let mut socket = accept(stream).await;
            while let Some(message) = next(&mut socket).await {
                let _ = said.send(message);
            }
        }
    });
    assert!(matches!(world.open(order(&address)), Reply::Done(_)));
    assert!(
        matches!(world.open(order(&address)), Reply::Done(_)),
        "it may be said again"
    );
    assert!(!world.opened());
    let until = |count: usize| -> Vec<Value> {
        (0..count)
            .map(|_| heard.recv_timeout(SOON).expect("a message"))
            .collect()
    };
    let messages = until(62);
    assert_eq!(messages[0], serde_json::json!({"event": "connected"}));
    assert_eq!(messages[1]["sequenceNumber"], "1");
    let payload = |message: &Value| {
        let text = message["media"]["payload"]
            .as_str()
            .expect("a payload")
            .to_owned();
        base64::engine::general_purpose::STANDARD
            .decode(text)
            .expect("base64")
    };
    for (i, message) in messages[2..].iter().enumerate() {
        assert_eq!(message["sequenceNumber"], (i + 2).to_string());
        assert_eq!(message["media"]["chunk"], (i + 1).to_string());
        assert_eq!(message["media"]["timestamp"], (i * 20).to_string());
        assert_eq!(
            (message["streamSid"].as_str(), message["media"]["track"].as_str()),
            (Some("MZ"), Some("inbound"))
        );
        assert_eq!(payload(message).len(), 160);
    }
    assert_eq!(payload(&messages[10])[0], codecs::g711::encode_pcmu(8_031));
    assert_eq!(payload(&messages[60])[0], 0xFF, "after the sound comes silence");
    world.relays.carry_out(Order::TellRelay(TellRelay {
        n: 3,
        relay: "a".into(),
        text: r#"{"event":"dtmf","sequenceNumber":""}"#.into(),
    }));
    while heard.recv_timeout(SOON).expect("the key")["event"] != "dtmf" {}
    world.close();
    let closed = world.closed();
    let last = heard.into_iter_timeout().last().expect("a farewell");
    assert_eq!(last["event"], "stop");
    assert_eq!(
        (closed.by, closed.fault, closed.dropped_ms),
        (wire::EndedBy::Local, None, 0)
    );
    assert!(closed.sent_ms >= 1_200, "{}", closed.sent_ms);
    assert!(world.relays.snapshot().is_empty());
}

trait Rest {
    fn into_iter_timeout(self) -> std::vec::IntoIter<Value>;
}

impl Rest for Receiver<Value> {
    fn into_iter_timeout(self) -> std::vec::IntoIter<Value> {
        let mut all = Vec::new();
        while let Ok(message) = self.recv_timeout(SOON) {
            let is_last = message["event"] == "stop";
            all.push(message);
            if is_last {
                break;
            }
        }
        all.into_iter()
    }
}

#[test]
fn a_server_speaks_marks_come_back_and_clear_forgets() {
    let world = World::new();
    let (said, heard) = channel();
    let said = Mutex::new(said);
    let address = world.serve(move |stream| {
        let said = said.lock().clone();
        async move {
            let mut socket = accept(stream).await;
            let sound = base64::engine::general_purpose::STANDARD.encode([0x80; 1_600]);
            let say = |text: String| Message::text(text);
            let media = format!(r#"{{"event":"media","streamSid":"MZ","media":{{"payload":"{sound}"}}}}"#);
            socket.send(say(media.clone())).await.expect("sent");
            let mark = |name: &str| format!(r#"{{"event":"mark","mark":{{"name":"{name}"}}}}"#);
            socket.send(say(mark("first"))).await.expect("sent");
            socket
                .send(say(r#"{"event":"hello","x":1}"#.into()))
                .await
                .expect("sent");
            while let Some(message) = next(&mut socket).await {
                let is_mark = message["event"] == "mark";
                let name = message["mark"]["name"].as_str().unwrap_or("").to_owned();
                let _ = said.send(message);
                if is_mark && name == "first" {
                    for _ in 0..400 {
                        socket.send(say(media.clone())).await.expect("sent");
                    }
                    socket.send(say(mark("second"))).await.expect("sent");
                    socket
                        .send(say(r#"{"event":"clear"}"#.into()))
                        .await
                        .expect("sent");
                }
            }
        }
    });
    let mut wanted = order(&address);
    wanted.source = Some("relay:a".into());
    world.open(wanted);
    assert!(!world.opened());
    match world.fact() {
        Fact::RelayTold(told) => assert!(told.text.contains("hello")),
        other => panic!("{other:?}"),
    }
    let live = &world.stage.live;
    let (mut marks, began) = (Vec::new(), Instant::now());
    while marks.len() < 2 && began.elapsed() < SOON {
        live.skip(live.waiting() as u64);
        if let Ok(message) = heard.recv_timeout(Duration::from_millis(5)) {
            if message["event"] == "mark" {
                marks.push(message["mark"]["name"].as_str().unwrap_or("").to_owned());
            }
        }
    }
    assert_eq!(marks, ["first", "second"]);
    assert!(live.written() >= 3_200, "the first 200 ms were played");
    assert!(
        live.written() < 400 * 3_200 / 2,
        "and most of the rest was forgotten"
    );
    world.close();
    assert_eq!(world.closed().by, wire::EndedBy::Local);
    assert_eq!(*world.stage.stopped.lock(), ["relay:a"]);
}

#[test]
fn garbage_is_passed_over_and_a_frame_too_long_ends_it() {
    let world = World::new();
    let address = world.serve(|stream| async move {
        let mut socket = accept(stream).await;
        for text in [
            "",
            "[]",
            "\u{1}",
            r#"{"event":"media","media":{"payload":"*"}}"#,
            "{\"event\":",
        ] {
            socket.send(Message::text(text)).await.expect("sent");
        }
        socket.send(Message::binary(vec![0; 1_000])).await.expect("sent");
        let long = format!(r#"{{"event":"hello","x":"{}"}}"#, "y".repeat(1_000_000));
        let _ = socket.send(Message::text(long)).await;
        while next(&mut socket).await.is_some() {}
    });
    let mut wanted = order(&address);
    (wanted.source, wanted.again) = (Some("relay:a".into()), vec![10, 10]);
    world.open(wanted);
    let closed = world.closed();
    assert_eq!(closed.fault.as_deref(), Some("broken"), "{closed:?}");
    assert!(closed.text.contains("too long"), "{closed:?}");
}

#[test]
fn a_server_that_takes_nothing_loses_the_oldest_sound() {
    let world = World::new();
    let address = world.serve(|stream| async move {
        let _small = socket2::SockRef::from(&stream).set_recv_buffer_size(4_096);
        let socket = accept(stream).await;
        tokio::time::sleep(SOON).await;
        drop(socket);
    });
    let mut wanted = order(&address);
    // 24 kHz of L16: a second is 130 kB of text for each track.
    (wanted.encoding, wanted.rate_hz) = (RelayCodec::L16, 24_000);
    wanted.tracks = ["a", "b", "c", "d"]
        .map(|name| Track {
            name: name.into(),
            heard: Vec::new(),
            sources: Vec::new(),
            place: None,
        })
        .to_vec();
    world.open(wanted);
    assert!(!world.opened());
    std::thread::sleep(Duration::from_secs(6));
    world.close();
    let closed = world.closed();
    assert!(closed.dropped_ms > 0, "{closed:?}");
    assert_eq!(closed.fault, None);
}

#[test]
fn who_cannot_be_reached_has_a_word_and_is_tried_again() {
    let world = World::new();
    let nobody = world.runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        listener.local_addr().expect("it has one").to_string()
    });
    let mut wanted = order(&nobody);
    wanted.again = vec![10, 20];
    world.open(wanted);
    assert_eq!(world.closed().fault.as_deref(), Some("refused"));

    let deaf = world.serve(|stream| async move {
        tokio::time::sleep(SOON).await;
        drop(stream);
    });
    let mut wanted = order(&deaf);
    wanted.connect_ms = 200;
    world.open(wanted);
    assert_eq!(world.closed().fault.as_deref(), Some("timeout"));

    let forbidding = world.serve(|mut stream| async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut request = [0; 4_096];
        let _ = stream.read(&mut request).await;
        let _ = stream
            .write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            .await;
    });
    world.open(order(&forbidding));
    let closed = world.closed();
    assert_eq!(
        (closed.fault.as_deref(), closed.text.contains("403")),
        (Some("refused"), true),
        "{closed:?}"
    );

    let other = world.serve(|mut stream| async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut request = [0; 4_096];
        let _ = stream.read(&mut request).await;
        let _ = stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
            .await;
    });
    world.open(order(&other));
    assert_eq!(world.closed().fault.as_deref(), Some("not-a-websocket"));

    let mut wanted = order(&other);
    wanted.url = wanted.url.replace("ws:", "wss:");
    world.open(wanted);
    assert_eq!(world.closed().fault.as_deref(), Some("tls"));

    let mut wanted = order(&other);
    wanted.url = "http://x/".into();
    world.open(wanted);
    assert_eq!(world.closed().fault.as_deref(), Some("bad-url"));
}

#[test]
fn who_breaks_off_is_tried_again_and_who_closes_is_not() {
    let world = World::new();
    let times = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&times);
    let address = world.serve(move |stream| {
        let before = counted.fetch_add(1, Ordering::SeqCst);
        async move {
            let mut socket = accept(stream).await;
            let first = next(&mut socket).await.expect("an opening");
            assert_eq!(first["event"], "connected");
            if before > 0 {
                let _ = socket.close(None).await;
                while next(&mut socket).await.is_some() {}
            }
        }
    });
    let mut wanted = order(&address);
    wanted.again = vec![10, 10, 10];
    world.open(wanted);
    assert!(!world.opened());
    assert!(world.opened(), "again");
    let closed = world.closed();
    assert_eq!((closed.by, closed.fault), (wire::EndedBy::Remote, None));
    assert_eq!(times.load(Ordering::SeqCst), 2);
}

#[test]
fn a_relay_is_tuned_and_its_tracks_keep_their_names() {
    let world = World::new();
    let address = world.serve(|stream| async move {
        let mut socket = accept(stream).await;
        while next(&mut socket).await.is_some() {}
    });
    world.open(order(&address));
    assert!(!world.opened());
    let tune = |relay: &str, name: &str, sources: usize| {
        let track = Track {
            name: name.into(),
            heard: Vec::new(),
            sources: (0..sources).map(|at| format!("stream:{at}")).collect(),
            place: None,
        };
        world.relays.carry_out(Order::TuneRelay(wire::TuneRelay {
            n: 4,
            relay: relay.into(),
            tracks: vec![track],
        }))
    };
    let code = |reply| match reply {
        Reply::Refused(no) => no.code,
        other => panic!("{other:?}"),
    };
    assert!(matches!(tune("a", "inbound", 2), Reply::Done(_)));
    assert_eq!(*world.stage.tuned.lock(), [["stream:0", "stream:1"]]);
    assert_eq!(code(tune("a", "outbound", 1)), "bad-track");
    assert_eq!(code(tune("a", "inbound", 9)), "cannot-hear");
    assert!(matches!(tune("b", "inbound", 1), Reply::Done(_)), "it is gone");
    world.close();
    world.closed();
}

#[test]
fn a_fault_of_ours_ends_one_relay_in_words_and_leaves_its_place() {
    let world = World::new();
    let address = world.serve(|stream| async move {
        let mut socket = accept(stream).await;
        while next(&mut socket).await.is_some() {}
    });
    world.stage.breaks.store(true, Ordering::SeqCst);
    let mut wanted = order(&address);
    wanted.source = Some("relay:a".into());
    world.open(wanted.clone());
    let closed = world.closed();
    assert_eq!(
        (closed.by, closed.fault.as_deref()),
        (wire::EndedBy::Internal, Some("broken"))
    );
    assert!(world.relays.snapshot().is_empty());
    assert_eq!(*world.stage.stopped.lock(), ["relay:a"]);
    world.stage.breaks.store(false, Ordering::SeqCst);
    world.open(wanted);
    assert!(!world.opened());
}

/// Bytes are counted, not time: what a round lets in does not depend on how busy the machine is.
#[test]
fn a_server_that_sends_without_end_is_read_no_faster_than_rounds_allow() {
    let world = World::new();
    let (began, sent) = (Instant::now(), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&sent);
    let address = world.serve(move |stream| {
        let counted = Arc::clone(&counted);
        async move {
            let mut socket = accept(stream).await;
            let sound = base64::engine::general_purpose::STANDARD.encode(vec![0x80; 300_000]);
            let media = format!(r#"{{"event":"media","media":{{"payload":"{sound}"}}}}"#);
            while socket.send(Message::text(media.clone())).await.is_ok() {
                counted.fetch_add(media.len(), Ordering::SeqCst);
            }
        }
    });
    let mut wanted = order(&address);
    wanted.source = Some("relay:a".into());
    world.open(wanted);
    assert!(!world.opened());
    let most = |began: Instant| {
        // 16 KiB a round, one message more, and what two kernels hold.
        (began.elapsed().as_millis() as usize / 20 + 2) * 16_384 + 400_100 + 8_000_000
    };
    while sent.load(Ordering::SeqCst) < 9_000_000 && began.elapsed() < Duration::from_secs(3) {
        std::thread::sleep(Duration::from_millis(20));
        let read = sent.load(Ordering::SeqCst);
        assert!(read <= most(began), "{read} bytes after {:?}", began.elapsed());
    }
    world.close();
    assert_eq!(world.closed().fault, None, "it is heard, and obeys");
}

#[test]
fn what_cannot_be_is_refused() {
    let world = World::new();
    let refused = |change: &dyn Fn(&mut OpenRelay)| {
        let mut wanted = order("127.0.0.1:1");
        change(&mut wanted);
        match world.open(wanted) {
            Reply::Refused(no) => no.code,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(refused(&|order| order.rate_hz = 16_000), "bad-rate");
    assert_eq!(
        refused(&|order| (order.encoding, order.rate_hz) = (RelayCodec::L16, 44_100)),
        "bad-rate"
    );
    assert_eq!(refused(&|order| order.opening.push("[]".into())), "bad-message");
}

#[test]
fn it_goes_to_the_addresses_that_were_checked_and_nowhere_else() {
    let world = World::new();
    let strayed = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&strayed);
    let elsewhere = world.serve(move |stream| {
        counted.fetch_add(1, Ordering::SeqCst);
        async move { drop(stream) }
    });

    // The name leads elsewhere by now; nobody asks for it again, not even for another try.
    let checked = world.serve(|stream| async move {
        let mut socket = accept(stream).await;
        let _ = next(&mut socket).await;
    });
    let mut wanted = order(&checked);
    wanted.url = format!("ws://{}/", elsewhere.replace("127.0.0.1", "localhost"));
    wanted.again = vec![10];
    world.open(wanted);
    assert!(!world.opened());
    assert!(world.opened(), "again");
    world.closed();

    // A server that sends us on is not followed.
    let location = format!("HTTP/1.1 302 Found\r\nLocation: ws://{elsewhere}/\r\nContent-Length: 0\r\n\r\n");
    let sending_on = world.serve(move |mut stream| {
        let answer = location.clone();
        async move {
            use tokio::io::{AsyncReadExt, AsyncWriteExt};
            let mut request = [0; 4_096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    world.open(order(&sending_on));
    let closed = world.closed();
    assert_eq!(
        (closed.fault.as_deref(), closed.text.contains("302")),
        (Some("refused"), true),
        "{closed:?}"
    );
    assert_eq!(strayed.load(Ordering::SeqCst), 0);
}
