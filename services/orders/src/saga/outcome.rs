//! What becomes of an order, and what its shopper is told.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use service::{CallError, Context, Problem, causes};

use super::Saga;
use crate::domain::{Limits, Order, PaidBy, Request, State};
use crate::refusal;
use crate::upstream;
use crate::upstream::payments::{Payment, Status};

/// What must be left of a reservation's time for an order to go on.
pub(super) const MARGIN: TimeDelta = TimeDelta::seconds(60);

impl Saga {
    pub(super) fn new(order: Order, request: &Request) -> Self {
        Self {
            order,
            cart: request.cart,
            holds_cart: request.cart.is_some(),
            abandoned: None,
            client: Context::current().client_network(),
            card: None,
            payment_method: request.payment_method.clone(),
            reservation: None,
            payment: None,
            refusal: None,
            open: true,
            fence: 0,
            tries: 0,
        }
    }

    /// A refusal in a sentence.
    #[must_use]
    pub fn reason(refusal: &Problem) -> String {
        let text = if refusal.detail.is_empty() {
            &*refusal.title
        } else {
            &*refusal.detail
        };
        text.to_owned()
    }

    /// The order comes to nothing: refused by a definite no, failed by anything else.
    pub(super) fn give_up(&mut self, error: &CallError) -> State {
        let (state, refusal) = match upstream::refusal(error) {
            Some(refusal) => (State::Rejected, refusal.clone()),
            None => (State::Failed, upstream::unavailable(error)),
        };
        self.order.reason = Some(Self::reason(&refusal));
        self.refusal = Some(refusal);
        state
    }

    /// Where a payment leads that is as far as this.
    pub(super) fn pay(&mut self, payment: Payment) -> State {
        self.payment = Some(payment.id);
        self.card.clone_from(&payment.card_fingerprint);
        self.order.paid_by = Some(payment.paid_by);
        let status = payment.status;
        // For as long as it waits: see `run`.
        self.order.action = payment.action();
        match status {
            Status::Authorised => State::Authorised,
            Status::RequiresAction => State::AwaitingPayment,
            Status::Expired => self.expire(),
            Status::Declined | Status::Other => {
                let problem = refusal::card_declined();
                self.order.reason = Some(Self::reason(&problem));
                self.refusal = Some(problem);
                State::Rejected
            }
        }
    }

    /// The shopper did not pay, or did not answer their bank.
    pub(super) fn expire(&mut self) -> State {
        let detail = if self.is_paid_on_page() {
            refusal::UNPAID
        } else {
            refusal::UNANSWERED
        };
        self.refusal = Some(refusal::payment_expired(detail));
        self.order.reason = Some(detail.to_owned());
        State::Rejected
    }

    /// The order stood, and cannot be kept.
    pub(super) fn cancel(&mut self, error: &CallError) -> State {
        tracing::error!(order = %self.order.id, error = causes(error), "a confirmed order cannot be kept");
        let detail = refusal::CANNOT_KEEP;
        self.refusal = Some(refusal::cancelled(detail));
        self.order.reason = Some(detail.to_owned());
        State::Cancelled
    }

    /// How it came to nothing at a bank, if it did.
    #[must_use]
    pub fn try_at_bank(&self) -> Option<&'static str> {
        let refusal = self.refusal.as_ref()?;
        match self.order.status {
            State::Rejected if refusal.is("card-declined") => Some("declined"),
            State::Rejected if refusal.is("payment-expired") => Some("unanswered"),
            State::Cancelled if self.abandoned.is_some() => Some("unanswered"),
            _ => None,
        }
    }

    /// Whoever counts its client's orders; all whose client nobody knows are one.
    pub(super) fn counted_client(&self) -> IpAddr {
        self.client.unwrap_or(Ipv4Addr::UNSPECIFIED.into())
    }

    /// The bank approves, and what was not held meanwhile is somebody else's.
    pub(super) fn sell_out(&mut self) -> State {
        let detail = if self.is_paid_on_page() {
            refusal::SOLD_WHILE_PAYING
        } else {
            refusal::SOLD_MEANWHILE
        };
        self.refusal = Some(refusal::out_of_stock(detail));
        self.order.reason = Some(detail.to_owned());
        State::Rejected
    }

    /// The order is not decided, and its shopper does not want it any longer.
    pub(super) fn abandon(&mut self) -> Option<State> {
        let detail = self.abandoned.filter(|_| self.order.status.is_undecided())?;
        self.refusal = Some(refusal::cancelled(detail));
        self.order.reason = Some(detail.to_owned());
        Some(State::Cancelled)
    }

    pub(super) fn is_paid_on_page(&self) -> bool {
        self.order.paid_by == Some(PaidBy::HostedPage)
    }

    /// Until when its shopper has time on a provider's page.
    pub(super) fn page_until(&self, limits: &Limits) -> DateTime<Utc> {
        self.order.placed_at + limits.page_time
    }

    /// Nobody waits for it any longer.
    pub(super) fn is_overdue(&self, now: DateTime<Utc>, deadline: Duration) -> bool {
        self.order.placed_at + deadline <= now
    }

    pub(super) fn is_held(&self, now: DateTime<Utc>) -> bool {
        self.reservation.is_some_and(|held| now + MARGIN < held.expires_at)
    }

    /// Whether it ended without a neighbour's definite no.
    pub(super) fn has_left_unasked(&self) -> bool {
        matches!(self.order.status, State::Failed | State::Cancelled)
    }

    /// Whether units may be held that we do not know of: the attempt had no answer.
    pub(super) fn may_be_reserved(&self) -> bool {
        self.has_left_unasked() && self.reservation.is_none()
    }

    /// Whether there may be a payment that we do not know of, likewise.
    pub(super) fn may_be_authorised(&self) -> bool {
        self.has_left_unasked() && self.reservation.is_some() && self.payment.is_none()
    }

    pub(super) fn has_left_something(&self) -> bool {
        self.reservation.is_some() || self.payment.is_some() || self.may_be_reserved()
    }
}
