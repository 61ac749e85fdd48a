//! The built-in provider. It moves no money and remembers nothing: what happens with a card stands in the token that
//! is made of it, and in the names of the payments on it. So it survives a crash, and all replicas agree.

use std::future::ready;
use std::sync::Mutex;

use axum::http::{HeaderMap, HeaderValue};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use storage::clock;
use tokio::sync::{mpsc, oneshot};

use super::signature;
use crate::domain::card::Card;
use crate::domain::{Amount, Decline, News, Progress, Reference, Standing, Violation};
use crate::provider::{
    Answer, Authorisation, Charge, Delivery, Kept, Notice, Provider, Refused, Rejected, Token, Unavailable,
};

/// Its name in settings and addresses.
pub const SLUG: &str = "test";
const SIGNATURE: &str = "test-signature";

/// The provider.
#[derive(Debug)]
pub struct Test {
    /// Where shoppers find the bank's page, without a trailing slash
    bank: String,
    /// Signs its webhooks
    secret: String,
    sender: mpsc::Sender<Delivery>,
    receiver: Mutex<Option<mpsc::Receiver<Delivery>>>,
}

impl Test {
    /// The provider whose bank's page is at this address, and which signs with this secret.
    pub fn new(bank: &str, secret: &str) -> Self {
        let (sender, receiver) = mpsc::channel(16);
        Self {
            bank: bank.trim_end_matches('/').to_owned(),
            secret: secret.to_owned(),
            sender,
            receiver: Mutex::new(Some(receiver)),
        }
    }

    /// A webhook, signed now: that `kind` has happened to a payment. Its id is made of `occasion` and the payment's name, so
    /// that the same occasion is the same webhook.
    fn webhook(&self, occasion: &str, kind: &str, payment: &Authorisation, now: DateTime<Utc>) -> (HeaderMap, Vec<u8>) {
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

fn answer<'a, T: Send + 'a>(answer: T) -> Answer<'a, T> {
    Box::pin(ready(Ok(answer)))
}

impl Provider for Test {
    fn keep<'a>(&'a self, card: &'a Card) -> Answer<'a, Result<Kept, Violation>> {
        answer(Ok(Kept {
            token: Token(format!("tok_test_{}", Behaviour::of(card).word())),
            fingerprint: Some(signature::tag(&self.secret, card.number.reveal().as_bytes())),
        }))
    }

    fn open<'a>(&'a self, charge: &'a Charge) -> Answer<'a, Result<Authorisation, Refused>> {
        let word = Behaviour::named(&charge.token.0).word();
        answer(Ok(Authorisation(format!("test_{word}_{}", charge.reference.simple()))))
    }

    fn authorise<'a>(&'a self, name: &'a Authorisation, charge: &'a Charge) -> Answer<'a, Standing> {
        match Behaviour::named(&charge.token.0) {
            Behaviour::AnswerLost => Box::pin(ready(Err(Unavailable("this card's answers are lost".to_owned())))),
            Behaviour::EarlyWebhook => Box::pin(async {
                let (headers, body) = self.webhook("early", "payment.authorised", name, clock::now());
                let (heard, answer) = oneshot::channel();
                let delivery = Delivery { headers, body, heard };
                if self.sender.send(delivery).await.is_ok() {
                    answer.await.ok();
                }
                Ok(Standing::Authorised)
            }),
            _ => self.find(name),
        }
    }

    fn find<'a>(&'a self, name: &'a Authorisation) -> Answer<'a, Standing> {
        answer(match Behaviour::named(&name.0) {
            Behaviour::Declined => Standing::Declined(Decline::Card),
            Behaviour::InsufficientFunds => Standing::Declined(Decline::InsufficientFunds),
            Behaviour::Challenge => Standing::RequiresAction(Some(format!("{}/test-bank/{}", self.bank, name.0))),
            Behaviour::Good | Behaviour::AnswerLost | Behaviour::EarlyWebhook => Standing::Authorised,
        })
    }

    fn capture<'a>(
        &'a self,
        _name: &'a Authorisation,
        _reference: Reference,
        _amount: Amount,
    ) -> Answer<'a, Result<(), Refused>> {
        answer(Ok(()))
    }

    fn void<'a>(&'a self, _name: &'a Authorisation, _reference: Reference) -> Answer<'a, Result<(), Refused>> {
        answer(Ok(()))
    }

    fn refund<'a>(
        &'a self,
        _name: &'a Authorisation,
        _reference: Reference,
        _amount: Amount,
    ) -> Answer<'a, Result<Progress, Refused>> {
        answer(Ok(Progress::Done))
    }

    fn find_refund<'a>(&'a self, _name: &'a Authorisation, _reference: Reference) -> Answer<'a, Option<Progress>> {
        // Never heard of: it gives the money back again, of which there is none.
        answer(None)
    }

    fn slug(&self) -> &'static str {
        SLUG
    }

    fn read(&self, headers: &HeaderMap, body: &[u8], now: DateTime<Utc>) -> Result<Option<Notice>, Rejected> {
        signature::verify_header(headers, SIGNATURE, &self.secret, body, now)?;
        let told: Told =
            serde_json::from_slice(body).map_err(|_| Rejected("the body is not a webhook of this provider"))?;
        Ok(told.notice())
    }

    /// The first answer counts, since all have one name.
    fn answered(&self, name: &Authorisation, approves: bool, now: DateTime<Utc>) -> Option<(HeaderMap, Vec<u8>)> {
        let kind = match approves {
            true => "payment.authorised",
            false => "payment.declined",
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
    /// None where nothing that we know has happened.
    fn notice(self) -> Option<Notice> {
        let refund = self.refund.as_deref().and_then(|text| text.parse().ok());
        let refund = refund.map(|Reference { number, .. }| number);
        let news = match (self.kind.as_str(), refund) {
            ("payment.authorised", _) => News::Standing(Standing::Authorised),
            ("payment.declined", _) => {
                let reason = self.reason.and_then(|reason| Decline::try_from(reason).ok());
                News::Standing(Standing::Declined(reason.unwrap_or(Decline::Card)))
            }
            ("payment.captured", _) => News::Standing(Standing::Captured(self.amount)),
            ("payment.voided", _) => News::Standing(Standing::Voided),
            ("refund.done", Some(number)) => News::Movement(number, Progress::Done, None),
            ("refund.refused", Some(number)) => News::Movement(number, Progress::Refused, self.reason),
            _ => return None,
        };
        Some(Notice {
            id: self.id,
            payment: Authorisation(self.payment),
            news,
        })
    }
}
