//! Roomtone's engine: holds the sockets, the SIP dialogs and the real-time mix, and decides nothing.
//!
//! The brain tells it what to do over a Unix socket (`engine/wire/protocol.toml`). It outlives the brain: calls go on,
//! facts wait, and the next brain that says Hello takes over. Left alone for too long it hangs up and ends.

mod arguments;
mod brain;
mod confine;
mod engine;
mod files;
mod floor;
mod log;
mod orphan;
mod outbox;
mod socket;

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;

use arguments::Arguments;
use engine::Engine;
use orphan::Watch;
use outbox::Outbox;

/// Longest wait for the brain to take the last facts.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Set in the environment, it lets debuggers and measuring tools look into the engine.
const DUMPABLE: &str = "ROOMTONE_ENGINE_DUMPABLE";

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    log::start(arguments.log);
    files::take_all_allowed();
    let given_up = confine::confine(&arguments.used(), std::env::var_os(DUMPABLE).is_some());
    match run(&arguments, &given_up) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            tracing::error!(%why, "engine could not start");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments, given_up: &[&str]) -> Result<(), String> {
    let listener = socket::listen(&arguments.socket)?;
    let outbox = Arc::new(Outbox::default());
    let engine = Arc::new(Engine::start(arguments, Arc::clone(&outbox))?);
    let watch = Arc::new(Watch::new(Arc::clone(&outbox), arguments.orphan_after()));
    orphan::obey_signals(&watch).map_err(|why| format!("signals cannot be watched: {why}"))?;
    brain::welcome_all(
        listener,
        Arc::clone(&engine),
        Arc::clone(&outbox),
        Arc::clone(&watch),
    );
    announce(&engine, arguments, given_up);
    let ending = watch.until_the_end();
    tracing::info!(
        why = ending.why,
        within_ms = ending.within.as_millis() as u64,
        "engine ends"
    );
    engine.end(ending.why, ending.within);
    outbox.run_dry(LAST_WORDS);
    socket::remove(&arguments.socket);
    Ok(())
}

/// Print the readiness line. Nobody may be reading: that must not end the engine.
fn announce(engine: &Engine, arguments: &Arguments, given_up: &[&str]) {
    let mut ready = engine.ready_json(&arguments.socket);
    ready["confined"] = given_up.into();
    let line = format!("engine ready {ready}\n");
    let mut stdout = std::io::stdout();
    let _ = stdout.write_all(line.as_bytes()).and_then(|()| stdout.flush());
    let confined = given_up.join(" ");
    tracing::info!(socket = %arguments.socket.display(), pid = std::process::id(), confined, "engine ready");
}
