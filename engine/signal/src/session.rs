//! Session timers: how long a call may go without word of the peer, and whose turn it is to speak up.
//!
//! Pure. Source: RFC 4028.

use std::time::{Duration, Instant};

use rsipstack::sip::prelude::HeadersExt;

use crate::text::parameter;

/// The shortest interval we agree to, in seconds (RFC 4028 4).
pub(crate) const SHORTEST_S: u32 = 90;
/// The interval we ask for in our own calls, in seconds (RFC 4028 4).
pub(crate) const USUAL_S: u32 = 1_800;
/// How long after a refused refresh the next one is sent.
const TRY_AGAIN: Duration = Duration::from_secs(4);
/// No interval is longer: a day is as good as none.
const LONGEST_S: u32 = 86_400;

/// What was agreed for one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Session {
    pub interval_s: u32,
    /// We refresh it; else the peer does.
    pub ours: bool,
    since: Instant,
    /// A refresh of ours is on its way.
    asking: bool,
    /// A refresh of ours was refused, and is not tried again before this.
    again: Option<Instant>,
}

/// What is due.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Due {
    Nothing,
    /// Send an UPDATE or a re-INVITE.
    Refresh,
    /// The peer is gone.
    End,
}

/// An interval the peer asks for is too short: 422, with ours.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooShort;

impl Session {
    /// Read what the peer asks for in an INVITE or UPDATE; None: no timer.
    pub fn asked(request: &impl HeadersExt, now: Instant) -> Result<Option<Self>, TooShort> {
        let Some((interval_s, refresher)) = read(request) else {
            return Ok(None);
        };
        if interval_s < SHORTEST_S {
            return Err(TooShort);
        }
        Ok(Some(Self {
            interval_s: interval_s.min(LONGEST_S),
            // Where a proxy asked for a caller who knows no timers, nobody else would refresh (RFC 4028 9).
            ours: refresher.as_deref() == Some("uas") || !knows_timers(request),
            since: now,
            asking: false,
            again: None,
        }))
    }

    /// Read what the peer has agreed to in its answer to our INVITE or UPDATE.
    pub fn agreed(response: &impl HeadersExt, now: Instant) -> Option<Self> {
        let (interval_s, refresher) = read(response)?;
        Some(Self {
            interval_s: interval_s.clamp(SHORTEST_S, LONGEST_S),
            ours: refresher.as_deref() != Some("uas"),
            since: now,
            asking: false,
            again: None,
        })
    }

    /// What was agreed with an engine that is gone, from now on.
    pub fn again(interval_s: u32, ours: bool, now: Instant) -> Self {
        Self {
            interval_s: interval_s.clamp(SHORTEST_S, LONGEST_S),
            ours,
            since: now,
            asking: false,
            again: None,
        }
    }

    /// The value of the Session-Expires header of our answer.
    pub fn answer(&self) -> String {
        let refresher = if self.ours { "uas" } else { "uac" };
        format!("{};refresher={refresher}", self.interval_s)
    }

    /// The value of the Session-Expires header of a refresh of ours.
    pub fn request(&self) -> String {
        format!("{};refresher=uac", self.interval_s)
    }

    /// Say what is due: a refresh at half time, the end shortly before the time is over (RFC 4028 10).
    pub fn due(&mut self, now: Instant) -> Due {
        let waited = now.saturating_duration_since(self.since);
        let interval = Duration::from_secs(self.interval_s.into());
        let margin = Duration::from_secs(32).min(interval / 3);
        if waited >= interval.saturating_sub(margin) {
            return Due::End;
        }
        let may_ask = !self.asking && self.again.is_none_or(|again| now >= again);
        if self.ours && may_ask && waited >= interval / 2 {
            self.asking = true;
            return Due::Refresh;
        }
        Due::Nothing
    }

    /// Whether a refresh of ours is on its way.
    pub fn is_asking(&self) -> bool {
        self.asking
    }

    /// The peer has given a sign of life that counts.
    pub fn renew(&mut self, now: Instant) {
        self.since = now;
        self.asking = false;
        self.again = None;
    }

