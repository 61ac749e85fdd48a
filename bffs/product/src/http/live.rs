//! `/products/{slug}/stock/live`

use axum::extract::State;
use axum::response::Response;
use futures_util::future::select_all;
use futures_util::{Stream, stream};
use service::{Live, Path, batches};
use tokio::sync::watch;

use super::products::Slug;
use crate::App;
use crate::error::Error;
use crate::followed::Known;
use crate::view::Availabilities;

/// Follows a product's stock: a WebSocket on which each message is an `Availabilities`, the first at once and the
/// next at every change.
#[utoipa::path(
    get,
    path = "/products/{slug}/stock/live",
    operation_id = "followStock",
    params(("slug" = String, Path, pattern = "^[a-z0-9-]+$", min_length = 1, max_length = 64)),
    responses(
        (status = 101, description = "A WebSocket", body = Availabilities),
    ),
    extensions(("x-problems" = json!(["unavailable"]))),
)]
pub async fn get(State(app): State<App>, Path(Slug(slug)): Path<Slug>, live: Live) -> Result<Response, Error> {
    let product = app.catalog.product(&slug).await?.ok_or(Error::NotFound("product"))?;
    let skus: Vec<String> = product.variants.into_iter().map(|variant| variant.sku).collect();
    let follow = |some: Vec<&str>| {
        let some: Vec<String> = some.into_iter().map(str::to_owned).collect();
        app.followed.stock(&some)
    };
    let stocks = batches(skus.iter().map(|sku| &**sku)).into_iter().map(follow);
    let stocks = stocks.collect();
    Ok(live.follow(states(skus, stocks)))
}

/// The stock as it is known now, and as it is after every change: once all of it is known.
fn states(skus: Vec<String>, mut stocks: Vec<watch::Receiver<Known>>) -> impl Stream<Item = Availabilities> {
    // What was heard before is news to this one.
    for stock in &mut stocks {
        stock.mark_changed();
    }
    stream::unfold((skus, stocks), async |(skus, mut stocks)| {
        loop {
            let changes = stocks.iter_mut().map(|stock| Box::pin(stock.changed()));
            select_all(changes).await.0.ok()?;
            let known = stocks.iter_mut().map(|stock| stock.borrow_and_update().clone());
            if let Some(known) = known.collect::<Option<Vec<_>>>() {
                return Some((Availabilities::new(&skus, &known), (skus, stocks)));
            }
        }
    })
}
