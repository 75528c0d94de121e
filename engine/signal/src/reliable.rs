//! Provisional answers that the peer confirms, where it insists on that (`Require: 100rel`).
//!
//! Pure; who repeats them, and when, is `desk`'s.
//!
//! Source: RFC 3262.

use std::collections::VecDeque;

use crate::turn::Answer;

/// Answers that may wait for the one before them to be confirmed.
const WAITING: usize = 4;

/// The provisional answers of one INVITE that insists.
#[derive(Default)]
pub(crate) struct Reliable {
    last: u32,
    unconfirmed: Option<(u32, Answer)>,
    waiting: VecDeque<Answer>,
}

impl Reliable {
    /// Number an answer; None: it waits, since the one before it is not confirmed yet (RFC 3262 3).
    pub fn next(&mut self, answer: Answer) -> Option<Answer> {
        if self.unconfirmed.is_some() {
            if self.waiting.len() < WAITING {
                self.waiting.push_back(answer);
            }
            return None;
        }
        self.last += 1;
        let numbered = answer
            .with("Require", "100rel")
            .with("RSeq", self.last.to_string());
        self.unconfirmed = Some((self.last, numbered.clone()));
        Some(numbered)
    }

    /// A PRACK with this `RAck` header came; false: it confirms nothing of ours (481).
    pub fn confirm(&mut self, rack: &str) -> bool {
        let number = rack
            .split_whitespace()
            .next()
            .and_then(|digits| digits.parse().ok());
        let is_ours = self
            .unconfirmed
            .as_ref()
            .is_some_and(|(sent, _)| Some(*sent) == number);
        if is_ours {
            self.unconfirmed = None;
        }
        is_ours
    }

    /// The answer that may be sent now, if one waits.
    pub fn after_confirmation(&mut self) -> Option<Answer> {
        let answer = self.waiting.pop_front()?;
        self.next(answer)
    }

    /// The answer to repeat, and its number.
    pub fn unconfirmed(&self) -> Option<(u32, Answer)> {
        self.unconfirmed.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_answer_waits_for_the_confirmation_of_the_other() {
        let mut reliable = Reliable::default();
        let first = reliable.next(Answer::of(180)).unwrap();
        assert!(first.headers.contains(&("RSeq".into(), "1".into())));
        assert!(reliable.next(Answer::of(183)).is_none());
        assert!(!reliable.confirm("7 1 INVITE") && !reliable.confirm("x") && reliable.confirm("1 1 INVITE"));
        let second = reliable.after_confirmation().unwrap();
        assert_eq!((second.status, reliable.unconfirmed().unwrap().0), (183, 2));
        assert!(reliable.confirm("2 1 INVITE") && reliable.after_confirmation().is_none());
        assert!(reliable.unconfirmed().is_none());
    }
}
