//! Log lines, on standard output. Each contains the id of its trace; text from outside is [sanitized](mod@sanitize).

mod sanitize;

use std::error::Error;
use std::fmt::{self, Write as _};
use std::io::IsTerminal;

use background::Panic;
use errors::Cause;
pub use errors::causes;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, MakeWriter, layer};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;

use crate::{CallError, Context, LogFormat, Settings};
pub(crate) use sanitize::sanitize;

/// Starts logging.
pub(crate) fn start(settings: &Settings) {
    let is_terminal = std::io::stdout().is_terminal();
    let subscriber = subscriber(&settings.log, settings.log_format, is_terminal, std::io::stdout);
    // A subscriber that was set before is kept.
    tracing::subscriber::set_global_default(subscriber).ok();
    // A panic's message may contain text from outside.
    std::panic::set_hook(Box::new(|info| {
        tracing::error!(error = causes(&Panic::from(info)), "uncaught panic");
    }));
    background::install_panic_hook();
}

/// Why there was no response, if the error is about that.
fn cause(error: &(dyn Error + 'static)) -> Option<Cause> {
    let of_call = errors::of_type::<CallError>(error).find_map(CallError::cause);
    of_call.or_else(|| Cause::of(error))
}

fn subscriber<W>(filter: &str, format: LogFormat, ansi: bool, writer: W) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = layer().with_ansi(ansi).with_writer(writer).event_format(format);
    Box::new(tracing_subscriber::registry().with(filter).with(lines))
}

/// Adds the trace id without a span for each request, which would cost several times as much.
impl<S, N> FormatEvent<S, N> for LogFormat
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut time = String::with_capacity(32);
        SystemTime.format_time(&mut Writer::new(&mut time))?;
        let level = *event.metadata().level();
        let mut line = Line {
            text: String::with_capacity(256),
            format: *self,
        };
        match self {
            Self::Text => line.text.push_str(&opening(&time, level, writer.has_ansi_escapes())),
            Self::Json => write!(line.text, "{{\"timestamp\":\"{time}\",\"level\":\"{level}\"")?,
        }
        event.record(&mut line);
        let trace = Context::trace_of_task();
        match (self, trace) {
            (Self::Text, Some(trace)) => write!(line.text, " trace={trace:032x}")?,
            (Self::Text, None) => {}
            (Self::Json, Some(trace)) => write!(line.text, ",\"trace\":\"{trace:032x}\"}}")?,
            (Self::Json, None) => line.text.push('}'),
        }
        writeln!(writer, "{}", line.text)
    }
}

/// Time and level, in colour on a terminal.
fn opening(time: &str, level: Level, ansi: bool) -> String {
    if !ansi {
        return format!("{time} {level:>5}");
    }
    let colour = match level {
        Level::ERROR => 31,
        Level::WARN => 33,
        Level::INFO => 32,
        Level::DEBUG => 34,
        Level::TRACE => 35,
    };
    format!("\x1b[2m{time}\x1b[0m \x1b[{colour}m{level:>5}\x1b[0m")
}

/// A line in the making.
struct Line {
    text: String,
    format: LogFormat,
}

impl Line {
    fn name(&mut self, field: &Field) {
        let name = field.name();
        // Writing to a string cannot fail.
        let _ = match self.format {
            LogFormat::Text => write!(self.text, " {name}="),
            LogFormat::Json => write!(self.text, ",\"{name}\":"),
        };
    }

    fn plain(&mut self, field: &Field, value: impl fmt::Display) {
        self.name(field);
        let _ = write!(self.text, "{value}");
    }

