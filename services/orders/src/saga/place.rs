//! Placing an order: after every cheap proof, it is written down, once for each key, quote and cart.

use std::time::Duration;

use service::{Context, IdempotencyKey};
use storage::clock;
use uuid::Uuid;

use super::{HOUR, Saga, cancel, resume, run};
use crate::App;
use crate::domain::{Number, Request};
use crate::error::Error;
use crate::store::orders::{self as store, Inserted, New};
use crate::store::tries::{self, Who};

/// When another card may be tried where too many were declined, at the latest all of them are forgotten.
const PENALTY: Duration = Duration::from_mins(20);

/// How often a new order is written down anew where others are in its way.
const TRIES: usize = 5;

/// Why a waiting order is cancelled when its cart is ordered once more.
const REPLACED: &str = "You ordered anew before this order was paid. Nothing was charged for it.";

/// Places an order; the same one again where the key is known.
pub async fn place(app: &App, key: &IdempotencyKey, request: &Request) -> Result<Saga, Error> {
    let now = clock::now();
    let quote = match app.pricing.verify(&request.quote).await {
        Ok(quote) if !quote.has_expired(now) => quote,
        // The same request has the same answer, though its quote has expired since.
        refused => {
            return match store::find_by_key(&app.db, key, request).await? {
                Some(id) => resume(app, id).await,
                None => Err(refused.err().unwrap_or(Error::QuoteExpired)),
            };
        }
    };
    let quote_id = quote.id;
    if let Some(refusal) = too_many_declined(app, quote_id, request).await? {
        return match store::find_by_key(&app.db, key, request).await? {
            Some(id) => resume(app, id).await,
            None => Err(refusal),
        };
    }
    let order = request
        .order(quote, Uuid::now_v7(), draw_number(), now)
        .map_err(Error::Invalid)?;
    let mut saga = Saga::new(order, request);
    for _ in 0..TRIES {
        let new = New {
            key,
            request,
            quote: quote_id,
            saga: &saga,
            leased_until: app.lease(),
        };
        match store::insert(&app.batch, &new).await? {
            Inserted::New => return run(app, saga).await,
            Inserted::Known(id) => return resume(app, id).await,
            Inserted::Taken => saga.order.number = draw_number(),
            Inserted::Waiting(id) => drop(Box::pin(cancel(app, id, REPLACED)).await?),
        }
    }
    Err(Error::Busy)
}

/// Whoever tries cards finds out which are good: that is not for everybody to find out, and not for long.
async fn too_many_declined(app: &App, quote: Uuid, request: &Request) -> Result<Option<Error>, Error> {
    let client = Context::current().client_network();
    let who = Who {
        quote,
        cart: request.cart,
        client,
    };
    let tried = tries::declined(&app.db, who, clock::now() - HOUR).await?;
    if !app.limits.are_reached(tried) {
        return Ok(None);
    }
    let address = client.map(|client| client.to_string()).unwrap_or_default();
    tracing::warn!(client = %address, cart = ?request.cart, %quote, ?tried, "too many cards were declined");
    Ok(Some(Error::TooManyDeclined(PENALTY)))
}

fn draw_number() -> Number {
    Number::new(Uuid::new_v4().as_u64_pair().1)
}
