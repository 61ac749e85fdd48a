//! A payment with its movements: what may be requested of it, and how the provider's updates change it.

use chrono::{DateTime, Utc};
use money::Money;
use uuid::Uuid;
use values::Violation;

use crate::domain::movement::{
    Movement, MovementKind, MovementReference, MovementStatus, RefundDetails, RefundRequest,
};
use crate::domain::payment_method::PaymentMethod;
use crate::domain::payment_update::{PaymentUpdate, ProviderStatus};
use crate::domain::status::{PaymentStatus, Transition};
use crate::domain::{Amount, Charge, CreatePayment, Decline, ProviderPayment, ProviderPaymentId};

/// Whether a movement may have been requested from the provider before.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Attempt {
    First,
    /// Perhaps it was, with an unknown outcome: the provider is asked for its status first.
    Retry,
}

/// A movement to request from the provider.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Claim {
    /// The movement's number
    pub movement: i64,
    pub attempt: Attempt,
}

impl Claim {
    #[must_use]
    pub fn first(movement: i64) -> Self {
        let attempt = Attempt::First;
        Self { movement, attempt }
    }

    #[must_use]
    pub fn retry(movement: i64) -> Self {
        let attempt = Attempt::Retry;
        Self { movement, attempt }
    }
}

/// Why a payment does not allow an operation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PaymentError {
    /// The payment's status does not allow it.
    InvalidTransition(PaymentStatus),
    /// A conflicting movement is pending.
    MovementInProgress,
    /// The key was used for another request.
    KeyReused,
    Invalid(Violation),
}

/// A payment with its movements.
#[derive(Clone, Debug)]
pub struct Payment {
    pub charge: Charge,
    pub method: PaymentMethod,
    pub provider_payment_id: ProviderPaymentId,
    pub status: PaymentStatus,
    /// In minor units, like all totals
    pub authorised: i64,
    pub captured: i64,
    pub refunded: i64,
    pub declined: Option<Decline>,
    /// The page to which to send the shopper, while the status is `requires_action`
    pub redirect_url: Option<String>,
    /// In the order of their numbers
    pub movements: Vec<Movement>,
    pub created_at: DateTime<Utc>,
}

impl Payment {
    /// Creates a payment that was initiated at its provider.
    #[must_use]
    pub fn new(charge: Charge, method: PaymentMethod, provider_payment: ProviderPayment, now: DateTime<Utc>) -> Self {
        let amount = Money::from(charge.amount).minor;
        let mut payment = Self {
            charge,
            method,
            provider_payment_id: provider_payment.id,
            status: PaymentStatus::Pending,
            authorised: 0,
            captured: 0,
            refunded: 0,
            declined: None,
            redirect_url: None,
            movements: Vec::new(),
            created_at: now,
        };
        payment.add_movement(MovementKind::Authorise, amount, None, now);
        payment.apply_status(&provider_payment.status, now);
        payment
    }

    #[must_use]
    pub fn id(&self) -> Uuid {
        self.charge.payment_id
    }

    /// Whether a request with the same idempotency key is the request for this payment.
    #[must_use]
    pub fn is_for(&self, request: &CreatePayment) -> bool {
        let charge = &self.charge;
        charge.order == request.order && charge.amount == request.amount && self.method.id == request.payment_method
    }

    #[must_use]
    pub fn movement(&self, number: i64) -> Option<&Movement> {
        self.movements.iter().find(|movement| movement.number == number)
    }

    #[must_use]
    pub fn reference(&self, number: i64) -> MovementReference {
        MovementReference {
            payment_id: self.id(),
            number,
        }
    }

    /// Begins the capture of the payment or of a part of it; the rest is released. Returns none if the same amount is
    /// captured already.
    pub fn capture(&mut self, amount: Option<Amount>, now: DateTime<Utc>) -> Result<Option<Claim>, PaymentError> {
        self.check_currency(amount)?;
        let amount = amount.map_or(self.authorised, |amount| Money::from(amount).minor);
        match self.status {
            PaymentStatus::Captured | PaymentStatus::Refunded if self.captured == amount => Ok(None),
            PaymentStatus::Authorised if amount > self.authorised => {
                Err(invalid_amount("This must not be more than the authorised amount."))
            }
            PaymentStatus::Authorised => match self.pending(MovementKind::Capture) {
                Some(pending) if pending.amount == amount => Ok(Some(Claim::retry(pending.number))),
                Some(_) => Err(PaymentError::MovementInProgress),
                None if self.pending(MovementKind::Void).is_some() => Err(PaymentError::MovementInProgress),
                None => Ok(Some(self.begin(MovementKind::Capture, amount, None, now))),
            },
            status => Err(PaymentError::InvalidTransition(status)),
        }
    }

