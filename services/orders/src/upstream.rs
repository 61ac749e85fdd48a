//! Clients of the services that orders calls. One file per service, with tolerant readers that know only the fields that are
//! used.

pub mod cart;
pub mod inventory;
pub mod payments;
pub mod pricing;

use std::time::Duration;

use service::{CallError, Problem, causes};

/// The pause before a call is sent again.
const RETRY_PAUSE: Duration = Duration::from_millis(50);

/// A service's definite no, which is passed on to the shopper. After any other error the outcome is unknown: a time-out and
/// a broken connection say nothing, and a 404 or a 500 is about the service, not about the order.
pub fn rejection(error: &CallError) -> Option<&Problem> {
    error
        .refusal()
        .filter(|problem| matches!(problem.status, 402 | 409 | 422))
}

/// The answer to the shopper if a service does not answer. Never the service's own words: its 404 would read like ours.
pub fn unavailable(error: &CallError) -> Problem {
    tracing::warn!(upstream = error.part(), error = causes(error), "call failed");
    Problem::unavailable(error.part())
}

/// Calls, and calls once more if the outcome is unknown. The call must be idempotent.
async fn with_retry<T, F: Future<Output = Result<T, CallError>>>(call: impl Fn() -> F) -> Result<T, CallError> {
    match call().await {
        Err(error) if rejection(&error).is_none() => {
            tracing::debug!(upstream = error.part(), error = causes(&error), "a call is sent again");
            tokio::time::sleep(RETRY_PAUSE).await;
            call().await
        }
        answer => answer,
    }
}
