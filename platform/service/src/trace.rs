//! Traces: deciding which are recorded, and exporting their spans to a collector by
//! [OTLP](https://opentelemetry.io/docs/specs/otlp/). Without a collector no span is built: a hop then costs two random
//! numbers and two headers.

mod collector;
mod parent;

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime};

use errors::causes;
use opentelemetry::trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::trace::{BatchSpanProcessor, SpanData, SpanProcessor as _};

pub(crate) use parent::TraceParent;

use crate::{BoxError, Settings};

/// How long a stopping part waits for the export of its last spans.
const LAST_SPANS: Duration = Duration::from_secs(2);

static PROCESS: OnceLock<Tracer> = OnceLock::new();

/// Decides which traces are recorded, and exports their spans.
#[derive(Clone, Debug)]
pub(crate) struct Tracer(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// Traces whose lower half is below this are recorded.
    threshold: u64,
    processor: Option<BatchSpanProcessor>,
}

/// One hop of a trace, from beginning to end.
pub(crate) struct Span {
    pub(crate) at: TraceParent,
    /// The parent span; 0 for the first one.
    pub(crate) cause: u64,
    pub(crate) kind: SpanKind,
    pub(crate) name: Cow<'static, str>,
    pub(crate) begun: Instant,
    pub(crate) attributes: Vec<KeyValue>,
    pub(crate) is_error: bool,
}

impl Tracer {
    /// The tracer of a part; call it within a runtime.
    pub(crate) fn new(part: &'static str, settings: &Settings) -> Result<Self, BoxError> {
        let processor = settings.otlp_endpoint.as_ref();
        Ok(Self(Arc::new(Inner {
            threshold: threshold(settings.trace_ratio),
            processor: processor.map(|url| collector::processor(part, url)).transpose()?,
        })))
    }

    /// Makes this the tracer of work that was not caused by a request.
    pub(crate) fn set_for_process(&self) {
        // The first one stays: a process is one part.
        PROCESS.set(self.clone()).ok();
    }

    /// The tracer of work that was not caused by a request.
    pub(crate) fn of_process() -> Self {
        PROCESS.get_or_init(Self::default).clone()
    }

    /// Returns whether a trace that begins here is recorded. It depends on the id, so that every part decides alike.
    pub(crate) fn samples(&self, trace: u128) -> bool {
        let lower_half = trace & u128::from(u64::MAX);
        lower_half < u128::from(self.0.threshold) || self.0.threshold == u64::MAX
    }

    /// Exports the span that `describe` returns, if it is sampled and there is a collector.
    pub(crate) fn record(&self, is_sampled: bool, describe: impl FnOnce() -> Span) {
        if let Some(processor) = self.0.processor.as_ref().filter(|_| is_sampled) {
            processor.on_end(describe().into());
        }
    }

    /// Exports the remaining spans. Blocks.
    pub(crate) fn shut_down(&self) {
        if let Some(processor) = &self.0.processor
            && let Err(error) = processor.shutdown_with_timeout(LAST_SPANS)
        {
            tracing::warn!(error = causes(&error), "the last spans are lost");
        }
    }
}

/// Samples all traces, and exports none.
impl Default for Tracer {
    fn default() -> Self {
        Self(Arc::new(Inner {
            threshold: u64::MAX,
            processor: None,
        }))
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of all ids, not a count; the cast saturates"
)]
fn threshold(ratio: f64) -> u64 {
    (ratio * u64::MAX as f64) as u64
}

impl From<Span> for SpanData {
    #[expect(clippy::disallowed_methods, reason = "the end of a span is wall-clock time")]
    fn from(span: Span) -> Self {
        let end_time = SystemTime::now();
        let flags = TraceFlags::default().with_sampled(span.at.sampled);
        Self {
            span_context: SpanContext::new(
                TraceId::from(span.at.trace),
                SpanId::from(span.at.span),
                flags,
                false,
                TraceState::NONE,
            ),
            parent_span_id: SpanId::from(span.cause),
            parent_span_is_remote: matches!(span.kind, SpanKind::Server | SpanKind::Consumer),
            span_kind: span.kind,
            name: span.name,
            start_time: end_time - span.begun.elapsed(),
            end_time,
            attributes: span.attributes,
            dropped_attributes_count: 0,
            events: opentelemetry_sdk::trace::SpanEvents::default(),
            links: opentelemetry_sdk::trace::SpanLinks::default(),
            status: if span.is_error {
                Status::error("")
            } else {
                Status::Unset
            },
            instrumentation_scope: InstrumentationScope::builder(env!("CARGO_PKG_NAME")).build(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tracer(trace_ratio: f64) -> Tracer {
        let settings = Settings {
            trace_ratio,
            ..Settings::default()
        };
        Tracer::new("part", &settings).unwrap()
    }

    #[test]
    fn ratio_samples_its_share_of_the_ids() {
        let (lowest, highest) = (1, u128::MAX);
        assert!(tracer(1.0).samples(lowest) && tracer(1.0).samples(highest));
        assert!(!tracer(0.0).samples(lowest) && !tracer(0.0).samples(highest));
        let quarter = tracer(0.25);
        assert!(quarter.samples(u128::from(u64::MAX / 5)) && !quarter.samples(u128::from(u64::MAX / 3)));
    }
}
