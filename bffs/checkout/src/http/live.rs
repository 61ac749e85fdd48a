//! `/orders/{id}/live`

use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use futures_util::{Stream, stream};
use service::{Live, Path, Tag, causes};
use tokio::time::{Instant, sleep_until};
use uuid::Uuid;

use super::orders::show;
use crate::App;
use crate::error::Error;
use crate::upstream;
use crate::view::Order;

/// Orders is asked no more often than this, even where it does not wait: because many do, or because it is away.
const PAUSE: Duration = Duration::from_secs(1);

/// Follows an order: a WebSocket on which each message is the order as `getOrder` answers it, the first at once and
/// the next at every change. It closes with 1000 when no more will become of it.
#[utoipa::path(
    get,
    path = "/orders/{id}/live",
    operation_id = "followOrder",
    params(("id" = Uuid, Path)),
    responses(
        (status = 101, description = "A WebSocket"),
    ),
    extensions(("x-problems" = json!(["unavailable"]))),
)]
pub async fn get(State(app): State<App>, Path(id): Path<Uuid>, live: Live) -> Result<Response, Error> {
    // Whoever may see an order may follow it.
    app.orders.find(id).await?.ok_or(Error::NotFound("order"))?;
    Ok(live.follow(states(app, id)))
}

/// The order as it is now, and as it is after every change until the last.
fn states(app: App, id: Uuid) -> impl Stream<Item = Order> {
    stream::unfold(Some((app, None)), move |state| async move {
        let (app, seen) = state?;
        let (order, tag) = change(&app, id, seen).await?;
        let is_last = order.status.is_final();
        let order = Box::pin(show(&app, order)).await;
        Some((order, (!is_last).then_some((app, Some(tag)))))
    })
}

/// The order once it is another than the one with this tag; none where it is no more.
async fn change(app: &App, id: Uuid, seen: Option<Tag>) -> Option<(upstream::Order, Tag)> {
    loop {
        let begun = Instant::now();
        match app.orders.change(id, seen.as_ref()).await {
            Ok(Some(change)) => return Some(change),
            Ok(None) => {}
            Err(error) if error.refusal().is_some() => return None,
            Err(error) => tracing::warn!(order = %id, error = causes(&error), "an order cannot be followed"),
        }
        sleep_until(begun + PAUSE).await;
    }
}
