//! Placing an order: after all checks that need no other service's state, it is inserted once per key, quote and cart.

use std::time::Duration;

use service::{Context, IdempotencyKey};
use uuid::Uuid;

use super::{COUNTING_WINDOW, OrderSaga};
use crate::domain::{CreateOrder, OrderNumber};
use crate::error::Error;
use crate::placement::Placement;
use crate::rejection;
use crate::store::failed_payments::{self, CountedBy};
use crate::store::orders::{self as store, InsertOutcome, NewOrder};

/// The `Retry-After` of a request with too many declined cards. They are counted for longer, so the next request may be
/// refused, too.
const DECLINED_RETRY_AFTER: Duration = Duration::from_mins(20);

/// How often a new order is inserted if others conflict with it.
const INSERT_ATTEMPTS: usize = 5;

impl OrderSaga {
    /// Places an order. A key that is known gives the order that was placed under it.
    pub async fn place(&self, key: &IdempotencyKey, request: &CreateOrder) -> Result<Placement, Error> {
        let now = self.clock.now();
        let quote = match self.pricing.verify(&request.quote).await {
            Ok(quote) if !quote.has_expired(now) => quote,
            // A repeated request has the same answer, even if its quote has expired since.
            refused => {
                let error = refused.err().unwrap_or(Error::QuoteExpired);
                return self.resume_known(key, request, error).await;
            }
        };
        let quote_id = quote.id;
        if let Some(error) = self.too_many_declined(quote_id, request).await? {
            return self.resume_known(key, request, error).await;
        }
        let order = request
            .to_order(quote, Uuid::now_v7(), random_number(), now)
            .map_err(Error::Invalid)?;
        let mut placement = Placement::new(order, request, Context::current().client_network());
        for _ in 0..INSERT_ATTEMPTS {
            let new = NewOrder {
                key,
                request,
                quote: quote_id,
                placement: &placement,
                leased_until: self.leases.leased_until(self.clock.now()),
            };
            match store::insert(&self.batch, &new).await? {
                InsertOutcome::Inserted => return self.run(placement).await,
                InsertOutcome::AlreadyPlaced(id) => return self.resume(id).await,
                InsertOutcome::Conflict => placement.order.number = random_number(),
                InsertOutcome::Replaces(id) => drop(Box::pin(self.cancel_because(id, rejection::REPLACED)).await?),
            }
        }
        Err(Error::InProgress)
    }

    /// The order that was placed under the key, or the error if there is none.
    async fn resume_known(
        &self,
        key: &IdempotencyKey,
        request: &CreateOrder,
        error: Error,
    ) -> Result<Placement, Error> {
        match store::find_by_request(&self.db, key, request).await? {
            Some(id) => self.resume(id).await,
            None => Err(error),
        }
    }

    /// Keeps clients from finding out which of many stolen cards are good.
    async fn too_many_declined(&self, quote: Uuid, request: &CreateOrder) -> Result<Option<Error>, Error> {
        let client = Context::current().client_network();
        let by = CountedBy {
            quote,
            cart: request.cart,
            client,
        };
        let declined = failed_payments::count_declined(&self.db, by, self.clock.now() - COUNTING_WINDOW).await?;
        if !self.limits.are_reached(declined) {
            return Ok(None);
        }
        let client = client.map(|client| client.to_string()).unwrap_or_default();
        tracing::warn!(%client, cart = ?request.cart, %quote, tried = ?declined, "too many cards were declined");
        Ok(Some(Error::TooManyDeclined(DECLINED_RETRY_AFTER)))
    }
}

fn random_number() -> OrderNumber {
    OrderNumber::new(Uuid::new_v4().as_u64_pair().1)
}
