//! The steps. Each can be repeated.

use std::time::Duration;

use service::{CallError, causes};

use super::outcome::HOLD_MARGIN;
use super::{COUNTING_WINDOW, OrderSaga};
use crate::domain::{OrderStatus, PaidBy, Reservation};
use crate::placement::Placement;
use crate::store::failed_payments;
use crate::upstream;
use crate::upstream::payments::PaymentStatus;

/// How much longer units are held than a shopper has time on a provider's page, because it takes time to close the page.
const PAGE_CLOSING_TIME: Duration = Duration::from_mins(2);

/// How long units are held for clients and cards with too many unpaid orders.
const SHORTEST_HOLD: Duration = Duration::from_secs(1);

impl OrderSaga {
    /// Tries the next step, and returns the status that it leads to. None if there is no step, or if it had no answer.
    pub(super) async fn step(&self, placement: &mut Placement) -> Option<OrderStatus> {
        let now = self.clock.now();
        let is_overdue = placement.is_overdue(now, self.deadline);
        match placement.order.status {
            OrderStatus::Placed | OrderStatus::Reserved if placement.cancel_reason.is_some() => {
                placement.cancel_pending()
            }
            OrderStatus::Placed if is_overdue => Some(give_up(placement)),
            OrderStatus::Placed => Some(self.reserve(placement).await),
            // It was left for so long that the units may have been sold, and the shopper has gone.
            OrderStatus::Reserved if is_overdue || !placement.is_held(now) => Some(give_up(placement)),
            OrderStatus::Authorised if !placement.is_held(now) => Some(give_up(placement)),
            OrderStatus::Reserved => Some(self.authorise(placement).await),
            OrderStatus::AwaitingPayment => self.await_payment(placement).await,
            OrderStatus::Authorised => Some(OrderStatus::Confirmed),
            OrderStatus::Confirmed => match self.fulfil(placement).await {
                Ok(()) => Some(OrderStatus::Completed),
                Err(error) if upstream::rejection(&error).is_some() => Some(placement.cancel_confirmed(&error)),
                Err(error) => {
                    tracing::warn!(order = %placement.order.id, error = causes(&error), "an order is confirmed, but not completed yet");
                    None
                }
            },
            OrderStatus::Completed | OrderStatus::Rejected | OrderStatus::Failed | OrderStatus::Cancelled => None,
        }
    }

    async fn reserve(&self, placement: &mut Placement) -> OrderStatus {
        match self.inventory.reserve(&placement.order).await {
            Ok(reservation) => {
                placement.reservation = Some(reservation);
                OrderStatus::Reserved
            }
            Err(error) => placement.reject_or_fail(&error),
        }
    }

    async fn authorise(&self, placement: &mut Placement) -> OrderStatus {
        let expires_at = placement.page_expires_at(&self.limits);
        let method = &placement.payment_method;
        match self.payments.authorise(&placement.order, method, expires_at).await {
            Ok(payment) => placement.apply_payment(payment),
            Err(error) => placement.reject_or_fail(&error),
        }
    }

    /// Looks whether the shopper has paid. An order that is cancelled or overdue ends only after its payment has expired, so
    /// that payments decides which was first.
    async fn await_payment(&self, placement: &mut Placement) -> Option<OrderStatus> {
        let id = placement.payment?;
        let deadline = if placement.is_paid_on_page() {
            self.limits.page_time
        } else {
            self.deadline
        };
        let is_over = placement.cancel_reason.is_some() || placement.is_overdue(self.clock.now(), deadline);
        let payment = if is_over {
            self.payments.expire(id).await
        } else {
            self.payments.find(id).await
        };
        let payment = payment.inspect_err(
            |error| tracing::warn!(order = %placement.order.id, error = causes(error), "how an order is paid is not known"),
        );
        let is_paid = payment
            .as_ref()
            .is_ok_and(|payment| payment.status == PaymentStatus::Authorised);
        match payment {
            Ok(payment) if payment.status == PaymentStatus::RequiresAction => None,
            // If payments does not answer, the payment is voided and the units are released as soon as it does.
            _ if placement.cancel_reason.is_some() && !is_paid => placement.cancel_pending(),
            Ok(payment) => match placement.apply_payment(payment) {
                // The call has taken time, so the clock is read again.
                OrderStatus::Authorised if !placement.is_held(self.clock.now()) => self.commit_late(placement).await,
                next => Some(next),
            },
            Err(_) => None,
        }
    }

