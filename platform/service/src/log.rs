//! Log lines, on standard output. Each is written with the id of the trace that it belongs to.

use std::fmt;
use std::io::IsTerminal;

use tracing::{Event, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::{self, FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::{FmtContext, MakeWriter, layer};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;

use crate::{Context, LogFormat, Settings};

/// Starts logging.
pub(crate) fn start(settings: &Settings) {
    let is_terminal = std::io::stdout().is_terminal();
    let subscriber = subscriber(&settings.log, settings.log_format, is_terminal, std::io::stdout);
    // Whoever has set another one before wants that one.
    tracing::subscriber::set_global_default(subscriber).ok();
}

fn subscriber<W>(filter: &str, format: LogFormat, ansi: bool, writer: W) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::registry().with(filter);
    let line = format::format().with_target(false);
    let layer = layer().with_ansi(ansi).with_writer(writer);
    match format {
        LogFormat::Text => {
            let line = Traced::new(line.with_ansi(ansi), " trace=", "");
            Box::new(lines.with(layer.event_format(line)))
        }
        LogFormat::Json => {
            let line = Traced::new(line.json().flatten_event(true), ",\"trace\":\"", "\"}");
            let layer = layer.event_format(line).fmt_fields(format::JsonFields::new());
            Box::new(lines.with(layer))
        }
    }
}

/// Adds the trace to the end of a line. A span for every request would do the same, at several times the cost:
/// this costs nothing where nothing is written.
struct Traced<F> {
    line: F,
    before: &'static str,
    after: &'static str,
}

impl<F> Traced<F> {
    fn new(line: F, before: &'static str, after: &'static str) -> Self {
        Self { line, before, after }
    }
}

impl<S, N, F> FormatEvent<S, N> for Traced<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let Some(trace) = Context::trace_of_task() else {
            return self.line.format_event(context, writer, event);
        };
        let mut line = String::with_capacity(256);
        self.line.format_event(context, Writer::new(&mut line), event)?;
        let line = line.trim_end();
        // JSON ends with the brace that `after` puts back.
        let line = line
            .strip_suffix('}')
            .filter(|_| !self.after.is_empty())
            .unwrap_or(line);
        writeln!(writer, "{line}{}{trace:032x}{}", self.before, self.after)
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
        let lines = Lines::default();
        let work = || tracing::info!(part = "a", "started");
        tracing::subscriber::with_default(subscriber("info", format, false, lines.clone()), || match context {
            Some(context) => context.enter(work),
            None => work(),
        });
        let bytes = lines.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_line_ends_with_its_trace() {
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
    fn json_stays_json() {
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
}
