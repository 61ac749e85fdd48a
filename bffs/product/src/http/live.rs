//! `/products/{slug}/stock/live`

use axum::extract::State;
use axum::response::Response;
use futures_util::future::select_all;
use futures_util::{Stream, stream};
use service::{LiveSocket, Path, batches};
use tokio::sync::watch;
use values::Slug;

use crate::App;
use crate::error::Error;
use crate::stock_feed::LatestStock;
use crate::view::ProductStock;

/// Follows the stock of a product over a WebSocket.
///
/// Each message is a complete `ProductStock`: the first is sent as soon as the stock is known, the next after every change.
#[utoipa::path(
    get,
    path = "/products/{slug}/stock/live",
    operation_id = "followStock",
    params((
        "slug" = String, Path, description = "The product's slug, for example `onda-vase`.",
        pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", max_length = 64,
    )),
    responses(
        (status = 101, description = "The connection is a WebSocket now; its messages are JSON", body = ProductStock),
    ),
    extensions(("x-problems" = json!(["unavailable"]))),
)]
pub async fn get(State(app): State<App>, Path(slug): Path<Slug>, live: LiveSocket) -> Result<Response, Error> {
    let product = app
        .catalog
        .product(slug.as_str())
        .await?
        .ok_or(Error::NotFound("product"))?;
    let skus: Vec<String> = product.variants.into_iter().map(|variant| variant.sku).collect();
    let subscribe = |batch: Vec<&str>| {
        let batch: Vec<String> = batch.into_iter().map(str::to_owned).collect();
        app.stock_feeds.subscribe(&batch)
    };
    let stocks = batches(skus.iter().map(|sku| &**sku)).into_iter().map(subscribe);
    let stocks = stocks.collect();
    Ok(live.stream(states(skus, stocks)))
}

/// The product's stock, first when all of it is known and then after every change.
fn states(skus: Vec<String>, mut stocks: Vec<watch::Receiver<LatestStock>>) -> impl Stream<Item = ProductStock> {
    // Stock that was received before this subscription is new to it.
    for stock in &mut stocks {
        stock.mark_changed();
    }
    stream::unfold((skus, stocks), async |(skus, mut stocks)| {
        loop {
            let changes = stocks.iter_mut().map(|stock| Box::pin(stock.changed()));
            select_all(changes).await.0.ok()?;
            let latest = stocks.iter_mut().map(|stock| stock.borrow_and_update().clone());
            if let Some(latest) = latest.collect::<Option<Vec<_>>>() {
                return Some((ProductStock::new(&skus, &latest), (skus, stocks)));
            }
        }
    })
}
