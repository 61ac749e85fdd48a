//! The log of a part under test.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use service::LogFormat;
use tracing::level_filters::LevelFilter;
use tracing::subscriber::{DefaultGuard, set_default};
use tracing_subscriber::fmt::{MakeWriter, layer};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry;

/// Collects the lines that this thread logs, at `info` and above, in the JSON format of a part. A tokio test has one thread,
/// so it sees the lines of its own parts and of no other test.
#[derive(Debug)]
pub struct Log {
    lines: Lines,
    _guard: DefaultGuard,
}

impl Log {
    /// Collects lines until it is dropped.
    #[must_use]
    pub fn listen() -> Self {
        let lines = Lines::default();
        let format = layer().event_format(LogFormat::Json).with_writer(lines.clone());
        let subscriber = registry().with(LevelFilter::INFO).with(format);
        Self {
            lines,
            _guard: set_default(subscriber),
        }
    }

    /// The lines about errors so far.
    ///
    /// # Panics
    /// A line is not JSON.
    #[must_use]
    pub fn errors(&self) -> Vec<Value> {
        let text = self.lines.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let lines = lines.map(|line| serde_json::from_slice(line).expect("each line is JSON"));
        lines.filter(|line: &Value| line["error"].is_string()).collect()
    }

    /// The only line about an error so far.
    ///
    /// # Panics
    /// There is none, or more than one.
    #[must_use]
    pub fn error(&self) -> Value {
        let mut errors = self.errors();
        assert_eq!(errors.len(), 1, "{errors:#?}");
        errors.remove(0)
    }
}

#[derive(Clone, Debug, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}
