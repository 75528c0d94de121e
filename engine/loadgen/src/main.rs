//! The load generator's command line. `bench/media/` drives it; `make bench` runs it all.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser};

use loadgen::echo::{Echo, Way};
use loadgen::join::{Attached, Brain};
use loadgen::layout::Layout;
use loadgen::meter::Meter;
use loadgen::play::{play, Server};
use loadgen::score::{Score, LONGEST_S};
use loadgen::visit::{Invitation, Sounds, Visit};

/// Plays many RTP endpoints on the loopback, and measures what a conference server makes of them.
#[derive(Debug, Parser)]
#[command(name = "roomtone-loadgen", version)]
enum Arguments {
    /// Play a score against a server.
    Play(Play),
    /// Be the floor: send every datagram back. Prints "echo ready" and the ports.
    Echo(EchoArguments),
    /// Be many browsers. Prints "fingerprint" and that of their certificate, reads a line of JSON (a list of doors: there,
    /// username, password, fingerprint, sound), prints "connected" and how many are, and at the end what came of it, as JSON.
    Visit(VisitArguments),
    /// Print where endpoints receive, as JSON: [[host, port], …].
    Addresses(Crowd),
}

#[derive(Debug, Args)]
struct Crowd {
    /// How many endpoints.
    #[arg(long, value_name = "N", default_value_t = 10)]
    endpoints: usize,
    /// Endpoints that share a socket of ours at most.
    #[arg(long, value_name = "N", default_value_t = 32)]
    per_socket: usize,
    /// Endpoints receive at addresses of 127.N.0.0/16. Two generators at the same time need two.
    #[arg(long, value_name = "N", default_value_t = 10)]
    network: u8,
}

#[derive(Debug, Args)]
struct Play {
    /// What to play.
    #[arg(long, value_name = "FILE")]
    score: PathBuf,
    /// Where to write what came of it.
    #[arg(long, value_name = "FILE")]
    report: PathBuf,
    /// Join the engine that listens for its brain here.
    #[arg(
        long,
        value_name = "SOCKET",
        conflicts_with = "ports",
        required_unless_present = "ports"
    )]
    engine: Option<PathBuf>,
    /// Let the engine record every conference into a folder in here, which must be there.
    #[arg(long, value_name = "DIR", requires = "engine")]
    record: Option<PathBuf>,
    /// Beside the mix, record a track for each endpoint.
    #[arg(long, requires = "record")]
    tracks: bool,
    /// Send to these ports, a JSON list with one for each endpoint.
    #[arg(long, value_name = "FILE")]
    ports: Option<PathBuf>,
    /// The server's host, on the loopback.
    #[arg(long, value_name = "HOST", default_value_t = Ipv4Addr::LOCALHOST)]
    host: Ipv4Addr,
    /// Meter this process.
    #[arg(long, value_name = "PID")]
    meter: Option<u32>,
    /// Endpoints that share a socket of ours at most.
    #[arg(long, value_name = "N", default_value_t = 32)]
    per_socket: usize,
    /// Endpoints receive at addresses of 127.N.0.0/16. Two generators at the same time need two.
    #[arg(long, value_name = "N", default_value_t = 10)]
    network: u8,
}

#[derive(Debug, Args)]
struct VisitArguments {
    /// What they say: JSON with `payload_type`, `step` (RTP ticks of a packet) and `payloads`, a list of sounds.
    #[arg(long, value_name = "FILE")]
    sounds: PathBuf,
    /// How long they talk once all have come.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=LONGEST_S as i64))]
    seconds: u32,
}

#[derive(Debug, Args)]
struct EchoArguments {
    /// How many endpoints.
    #[arg(long, value_name = "N")]
    endpoints: usize,
    /// Where to listen, on the loopback.
    #[arg(long, value_name = "HOST", default_value_t = Ipv4Addr::LOCALHOST)]
    host: Ipv4Addr,
    /// The first endpoint's port; each other's is two higher.
    #[arg(long, value_name = "PORT", default_value_t = 10_000)]
    first_port: u16,
    /// How arrivals are noticed.
    #[arg(long, value_enum, default_value_t = Way::Epoll)]
    way: Way,
    /// End after so long.
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=LONGEST_S as i64))]
    seconds: u32,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse() {
        Arguments::Play(arguments) => run_play(&arguments),
        Arguments::Echo(arguments) => run_echo(&arguments),
        Arguments::Visit(arguments) => run_visit(&arguments),
        Arguments::Addresses(crowd) => print_addresses(&crowd),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("roomtone-loadgen: {why}");
            ExitCode::FAILURE
        }
    }
}

fn run_play(arguments: &Play) -> Result<(), String> {
    let score = Score::read(&arguments.score)?;
    let layout = Layout::new(score.endpoints(), arguments.per_socket, arguments.network)?;
    let meter = Meter::new(arguments.meter)?;
    let (server, attached) = match (&arguments.engine, &arguments.ports) {
        (Some(socket), _) => {
            let mut brain = Brain::attach(socket)?;
            let server = brain.seat_all(&score, layout, arguments.host)?;
            if let Some(folder) = &arguments.record {
                brain.record_all(&score, layout, (folder, arguments.tracks))?;
            }
            (server, Some(brain.listen_on().map_err(|why| why.to_string())?))
        }
        (None, Some(file)) => {
            let text = std::fs::read_to_string(file).map_err(|why| format!("{}: {why}", file.display()))?;
            let ports = serde_json::from_str(&text).map_err(|why| format!("{}: {why}", file.display()))?;
            (Server::new(IpAddr::V4(arguments.host), ports)?, None)
        }
        (None, None) => return Err("either --engine or --ports".into()),
    };
    let mut report = play(&score, layout, server, &meter)?;
    report.ticks = attached.map(Attached::part).unwrap_or_default();
    report.write(&arguments.report)
}

fn run_echo(arguments: &EchoArguments) -> Result<(), String> {
    if !arguments.host.is_loopback() {
        return Err(format!("{} is not on the loopback", arguments.host));
    }
    let mut echo = Echo::bind(arguments.endpoints, arguments.host, arguments.first_port)?;
    say(&format!("echo ready {}", serde_json::json!(echo.ports()?)))?;
    echo.run(arguments.way, Duration::from_secs(arguments.seconds.into()))
}

fn run_visit(arguments: &VisitArguments) -> Result<(), String> {
    let sounds = Sounds::read(&arguments.sounds)?;
    let mut visit = Visit::new().ok_or("the system gives no random bytes")?;
    say(&format!("fingerprint {}", visit.fingerprint()))?;
    let mut line = String::new();
    std::io::stdin()
        .read_line(&mut line)
        .map_err(|why| why.to_string())?;
    let doors: Vec<Invitation> = serde_json::from_str(&line).map_err(|why| why.to_string())?;
    say(&format!("connected {}", visit.come(&doors)?))?;
    let told = visit.talk(&sounds, arguments.seconds.into());
    say(&serde_json::to_string(&told).map_err(|why| why.to_string())?)
}

fn print_addresses(crowd: &Crowd) -> Result<(), String> {
    let layout = Layout::new(crowd.endpoints, crowd.per_socket, crowd.network)?;
    let addresses: Vec<_> = (0..crowd.endpoints)
        .map(|endpoint| layout.address_of(endpoint))
        .map(|at| (at.ip().to_string(), at.port()))
        .collect();
    say(&serde_json::json!(addresses).to_string())
}

fn say(line: &str) -> Result<(), String> {
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{line}")
        .and_then(|()| stdout.flush())
        .map_err(|why| why.to_string())
}
