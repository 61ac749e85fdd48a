//! The built-in provider. It moves no money and remembers nothing: what happens with a card stands in the token that
//! is made of it, and in the names of the payments on it. So it survives a crash, and all replicas agree.

use std::sync::Mutex;

use async_trait::async_trait;
use axum::http::{HeaderMap, HeaderValue};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use storage::clock;
use tokio::sync::{mpsc, oneshot};

use super::{Delivery, Outcome, Provider, Refused, Rejected, Unavailable, WebhookEvent, signature};
use crate::domain::card::Card;
use crate::domain::{
    Amount, Charge, Decline, MethodType, PaymentOption, Progress, ProviderPayment, ProviderPaymentId, ProviderStatus,
    Reference, Token, TokenisedCard, Update, Violation,
};

/// Its name in settings and addresses.
pub const NAME: &str = "test";
const SIGNATURE: &str = "test-signature";

/// The provider.
#[derive(Debug)]
pub struct Test {
    /// Where shoppers find the bank's page, without a trailing slash
    bank: String,
    /// Signs its webhooks
    secret: SecretString,
    sender: mpsc::Sender<Delivery>,
    receiver: Mutex<Option<mpsc::Receiver<Delivery>>>,
}

impl Test {
    /// The provider whose bank's page is at this address, and which signs with this secret.
    pub fn new(bank: &str, secret: SecretString) -> Self {
        let (sender, receiver) = mpsc::channel(16);
        Self {
            bank: bank.trim_end_matches('/').to_owned(),
            secret,
            sender,
            receiver: Mutex::new(Some(receiver)),
        }
    }

    /// A webhook, signed now: that `kind` has happened to a payment. Its id is made of `occasion` and the payment's name, so
    /// that the same occasion is the same webhook.
    fn webhook(
        &self,
        occasion: &str,
        kind: &str,
        payment: &ProviderPaymentId,
        now: DateTime<Utc>,
    ) -> (HeaderMap, Vec<u8>) {
        let told = Told {
            id: format!("evt_{occasion}_{}", payment.0),
            kind: kind.to_owned(),
            payment: payment.0.clone(),
            amount: None,
            reason: (kind == "payment.declined").then(|| Decline::Authentication.as_str().to_owned()),
            refund: None,
        };
        let body = serde_json::to_vec(&told).expect("plain text can be written");
        let signature = HeaderValue::try_from(signature::sign(&self.secret, &body, now)).expect("digits and letters");
        (
            HeaderMap::from_iter([(SIGNATURE.parse().expect("a header's name"), signature)]),
            body,
        )
    }
}

/// What its cards do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Behaviour {
    Good,
    Declined,
    InsufficientFunds,
    /// The bank wants to hear from the shopper.
    Challenge,
    /// The bank has charged, and nobody hears of it.
    AnswerLost,
    /// The webhook overtakes the answer.
    EarlyWebhook,
}

const BEHAVIOURS: [(Behaviour, &str, &str); 5] = [
    (Behaviour::Declined, "declined", "4000000000000002"),
    (Behaviour::InsufficientFunds, "insufficient_funds", "4000000000009995"),
    (Behaviour::Challenge, "challenge", "4000002500003155"),
    (Behaviour::AnswerLost, "answer_lost", "4000000000000119"),
    (Behaviour::EarlyWebhook, "early_webhook", "4000000000000077"),
];

impl Behaviour {
    fn of(card: &Card) -> Self {
        let number = card.number.reveal();
        let known = BEHAVIOURS.iter().find(|(.., of)| *of == number);
        known.map_or(Self::Good, |(behaviour, ..)| *behaviour)
    }

    /// By a token or a name: `tok_test_declined`, `test_declined_<reference>`.
    fn named(text: &str) -> Self {
        let known = BEHAVIOURS.iter().find(|(_, word, _)| text.contains(word));
        known.map_or(Self::Good, |(behaviour, ..)| *behaviour)
    }

    fn word(self) -> &'static str {
        let known = BEHAVIOURS.iter().find(|(behaviour, ..)| *behaviour == self);
        known.map_or("good", |(_, word, _)| *word)
    }
}

impl Test {
    fn status(&self, id: &ProviderPaymentId) -> ProviderStatus {
        match Behaviour::named(&id.0) {
            Behaviour::Declined => ProviderStatus::Declined(Decline::Card),
            Behaviour::InsufficientFunds => ProviderStatus::Declined(Decline::InsufficientFunds),
            Behaviour::Challenge => ProviderStatus::RequiresAction(Some(format!("{}/test-bank/{}", self.bank, id.0))),
            Behaviour::Good | Behaviour::AnswerLost | Behaviour::EarlyWebhook => ProviderStatus::Authorised,
        }
    }

    async fn tell_early(&self, id: &ProviderPaymentId) {
        let (headers, body) = self.webhook("early", "payment.authorised", id, clock::now());
        let (heard, answer) = oneshot::channel();
        let delivery = Delivery { headers, body, heard };
        if self.sender.send(delivery).await.is_ok() {
            answer.await.ok();
        }
    }
}

