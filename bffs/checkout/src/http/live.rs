//! `/orders/{id}/live`

use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use futures_util::{Stream, stream};
use service::{ETag, LiveSocket, Path, causes};
use tokio::time::{Instant, sleep_until};
use uuid::Uuid;

use super::orders::show;
use crate::App;
use crate::error::Error;
use crate::upstream;
use crate::view::Order;

/// The shortest time between two calls to orders, which does not wait if it is overloaded or away.
const MIN_INTERVAL: Duration = Duration::from_secs(1);

/// Follows an order over a WebSocket.
///
/// Each message is the order as `getOrder` returns it; the first is sent at once, the next at every change. The socket closes with 1000 when the order will not change any more.
#[utoipa::path(
    get,
    path = "/orders/{id}/live",
    operation_id = "followOrder",
    params(("id" = Uuid, Path)),
    responses(
        (status = 101, description = "Switching to a WebSocket"),
    ),
    extensions(("x-problems" = json!(["unavailable"]))),
)]
pub async fn get(State(app): State<App>, Path(id): Path<Uuid>, live: LiveSocket) -> Result<Response, Error> {
    // The same check as for reading the order.
    app.orders.find(id).await?.ok_or(Error::NotFound("order"))?;
    Ok(live.stream(updates(app, id)))
}

/// The order now and after every change, until the last one.
fn updates(app: App, id: Uuid) -> impl Stream<Item = Order> {
    stream::unfold(Some((app, None)), move |state| async move {
        let (app, seen) = state?;
        let (order, tag) = next_change(&app, id, seen).await?;
        let is_last = order.status.is_final();
        let order = Box::pin(show(&app, order)).await;
        Some((order, (!is_last).then_some((app, Some(tag)))))
    })
}

/// Waits until the order differs from the one with this tag; `None` if the order no longer exists.
async fn next_change(app: &App, id: Uuid, seen: Option<ETag>) -> Option<(upstream::Order, ETag)> {
    loop {
        let begun = Instant::now();
        match app.orders.wait_for_change(id, seen.as_ref()).await {
            Ok(Some(change)) => return Some(change),
            Ok(None) => {}
            Err(error) if error.refusal().is_some() => return None,
            Err(error) => tracing::warn!(order = %id, error = causes(&error), "an order cannot be followed"),
        }
        sleep_until(begun + MIN_INTERVAL).await;
    }
}
