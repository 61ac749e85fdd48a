//! The saga that places an order, one step at a time. The status is saved before the next step is tried.
//!
//! Every step can be repeated, because it is requested under a key made of the order's id. So the saga continues from any
//! status, whichever process left the order there and however far the step had come.

mod lease;
mod outcome;
mod place;
mod steps;
mod undo;

use std::time::Duration;

use chrono::TimeDelta;
use storage::{Batch, Db};
use tokio::time::{Instant, sleep};
use uuid::Uuid;
use values::Clock;

use crate::domain::{Limits, OrderStatus};
use crate::error::Error;
use crate::placement::Placement;
use crate::rejection;
use crate::store::orders as store;
use crate::upstream::cart::Cart;
use crate::upstream::inventory::Inventory;
use crate::upstream::payments::Payments;
use crate::upstream::pricing::Pricing;

pub use lease::LeasePolicy;

/// An order that awaits payment is looked at as seldom as after this many tries.
const AWAITING_PAYMENT_TRIES: u32 = 7;

/// The time in which declined cards and unpaid orders are counted.
const COUNTING_WINDOW: TimeDelta = TimeDelta::hours(1);

/// The pause between two looks at an order that another process has leased.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// Places and cancels orders.
#[derive(Clone, Debug)]
pub struct OrderSaga {
    pub clock: Clock,
    pub db: Db,
    pub batch: Batch,
    pub pricing: Pricing,
    pub inventory: Inventory,
    pub payments: Payments,
    pub cart: Cart,
    /// How long an order may take that does not await payment on a page
    pub deadline: Duration,
    pub limits: Limits,
    pub leases: LeasePolicy,
}

impl OrderSaga {
    /// Cancels an order at its shopper's request. If it was accepted before, it stays accepted: an order is never both.
    pub async fn cancel(&self, id: Uuid) -> Result<Placement, Error> {
        self.cancel_because(id, rejection::CANCELLED_BY_SHOPPER).await
    }

    /// Cancels an order that is still pending. Its payment is voided, so an approval by the bank after that charges nothing.
    async fn cancel_because(&self, id: Uuid, reason: &'static str) -> Result<Placement, Error> {
        let begun = Instant::now();
        loop {
            let placement = self.find(id).await?;
            if !placement.order.status.is_pending() {
                return Ok(placement);
            }
            if let Some(placement) = self.claim(id).await? {
                let cancel_reason = Some(reason);
                return self
                    .run(Placement {
                        cancel_reason,
                        ..placement
                    })
                    .await;
            }
            self.wait_for_lease(begun).await?;
        }
    }

    /// Answers a repeated request. Waits while another process has leased the order, and continues an order that none has.
    async fn resume(&self, id: Uuid) -> Result<Placement, Error> {
        let begun = Instant::now();
        loop {
            let placement = self.find(id).await?;
            if !placement.in_progress {
                return Ok(placement);
            }
            if let Some(placement) = self.claim(id).await? {
                return self.run(placement).await;
            }
            if placement.order.status.is_accepted() {
                return Ok(placement);
            }
            self.wait_for_lease(begun).await?;
        }
    }

    /// Continues an order that was left in progress, if no other process has leased it.
    pub async fn take_up(&self, id: Uuid) -> Result<(), Error> {
        match self.claim(id).await? {
            Some(placement) => self.run(placement).await.map(drop),
            None => Ok(()),
        }
    }

    async fn find(&self, id: Uuid) -> Result<Placement, Error> {
        store::find(&self.db, id).await?.ok_or(Error::NotFound("order"))
    }

    async fn claim(&self, id: Uuid) -> Result<Option<Placement>, storage::Error> {
        let now = self.clock.now();
        store::claim(&self.db, &self.batch, id, now, self.leases.leased_until(now)).await
    }

    async fn wait_for_lease(&self, begun: Instant) -> Result<(), Error> {
        if begun.elapsed() > self.leases.lease_margin() {
            return Err(Error::InProgress);
        }
        sleep(POLL_INTERVAL).await;
        Ok(())
    }

    /// Takes one step after the other until nothing is left to do, or a service does not answer. The caller has leased the
    /// order.
    async fn run(&self, mut placement: Placement) -> Result<Placement, Error> {
        let was_completed = placement.order.status == OrderStatus::Completed;
        while let Some(next) = self.step(&mut placement).await {
            placement.order.transition_to(next)?;
            placement.tries = 0;
            placement
                .order
                .redirect_url
                .take_if(|_| next != OrderStatus::AwaitingPayment);
            placement.holds_cart &= !next.is_unsuccessful();
            if next == OrderStatus::Completed {
                self.clear_cart(&mut placement).await;
            }
            placement.in_progress = match next {
                OrderStatus::Completed => placement.holds_cart,
                OrderStatus::Rejected | OrderStatus::Failed => placement.needs_undo(),
                _ => true,
            };
            if next == OrderStatus::AwaitingPayment {
                self.limit_hold(&mut placement).await;
            }
            // The next step calls no service, so one write does for both.
            if next == OrderStatus::Authorised {
                continue;
            }
            let now = self.clock.now();
            store::update(&self.batch, &placement, self.leases.renew_lease(now), now).await?;
            tracing::info!(order = %placement.order.id, status = next.as_str(), "an order has a new status");
        }
        if was_completed || placement.order.status == OrderStatus::Confirmed {
            self.clear_cart(&mut placement).await;
        }
        if placement.in_progress {
            self.finish_or_release(&mut placement).await?;
        }
        Ok(placement)
    }

    /// Undoes an unsuccessful order, and releases the order with what is still left to do.
    async fn finish_or_release(&self, placement: &mut Placement) -> Result<(), Error> {
        let status = placement.order.status;
        if status.is_unsuccessful() {
            placement.in_progress = !self.undo(placement).await;
        }
        placement.in_progress &= status != OrderStatus::Completed || placement.holds_cart;
        placement.tries = match status {
            OrderStatus::AwaitingPayment => AWAITING_PAYMENT_TRIES,
            _ => placement.tries.saturating_add(1),
        };
        let lease = self.leases.retry_later(placement.tries, self.clock.now());
        store::release(&self.batch, placement, lease).await
    }
}
