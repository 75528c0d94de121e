//! An INVITE that is to take the place of a call that is up.
//!
//! Which call that is, is told by its whole dialog and so decided here; whether it may, the brain decides.
//!
//! Source: RFC 3891, sections 3 (who is meant, and what is answered otherwise) and 6.1 (the header).

use rsipstack::sip::Request;

use crate::dialog::DialogKey;
use crate::registry::Registry;
use crate::turn::Answer;

/// What a Replaces header says.
#[derive(Debug, PartialEq, Eq)]
struct Replaces {
    key: DialogKey,
    early_only: bool,
}

/// The call whose place an INVITE is to take; None: it is not to take any. Err: what it is answered.
pub(crate) fn replaced(request: &Request, registry: &Registry) -> Result<Option<String>, Answer> {
    let mut said = request
        .headers
        .iter()
        .filter(|header| header.name().eq_ignore_ascii_case("Replaces"));
    let Some(first) = said.next() else { return Ok(None) };
    let wanted = read(first.value()).filter(|_| said.next().is_none());
    let wanted = wanted.ok_or_else(|| Answer::of(400))?;
    // A call that has not been answered is not taken over: not one of theirs (which RFC 3891 3 forbids), nor one of ours,
    // which would be answered in somebody's stead.
    let leg = registry.by_dialog(&wanted.key).ok_or_else(|| Answer::of(481))?;
    match leg.state() {
        None => Err(Answer::of(603)),
        Some(state) if !state.answered => Err(Answer::of(481)),
        Some(_) if wanted.early_only => Err(Answer::of(486)),
        Some(state) => Ok(Some(state.call)),
    }
}

fn read(value: &str) -> Option<Replaces> {
    let mut parts = value.split(';').map(str::trim);
    let call_id = parts.next().filter(|one| !one.is_empty() && !one.contains(','))?;
    let (mut to, mut from, mut early_only) = (None, None, false);
    for part in parts {
        let (name, value) = part
            .split_once('=')
            .map_or((part, ""), |(name, value)| (name.trim(), value.trim()));
        match name.to_ascii_lowercase().as_str() {
            "to-tag" if to.is_none() => to = Some(value.to_string()),
            "from-tag" if from.is_none() => from = Some(value.to_string()),
            "to-tag" | "from-tag" => return None,
            "early-only" => early_only = true,
            _ => {}
        }
    }
    // Theirs is written from the view of whoever receives it: the to-tag is ours.
    let key = DialogKey {
        call_id: call_id.to_string(),
        local_tag: to?,
        remote_tag: from?,
    };
    Some(Replaces { key, early_only })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dialog_is_read_as_we_see_it() {
        let key = DialogKey {
            call_id: "98732@sip.example.com".into(),
            local_tag: "r33th4x0r".into(),
            remote_tag: "ff87ff".into(),
        };
        for (text, early_only) in [
            ("98732@sip.example.com;from-tag=ff87ff;to-tag=r33th4x0r", false),
            (
                " 98732@sip.example.com ; TO-TAG=r33th4x0r ;x=y; from-tag = ff87ff;early-only",
                true,
            ),
        ] {
            let read = read(text).expect(text);
            assert_eq!((&read.key, read.early_only), (&key, early_only));
        }
    }

    #[test]
    fn half_a_dialog_is_none() {
        for text in [
            "",
            "c",
            "c;to-tag=1",
            "c;from-tag=1",
            "c;to-tag=1;to-tag=2;from-tag=3",
            "c,d;to-tag=1;from-tag=2",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
