//! A payment with its movements, and all that may happen to it. Nothing here asks anybody: whoever works with an account
//! says what is wanted, or what the provider has said.

use chrono::{DateTime, Utc};
use money::Money;

use crate::domain::method::Method;
use crate::domain::movement::{Asked, Kind, Movement, Progress, Reference, Wish};
use crate::domain::status::{Status, Step};
use crate::domain::{Amount, Charge, Decline, ProviderPayment, ProviderPaymentId, Request, Violation};

/// Where the provider says that a payment stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ProviderStatus {
    /// It knows of it, and has not been asked to authorise it.
    Unconfirmed,
    /// It is at it.
    Processing,
    /// It wants to hear from the shopper, at this address if it has one.
    RequiresAction(Option<String>),
    /// It holds the money back.
    Authorised,
    /// It does not.
    Declined(Decline),
    /// It has taken so much, in minor units; what was asked for where it does not say.
    Captured(Option<i64>),
    /// It has let the money go.
    Voided,
    /// The shopper did not pay while they could.
    Expired,
}

impl ProviderStatus {
    /// Whether nothing more is captured, voided or expired.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(
            self,
            Self::Captured(_) | Self::Voided | Self::Declined(_) | Self::Expired
        )
    }
}

/// What is heard of a payment.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Update {
    /// What the provider calls it from now on.
    Renamed(ProviderPaymentId),
    /// Where it stands.
    Status(ProviderStatus),
    /// What has become of one movement, and why.
    Movement(i64, Progress, Option<String>),
}

/// How often a movement was asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Attempt {
    /// Never before.
    First,
    /// Perhaps, and with what outcome nobody knows.
    Retry,
}

/// The number of a movement that the provider is to be asked for.
pub type Claim = (i64, Attempt);

/// Why something cannot be done with a payment.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Objection {
    /// It is not where this can be done.
    WrongState(Status),
    /// Something else is being done with it.
    Busy,
    /// The key was used for another wish.
    KeyReused,
    /// The wish breaks a rule.
    Invalid(Violation),
}

/// A payment with its movements.
#[derive(Clone, Debug)]
pub struct Account {
    /// What the provider is to authorise; its reference is the payment's id
    pub charge: Charge,
    /// By which means
    pub method: Method,
    /// What its provider calls it
    pub provider_payment: ProviderPaymentId,
    /// What has become of it
    pub status: Status,
    /// How much was held back for us, in minor units
    pub authorised: i64,
    /// How much of it we took
    pub captured: i64,
    /// How much of that we gave back
    pub refunded: i64,
    /// Why there is nothing
    pub declined: Option<Decline>,
    /// Where the shopper answers their bank, or pays
    pub action: Option<String>,
    /// In the order of their numbers
    pub movements: Vec<Movement>,
    /// When it was asked for
    pub created_at: DateTime<Utc>,
}

impl Account {
    /// A payment that its provider knows, as far as this.
    #[must_use]
    pub fn new(charge: Charge, method: Method, provider_payment: ProviderPayment, now: DateTime<Utc>) -> Self {
        let amount = Money::from(charge.amount).minor;
        let mut account = Self {
            charge,
            method,
            provider_payment: provider_payment.id,
            status: Status::Pending,
            authorised: 0,
            captured: 0,
            refunded: 0,
            declined: None,
            action: None,
            movements: Vec::new(),
            created_at: now,
        };
        account.ask(Kind::Authorise, amount, None, now);
        account.note_status(&provider_payment.status, now);
        account
    }

    /// Whether this is what was asked for.
    #[must_use]
    pub fn is_for(&self, request: &Request) -> bool {
        let charge = &self.charge;
        charge.order == request.order && charge.amount == request.amount && self.method.id == request.payment_method
    }

    /// The movement of this number.
    #[must_use]
    pub fn movement(&self, number: i64) -> Option<&Movement> {
        self.movements.iter().find(|movement| movement.number == number)
    }

    /// Our name for a movement.
    #[must_use]
    pub fn reference(&self, number: i64) -> Reference {
        Reference {
            payment: self.charge.reference,
            number,
        }
    }

