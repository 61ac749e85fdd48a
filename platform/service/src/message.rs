//! Work that a message has caused: it goes on in the trace of whoever sent it.

use std::borrow::Cow;
use std::time::Instant;

use opentelemetry::KeyValue;
use opentelemetry::trace::SpanKind;

use crate::Context;
use crate::trace::Span;

/// Does it, as a span of its own, `name`, in the trace that the message's `traceparent` speaks of; in a new one where
/// there is none, or none that can be read.
///
/// # Errors
/// Those of the work.
pub async fn consume<T, E>(
    name: impl Into<Cow<'static, str>>,
    id: &str,
    traceparent: Option<&str>,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let cause = Context::caused_by(traceparent);
    let context = cause.child();
    let begun = Instant::now();
    let outcome = context.clone().scope(work).await;
    context.tracer.record(context.parent().sampled, || Span {
        at: context.parent(),
        cause: cause.parent().span,
        kind: SpanKind::Consumer,
        name: name.into(),
        begun,
        attributes: vec![
            KeyValue::new("messaging.operation.type", "process"),
            KeyValue::new("messaging.message.id", id.to_owned()),
        ],
        is_error: outcome.is_err(),
    });
    outcome
}
