//! Requests in dialogs that another engine held, and that have not been handed over yet: they wait for it.
//!
//! A peer that is told 481 takes that for the end of the call (RFC 3261 12.2.1.2), and nobody knows at that moment whether
//! it is. Over UDP the peer sends its request again meanwhile, which the transaction takes; 64 T1 are its patience.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rsipstack::sip::Method;
use rsipstack::transaction::transaction::Transaction;
use tokio::sync::Semaphore;

use crate::desk::Desk;
use crate::dialog::DialogKey;
use crate::reception::{in_dialog_of, reply};
use crate::turn::Answer;

/// Requests that may wait at a time; more are answered 503.
const REQUESTS: usize = 4_096;
const LOOK_EVERY: Duration = Duration::from_millis(25);
/// Seconds after which a peer may try again when there are too many.
const RETRY_AFTER_S: &str = "2";

/// Until when dialogs are handed over, and how many wait for one.
pub(crate) struct HandingOver {
    until: Instant,
    places: Arc<Semaphore>,
}

impl HandingOver {
    /// Begin now; zero: nothing is handed over.
    pub fn within(time: Duration) -> Self {
        Self {
            until: Instant::now() + time,
            places: Arc::new(Semaphore::new(REQUESTS)),
        }
    }

    /// Whether a dialog that is not known may still be handed over.
    pub fn is_on(&self) -> bool {
        Instant::now() < self.until
    }
}

/// Let a request wait for its dialog. An ACK waits for nothing: no answer to it is owed.
pub(crate) async fn wait(desk: &Arc<Desk>, mut transaction: Transaction, key: DialogKey) {
    let Ok(place) = Arc::clone(&desk.handing_over.places).try_acquire_owned() else {
        let answer = Answer::of(503).with("Retry-After", RETRY_AFTER_S);
        return reply(desk, transaction, &answer).await;
    };
    let again = Arc::clone(desk);
    desk.runtime.spawn(async move {
        if transaction.original.method == Method::Invite {
            let _ = transaction.send_trying().await;
        }
        while again.handing_over.is_on() && again.registry.by_dialog(&key).is_none() {
            tokio::time::sleep(LOOK_EVERY).await;
        }
        drop(place);
        match again.registry.by_dialog(&key) {
            Some(leg) => in_dialog_of(&again, transaction, leg).await,
            None => reply(&again, transaction, &Answer::of(481)).await,
        }
    });
}