    /// Texts are quoted; other values are if they would be ambiguous otherwise.
    fn text(&mut self, field: &Field, value: &str, is_text: bool) {
        let value = sanitize(value);
        let is_bare = !value.is_empty() && !value.contains([' ', '=', '"']);
        match self.format {
            LogFormat::Json => {
                self.name(field);
                self.text.push_str(&serde_json::Value::from(value).to_string());
            }
            LogFormat::Text if field.name() == "message" => {
                self.text.push(' ');
                self.text.push_str(&value);
            }
            LogFormat::Text if is_bare && !is_text => self.plain(field, value),
            LogFormat::Text => self.plain(field, format_args!("\"{}\"", value.replace('"', "\\\""))),
        }
    }
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.text(field, &format!("{value:?}"), false);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.text(field, &errors::chain(value).to_string(), true);
        if let Some(cause) = cause(value) {
            // Writing to a string cannot fail.
            let _ = match self.format {
                LogFormat::Text => write!(self.text, " cause={}", cause.as_str()),
                LogFormat::Json => write!(self.text, ",\"cause\":\"{}\"", cause.as_str()),
            };
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, value, true);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.plain(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.plain(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        if value.is_finite() {
            self.plain(field, value);
        } else {
            self.record_debug(field, &value);
        }
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.plain(field, value);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl MakeWriter<'_> for Lines {
        type Writer = Self;

        fn make_writer(&self) -> Self {
            self.clone()
        }
    }

    fn written(format: LogFormat, context: Option<Context>) -> String {
        let work = || tracing::info!(part = "a", "started");
        log(format, || match context {
            Some(context) => context.enter(work),
            None => work(),
        })
    }

    #[test]
    fn line_ends_with_its_trace() {
        let context = Context::current();
        let id = context.trace_id();
        let line = written(LogFormat::Text, Some(context));
        assert!(
            line.ends_with(&format!(" INFO started part=\"a\" trace={id}\n")),
            "{line}"
        );
        let line = written(LogFormat::Text, None);
        assert!(line.ends_with(" INFO started part=\"a\"\n"), "{line}");
    }

    #[test]
    fn json_line_has_its_trace() {
        let context = Context::current();
        let id = context.trace_id();
        let line: serde_json::Value = serde_json::from_str(&written(LogFormat::Json, Some(context))).unwrap();
        assert_eq!(
            (&line["message"], &line["part"], &line["trace"]),
            (&"started".into(), &"a".into(), &id.into())
        );
        let line: serde_json::Value = serde_json::from_str(&written(LogFormat::Json, None)).unwrap();
        assert_eq!(line.get("trace"), None);
    }

    /// Text from outside, by every way into a line.
    #[test]
    fn text_from_outside_is_sanitized_in_every_field() {
        let evil = "a\u{1b}[2Jb\u{9b}c\u{202e}d\u{2028}e\nf\u{0}g\u{200b}h\u{feff}i";
        for format in [LogFormat::Text, LogFormat::Json] {
            let line = log(format, || {
                tracing::info!(text = evil, shown = %evil, told = ?evil, error = &*fault(evil), "{evil}");
            });
            let line = line.strip_suffix('\n').unwrap();
            assert!(
                line.chars()
                    .all(|character| character.is_ascii_graphic() || character == ' '),
                "{line}"
            );
            assert!(line.contains("u{202e}") && line.contains("u{9b}"), "{line}");
        }
    }

    #[test]
    fn long_text_is_truncated() {
        let long = "~".repeat(65_000);
        for format in [LogFormat::Text, LogFormat::Json] {
            let line = log(format, || tracing::info!(path = long, shown = %long, "{long}"));
            assert!(line.len() < 4_000, "{}", line.len());
            assert!(line.contains("~…"), "{line}");
        }
    }

    #[test]
    fn ambiguous_values_are_quoted() {
        let line = log(
            LogFormat::Text,
            || tracing::info!(error = %"not found status=200", path = "/a\" status=200", "x"),
        );
        let fields = r#" INFO x error="not found status=200" path="/a\" status=200""#;
        assert_eq!(line.trim_end().split_once("Z ").unwrap().1, fields, "{line}");
    }

    fn fault(text: &str) -> Box<dyn std::error::Error + 'static> {
        text.to_owned().into()
    }

    fn log(format: LogFormat, work: impl FnOnce()) -> String {
        let lines = Lines::default();
        tracing::subscriber::with_default(subscriber("info", format, false, lines.clone()), work);
        let bytes = lines.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }
}
