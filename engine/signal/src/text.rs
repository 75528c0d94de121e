//! Header values as text: lists, names with addresses, and what may not stand in a header of ours.
//!
//! Values are kept as the peer wrote them, so that what goes back is what came.

/// A name-addr or addr-spec (RFC 3261 20.10), as slices of the value.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NameAddr<'a> {
    /// Display name without its quotes; empty when there is none.
    pub display: String,
    /// The URI alone.
    pub uri: &'a str,
    /// Parameters after the URI, without the first semicolon.
    pub parameters: &'a str,
}

/// Split a header value at its commas, leaving alone those in quotes and angle brackets.
pub(crate) fn split_list(value: &str) -> Vec<&str> {
    let (mut parts, mut start, mut in_quotes, mut in_angles, mut escaped) =
        (Vec::new(), 0, false, false, false);
    for (at, sign) in value.char_indices() {
        match sign {
            _ if escaped => escaped = false,
            '\\' if in_quotes => escaped = true,
            '"' => in_quotes = !in_quotes,
            '<' if !in_quotes => in_angles = true,
            '>' if !in_quotes => in_angles = false,
            ',' if !in_quotes && !in_angles => {
                parts.push(value[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(value[start..].trim());
    parts.retain(|part| !part.is_empty());
    parts
}

/// Take a From, To or Contact value apart. None when its brackets do not close.
pub(crate) fn name_addr(value: &str) -> Option<NameAddr<'_>> {
    let value = value.trim();
    if let Some(open) = opening_bracket(value) {
        let close = open + value[open..].find('>')?;
        let display = value[..open].trim();
        return Some(NameAddr {
            display: unquote(display),
            uri: value[open + 1..close].trim(),
            parameters: value[close + 1..].trim().trim_start_matches(';'),
        });
    }
    // Without brackets the parameters belong to the header, not to the URI (RFC 3261 20.10).
    let (uri, parameters) = value.split_once(';').unwrap_or((value, ""));
    Some(NameAddr {
        display: String::new(),
        uri: uri.trim(),
        parameters: parameters.trim(),
    })
}

/// Find one parameter's value, quotes removed; a parameter without value gives an empty text.
pub(crate) fn parameter<'a>(parameters: &'a str, name: &str) -> Option<&'a str> {
    parameters.split(';').find_map(|one| {
        let (key, value) = one.split_once('=').unwrap_or((one, ""));
        key.trim()
            .eq_ignore_ascii_case(name)
            .then(|| value.trim().trim_matches('"'))
    })
}

/// Whether a message requires an extension.
pub(crate) fn requires(message: &impl rsipstack::sip::prelude::HeadersExt, extension: &str) -> bool {
    let required = message.header_value("Require").unwrap_or_default();
    required
        .split(',')
        .any(|one| one.trim().eq_ignore_ascii_case(extension))
}

/// Make a text safe as a header value or reason phrase: no line breaks, no control characters.
pub(crate) fn one_line(text: &str) -> String {
    text.chars()
        .map(|sign| if sign.is_control() { ' ' } else { sign })
        .collect::<String>()
        .trim()
        .to_string()
}

/// Make a text safe inside a quoted string.
pub(crate) fn quoted(text: &str) -> String {
    format!(
        "\"{}\"",
        one_line(text).replace('\\', "\\\\").replace('"', "\\\"")
    )
}

fn opening_bracket(value: &str) -> Option<usize> {
    let (mut in_quotes, mut escaped) = (false, false);
    for (at, sign) in value.char_indices() {
        match sign {
            _ if escaped => escaped = false,
            '\\' if in_quotes => escaped = true,
            '"' => in_quotes = !in_quotes,
            '<' if !in_quotes => return Some(at),
            _ => {}
        }
    }
    None
}

fn unquote(display: &str) -> String {
    let Some(inner) = display.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return display.to_string();
    };
    let mut plain = String::with_capacity(inner.len());
    let mut signs = inner.chars();
    while let Some(sign) = signs.next() {
        plain.push(if sign == '\\' {
            signs.next().unwrap_or('\\')
        } else {
            sign
        });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_split_outside_quotes_and_brackets() {
        assert_eq!(
            split_list(r#"<sip:a;x=1,2@h;lr>, "B, \"C\"" <sip:b@h> ,, sip:c@h"#),
            [r"<sip:a;x=1,2@h;lr>", r#""B, \"C\"" <sip:b@h>"#, "sip:c@h"]
        );
    }

    #[test]
    fn a_name_and_its_address_come_apart() {
        let one = name_addr(r#""Do < \"e\"" <sip:d@h;user=phone>;tag=7;x"#).unwrap();
        assert_eq!(
            (one.display.as_str(), one.uri),
            ("Do < \"e\"", "sip:d@h;user=phone")
        );
        assert_eq!(parameter(one.parameters, "TAG"), Some("7"));
        assert_eq!(parameter(one.parameters, "x"), Some(""));
        assert_eq!(parameter(one.parameters, "y"), None);
        let bare = name_addr("tel:+1555;tag=9").unwrap();
        assert_eq!(
            (bare.uri, parameter(bare.parameters, "tag")),
            ("tel:+1555", Some("9"))
        );
        assert_eq!(name_addr("<sip:broken"), None);
    }

    #[test]
    fn nothing_of_ours_breaks_a_line() {
        assert_eq!(one_line("Busy\r\nX-Evil: 1"), "Busy  X-Evil: 1");
        assert_eq!(quoted("a\"b\n"), "\"a\\\"b\"");
    }
}
