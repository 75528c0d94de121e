//! Feeding what survives panics of others: only those break a target that nobody catches.

use std::cell::RefCell;
use std::panic::{catch_unwind, set_hook, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    static LATEST: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Do this. The fuzzer's own hook would end it with the first panic, caught or not.
pub fn feed(deed: impl FnOnce()) {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        set_hook(Box::new(|what| {
            let text = what.to_string();
            LATEST.with_borrow_mut(|latest| *latest = text);
        }));
    });
    if catch_unwind(AssertUnwindSafe(deed)).is_err() {
        LATEST.with_borrow(|latest| eprintln!("{latest}"));
        std::process::abort();
    }
}
