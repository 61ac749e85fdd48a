//! The built-in test provider. It moves no money and stores nothing: the behaviour of a card is part of its token and of the
//! ids of its payments. It therefore survives crashes, and is the same in all replicas.

use std::sync::Mutex;

use async_trait::async_trait;
use axum::http::{HeaderMap, HeaderValue};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot};
use values::Violation;

use super::{Outcome, Provider, Refused, Unavailable, WebhookDelivery, WebhookEvent, WebhookRejected, signature};
use crate::domain::card::Card;
use crate::domain::{
    Amount, Charge, Decline, MovementReference, MovementStatus, PaymentMethodType, PaymentOption, PaymentUpdate,
    ProviderPayment, ProviderPaymentId, ProviderStatus, Token, TokenizedCard,
};

/// The provider's name in settings, in the database, and in the address of its webhooks.
pub const NAME: &str = "test";
const SIGNATURE: &str = "test-signature";

/// The test provider.
#[derive(Debug)]
pub struct Test {
    /// The URL of the test bank's page, without a trailing slash
    bank: String,
    secret: SecretString,
    sender: mpsc::Sender<WebhookDelivery>,
    receiver: Mutex<Option<mpsc::Receiver<WebhookDelivery>>>,
}

impl Test {
    /// `bank` is the URL of the listener with the test bank's page; `secret` signs the webhooks.
    pub fn new(bank: &str, secret: SecretString) -> Self {
        let (sender, receiver) = mpsc::channel(16);
        Self {
            bank: bank.trim_end_matches('/').to_owned(),
            secret,
            sender,
            receiver: Mutex::new(Some(receiver)),
        }
    }

    /// A signed webhook of a type. Its id consists of `cause` and the payment's id, so that the same cause has the same id.
    fn webhook(
        &self,
        cause: &str,
        kind: &str,
        payment: &ProviderPaymentId,
        now: DateTime<Utc>,
    ) -> (HeaderMap, Vec<u8>) {
        let body = WebhookBody {
            id: format!("evt_{cause}_{}", payment.0),
            kind: kind.to_owned(),
            payment: payment.0.clone(),
            amount: None,
            reason: (kind == "payment.declined").then(|| Decline::Authentication.as_str().to_owned()),
            refund: None,
        };
        let body = serde_json::to_vec(&body).expect("plain text can be serialised");
        let signature = HeaderValue::try_from(signature::sign(&self.secret, &body, now)).expect("digits and letters");
        (
            HeaderMap::from_iter([(SIGNATURE.parse().expect("a header's name"), signature)]),
            body,
        )
    }
}

/// The behaviour of a test card.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum CardBehaviour {
    Authorised,
    Declined,
    InsufficientFunds,
    /// The bank requires authentication on its page.
    Challenge,
    /// Authorised, but the answer is lost.
    AnswerLost,
    /// Authorised, and the webhook arrives before the answer.
    EarlyWebhook,
}

/// The behaviour, its name, and the card number.
const TEST_CARDS: [(CardBehaviour, &str, &str); 5] = [
    (CardBehaviour::Declined, "declined", "4000000000000002"),
    (
        CardBehaviour::InsufficientFunds,
        "insufficient_funds",
        "4000000000009995",
    ),
    (CardBehaviour::Challenge, "challenge", "4000002500003155"),
    (CardBehaviour::AnswerLost, "answer_lost", "4000000000000119"),
    (CardBehaviour::EarlyWebhook, "early_webhook", "4000000000000077"),
];

impl CardBehaviour {
    fn of(card: &Card) -> Self {
        let number = card.number.reveal();
        let known = TEST_CARDS.iter().find(|(.., known)| *known == number);
        known.map_or(Self::Authorised, |(behaviour, ..)| *behaviour)
    }

    /// Parses a token or an id: `tok_test_declined`, `test_declined_<payment>`.
    fn parse(text: &str) -> Self {
        let known = TEST_CARDS.iter().find(|(_, name, _)| text.contains(name));
        known.map_or(Self::Authorised, |(behaviour, ..)| *behaviour)
    }

    fn name(self) -> &'static str {
        let known = TEST_CARDS.iter().find(|(behaviour, ..)| *behaviour == self);
        known.map_or("good", |(_, name, _)| *name)
    }
}

impl Test {
    fn status(&self, id: &ProviderPaymentId) -> ProviderStatus {
        match CardBehaviour::parse(&id.0) {
            CardBehaviour::Declined => ProviderStatus::Declined(Decline::Card),
            CardBehaviour::InsufficientFunds => ProviderStatus::Declined(Decline::InsufficientFunds),
            CardBehaviour::Challenge => {
                ProviderStatus::RequiresAction(Some(format!("{}/test-bank/{}", self.bank, id.0)))
            }
            CardBehaviour::Authorised | CardBehaviour::AnswerLost | CardBehaviour::EarlyWebhook => {
                ProviderStatus::Authorised
            }
        }
    }