    /// Begins to void the payment. Returns none if it has already ended without any money being reserved or captured.
    pub fn void(&mut self, now: DateTime<Utc>) -> Result<Option<Claim>, PaymentError> {
        match self.status {
            status if status.is_ended_unpaid() => Ok(None),
            PaymentStatus::Captured | PaymentStatus::Refunded => Err(PaymentError::InvalidTransition(self.status)),
            _ if self.pending(MovementKind::Capture).is_some() => Err(PaymentError::MovementInProgress),
            _ => match self.pending(MovementKind::Void) {
                Some(pending) => Ok(Some(Claim::retry(pending.number))),
                None => Ok(Some(self.begin(MovementKind::Void, self.authorised, None, now))),
            },
        }
    }

    /// Begins to expire the payment. Returns none if the shopper can no longer pay, or has already paid.
    pub fn expire(&mut self, now: DateTime<Utc>) -> Option<Claim> {
        if !matches!(self.status, PaymentStatus::Pending | PaymentStatus::RequiresAction) {
            return None;
        }
        let pending = self
            .pending(MovementKind::Expire)
            .or_else(|| self.pending(MovementKind::Void));
        Some(match pending {
            Some(pending) => Claim::retry(pending.number),
            None => self.begin(MovementKind::Expire, 0, None, now),
        })
    }

    /// Begins a refund, once for each key.
    pub fn refund(&mut self, request: RefundRequest, now: DateTime<Utc>) -> Result<Claim, PaymentError> {
        self.check_currency(request.amount)?;
        let request_hash = request.request_hash();
        let known = self.movements.iter().find_map(|movement| {
            let refund = movement.refund.as_ref()?;
            (refund.key == request.key).then_some((movement.number, refund.request_hash == request_hash))
        });
        match known {
            Some((number, true)) => return Ok(Claim::retry(number)),
            Some((_, false)) => return Err(PaymentError::KeyReused),
            None => {}
        }
        let remaining = self.captured - self.refunded - self.pending_refunds();
        let amount = request.amount.map_or(remaining, |amount| Money::from(amount).minor);
        match self.status {
            PaymentStatus::Captured if amount > remaining => Err(invalid_amount(
                "This must not be more than what is captured and not yet refunded.",
            )),
            PaymentStatus::Captured if amount > 0 => {
                let RefundRequest { id, key, .. } = request;
                let refund = RefundDetails { id, key, request_hash };
                Ok(self.begin(MovementKind::Refund, amount, Some(refund), now))
            }
            status => Err(PaymentError::InvalidTransition(status)),
        }
    }

    /// Applies an update. One that is outdated or was applied before changes nothing, because no transition leads back.
    pub fn apply(&mut self, update: &PaymentUpdate, now: DateTime<Utc>) {
        match update {
            PaymentUpdate::ProviderPaymentId(id) => self.provider_payment_id.clone_from(id),
            PaymentUpdate::Status(status) => self.apply_status(status, now),
            PaymentUpdate::Movement(number, progress, reason) => {
                self.apply_movement(*number, *progress, reason.as_deref(), now);
            }
        }
    }

    fn apply_status(&mut self, status: &ProviderStatus, now: DateTime<Utc>) {
        match status {
            ProviderStatus::Unconfirmed | ProviderStatus::Processing => {}
            ProviderStatus::RequiresAction(url) => {
                if self.transition(Transition::RequireAction) {
                    self.redirect_url.clone_from(url);
                }
            }
            ProviderStatus::Authorised => {
                if self.transition(Transition::Authorise) {
                    self.authorised = Money::from(self.charge.amount).minor;
                    self.complete(MovementKind::Authorise, self.authorised, now);
                }
            }
            ProviderStatus::Declined(decline) => {
                if self.transition(Transition::Decline) {
                    self.declined = Some(*decline);
                    self.refuse_pending(decline.as_str(), now);
                }
            }
            ProviderStatus::Captured(amount) => {
                // A captured payment was authorised, though that update may arrive later.
                self.apply_status(&ProviderStatus::Authorised, now);
                let requested = || self.pending(MovementKind::Capture).map(|pending| pending.amount);
                let amount = amount.or_else(requested).unwrap_or(self.authorised);
                if (1..=self.authorised).contains(&amount) && self.transition(Transition::Capture) {
                    self.captured = amount;
                    self.complete(MovementKind::Capture, amount, now);
                    self.refuse_pending("captured", now);
                }
            }
            ProviderStatus::Voided => {
                if self.transition(Transition::Void) {
                    self.complete(MovementKind::Void, self.authorised, now);
                    self.refuse_pending("voided", now);
                }
            }
            ProviderStatus::Expired => {
                if self.transition(Transition::Expire) {
                    self.complete(MovementKind::Expire, 0, now);
                    self.refuse_pending("expired", now);
                }
            }
        }
    }

