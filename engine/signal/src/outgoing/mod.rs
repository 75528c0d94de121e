//! A call of ours until it is answered: its INVITE, and what the peer says to it.
//!
//! `attempt` is its state, `compose` its requests, `driving` the task that sends and listens. An answer makes a `Leg` of
//! it, and from then on it is like any other. Whom to call, over which way and for how long is the brain's to say;
//! redirections are told to it and not followed, since they could lead anywhere.
//!
//! Provisional answers that ask for it are confirmed (PRACK). Several phones may be called at
//! once, each with an INVITE of its own: the first that answers is the call, the others are cancelled. A second phone
//! that answers (also to a fork of a proxy) is thanked and hung up.
//!
//! Sources: RFC 3261 9.1 (CANCEL), 13.2 (INVITE), 22 (digest); RFC 8760 (SHA-256); RFC 3262 (PRACK); RFC 4028 (session timers).

mod attempt;
mod compose;
mod driving;
mod early;

pub(crate) use attempt::Attempt;
pub(crate) use driving::{call, follow};
