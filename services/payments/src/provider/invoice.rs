//! Payment on account: the shopper receives the goods and an invoice, and transfers the money later. No other party is
//! involved, so a shop needs no contract with a provider. When the money arrives, an operator captures the payment.
//!
//! Shoppers order without paying first, so there are two limits: on the amount of an order, and on the unpaid invoices of a
//! client.

use std::str::FromStr;

use async_trait::async_trait;
use axum::http::HeaderMap;
use chrono::{DateTime, TimeDelta, Utc};
use money::{Currency, Money};
use storage::Db;
use values::Violation;

use super::{Outcome, Provider, Unavailable, WebhookEvent, WebhookRejected, cards_not_accepted};
use crate::domain::card::Card;
use crate::domain::{
    Amount, Charge, Decline, MovementReference, MovementStatus, PaymentMethodType, PaymentOption, ProviderPayment,
    ProviderPaymentId, ProviderStatus, TokenizedCard, Transfer,
};
use crate::store::payments as store;

/// The provider's name in settings and in the database.
pub const NAME: &str = "invoice";

/// The settings of the invoice provider.
#[derive(clap::Args, Clone, Debug)]
#[group(id = "InvoiceSettings")]
pub struct Settings {
    /// The holder of the account to which shoppers transfer the money; required if invoices are offered
    #[arg(
        id = "invoice_account_holder",
        long = "invoice-account-holder",
        env = "STOA_INVOICE_ACCOUNT_HOLDER"
    )]
    pub account_holder: Option<String>,
    /// The IBAN of that account; required if invoices are offered
    #[arg(id = "invoice_iban", long = "invoice-iban", env = "STOA_INVOICE_IBAN")]
    pub iban: Option<Iban>,
    /// The BIC of that account's bank, which banks in other countries may require
    #[arg(id = "invoice_bic", long = "invoice-bic", env = "STOA_INVOICE_BIC")]
    pub bic: Option<String>,
    /// The number of days in which an invoice has to be paid
    #[arg(id = "invoice_days", long = "invoice-days", env = "STOA_INVOICE_DAYS", default_value_t = 14, value_parser = clap::value_parser!(u32).range(1..=365))]
    pub days: u32,
    /// The largest amount of an invoice in each currency, separated by commas; in other currencies no invoice is offered
    #[arg(id = "invoice_limits", long = "invoice-limits", env = "STOA_INVOICE_LIMITS", value_delimiter = ',', default_value = LIMITS)]
    pub limits: Vec<Limit>,
    /// The number of unpaid invoices that one client may have within a day
    #[arg(
        id = "invoices_per_client",
        long = "invoices-per-client",
        env = "STOA_INVOICES_PER_CLIENT",
        default_value_t = 5
    )]
    pub per_client: u32,
}

const LIMITS: &str = "CHF 500,EUR 500,GBP 500,USD 500,JPY 80000,KWD 150";

impl Default for Settings {
    fn default() -> Self {
        Self {
            account_holder: None,
            iban: None,
            bic: None,
            days: 14,
            limits: LIMITS.split(',').filter_map(|limit| limit.parse().ok()).collect(),
            per_client: 5,
        }
    }
}

impl Settings {
    /// Checks that all settings are there that are required if invoices are offered.
    ///
    /// # Errors
    /// The setting that is missing, in one line.
    pub fn check(&self, is_offered: bool) -> Result<(), String> {
        let missing = |name| {
            Err(format!(
                "{name} is missing: shoppers who pay by invoice need a bank account for their transfer"
            ))
        };
        match (&self.account_holder, &self.iban) {
            (Some(holder), Some(_)) if !holder.trim().is_empty() => Ok(()),
            _ if !is_offered => Ok(()),
            (_, None) => missing("STOA_INVOICE_IBAN"),
            _ => missing("STOA_INVOICE_ACCOUNT_HOLDER"),
        }
    }
}

/// An IBAN (ISO 13616) with valid check digits, without spaces.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Iban(String);

impl FromStr for Iban {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let iban: String = text.split_whitespace().collect::<String>().to_uppercase();
        let is_iban = (15..=34).contains(&iban.len())
            && iban.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && iban[..2].bytes().all(|byte| byte.is_ascii_alphabetic())
            && remainder(&iban) == Some(1);
        is_iban
            .then_some(Self(iban))
            .ok_or_else(|| format!("{text}: not a valid IBAN; is a digit wrong?"))
    }
}

/// ISO 7064, MOD 97-10: the first four characters are moved to the end, and letters count as 10 to 35.
fn remainder(iban: &str) -> Option<u32> {
    let (first, rest) = iban.split_at(4);
    let digits = rest
        .chars()
        .chain(first.chars())
        .map(|character| character.to_digit(36));
    digits.into_iter().try_fold(0, |remainder, digit| {
        let digit = digit?;
        let shift = if digit < 10 { 10 } else { 100 };
        Some((remainder * shift + digit) % 97)
    })
}

/// The largest amount of an invoice: `EUR 500`, `KWD 150.500`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limit(Money);

impl FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = text.trim().split_once(' ').and_then(|(code, amount)| {
            let currency = Currency::from_code(code)?;
            let (whole, part) = amount.split_once('.').unwrap_or((amount, ""));
            let digits = currency.digits() as usize;
            let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
            let fits = !whole.is_empty() && part.len() <= digits && is_number(whole) && is_number(part);
            let minor = format!("{whole}{part:0<digits$}").parse().ok().filter(|_| fits)?;
            Some(Self(Money::new(minor, currency)))
        });
        parsed.ok_or_else(|| format!("{text}: not a limit such as EUR 500"))
    }
}

