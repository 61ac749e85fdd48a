//! A provider of the tests': remembers what it did, and can be away in two ways.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use async_trait::async_trait;
use axum::http::HeaderMap;
use chrono::{DateTime, Utc};
use payments::domain::card::Card;
use payments::domain::{Amount, MethodType, PaymentOption, Progress, Reference, Violation};
use payments::provider::{
    Charge, Outcome, Provider, ProviderPayment, ProviderPaymentId, ProviderStatus, Refused, Rejected, Token,
    TokenisedCard, Unavailable, WebhookEvent,
};

/// How it is away.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Away {
    /// Not at all.
    #[default]
    No,
    /// It does what it is asked for, but nobody hears its answers.
    AnswersLost,
    /// It does nothing.
    Down,
}

#[derive(Debug, Default)]
struct Books {
    away: Away,
    statuses: BTreeMap<String, ProviderStatus>,
    refunds: BTreeSet<String>,
    /// What moved, in order: `authorise`, `capture 4800`, `void`, `refund 100`.
    moved: Vec<String>,
    refuses: bool,
}

/// The provider.
#[derive(Debug, Default)]
pub struct Bank(Mutex<Books>);

impl Bank {
    pub fn go(&self, away: Away) {
        self.0.lock().unwrap().away = away;
    }

    /// Says no to new payments, captures, voids and refunds from now on.
    pub fn refuse(&self) {
        self.0.lock().unwrap().refuses = true;
    }

    /// Somebody else changes its books.
    pub fn turns(&self, status: &ProviderStatus) {
        for known in self.0.lock().unwrap().statuses.values_mut() {
            known.clone_from(status);
        }
    }

    pub fn moved(&self) -> Vec<String> {
        self.0.lock().unwrap().moved.clone()
    }

    fn answer<T>(&self, work: impl FnOnce(&mut Books) -> T) -> Result<T, Unavailable> {
        let mut books = self.0.lock().unwrap();
        match books.away {
            Away::Down => Err(Unavailable::new("down")),
            Away::AnswersLost => {
                work(&mut books);
                Err(Unavailable::new("its answer is lost"))
            }
            Away::No => Ok(work(&mut books)),
        }
    }
}

impl Books {
    fn turn(
        &mut self,
        id: &ProviderPaymentId,
        from: &ProviderStatus,
        to: ProviderStatus,
        movement: String,
    ) -> Result<(), Refused> {
        let known = self.statuses.get_mut(&id.0).expect("it was opened");
        if self.refuses || known != from {
            return Err(Refused("not from here".into()));
        }
        *known = to;
        self.moved.push(movement);
        Ok(())
    }
}

#[async_trait]
impl Provider for Bank {
    /// Takes the place of the built-in one.
    fn name(&self) -> &'static str {
        "test"
    }

    fn method_type(&self) -> MethodType {
        MethodType::Card
    }

    fn option(&self) -> PaymentOption {
        PaymentOption {
            provider: "test",
            method_type: MethodType::Card,
            label: "Card",
            is_test: true,
            days_to_pay: None,
        }
    }

    async fn tokenise(&self, _card: &Card) -> Result<Result<TokenisedCard, Violation>, Unavailable> {
        self.answer(|_| {
            Ok(TokenisedCard {
                token: Token("token".into()),
                fingerprint: None,
            })
        })
    }

    async fn initiate(&self, charge: &Charge) -> Outcome<ProviderPayment> {
        self.answer(|books| {
            if books.refuses {
                return Err(Refused("not so little".into()));
            }
            let id = format!("bank_{}", charge.reference);
            books.statuses.insert(id.clone(), ProviderStatus::Unconfirmed);
            Ok(ProviderPayment {
                id: ProviderPaymentId(id),
                status: ProviderStatus::Unconfirmed,
            })
        })
    }

    async fn authorise(&self, id: &ProviderPaymentId, _charge: &Charge) -> Result<ProviderStatus, Unavailable> {
        self.answer(|books| {
            let done = books.turn(
                id,
                &ProviderStatus::Unconfirmed,
                ProviderStatus::Authorised,
                "authorise".into(),
            );
            done.map_or(ProviderStatus::Processing, |()| ProviderStatus::Authorised)
        })
    }

    async fn retrieve(&self, id: &ProviderPaymentId) -> Result<ProviderPayment, Unavailable> {
        self.answer(|books| ProviderPayment {
            id: id.clone(),
            status: books.statuses[&id.0].clone(),
        })
    }

    async fn expire(&self, id: &ProviderPaymentId, _reference: Reference) -> Outcome<()> {
        self.answer(|books| {
            books.turn(
                id,
                &ProviderStatus::Unconfirmed,
                ProviderStatus::Expired,
                "expire".into(),
            )
        })
    }

    async fn capture(&self, id: &ProviderPaymentId, _reference: Reference, amount: Amount) -> Outcome<()> {
        let minor = money::Money::from(amount).minor;
        let taken = ProviderStatus::Captured(Some(minor));
        self.answer(|books| books.turn(id, &ProviderStatus::Authorised, taken, format!("capture {minor}")))
    }

    async fn void(&self, id: &ProviderPaymentId, _reference: Reference) -> Outcome<()> {
        self.answer(|books| books.turn(id, &ProviderStatus::Authorised, ProviderStatus::Voided, "void".into()))
    }

    async fn refund(&self, _id: &ProviderPaymentId, reference: Reference, amount: Amount) -> Outcome<Progress> {
        let minor = money::Money::from(amount).minor;
        self.answer(|books| {
            if books.refuses {
                return Err(Refused("no refunds today".into()));
            }
            books.moved.push(format!("refund {minor}"));
            books.refunds.insert(reference.to_string());
            Ok(Progress::Done)
        })
    }

    async fn retrieve_refund(
        &self,
        _id: &ProviderPaymentId,
        reference: Reference,
    ) -> Result<Option<Progress>, Unavailable> {
        self.answer(|books| books.refunds.contains(&reference.to_string()).then_some(Progress::Done))
    }

    fn parse_webhook(
        &self,
        _headers: &HeaderMap,
        _body: &[u8],
        _now: DateTime<Utc>,
    ) -> Result<Option<WebhookEvent>, Rejected> {
        Ok(None)
    }
}
