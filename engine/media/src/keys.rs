//! Who seals and opens the packets of one stream, at the edge between its sockets and the mixer: the mixer sees plain
//! packets alone, and what several hear alike is still coded once and sealed for each.
//!
//! Keys are prepared where memory may be had ([`Rekeying`]), and spent ones go where it may be freed.

use srtp::{Opener, Sealer, Suite};

use crate::registry::Refusal;

/// Longest packet of ours, sealed.
const SEALED_BYTES: usize = 2_048;

/// Room for one packet while it is sealed; one for each thread.
pub(crate) type Bench = Box<[u8; SEALED_BYTES]>;

/// Room to seal in.
pub(crate) fn bench() -> Bench {
    Box::new([0; SEALED_BYTES])
}

/// The keys of a stream; without them its packets are plain.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    sealer: Option<Box<Sealer>>,
    opener: Option<Box<Opener>>,
}

/// What becomes of a stream's keys.
#[derive(Debug)]
pub(crate) enum Rekeying {
    /// They stay, or there are none and none come.
    Keep,
    /// The stream is plain from now on.
    Plain,
    /// These take the place of those before; where there is none, the one before goes on.
    New(Keys),
}

impl Keys {
    /// Whether packets are sealed.
    pub fn is_secure(&self) -> bool {
        self.opener.is_some()
    }

    /// Exchange keys; gives those that are spent.
    pub fn change(&mut self, rekeying: Rekeying) -> Keys {
        match rekeying {
            Rekeying::Keep => Keys::default(),
            Rekeying::Plain => std::mem::take(self),
            Rekeying::New(mut keys) => {
                if let (Some(next), Some(before)) = (keys.opener.as_deref_mut(), self.opener.as_deref()) {
                    next.succeed(before);
                }
                Keys {
                    sealer: keys.sealer.take().and_then(|next| self.sealer.replace(next)),
                    opener: keys.opener.take().and_then(|next| self.opener.replace(next)),
                }
            }
        }
    }

    /// Open a packet in place; None when it is not the peer's.
    pub fn open<'a>(&mut self, packet: &'a mut [u8]) -> Option<&'a [u8]> {
        let Some(opener) = self.opener.as_deref_mut() else {
            return Some(packet);
        };
        let length = opener.rtp(packet).ok()?;
        Some(&packet[..length])
    }

    /// Open a report in place; None when it is not the peer's.
    pub fn open_report<'a>(&mut self, packet: &'a mut [u8]) -> Option<&'a [u8]> {
        let Some(opener) = self.opener.as_deref_mut() else {
            return Some(packet);
        };
        let length = opener.rtcp(packet).ok()?;
        Some(&packet[..length])
    }

    /// Seal a packet, if that is agreed; None when it must not be sent.
    pub fn seal<'a>(&mut self, packet: &'a [u8], bench: &'a mut Bench) -> Option<&'a [u8]> {
        let Some(sealer) = self.sealer.as_deref_mut() else {
            return Some(packet);
        };
        bench.get_mut(..packet.len())?.copy_from_slice(packet);
        let length = sealer.rtp(&mut bench[..], packet.len())?;
        Some(&bench[..length])
    }

    /// Seal a report, if that is agreed; None when it must not be sent.
    pub fn seal_report<'a>(&mut self, packet: &'a [u8], bench: &'a mut Bench) -> Option<&'a [u8]> {
        let Some(sealer) = self.sealer.as_deref_mut() else {
            return Some(packet);
        };
        bench.get_mut(..packet.len())?.copy_from_slice(packet);
        let length = sealer.rtcp(&mut bench[..], packet.len())?;
        Some(&bench[..length])
    }
}

/// Prepare what changes between what was agreed before and now. Allocates.
///
/// A key that stays keeps its count: were it to begin anew, its keystream would be used twice.
pub(crate) fn prepare(
    before: Option<&wire::Security>,
    now: Option<&wire::Security>,
) -> Result<Rekeying, Refusal> {
    let Some(now) = now else {
        return Ok(before.map_or(Rekeying::Keep, |_| Rekeying::Plain));
    };
    let suite = suite_of(now.suite);
    let refusal = || {
        Refusal::new(
            "bad-key",
            format!("a key of {:?} has {} bytes", now.suite, suite.material_bytes()),
        )
    };
    let same = before.filter(|before| before.suite == now.suite);
    let (mut keys, mut changed) = (Keys::default(), false);
    if same.is_none_or(|before| before.send_key != now.send_key) {
        keys.sealer = Some(Box::new(
            Sealer::new(suite, now.send_key.bytes()).ok_or_else(refusal)?,
        ));
        changed = true;
    }
    if same.is_none_or(|before| before.receive_key != now.receive_key) {
        keys.opener = Some(Box::new(
            Opener::new(suite, now.receive_key.bytes()).ok_or_else(refusal)?,
        ));
        changed = true;
    }
    Ok(if changed {
        Rekeying::New(keys)
    } else {
        Rekeying::Keep
    })
}

fn suite_of(suite: wire::Suite) -> Suite {
    match suite {
        wire::Suite::Cm80 => Suite::AesCm80,
        wire::Suite::Cm32 => Suite::AesCm32,
        wire::Suite::Gcm128 => Suite::Gcm128,
        wire::Suite::Gcm256 => Suite::Gcm256,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agreed(send: u8, receive: u8) -> wire::Security {
        wire::Security {
            suite: wire::Suite::Cm80,
            send_key: vec![send; 30].into(),
            receive_key: vec![receive; 30].into(),
        }
    }

    #[test]
    fn a_key_that_stays_is_not_made_again() {
        let before = agreed(1, 2);
        for (now, seals, opens) in [
            (agreed(1, 3), false, true),
            (agreed(3, 2), true, false),
            (agreed(3, 4), true, true),
        ] {
            let Ok(Rekeying::New(keys)) = prepare(Some(&before), Some(&now)) else {
                panic!("{now:?} changes something");
            };
            assert_eq!((keys.sealer.is_some(), keys.opener.is_some()), (seals, opens));
        }
        assert!(matches!(
            prepare(Some(&before), Some(&before)),
            Ok(Rekeying::Keep)
        ));
        assert!(matches!(prepare(Some(&before), None), Ok(Rekeying::Plain)));
        assert!(matches!(prepare(None, None), Ok(Rekeying::Keep)));
        let other = wire::Security {
            suite: wire::Suite::Gcm256,
            ..agreed(1, 2)
        };
        assert_eq!(prepare(None, Some(&other)).unwrap_err().code, "bad-key");
    }

    #[test]
    fn what_is_spent_comes_back_and_what_stays_goes_on() {
        let mut keys = Keys::default();
        let first = prepare(None, Some(&agreed(1, 2))).unwrap();
        assert!(!keys.change(first).is_secure() && keys.is_secure());
        let spent = keys.change(prepare(Some(&agreed(1, 2)), Some(&agreed(1, 3))).unwrap());
        assert!(spent.is_secure() && spent.sealer.is_none() && keys.sealer.is_some());
        let spent = keys.change(Rekeying::Plain);
        assert!(spent.is_secure() && spent.sealer.is_some() && !keys.is_secure());
    }
}
