//! Handling a message in the trace of its sender.

use std::borrow::Cow;
use std::time::Instant;

use opentelemetry::KeyValue;
use opentelemetry::trace::SpanKind;

use crate::Context;
use crate::trace::Span;

/// Does work in a span of its own, `name`, in the trace of the message's `traceparent`, or in a new trace if there is none, or
/// none that is valid. `id` is the message's id.
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