    /// Claims the money, or a part of it, and lets go of the rest. Gives what the provider is to be asked for; nothing
    /// where it has happened.
    pub fn capture(&mut self, amount: Option<Amount>, now: DateTime<Utc>) -> Result<Option<Claim>, Objection> {
        self.check_currency(amount)?;
        let amount = amount.map_or(self.authorised, |amount| Money::from(amount).minor);
        match self.status {
            Status::Captured | Status::Refunded if self.captured == amount => Ok(None),
            Status::Authorised if amount > self.authorised => Err(too_much("must not be more than is authorised")),
            Status::Authorised => match self.open(Kind::Capture) {
                Some(open) if open.amount == amount => Ok(Some((open.number, Attempt::Retry))),
                Some(_) => Err(Objection::Busy),
                None if self.open(Kind::Void).is_some() => Err(Objection::Busy),
                None => Ok(Some((self.ask(Kind::Capture, amount, None, now), Attempt::First))),
            },
            status => Err(Objection::WrongState(status)),
        }
    }

    /// Claims that the money is let go, likewise. Where the bank holds nothing back there is nothing to do.
    pub fn void(&mut self, now: DateTime<Utc>) -> Result<Option<Claim>, Objection> {
        match self.status {
            status if status.is_nothing() => Ok(None),
            Status::Captured | Status::Refunded => Err(Objection::WrongState(self.status)),
            _ if self.open(Kind::Capture).is_some() => Err(Objection::Busy),
            _ => match self.open(Kind::Void) {
                Some(open) => Ok(Some((open.number, Attempt::Retry))),
                None => Ok(Some((self.ask(Kind::Void, self.authorised, None, now), Attempt::First))),
            },
        }
    }

    /// Claims that the shopper can no longer pay. Nothing is to be asked where that is so, or where they have paid.
    pub fn expire(&mut self, now: DateTime<Utc>) -> Option<Claim> {
        if !matches!(self.status, Status::Pending | Status::RequiresAction) {
            return None;
        }
        let open = self.open(Kind::Expire).or_else(|| self.open(Kind::Void));
        Some(match open {
            Some(open) => (open.number, Attempt::Retry),
            None => (self.ask(Kind::Expire, 0, None, now), Attempt::First),
        })
    }

    /// Claims that money is given back; once for each key.
    pub fn refund(&mut self, wish: Wish, now: DateTime<Utc>) -> Result<Claim, Objection> {
        self.check_currency(wish.amount)?;
        let text = wish.text();
        let known = self.movements.iter().find_map(|movement| {
            let asked = movement.refund.as_ref().filter(|asked| asked.key == wish.key)?;
            Some((movement.number, asked.wish == text))
        });
        match known {
            Some((number, true)) => return Ok((number, Attempt::Retry)),
            Some((_, false)) => return Err(Objection::KeyReused),
            None => {}
        }
        let left = self.captured - self.refunded - self.under_way();
        let amount = wish.amount.map_or(left, |amount| Money::from(amount).minor);
        match self.status {
            Status::Captured if amount > left => Err(too_much("must not be more than is left of what was captured")),
            Status::Captured if amount > 0 => {
                let (id, key, wish) = (wish.id, wish.key, text);
                Ok((
                    self.ask(Kind::Refund, amount, Some(Asked { id, key, wish }), now),
                    Attempt::First,
                ))
            }
            status => Err(Objection::WrongState(status)),
        }
    }

    /// Notes what is heard. What is old or was heard before changes nothing: there are no ways back.
    pub fn note(&mut self, news: &Update, now: DateTime<Utc>) {
        match news {
            Update::Renamed(id) => self.provider_payment.clone_from(id),
            Update::Status(status) => self.note_status(status, now),
            Update::Movement(number, progress, reason) => {
                self.note_movement(*number, *progress, reason.as_deref(), now);
            }
        }
    }

