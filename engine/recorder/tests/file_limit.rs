//! A file that may not grow any more: the real error of a real system call, in a process of its own.

mod studio;

use nix::sys::resource::{setrlimit, Resource};
use nix::sys::signal::{signal, SigHandler, Signal};
use studio::{wait_until, Studio};
use wire::Reel;

#[test]
#[allow(unsafe_code, reason = "a signal's handling can be set in no other way")]
fn where_nothing_more_fits_the_recording_fails_and_what_fitted_plays() {
    // SAFETY: ignoring a signal runs no code of ours. It would kill the test instead of failing the call.
    unsafe { signal(Signal::SIGXFSZ, SigHandler::SigIgn) }.unwrap();
    let studio = Studio::new();
    studio.record(Reel::Running, &["mix", "call-a"]);
    setrlimit(Resource::RLIMIT_FSIZE, 100_000, 100_000).unwrap();
    wait_until("nothing more fits", || {
        studio.hand.play(50, |_, _| 900);
        studio.recorder.states().is_empty()
    });
    let ended = studio.ended();
    assert_eq!(ended.fault.as_deref(), Some("disk-full"));
    for name in ["mix", "call-a"] {
        let samples = studio.samples(name);
        assert!(samples.len() as u64 <= ended.samples && samples.iter().all(|sample| *sample == 900));
    }
}
