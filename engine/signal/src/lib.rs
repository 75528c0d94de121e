//! SIP for the engine: calls come in as facts, and what is to become of them comes back as orders.
//!
//! The `rsipstack` crate parses messages and runs transactions and timers. Around it this crate keeps three things:
//! a gate before the parser (`gate`, `listener`), the dialog of each call (`dialog`, `leg`) and the rules of what is
//! answered at once (`reception`). Dialogs are ours because the crate's own dialog layer leaves requests unanswered
//! where a phone notices; `docs/decisions/0002-sip-stack.md` has the traces.
//!
//! It decides nothing: whether a call is taken, and with which SDP, the brain says. SDP is opaque text here.
//!
//! Sources: RFC 3261 (SIP), RFC 3311 (UPDATE), RFC 3581 (rport), RFC 6026 (2xx transactions), RFC 7118 (WebSocket).

mod asking;
mod body;
mod cutting;
mod desk;
mod dialog;
mod flood;
mod flows;
#[cfg(any(test, feature = "fuzz"))]
pub mod fuzz;
mod gate;
mod handing_over;
mod identity;
mod keeping;
mod leg;
mod listener;
mod orders;
mod outgoing;
mod places;
mod reception;
mod registry;
mod reliable;
mod replacing;
mod servers;
mod session;
mod settings;
mod shunned;
mod stack;
mod streams;
mod text;
mod tls;
mod turn;
mod waiting;
mod websocket;

pub use identity::mint;
pub use orders::Signal;
pub use settings::{Limits, Patience, Settings, TlsSettings};