    /// Takes units that are no longer held from stock before the order is confirmed, if they are still available.
    async fn commit_late(&self, placement: &mut Placement) -> Option<OrderStatus> {
        let held = placement.reservation?;
        match self.inventory.commit(held.id).await {
            Ok(()) => {
                // Committed units cannot be sold to somebody else, so the reservation is good for the next step.
                let expires_at = self.clock.now() + HOLD_MARGIN * 2;
                placement.reservation = Some(Reservation { expires_at, ..held });
                Some(OrderStatus::Authorised)
            }
            Err(error) if upstream::rejection(&error).is_some() => Some(placement.reject_sold_out()),
            Err(error) => {
                tracing::warn!(order = %placement.order.id, error = causes(&error), "an order is paid, but its units are not taken yet");
                None
            }
        }
    }

    /// Limits how long units are held while an order awaits payment, and holds them for hardly any time for clients and cards
    /// with too many unpaid orders. A shopper who pays after that gets the units if they are still available.
    pub(super) async fn limit_hold(&self, placement: &mut Placement) {
        let Some(held) = placement.reservation else { return };
        let client = placement.counted_client();
        let since = self.clock.now() - COUNTING_WINDOW;
        let time = match failed_payments::count_unpaid(&self.db, placement, since).await {
            Ok(unpaid) if !self.limits.allow(unpaid) => SHORTEST_HOLD,
            Ok(_) if placement.is_paid_on_page() => self.limits.page_time + PAGE_CLOSING_TIME,
            Ok(_) => self.limits.bank_hold,
            Err(error) => {
                tracing::error!(order = %placement.order.id, error = causes(&error), "unpaid orders cannot be counted");
                SHORTEST_HOLD
            }
        };
        match self.inventory.hold_for_payment(held.id, client, time).await {
            Ok(held) => placement.reservation = Some(held),
            Err(error) => {
                tracing::warn!(order = %placement.order.id, error = causes(&error), "units are held for as long as before");
            }
        }
    }

    /// Units first, so that nobody pays for units that are not there.
    async fn fulfil(&self, placement: &Placement) -> Result<(), CallError> {
        let (Some(reservation), Some(payment)) = (placement.reservation, placement.payment) else {
            return Err(CallError::Malformed(
                "orders",
                "confirmed without a reservation or a payment".into(),
            ));
        };
        self.inventory.commit(reservation.id).await?;
        match placement.order.paid_by {
            // Payments captures when the shopper has paid the invoice.
            Some(PaidBy::Invoice) => Ok(()),
            _ => self.payments.capture(payment).await,
        }
    }

    /// Removes the purchased quantities from the cart. If that fails, the order stays accepted. Quantities added since stay in
    /// the cart.
    pub(super) async fn clear_cart(&self, placement: &mut Placement) {
        let Some(cart) = placement.cart.filter(|_| placement.holds_cart) else {
            return;
        };
        match self.cart.remove_purchased(cart, &placement.order).await {
            Ok(()) => placement.holds_cart = false,
            // The cart has expired, and nothing is in it.
            Err(error) if error.refusal().is_some_and(|problem| problem.status == 404) => placement.holds_cart = false,
            Err(error) => {
                tracing::warn!(order = %placement.order.id, error = causes(&error), "a cart still has what was ordered");
            }
        }
    }
}

/// Ends an order that was left for too long, as if inventory had not answered.
fn give_up(placement: &mut Placement) -> OrderStatus {
    placement.reject_or_fail(&CallError::Timeout("inventory"))
}