    async fn deliver_early_webhook(&self, id: &ProviderPaymentId, now: DateTime<Utc>) {
        let (headers, body) = self.webhook("early", "payment.authorised", id, now);
        let (processed, answer) = oneshot::channel();
        let delivery = WebhookDelivery {
            headers,
            body,
            processed,
        };
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

    fn method_type(&self) -> PaymentMethodType {
        PaymentMethodType::Card
    }

    fn payment_option(&self) -> PaymentOption {
        PaymentOption {
            provider: NAME,
            method_type: self.method_type(),
            label: "Card",
            is_test: true,
            days_to_pay: None,
        }
    }

    async fn tokenize(&self, card: &Card) -> Result<Result<TokenizedCard, Violation>, Unavailable> {
        Ok(Ok(TokenizedCard {
            token: Token(format!("tok_test_{}", CardBehaviour::of(card).name())),
            fingerprint: Some(signature::tag(&self.secret, card.number.reveal().as_bytes())),
        }))
    }

    async fn initiate(&self, charge: &Charge, _now: DateTime<Utc>) -> Outcome<ProviderPayment> {
        let behaviour = charge
            .token
            .as_ref()
            .map_or(CardBehaviour::Authorised, |token| CardBehaviour::parse(&token.0))
            .name();
        Ok(Ok(ProviderPayment {
            id: ProviderPaymentId(format!("test_{behaviour}_{}", charge.payment_id.simple())),
            status: ProviderStatus::Unconfirmed,
        }))
    }

    async fn authorize(
        &self,
        id: &ProviderPaymentId,
        _charge: &Charge,
        now: DateTime<Utc>,
    ) -> Result<ProviderStatus, Unavailable> {
        match CardBehaviour::parse(&id.0) {
            CardBehaviour::AnswerLost => return Err(Unavailable::new("the answers for this card are lost")),
            CardBehaviour::EarlyWebhook => self.deliver_early_webhook(id, now).await,
            _ => {}
        }
        Ok(self.status(id))
    }

    async fn retrieve(&self, id: &ProviderPaymentId) -> Result<ProviderPayment, Unavailable> {
        let (id, status) = (id.clone(), self.status(id));
        Ok(ProviderPayment { id, status })
    }

    /// Whether the shopper has approved at the bank is known to the service only.
    async fn expire(&self, id: &ProviderPaymentId, _reference: MovementReference) -> Outcome<()> {
        Ok(match self.status(id) {
            ProviderStatus::Authorised => Err(Refused("the payment is authorised".to_owned())),
            _ => Ok(()),
        })
    }

    async fn capture(&self, _id: &ProviderPaymentId, _reference: MovementReference, _amount: Amount) -> Outcome<()> {
        Ok(Ok(()))
    }

    async fn cancel(&self, _id: &ProviderPaymentId, _reference: MovementReference) -> Outcome<()> {
        Ok(Ok(()))
    }

    async fn refund(
        &self,
        _id: &ProviderPaymentId,
        _reference: MovementReference,
        _amount: Amount,
    ) -> Outcome<MovementStatus> {
        Ok(Ok(MovementStatus::Done))
    }

    /// Always none, so that a refund whose outcome is unknown is repeated. No money moves.
    async fn retrieve_refund(
        &self,
        _id: &ProviderPaymentId,
        _reference: MovementReference,
    ) -> Result<Option<MovementStatus>, Unavailable> {
        Ok(None)
    }

    fn parse_webhook(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: DateTime<Utc>,
    ) -> Result<Option<WebhookEvent>, WebhookRejected> {
        signature::verify_header(headers, SIGNATURE, &self.secret, body, now)?;
        let body: WebhookBody = serde_json::from_slice(body)
            .map_err(|error| WebhookRejected::unreadable("the body is not a webhook of this provider", error))?;
        Ok(body.into_event())
    }

    /// All answers for a payment have the same webhook id, so that the first one counts.
    fn authentication_webhook(
        &self,
        id: &ProviderPaymentId,
        is_approved: bool,
        now: DateTime<Utc>,
    ) -> Option<(HeaderMap, Vec<u8>)> {
        let kind = if is_approved {
            "payment.authorised"
        } else {
            "payment.declined"
        };
        Some(self.webhook("answer", kind, id, now))
    }

    fn deliveries(&self) -> Option<mpsc::Receiver<WebhookDelivery>> {
        self.receiver.lock().ok()?.take()
    }
}

/// The body of a webhook.
#[derive(Deserialize, Serialize)]
struct WebhookBody {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    /// The provider's id of the payment
    payment: String,
    /// In minor units; only with `payment.captured`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    amount: Option<i64>,
    /// Only with `payment.declined` and `refund.refused`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Our reference of the movement; only with `refund.done` and `refund.refused`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refund: Option<String>,
}

impl WebhookBody {
    /// None for an unknown type, and for a payment that is not ours.
    fn into_event(self) -> Option<WebhookEvent> {
        let (_, reference) = self.payment.rsplit_once('_')?;
        let refund = self.refund.as_deref().and_then(|text| text.parse().ok());
        let refund = refund.map(|MovementReference { number, .. }| number);
        let update = match (self.kind.as_str(), refund) {
            ("payment.authorised", _) => PaymentUpdate::Status(ProviderStatus::Authorised),
            ("payment.declined", _) => {
                let reason = self.reason.and_then(|reason| Decline::try_from(reason).ok());
                PaymentUpdate::Status(ProviderStatus::Declined(reason.unwrap_or(Decline::Card)))
            }
            ("payment.captured", _) => PaymentUpdate::Status(ProviderStatus::Captured(self.amount)),
            ("payment.voided", _) => PaymentUpdate::Status(ProviderStatus::Voided),
            ("refund.done", Some(number)) => PaymentUpdate::Movement(number, MovementStatus::Done, None),
            ("refund.refused", Some(number)) => PaymentUpdate::Movement(number, MovementStatus::Refused, self.reason),
            _ => return None,
        };
        Some(WebhookEvent {
            id: self.id,
            payment_id: reference.parse().ok()?,
            updates: vec![update],
            needs_retrieval: false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_does_not_show_the_secret() {
        let shown = format!("{:?}", Test::new("http://127.0.0.1:1", "sesame".into()));
        assert!(shown.contains("127.0.0.1:1") && !shown.contains("sesame"), "{shown}");
    }
}
