//! How the outcome of a step changes an order, and what its shopper is told.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use service::{CallError, Problem, causes};

use crate::domain::{Limits, OrderStatus, PaidBy};
use crate::placement::Placement;
use crate::rejection;
use crate::upstream;
use crate::upstream::payments::{Payment, PaymentStatus};

/// A reservation must last at least this much longer for the order to go on.
pub(super) const HOLD_MARGIN: TimeDelta = TimeDelta::seconds(60);

impl Placement {
    /// Rejects the order if the error is a definite no; otherwise the order fails.
    pub(super) fn reject_or_fail(&mut self, error: &CallError) -> OrderStatus {
        match upstream::rejection(error) {
            Some(rejection) => self.end(OrderStatus::Rejected, rejection.clone()),
            None => self.end(OrderStatus::Failed, upstream::unavailable(error)),
        }
    }

    fn end(&mut self, status: OrderStatus, rejection: Problem) -> OrderStatus {
        self.order.reason = Some(rejection::reason(&rejection));
        self.rejection = Some(rejection);
        status
    }

    /// The next status of an order whose payment is this.
    pub(super) fn apply_payment(&mut self, payment: Payment) -> OrderStatus {
        self.payment = Some(payment.id);
        self.card_fingerprint = payment.card_fingerprint;
        self.order.paid_by = Some(payment.paid_by);
        // Removed by `run` once the order no longer awaits payment.
        self.order.redirect_url = payment.redirect_url;
        match payment.status {
            PaymentStatus::Authorised => OrderStatus::Authorised,
            PaymentStatus::RequiresAction => OrderStatus::AwaitingPayment,
            PaymentStatus::Expired => self.reject_unpaid(),
            PaymentStatus::Declined | PaymentStatus::Other => {
                self.end(OrderStatus::Rejected, rejection::card_declined())
            }
        }
    }

    /// The shopper did not pay, or did not confirm the payment with their bank.
    fn reject_unpaid(&mut self) -> OrderStatus {
        let detail = if self.is_paid_on_page() {
            rejection::NOT_PAID
        } else {
            rejection::NOT_CONFIRMED
        };
        self.end(OrderStatus::Rejected, rejection::payment_expired(detail))
    }

    /// The payment is authorised, but the units, which were no longer held, have been sold.
    pub(super) fn reject_sold_out(&mut self) -> OrderStatus {
        let detail = if self.is_paid_on_page() {
            rejection::SOLD_WHILE_PAYING
        } else {
            rejection::SOLD_WHILE_CONFIRMING
        };
        self.end(OrderStatus::Rejected, rejection::out_of_stock(detail))
    }

    /// Cancels a pending order, if that is wanted.
    pub(super) fn cancel_pending(&mut self) -> Option<OrderStatus> {
        let reason = self.cancel_reason.filter(|_| self.order.status.is_pending())?;
        Some(self.end(OrderStatus::Cancelled, rejection::cancelled(reason)))
    }

    /// Cancels a confirmed order whose units or payment are lost.
    pub(super) fn cancel_confirmed(&mut self, error: &CallError) -> OrderStatus {
        tracing::error!(order = %self.order.id, error = causes(error), "a confirmed order cannot be kept");
        let rejection = rejection::cancelled(rejection::NO_LONGER_AVAILABLE);
        self.end(OrderStatus::Cancelled, rejection)
    }

    /// The client that units held for this order are counted for. All unknown clients count as one.
    pub(super) fn counted_client(&self) -> IpAddr {
        self.client.unwrap_or(Ipv4Addr::UNSPECIFIED.into())
    }

    pub(super) fn is_paid_on_page(&self) -> bool {
        self.order.paid_by == Some(PaidBy::HostedPage)
    }

    /// When the shopper's time on a provider's page ends.
    pub(super) fn page_expires_at(&self, limits: &Limits) -> DateTime<Utc> {
        self.order.placed_at + limits.page_time
    }

    pub(super) fn is_overdue(&self, now: DateTime<Utc>, deadline: Duration) -> bool {
        self.order.placed_at + deadline <= now
    }

    /// Whether its units are held, and for long enough.
    pub(super) fn is_held(&self, now: DateTime<Utc>) -> bool {
        self.reservation.is_some_and(|held| now + HOLD_MARGIN < held.expires_at)
    }

    /// Whether a step may have had an effect that is not known: no service has rejected the order.
    fn ended_without_rejection(&self) -> bool {
        matches!(self.order.status, OrderStatus::Failed | OrderStatus::Cancelled)
    }

    /// Whether there may be a reservation whose id is not known, because the call had no answer.
    pub(super) fn may_be_reserved(&self) -> bool {
        self.ended_without_rejection() && self.reservation.is_none()
    }

    /// Whether there may be a payment whose id is not known, because the call had no answer.
    pub(super) fn may_be_authorised(&self) -> bool {
        self.ended_without_rejection() && self.reservation.is_some() && self.payment.is_none()
    }

    pub(super) fn needs_undo(&self) -> bool {
        self.reservation.is_some() || self.payment.is_some() || self.may_be_reserved()
    }
}
