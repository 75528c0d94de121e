//! What one-way streams cost: so many relays of one PCMU track each send to a sink on loopback, and the processor's time
//! of the relays' own threads is read from the system.
//!
//! `cargo run --release -p relay --example costs -- 500 20`: 500 streams for 20 s.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use mixer::live::Live;
use relay::{Floor, Hearing, Relays, Round};
use wire::{OpenRelay, Order, RelayCodec, Track};

struct Tones(Instant, u64);

impl Hearing for Tones {
    fn next(&mut self) -> Option<Round> {
        let due = self.0.elapsed().as_millis() as u64 / 20;
        (self.1 < due).then(|| {
            self.1 += 1;
            let wave = |i: u64| ((i * 37 % 8_000) as i16) - 4_000;
            Round {
                number: self.1,
                tracks: vec![Some((0..160).map(wave).collect())],
            }
        })
    }

    fn tuner(&self) -> relay::Tuner {
        Box::new(|_| Ok(()))
    }
}

struct Stage;

impl Floor for Stage {
    fn hear(&self, _: &[Track], _: u32) -> Result<Box<dyn Hearing>, String> {
        Ok(Box::new(Tones(Instant::now(), 0)))
    }

    fn play(&self, _: &str) -> Result<Arc<Live>, String> {
        Err("nothing is played".into())
    }

    fn stop(&self, _: &str) {}
}

fn main() {
    let mut given = std::env::args().skip(1).filter_map(|text| text.parse().ok());
    let (streams, seconds): (usize, u64) = (given.next().unwrap_or(500) as usize, given.next().unwrap_or(20));
    let sink = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("sink")
        .enable_all()
        .build()
        .expect("threads");
    let listener = sink
        .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
        .expect("a port");
    let address = listener.local_addr().expect("it has one").to_string();
    let taken = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&taken);
    sink.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let counter = Arc::clone(&counter);
            tokio::spawn(async move {
                let mut socket = tokio_tungstenite::accept_async(stream)
                    .await
                    .expect("a handshake");
                while let Some(Ok(_)) = socket.next().await {
                    counter.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    let relays = Relays::start(Arc::new(Stage), |_| {}).expect("threads");
    for number in 0..streams {
        relays.carry_out(Order::OpenRelay(order(number, &address)));
    }
    std::thread::sleep(Duration::from_secs(5));
    let (began, before, said) = (Instant::now(), cpu_s("relay"), taken.load(Ordering::Relaxed));
    std::thread::sleep(Duration::from_secs(seconds));
    let wall = began.elapsed().as_secs_f64();
    let cpu = cpu_s("relay") - before;
    let messages = (taken.load(Ordering::Relaxed) - said) as f64 / wall;
    println!(
        "{streams} one-way PCMU streams: {:.1} % of one processor, {messages:.0} messages/s arrived of {}",
        100.0 * cpu / wall,
        streams * 50
    );
}

fn order(number: usize, address: &str) -> OpenRelay {
    OpenRelay {
        n: 1,
        relay: format!("{number:032x}"),
        url: format!("ws://{address}/"),
        addresses: vec![address.into()],
        trusted_roots: Vec::new(),
        headers: Vec::new(),
        opening: Vec::new(),
        stream_sid: format!("MZ{number:032x}"),
        tracks: vec![Track {
            name: "inbound".into(),
            heard: Vec::new(),
            sources: Vec::new(),
            place: None,
        }],
        encoding: RelayCodec::Pcmu,
        rate_hz: 8_000,
        source: None,
        connect_ms: 20_000,
        again: Vec::new(),
    }
}

/// Seconds of the processor that this program's threads of a name have had.
fn cpu_s(name: &str) -> f64 {
    let tasks = std::fs::read_dir("/proc/self/task").expect("Linux");
    let ticks: u64 = tasks
        .filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("stat")).ok())
        .filter(|stat| stat.contains(&format!("({name})")))
        .filter_map(|stat| {
            let rest = stat.rsplit_once(')')?.1.split_whitespace().collect::<Vec<_>>();
            Some(rest.get(11)?.parse::<u64>().ok()? + rest.get(12)?.parse::<u64>().ok()?)
        })
        .sum();
    // USER_HZ is 100 on every Linux that we know.
    ticks as f64 / 100.0
}
