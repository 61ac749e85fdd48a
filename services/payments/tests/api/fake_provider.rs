//! A provider for tests. It records what it did, and can fail in several ways.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use async_trait::async_trait;
use axum::http::HeaderMap;
use chrono::{DateTime, Utc};
use payments::domain::card::Card;
use payments::domain::{Amount, MovementReference, MovementStatus, PaymentMethodType, PaymentOption};
use payments::provider::{
    Charge, Outcome, Provider, ProviderPayment, ProviderPaymentId, ProviderStatus, Refused, Token, TokenizedCard,
    Unavailable, WebhookEvent, WebhookRejected,
};
use values::Violation;

/// How the provider fails.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Outage {
    #[default]
    None,
    /// It carries out requests, but its answers are lost.
    AnswersLost,
    /// It does nothing.
    Down,
    /// Its code panics.
    Panics,
}

#[derive(Debug, Default)]
struct Ledger {
    outage: Outage,
    statuses: BTreeMap<String, ProviderStatus>,
    refunds: BTreeSet<String>,
    /// The movements, in order: `authorise`, `capture 4800`, `void`, `refund 100`.
    moved: Vec<String>,
    refuses_requests: bool,
}

/// The provider, which takes the place of the built-in one.
#[derive(Debug, Default)]
pub struct FakeProvider(Mutex<Ledger>);

impl FakeProvider {
    pub fn set_outage(&self, outage: Outage) {
        self.0.lock().unwrap().outage = outage;
    }

    /// Refuses new payments, captures, voids and refunds from now on.
    pub fn refuse_requests(&self) {
        self.0.lock().unwrap().refuses_requests = true;
    }

    /// Sets the status of all payments, as a change at the provider would.
    pub fn set_status(&self, status: &ProviderStatus) {
        for known in self.0.lock().unwrap().statuses.values_mut() {
            known.clone_from(status);
        }
    }

    pub fn moved(&self) -> Vec<String> {
        self.0.lock().unwrap().moved.clone()
    }

    fn answer<T>(&self, work: impl FnOnce(&mut Ledger) -> T) -> Result<T, Unavailable> {
        let mut ledger = self.0.lock().unwrap();
        match ledger.outage {
            Outage::Panics => {
                drop(ledger);
                panic!("the provider panics");
            }
            Outage::Down => Err(Unavailable::new("down")),
            Outage::AnswersLost => {
                work(&mut ledger);
                Err(Unavailable::new("its answer is lost"))
            }
            Outage::None => Ok(work(&mut ledger)),
        }
    }
}

impl Ledger {
    fn change(
        &mut self,
        id: &ProviderPaymentId,
        from: &ProviderStatus,
        to: ProviderStatus,
        movement: String,
    ) -> Result<(), Refused> {
        let known = self.statuses.get_mut(&id.0).expect("an initiated payment");
        if self.refuses_requests || known != from {
            return Err(Refused("the status does not allow it".into()));
        }
        *known = to;
        self.moved.push(movement);
        Ok(())
    }
}

#[async_trait]
impl Provider for FakeProvider {
    fn name(&self) -> &'static str {
        "test"
    }

    fn method_type(&self) -> PaymentMethodType {
        PaymentMethodType::Card
    }

    fn payment_option(&self) -> PaymentOption {
        PaymentOption {
            provider: "test",
            method_type: PaymentMethodType::Card,
            label: "Card",
            is_test: true,
            days_to_pay: None,
        }
    }

    async fn tokenize(&self, _card: &Card) -> Result<Result<TokenizedCard, Violation>, Unavailable> {
        self.answer(|_| {
            Ok(TokenizedCard {
                token: Token("token".into()),
                fingerprint: None,
            })
        })
    }

    async fn initiate(&self, charge: &Charge, _now: DateTime<Utc>) -> Outcome<ProviderPayment> {
        self.answer(|ledger| {
            if ledger.refuses_requests {
                return Err(Refused("the amount is too small".into()));
            }
            let id = format!("bank_{}", charge.payment_id);
            ledger.statuses.insert(id.clone(), ProviderStatus::Unconfirmed);
            Ok(ProviderPayment {
                id: ProviderPaymentId(id),
                status: ProviderStatus::Unconfirmed,
            })
        })
    }

    async fn authorize(
        &self,
        id: &ProviderPaymentId,
        _charge: &Charge,
        _now: DateTime<Utc>,
    ) -> Result<ProviderStatus, Unavailable> {
        self.answer(|ledger| {
            let done = ledger.change(
                id,
                &ProviderStatus::Unconfirmed,
                ProviderStatus::Authorised,
                "authorise".into(),
            );
            done.map_or(ProviderStatus::Processing, |()| ProviderStatus::Authorised)
        })
    }

    async fn retrieve(&self, id: &ProviderPaymentId) -> Result<ProviderPayment, Unavailable> {
        self.answer(|ledger| ProviderPayment {
            id: id.clone(),
            status: ledger.statuses[&id.0].clone(),
        })
    }

    async fn expire(&self, id: &ProviderPaymentId, _reference: MovementReference) -> Outcome<()> {
        self.answer(|ledger| {
            ledger.change(
                id,
                &ProviderStatus::Unconfirmed,
                ProviderStatus::Expired,
                "expire".into(),
            )
        })
    }

    async fn capture(&self, id: &ProviderPaymentId, _reference: MovementReference, amount: Amount) -> Outcome<()> {
        let minor = money::Money::from(amount).minor;
        let taken = ProviderStatus::Captured(Some(minor));
        self.answer(|ledger| ledger.change(id, &ProviderStatus::Authorised, taken, format!("capture {minor}")))
    }

    async fn cancel(&self, id: &ProviderPaymentId, _reference: MovementReference) -> Outcome<()> {
        self.answer(|ledger| ledger.change(id, &ProviderStatus::Authorised, ProviderStatus::Voided, "void".into()))
    }

    async fn refund(
        &self,
        _id: &ProviderPaymentId,
        reference: MovementReference,
        amount: Amount,
    ) -> Outcome<MovementStatus> {
        let minor = money::Money::from(amount).minor;
        self.answer(|ledger| {
            if ledger.refuses_requests {
                return Err(Refused("no refunds today".into()));
            }
            ledger.moved.push(format!("refund {minor}"));
            ledger.refunds.insert(reference.to_string());
            Ok(MovementStatus::Done)
        })
    }

    async fn retrieve_refund(
        &self,
        _id: &ProviderPaymentId,
        reference: MovementReference,
    ) -> Result<Option<MovementStatus>, Unavailable> {
        self.answer(|ledger| {
            ledger
                .refunds
                .contains(&reference.to_string())
                .then_some(MovementStatus::Done)
        })
    }

    fn parse_webhook(
        &self,
        _headers: &HeaderMap,
        _body: &[u8],
        _now: DateTime<Utc>,
    ) -> Result<Option<WebhookEvent>, WebhookRejected> {
        Ok(None)
    }
}
