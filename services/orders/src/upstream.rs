//! What orders asks of its neighbours. One file a neighbour: tolerant readers, which know only the
//! fields that they use.

pub mod cart;
pub mod inventory;
pub mod payments;
pub mod pricing;

use std::time::Duration;

use service::{CallError, Problem, causes};

/// Time for a neighbour to come back between two tries.
const PAUSE: Duration = Duration::from_millis(50);

/// A neighbour's definite no, worth telling the shopper. After any other error the outcome is unknown: a
/// time-out and a broken connection say nothing, and a 404 or a 500 speaks of the neighbour, not of the order.
pub fn refusal(error: &CallError) -> Option<&Problem> {
    error
        .refusal()
        .filter(|problem| matches!(problem.status, 402 | 409 | 422))
}

/// What a shopper is told where a neighbour gives no answer. Never the neighbour's own words: its 404 would
/// be taken for ours.
pub fn unavailable(error: &CallError) -> Problem {
    tracing::warn!(upstream = error.part(), error = causes(error), "call failed");
    Problem::unavailable(error.part())
}

/// Tries, and once more where the outcome is unknown. What is tried names its intent, so that it happens once.
async fn twice<T, F: Future<Output = Result<T, CallError>>>(attempt: impl Fn() -> F) -> Result<T, CallError> {
    match attempt().await {
        Err(error) if refusal(&error).is_none() => {
            tracing::debug!(upstream = error.part(), error = causes(&error), "a call is sent again");
            tokio::time::sleep(PAUSE).await;
            attempt().await
        }
        answer => answer,
    }
}
