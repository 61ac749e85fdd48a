//! Payment on account: the shopper gets the goods and an invoice, and transfers the money. Nobody has to be asked, so a shop
//! can be opened without a contract with anybody. Whoever keeps the books marks a payment as paid: they capture it.
//!
//! Whoever orders gives nothing of value yet, so what is owed is limited: by order, and by the unpaid orders of a client.

use std::str::FromStr;

use async_trait::async_trait;
use axum::http::HeaderMap;
use chrono::{DateTime, TimeDelta, Utc};
use money::{Currency, Money};
use storage::Db;

use super::{NO_CARDS, Outcome, Provider, Rejected, Unavailable, WebhookEvent};
use crate::domain::card::Card;
use crate::domain::{
    Amount, Charge, Decline, MethodType, PaymentOption, Progress, ProviderPayment, ProviderPaymentId, ProviderStatus,
    Reference, TokenisedCard, Transfer, Violation,
};
use crate::store::payments as store;

/// Its name in settings and in the store.
pub const NAME: &str = "invoice";

/// Settings of invoices.
#[derive(clap::Args, Clone, Debug)]
#[group(id = "InvoiceSettings")]
pub struct Settings {
    /// Whose account shoppers transfer the money to; needed where invoices are offered
    #[arg(
        id = "invoice_account_holder",
        long = "invoice-account-holder",
        env = "STOA_INVOICE_ACCOUNT_HOLDER"
    )]
    pub account_holder: Option<String>,
    /// The number of that account, an IBAN; needed where invoices are offered
    #[arg(id = "invoice_iban", long = "invoice-iban", env = "STOA_INVOICE_IBAN")]
    pub iban: Option<Iban>,
    /// Its bank's BIC, which banks of other countries may ask for
    #[arg(id = "invoice_bic", long = "invoice-bic", env = "STOA_INVOICE_BIC")]
    pub bic: Option<String>,
    /// Days that shoppers have to pay
    #[arg(id = "invoice_days", long = "invoice-days", env = "STOA_INVOICE_DAYS", default_value_t = 14, value_parser = clap::value_parser!(u32).range(1..=365))]
    pub days: u32,
    /// The most that one order may owe, by currency, with commas between; in others no invoice is offered
    #[arg(id = "invoice_limits", long = "invoice-limits", env = "STOA_INVOICE_LIMITS", value_delimiter = ',', default_value = LIMITS)]
    pub limits: Vec<Limit>,
    /// Orders on account that one client may place within a day before one of them is paid
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
    /// What is missing for invoices to be offered.
    pub fn check(&self, is_offered: bool) -> Result<(), String> {
        let missing = |name| {
            Err(format!(
                "{name} is missing: whoever pays by invoice must know where to transfer it"
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

/// The number of a bank account whose check digits are right (ISO 13616), without spaces.
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
            .ok_or_else(|| format!("{text}: no IBAN; is a digit wrong?"))
    }
}

/// ISO 7064, MOD 97-10: the first four characters last, letters as 10 to 35.
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

/// The most that one order may owe: `EUR 500`, `KWD 150.500`.
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

/// The provider.
#[derive(Debug)]
pub struct Invoice {
    db: Db,
    settings: Settings,
}

impl Invoice {
    /// The one with these settings; what is owed stands in `db`.
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

    fn method_type(&self) -> MethodType {
        MethodType::Invoice
    }

    fn option(&self) -> PaymentOption {
        PaymentOption {
            provider: NAME,
            method_type: self.method_type(),
            label: "Invoice",
            is_test: false,
            days_to_pay: Some(self.settings.days),
        }
    }

    fn takes(&self, amount: Amount) -> bool {
        let amount = Money::from(amount);
        let limits = &self.settings.limits;
        let limit = limits.iter().find(|Limit(most)| most.currency == amount.currency);
        limit.is_some_and(|Limit(most)| amount.minor <= most.minor)
    }

    async fn tokenise(&self, _card: &Card) -> Result<Result<TokenisedCard, Violation>, Unavailable> {
        Ok(Err(NO_CARDS))
    }

    async fn initiate(&self, charge: &Charge) -> Outcome<ProviderPayment> {
        Ok(Ok(ProviderPayment {
            id: ProviderPaymentId(format!("invoice_{}", charge.reference.simple())),
            status: ProviderStatus::Unconfirmed,
        }))
    }

    /// Gives credit, or does not.
    async fn authorise(&self, _id: &ProviderPaymentId, charge: &Charge) -> Result<ProviderStatus, Unavailable> {
        let owed = store::count_owed(&self.db, charge).await;
        let owed = owed.map_err(Unavailable::new)?;
        Ok(if owed < self.settings.per_client.into() && self.takes(charge.amount) {
            ProviderStatus::Authorised
        } else {
            ProviderStatus::Declined(Decline::Credit)
        })
    }

    /// Nobody but us knows, and we have not decided.
    async fn retrieve(&self, id: &ProviderPaymentId) -> Result<ProviderPayment, Unavailable> {
        Ok(ProviderPayment {
            id: id.clone(),
            status: ProviderStatus::Unconfirmed,
        })
    }

    async fn expire(&self, _id: &ProviderPaymentId, _reference: Reference) -> Outcome<()> {
        Ok(Ok(()))
    }

    /// The money has come.
    async fn capture(&self, _id: &ProviderPaymentId, _reference: Reference, _amount: Amount) -> Outcome<()> {
        Ok(Ok(()))
    }

    async fn void(&self, _id: &ProviderPaymentId, _reference: Reference) -> Outcome<()> {
        Ok(Ok(()))
    }

    /// Somebody transfers it back.
    async fn refund(&self, _id: &ProviderPaymentId, _reference: Reference, _amount: Amount) -> Outcome<Progress> {
        Ok(Ok(Progress::Done))
    }

    async fn retrieve_refund(
        &self,
        _id: &ProviderPaymentId,
        _reference: Reference,
    ) -> Result<Option<Progress>, Unavailable> {
        Ok(None)
    }

    fn parse_webhook(
        &self,
        _headers: &HeaderMap,
        _body: &[u8],
        _now: DateTime<Utc>,
    ) -> Result<Option<WebhookEvent>, Rejected> {
        Err(Rejected::new("invoices have no webhooks"))
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
    fn an_iban_has_check_digits() {
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
    fn a_limit_is_an_amount_of_a_currency() {
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