#[async_trait]
impl Provider for Test {
    fn name(&self) -> &'static str {
        NAME
    }

    fn method_type(&self) -> MethodType {
        MethodType::Card
    }

    fn option(&self) -> PaymentOption {
        PaymentOption {
            provider: NAME,
            method_type: self.method_type(),
            label: "Card",
            is_test: true,
            days_to_pay: None,
        }
    }

    async fn tokenise(&self, card: &Card) -> Result<Result<TokenisedCard, Violation>, Unavailable> {
        Ok(Ok(TokenisedCard {
            token: Token(format!("tok_test_{}", Behaviour::of(card).word())),
            fingerprint: Some(signature::tag(&self.secret, card.number.reveal().as_bytes())),
        }))
    }

    async fn initiate(&self, charge: &Charge) -> Outcome<ProviderPayment> {
        let word = charge
            .token
            .as_ref()
            .map_or(Behaviour::Good, |token| Behaviour::named(&token.0))
            .word();
        Ok(Ok(ProviderPayment {
            id: ProviderPaymentId(format!("test_{word}_{}", charge.reference.simple())),
            status: ProviderStatus::Unconfirmed,
        }))
    }

    async fn authorise(&self, id: &ProviderPaymentId, _charge: &Charge) -> Result<ProviderStatus, Unavailable> {
        match Behaviour::named(&id.0) {
            Behaviour::AnswerLost => return Err(Unavailable::new("this card's answers are lost")),
            Behaviour::EarlyWebhook => self.tell_early(id).await,
            _ => {}
        }
        Ok(self.status(id))
    }

    async fn retrieve(&self, id: &ProviderPaymentId) -> Result<ProviderPayment, Unavailable> {
        let (id, status) = (id.clone(), self.status(id));
        Ok(ProviderPayment { id, status })
    }

    /// What the shopper has answered, payments knows and this does not.
    async fn expire(&self, id: &ProviderPaymentId, _reference: Reference) -> Outcome<()> {
        Ok(match self.status(id) {
            ProviderStatus::Authorised => Err(Refused("it is authorised".to_owned())),
            _ => Ok(()),
        })
    }

    async fn capture(&self, _id: &ProviderPaymentId, _reference: Reference, _amount: Amount) -> Outcome<()> {
        Ok(Ok(()))
    }

    async fn void(&self, _id: &ProviderPaymentId, _reference: Reference) -> Outcome<()> {
        Ok(Ok(()))
    }

    async fn refund(&self, _id: &ProviderPaymentId, _reference: Reference, _amount: Amount) -> Outcome<Progress> {
        Ok(Ok(Progress::Done))
    }

    /// Never heard of: it gives the money back again, of which there is none.
    async fn retrieve_refund(
        &self,
        _id: &ProviderPaymentId,
        _reference: Reference,
    ) -> Result<Option<Progress>, Unavailable> {
        Ok(None)
    }

    fn parse_webhook(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: DateTime<Utc>,
    ) -> Result<Option<WebhookEvent>, Rejected> {
        signature::verify_header(headers, SIGNATURE, &self.secret, body, now)?;
        let told: Told = serde_json::from_slice(body)
            .map_err(|error| Rejected::unreadable("the body is not a webhook of this provider", error))?;
        Ok(told.event())
    }

    /// The first answer counts, since all have one name.
    fn answered(&self, name: &ProviderPaymentId, approves: bool, now: DateTime<Utc>) -> Option<(HeaderMap, Vec<u8>)> {
        let kind = if approves {
            "payment.authorised"
        } else {
            "payment.declined"
        };
        Some(self.webhook("answer", kind, name, now))
    }

    fn deliveries(&self) -> Option<mpsc::Receiver<Delivery>> {
        self.receiver.lock().ok()?.take()
    }
}

/// A webhook's body.
#[derive(Deserialize, Serialize)]
struct Told {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    payment: String,
    /// With `payment.captured`: how much, in minor units
    #[serde(default, skip_serializing_if = "Option::is_none")]
    amount: Option<i64>,
    /// With `payment.declined` and `refund.refused`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// With `refund.done` and `refund.refused`: our reference
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refund: Option<String>,
}

impl Told {
    /// None where nothing that we know has happened, or to no payment of ours.
    fn event(self) -> Option<WebhookEvent> {
        let (_, reference) = self.payment.rsplit_once('_')?;
        let refund = self.refund.as_deref().and_then(|text| text.parse().ok());
        let refund = refund.map(|Reference { number, .. }| number);
        let update = match (self.kind.as_str(), refund) {
            ("payment.authorised", _) => Update::Status(ProviderStatus::Authorised),
            ("payment.declined", _) => {
                let reason = self.reason.and_then(|reason| Decline::try_from(reason).ok());
                Update::Status(ProviderStatus::Declined(reason.unwrap_or(Decline::Card)))
            }
            ("payment.captured", _) => Update::Status(ProviderStatus::Captured(self.amount)),
            ("payment.voided", _) => Update::Status(ProviderStatus::Voided),
            ("refund.done", Some(number)) => Update::Movement(number, Progress::Done, None),
            ("refund.refused", Some(number)) => Update::Movement(number, Progress::Refused, self.reason),
            _ => return None,
        };
        Some(WebhookEvent {
            id: self.id,
            payment: reference.parse().ok()?,
            updates: vec![update],
            retrieve: false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_is_not_shown() {
        let shown = format!("{:?}", Test::new("http://127.0.0.1:1", "sesame".into()));
        assert!(shown.contains("127.0.0.1:1") && !shown.contains("sesame"), "{shown}");
    }
}