    /// The peer is there and refuses a refresh: its time runs on, and the refresh is tried again, for longer where the
    /// peer finds the interval too brief (RFC 4028 10; RFC 3261 14.1 for requests that cross).
    pub fn refused(&mut self, at_least_s: Option<u32>, now: Instant) {
        if let Some(wanted) = at_least_s {
            self.interval_s = self.interval_s.max(wanted.min(LONGEST_S));
        }
        self.asking = false;
        self.again = Some(now + TRY_AGAIN);
    }
}

/// The interval a 422 asks for at least.
pub(crate) fn at_least(response: &impl HeadersExt) -> Option<u32> {
    let value = response.header_value("Min-SE")?;
    value.split(';').next()?.trim().parse().ok()
}

fn knows_timers(request: &impl HeadersExt) -> bool {
    ["Supported", "k"]
        .iter()
        .filter_map(|name| request.header_value(name))
        .any(|value| {
            value
                .split(',')
                .any(|one| one.trim().eq_ignore_ascii_case("timer"))
        })
}

fn read(message: &impl HeadersExt) -> Option<(u32, Option<String>)> {
    let value = message
        .header_value("Session-Expires")
        .or_else(|| message.header_value("x"))?;
    let (seconds, parameters) = value.split_once(';').unwrap_or((&value, ""));
    let refresher = parameter(parameters, "refresher").map(str::to_ascii_lowercase);
    Some((seconds.trim().parse().ok()?, refresher))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rsipstack::sip::Request;

    fn request(header: &str) -> Request {
        let text = format!(
            "INVITE sip:a@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\nFrom: <sip:b@h>;tag=1\r\nTo: <sip:a@h>\r\n\
             Call-ID: c\r\nCSeq: 1 INVITE\r\n{header}Content-Length: 0\r\n\r\n"
        );
        Request::try_from(text).unwrap()
    }

    #[test]
    fn an_interval_is_agreed_to_unless_it_is_too_short() {
        let now = Instant::now();
        assert_eq!(Session::asked(&request(""), now), Ok(None));
        assert_eq!(
            Session::asked(&request("Session-Expires: soon\r\n"), now),
            Ok(None)
        );
        assert_eq!(
            Session::asked(&request("Session-Expires: 89\r\n"), now),
            Err(TooShort)
        );
        let theirs = Session::asked(&request("Supported: 100rel, timer\r\nx: 90\r\n"), now)
            .unwrap()
            .unwrap();
        assert_eq!(
            (theirs.ours, theirs.answer().as_str()),
            (false, "90;refresher=uac")
        );
        let ours = Session::asked(&request("Session-Expires: 600;refresher=UAS\r\n"), now);
        assert_eq!(ours.unwrap().unwrap().answer(), "600;refresher=uas");
        let a_proxys = Session::asked(&request("Session-Expires: 600\r\n"), now);
        assert!(a_proxys.unwrap().unwrap().ours, "the caller knows no timers");
    }

    #[test]
    fn who_refreshes_does_so_at_half_time_and_silence_ends_the_call() {
        let now = Instant::now();
        let after = |seconds| now + Duration::from_secs(seconds);
        let mut ours = Session::agreed(&request("Session-Expires: 100;refresher=uac\r\n"), now).unwrap();
        assert_eq!(ours.due(after(49)), Due::Nothing);
        assert_eq!(ours.due(after(50)), Due::Refresh);
        assert_eq!(ours.due(after(51)), Due::Nothing, "one at a time");
        ours.renew(after(52));
        assert_eq!(ours.due(after(100)), Due::Nothing);
        assert_eq!(ours.due(after(102)), Due::Refresh);
        ours.refused(None, after(103));
        assert_eq!(ours.due(after(104)), Due::Nothing, "not at once");
        assert_eq!(ours.due(after(107)), Due::Refresh);
        ours.refused(Some(200), after(108));
        assert_eq!(ours.due(after(120)), Due::Nothing, "half of the longer interval");
        assert_eq!(ours.request(), "200;refresher=uac");
        assert_eq!(ours.due(after(152)), Due::Refresh);
        ours.refused(None, after(153));
        assert_eq!(ours.due(after(52 + 168)), Due::End, "a refusal is no refresh");
        let mut theirs = Session::agreed(&request("Session-Expires: 90;refresher=uas\r\n"), now).unwrap();
        assert_eq!(theirs.due(after(59)), Due::Nothing);
        assert_eq!(theirs.due(after(61)), Due::End);
    }
}
