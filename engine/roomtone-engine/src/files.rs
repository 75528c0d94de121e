//! How many files may be open at once: two sockets for each stream, and one file for each track of a recording.

use rustix::process::{getrlimit, setrlimit, Resource, Rlimit};

/// Take as many as the system lets us; systems give 1024 at first, out of old habit.
pub fn take_all_allowed() {
    let limit = getrlimit(Resource::Nofile);
    let wanted = Rlimit {
        current: limit.maximum,
        ..limit
    };
    if let Err(why) = setrlimit(Resource::Nofile, wanted) {
        tracing::warn!(%why, "the number of open files stays as it is");
    }
}

/// How many of them recordings may have: half, so that calls go on to get their sockets.
pub fn for_recordings() -> usize {
    let allowed = getrlimit(Resource::Nofile).current;
    allowed.map_or(usize::MAX, |files| {
        usize::try_from(files / 2).unwrap_or(usize::MAX)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn afterwards_nothing_is_left_to_take() {
        take_all_allowed();
        let limit = getrlimit(Resource::Nofile);
        assert_eq!(limit.current, limit.maximum);
        assert!(limit
            .current
            .is_none_or(|files| for_recordings() as u64 == files / 2));
    }
}
