//! Log lines on stderr: one each, key=value. A stderr nobody reads any more is no reason to end.

use std::fmt;
use std::io::Write;
use std::time::SystemTime;

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::EnvFilter;

/// Begin to log at this level; also panics, as lines of their own.
pub fn start(level: LevelFilter) {
    // The SIP stack logs every message as INFO and every flawed one as WARN, and the reader of STUN what it finds odd: a flood
    // from outside must not be one here.
    let stack = if level == LevelFilter::TRACE {
        "info"
    } else {
        "error"
    };
    let filter = EnvFilter::new(format!("{level},rsipstack={stack},is=error"));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(|| Unbreakable)
        .log_internal_errors(false)
        .event_format(KeyValue)
        .finish();
    // Fails only when a subscriber is set already, and then there is one.
    let _ = tracing::subscriber::set_global_default(subscriber);
    std::panic::set_hook(Box::new(|panic| tracing::error!(what = %panic, "panic")));
}

/// Stderr, whose errors are nobody's business.
struct Unbreakable;

impl Write for Unbreakable {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let _ = std::io::stderr().write_all(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

struct KeyValue;

impl<S, N> FormatEvent<S, N> for KeyValue
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut line: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let since = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        let level = event.metadata().level().as_str().to_ascii_lowercase();
        let room = event.metadata().target().split("::").next().unwrap_or("");
        write!(
            line,
            "time={}.{:03} level={level} room={room}",
            since.as_secs(),
            since.subsec_millis()
        )?;
        let mut fields = Fields::default();
        event.record(&mut fields);
        writeln!(line, " event={}{}", spelled(&fields.message), fields.others)
    }
}

#[derive(Default)]
struct Fields {
    message: String,
    others: String,
}

impl Fields {
    fn take(&mut self, field: &Field, value: &str) {
        use fmt::Write as _;
        if field.name() == "message" {
            self.message = value.to_string();
        } else {
            let _ = write!(self.others, " {}={}", field.name(), spelled(value));
        }
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.take(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.take(field, &format!("{value:?}"));
    }
}

/// A value as it stands in a line: quoted when it has spaces, and never more than one line.
fn spelled(value: &str) -> String {
    let is_plain = !value.is_empty()
        && value
            .chars()
            .all(|sign| !sign.is_whitespace() && !sign.is_control() && sign != '"');
    if is_plain {
        value.to_string()
    } else {
        format!("{value:?}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_never_breaks_its_line() {
        assert_eq!(spelled("sip:a@h;x=1"), "sip:a@h;x=1");
        assert_eq!(spelled("two words"), "\"two words\"");
        assert_eq!(spelled("a\nb\"c"), "\"a\\nb\\\"c\"");
        assert_eq!(spelled(""), "\"\"");
    }
}