/// The invoice provider.
#[derive(Debug)]
pub struct Invoice {
    db: Db,
    settings: Settings,
}

impl Invoice {
    /// Counts the unpaid invoices in `db`.
    #[must_use]
    pub fn new(db: Db, settings: Settings) -> Self {
        Self { db, settings }
    }
}

#[async_trait]
impl Provider for Invoice {
    fn name(&self) -> &'static str {
        NAME
    }

    fn method_type(&self) -> PaymentMethodType {
        PaymentMethodType::Invoice
    }

    fn payment_option(&self) -> PaymentOption {
        PaymentOption {
            provider: NAME,
            method_type: self.method_type(),
            label: "Invoice",
            is_test: false,
            days_to_pay: Some(self.settings.days),
        }
    }

    fn supports(&self, amount: Amount) -> bool {
        let amount = Money::from(amount);
        let limits = &self.settings.limits;
        let limit = limits.iter().find(|Limit(max)| max.currency == amount.currency);
        limit.is_some_and(|Limit(max)| amount.minor <= max.minor)
    }

    async fn tokenize(&self, _card: &Card) -> Result<Result<TokenizedCard, Violation>, Unavailable> {
        Ok(Err(cards_not_accepted()))
    }

    async fn initiate(&self, charge: &Charge, _now: DateTime<Utc>) -> Outcome<ProviderPayment> {
        Ok(Ok(ProviderPayment {
            id: ProviderPaymentId(format!("invoice_{}", charge.payment_id.simple())),
            status: ProviderStatus::Unconfirmed,
        }))
    }

    /// Checks the limits.
    async fn authorize(
        &self,
        _id: &ProviderPaymentId,
        charge: &Charge,
        _now: DateTime<Utc>,
    ) -> Result<ProviderStatus, Unavailable> {
        let unpaid = store::count_outstanding(&self.db, charge).await;
        let unpaid = unpaid.map_err(Unavailable::new)?;
        Ok(
            if unpaid < self.settings.per_client.into() && self.supports(charge.amount) {
                ProviderStatus::Authorised
            } else {
                ProviderStatus::Declined(Decline::Credit)
            },
        )
    }

    /// Always unconfirmed, so that an authorisation whose outcome is unknown is decided again.
    async fn retrieve(&self, id: &ProviderPaymentId) -> Result<ProviderPayment, Unavailable> {
        Ok(ProviderPayment {
            id: id.clone(),
            status: ProviderStatus::Unconfirmed,
        })
    }

    async fn expire(&self, _id: &ProviderPaymentId, _reference: MovementReference) -> Outcome<()> {
        Ok(Ok(()))
    }

    /// The money has arrived.
    async fn capture(&self, _id: &ProviderPaymentId, _reference: MovementReference, _amount: Amount) -> Outcome<()> {
        Ok(Ok(()))
    }

    async fn cancel(&self, _id: &ProviderPaymentId, _reference: MovementReference) -> Outcome<()> {
        Ok(Ok(()))
    }

    /// An operator transfers the money back.
    async fn refund(
        &self,
        _id: &ProviderPaymentId,
        _reference: MovementReference,
        _amount: Amount,
    ) -> Outcome<MovementStatus> {
        Ok(Ok(MovementStatus::Done))
    }

    async fn retrieve_refund(
        &self,
        _id: &ProviderPaymentId,
        _reference: MovementReference,
    ) -> Result<Option<MovementStatus>, Unavailable> {
        Ok(None)
    }

    fn parse_webhook(
        &self,
        _headers: &HeaderMap,
        _body: &[u8],
        _now: DateTime<Utc>,
    ) -> Result<Option<WebhookEvent>, WebhookRejected> {
        Err(WebhookRejected::new("invoices have no webhooks"))
    }

    fn due_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        Some(now + TimeDelta::days(self.settings.days.into()))
    }

    fn transfer(&self, charge: &Charge) -> Option<Transfer> {
        let Settings {
            account_holder,
            iban,
            bic,
            ..
        } = &self.settings;
        let order = charge.order.to_string();
        let reference = charge.order_number.as_ref().map_or(&*order, |number| number.as_str());
        Some(Transfer {
            account_holder: account_holder.clone()?,
            iban: iban.as_ref()?.0.clone(),
            bic: bic.clone(),
            reference: reference.to_owned(),
            due_at: charge.due_at?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iban_needs_valid_check_digits() {
        for good in [
            "DE89 3704 0044 0532 0130 00",
            "gb82west12345698765432",
            "KW81CBKU0000000000001234560101",
        ] {
            assert!(good.parse::<Iban>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "DE",
            "DE88370400440532013000",
            "DE89370400440532013000é",
            "89DE370400440532013000",
        ] {
            assert!(bad.parse::<Iban>().is_err(), "{bad}");
        }
    }

    #[test]
    fn limit_is_an_amount_in_a_currency() {
        let minor = |text: &str| text.parse::<Limit>().map(|Limit(money)| money.minor).ok();
        assert_eq!(minor("EUR 500"), Some(50_000));
        assert_eq!(minor("EUR 500.5"), Some(50_050));
        assert_eq!(minor("JPY 80000"), Some(80_000));
        assert_eq!(minor("KWD 150.500"), Some(150_500));
        for bad in [
            "",
            "EUR",
            "500",
            "EUR x",
            "EUR 1.234",
            "JPY 1.0",
            "XXX 1",
            "EUR -1",
            "EUR .5",
        ] {
            assert_eq!(minor(bad), None, "{bad}");
        }
        assert_eq!(Settings::default().limits.len(), LIMITS.split(',').count());
    }
}