    fn apply_movement(&mut self, number: i64, progress: MovementStatus, reason: Option<&str>, now: DateTime<Utc>) {
        let pending = self
            .movements
            .iter_mut()
            .find(|movement| movement.number == number && movement.progress == MovementStatus::Pending);
        let Some(movement) = pending else { return };
        let (kind, amount) = (movement.kind, movement.amount);
        match (progress, kind) {
            (MovementStatus::Refused, _) => movement.settle(MovementStatus::Refused, reason, now),
            (MovementStatus::Done, MovementKind::Refund) => {
                movement.settle(MovementStatus::Done, None, now);
                self.refunded += amount;
                let transition = if self.refunded == self.captured {
                    Transition::RefundRemaining
                } else {
                    Transition::Refund
                };
                self.transition(transition);
            }
            // The other kinds are completed by the payment's status.
            (MovementStatus::Done | MovementStatus::Pending, _) => {}
        }
    }

    /// Takes a transition if the status allows it, and returns whether it did.
    fn transition(&mut self, transition: Transition) -> bool {
        let next = self.status.after(transition);
        if let Some(next) = next {
            self.status = next;
            if next != PaymentStatus::RequiresAction {
                self.redirect_url = None;
            }
        }
        next.is_some()
    }

    fn pending(&self, kind: MovementKind) -> Option<&Movement> {
        let is_pending = |movement: &&Movement| movement.kind == kind && movement.progress == MovementStatus::Pending;
        self.movements.iter().find(is_pending)
    }

    fn pending_refunds(&self) -> i64 {
        let refunds = self
            .movements
            .iter()
            .filter(|movement| movement.kind == MovementKind::Refund);
        let pending = refunds.filter(|refund| refund.progress == MovementStatus::Pending);
        pending.map(|refund| refund.amount).sum()
    }

    fn begin(&mut self, kind: MovementKind, amount: i64, refund: Option<RefundDetails>, now: DateTime<Utc>) -> Claim {
        Claim::first(self.add_movement(kind, amount, refund, now))
    }

    fn add_movement(
        &mut self,
        kind: MovementKind,
        amount: i64,
        refund: Option<RefundDetails>,
        now: DateTime<Utc>,
    ) -> i64 {
        let number = self.movements.last().map_or(0, |last| last.number) + 1;
        self.movements.push(Movement {
            number,
            kind,
            amount,
            progress: MovementStatus::Pending,
            reason: None,
            refund,
            created_at: now,
            settled_at: None,
        });
        number
    }

    /// Completes the pending movement of this kind. If there is none, because the change began at the provider, adds one.
    fn complete(&mut self, kind: MovementKind, amount: i64, now: DateTime<Utc>) {
        let pending = self.pending(kind).map(|pending| pending.number);
        let number = pending.unwrap_or_else(|| self.add_movement(kind, amount, None, now));
        if let Some(movement) = self.movements.iter_mut().find(|movement| movement.number == number) {
            movement.amount = amount;
            movement.settle(MovementStatus::Done, None, now);
        }
    }

    /// Refuses all movements that are still pending.
    fn refuse_pending(&mut self, reason: &str, now: DateTime<Utc>) {
        let pending = self
            .movements
            .iter_mut()
            .filter(|movement| movement.progress == MovementStatus::Pending);
        pending.for_each(|movement| movement.settle(MovementStatus::Refused, Some(reason), now));
    }

    fn check_currency(&self, amount: Option<Amount>) -> Result<(), PaymentError> {
        let currency = self.charge.amount.currency();
        match amount {
            Some(amount) if amount.currency() != currency => Err(PaymentError::Invalid(Violation::new(
                "/amount/currency",
                "This must be the currency of the payment.",
            ))),
            _ => Ok(()),
        }
    }
}

fn invalid_amount(detail: &'static str) -> PaymentError {
    PaymentError::Invalid(Violation::new("/amount", detail))
}

#[cfg(test)]
mod tests;