    fn note_status(&mut self, status: &ProviderStatus, now: DateTime<Utc>) {
        match status {
            ProviderStatus::Unconfirmed | ProviderStatus::Processing => {}
            ProviderStatus::RequiresAction(url) => {
                if self.step(Step::Challenge) {
                    self.action.clone_from(url);
                }
            }
            ProviderStatus::Authorised => {
                if self.step(Step::Authorise) {
                    self.authorised = Money::from(self.charge.amount).minor;
                    self.book(Kind::Authorise, self.authorised, now);
                }
            }
            ProviderStatus::Declined(decline) => {
                if self.step(Step::Decline) {
                    self.declined = Some(*decline);
                    self.refuse_open(decline.as_str(), now);
                }
            }
            ProviderStatus::Captured(amount) => {
                // Whoever took it had it authorised, though that news may come later.
                self.note_status(&ProviderStatus::Authorised, now);
                let asked = || self.open(Kind::Capture).map(|open| open.amount);
                let amount = amount.or_else(asked).unwrap_or(self.authorised);
                if (1..=self.authorised).contains(&amount) && self.step(Step::Capture) {
                    self.captured = amount;
                    self.book(Kind::Capture, amount, now);
                    self.refuse_open("captured", now);
                }
            }
            ProviderStatus::Voided => {
                if self.step(Step::Void) {
                    self.book(Kind::Void, self.authorised, now);
                    self.refuse_open("voided", now);
                }
            }
            ProviderStatus::Expired => {
                if self.step(Step::Expire) {
                    self.book(Kind::Expire, 0, now);
                    self.refuse_open("expired", now);
                }
            }
        }
    }

    fn note_movement(&mut self, number: i64, progress: Progress, reason: Option<&str>, now: DateTime<Utc>) {
        let pending = self
            .movements
            .iter_mut()
            .find(|movement| movement.number == number && movement.progress == Progress::Pending);
        let Some(movement) = pending else { return };
        let (kind, amount) = (movement.kind, movement.amount);
        match (progress, kind) {
            (Progress::Refused, _) => movement.settle(Progress::Refused, reason, now),
            (Progress::Done, Kind::Refund) => {
                movement.settle(Progress::Done, None, now);
                self.refunded += amount;
                let step = if self.refunded == self.captured {
                    Step::RefundRest
                } else {
                    Step::Refund
                };
                self.step(step);
            }
            // Of the others only a status says that they have happened.
            (Progress::Done | Progress::Pending, _) => {}
        }
    }

    fn step(&mut self, step: Step) -> bool {
        let next = self.status.after(step);
        if let Some(next) = next {
            self.status = next;
            if next != Status::RequiresAction {
                self.action = None;
            }
        }
        next.is_some()
    }

    fn open(&self, kind: Kind) -> Option<&Movement> {
        let is_open = |movement: &&Movement| movement.kind == kind && movement.progress == Progress::Pending;
        self.movements.iter().find(is_open)
    }

    /// What is being given back.
    fn under_way(&self) -> i64 {
        let refunds = self.movements.iter().filter(|movement| movement.kind == Kind::Refund);
        let pending = refunds.filter(|refund| refund.progress == Progress::Pending);
        pending.map(|refund| refund.amount).sum()
    }

    fn ask(&mut self, kind: Kind, amount: i64, refund: Option<Asked>, now: DateTime<Utc>) -> i64 {
        let number = self.movements.last().map_or(0, |last| last.number) + 1;
        self.movements.push(Movement {
            number,
            kind,
            amount,
            progress: Progress::Pending,
            reason: None,
            refund,
            created_at: now,
            settled_at: None,
        });
        number
    }

    /// What we asked for has happened; or what we did not ask for, and then it is written down all the same.
    fn book(&mut self, kind: Kind, amount: i64, now: DateTime<Utc>) {
        let open = self.open(kind).map(|open| open.number);
        let number = open.unwrap_or_else(|| self.ask(kind, amount, None, now));
        if let Some(movement) = self.movements.iter_mut().find(|movement| movement.number == number) {
            movement.amount = amount;
            movement.settle(Progress::Done, None, now);
        }
    }

    /// What is still open comes to nothing.
    fn refuse_open(&mut self, reason: &str, now: DateTime<Utc>) {
        let open = self
            .movements
            .iter_mut()
            .filter(|movement| movement.progress == Progress::Pending);
        open.for_each(|movement| movement.settle(Progress::Refused, Some(reason), now));
    }

    fn check_currency(&self, amount: Option<Amount>) -> Result<(), Objection> {
        let currency = self.charge.amount.currency();
        match amount {
            Some(amount) if amount.currency() != currency => Err(Objection::Invalid(Violation {
                pointer: "/amount/currency",
                detail: "This must be the currency of the payment.",
            })),
            _ => Ok(()),
        }
    }
}

fn too_much(detail: &'static str) -> Objection {
    let pointer = "/amount";
    Objection::Invalid(Violation { pointer, detail })
}

#[cfg(test)]
mod tests;
