//! Cards. A number and a code are read from a request and given to the provider; they are never
//! serialised, and their `Debug` does not show them.

use std::fmt;

use chrono::{DateTime, Datelike, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::{Malformed, Violation};

/// A card as its holder types it.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Card {
    /// 12 to 19 digits; spaces and hyphens between them are fine
    #[schema(value_type = String)]
    pub number: Number,
    /// The last month it is good for: `12/30`
    #[schema(value_type = String)]
    pub expiry: Expiry,
    /// 3 or 4 digits from its back
    #[schema(value_type = String)]
    pub cvc: Cvc,
    /// Whose card it is
    #[schema(value_type = Option<String>, max_length = 120)]
    pub holder: Option<Holder>,
}

impl Card {
    /// The rule that it breaks at this moment, if it does.
    #[must_use]
    pub fn violation(&self, now: DateTime<Utc>) -> Option<Violation> {
        self.expiry.is_past(now).then_some(Violation {
            pointer: "/card/expiry",
            detail: "This card has expired.",
        })
    }
}

/// Text that is a secret. Not from a `String`: an error about a number in its place would quote it.
fn digits(value: &Value) -> Option<String> {
    let text = value.as_str().filter(|text| text.len() <= 64)?;
    let digits: String = text
        .chars()
        .filter(|character| !matches!(character, ' ' | '-'))
        .collect();
    digits.bytes().all(|byte| byte.is_ascii_digit()).then_some(digits)
}

/// A card's number.
#[derive(Deserialize)]
#[serde(try_from = "Value")]
pub struct Number(SecretString);

impl Number {
    /// All of it: for the provider, and nobody else.
    #[must_use]
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
    }

    /// The last four digits.
    #[must_use]
    pub fn last4(&self) -> &str {
        let number = self.reveal();
        &number[number.len() - 4..]
    }

    /// The network, by the first digits.
    #[must_use]
    pub fn brand(&self) -> Brand {
        let start = |length: usize| self.reveal()[..length].parse().unwrap_or(0_u16);
        match (start(1), start(2), start(4)) {
            (4, ..) => Brand::Visa,
            (_, 51..=55, _) | (_, _, 2221..=2720) => Brand::Mastercard,
            (_, 34 | 37, _) => Brand::Amex,
            _ => Brand::Other,
        }
    }
}

impl TryFrom<Value> for Number {
    type Error = Malformed;

    fn try_from(value: Value) -> Result<Self, Malformed> {
        let number = digits(&value).filter(|digits| (12..=19).contains(&digits.len()));
        match number.ok_or(Malformed("must be a string of 12 to 19 digits"))? {
            number if passes_luhn(&number) => Ok(Self(number.into())),
            _ => Err(Malformed("this is not a card number; is a digit wrong?")),
        }
    }
}

/// With the digits that may be kept.
impl fmt::Debug for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Number(…{})", self.last4())
    }
}

/// The check digit of ISO/IEC 7812-1: catches one wrong digit, and most swapped neighbours.
fn passes_luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .zip([1, 2].into_iter().cycle())
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .map(|product| product / 10 + product % 10)
        .sum();
    sum.is_multiple_of(10)
}

/// The code from a card's back.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Value")]
pub struct Cvc(SecretString);

impl Cvc {
    /// All of it: for the provider, and nobody else.
    #[must_use]
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
    }
}

impl TryFrom<Value> for Cvc {
    type Error = Malformed;

    fn try_from(value: Value) -> Result<Self, Malformed> {
        digits(&value)
            .filter(|digits| matches!(digits.len(), 3 | 4))
            .map(|digits| Self(digits.into()))
            .ok_or(Malformed("must be a string of 3 or 4 digits"))
    }
}

/// The last month that a card is good for.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "String")]
pub struct Expiry {
    year: i32,
    month: u32,
}

impl Expiry {
    /// As providers want it.
    #[must_use]
    pub fn month_and_year(self) -> (u32, i32) {
        (self.month, self.year)
    }

    fn is_past(self, now: DateTime<Utc>) -> bool {
        (self.year, self.month) < (now.year(), now.month())
    }
}

impl TryFrom<String> for Expiry {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        let number = |text: &str| {
            let is_number = text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse::<u16>().ok().filter(|_| is_number)
        };
        let parts = text.split_once('/').map(|(month, year)| (month.trim(), year.trim()));
        let read = parts.and_then(|(month, year)| Some((number(month)?, number(year)?, year.len())));
        let (month, year) = match read {
            Some((month @ 1..=12, year, 2)) => (month, 2000 + year),
            Some((month @ 1..=12, year @ 2000.., 4)) => (month, year),
            _ => return Err(Malformed("must be month and year, such as 12/30")),
        };
        Ok(Self {
            year: year.into(),
            month: month.into(),
        })
    }
}

/// Whose card it is: 1 to 120 characters.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Holder(String);

impl Holder {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Holder {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        text::line(&text, 120)
            .map(Self)
            .map_err(|_| Malformed("must be 1 to 120 characters that can be seen"))
    }
}

/// A card network.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Brand {
    /// Visa
    Visa,
    /// Mastercard
    Mastercard,
    /// American Express
    Amex,
    /// One of the others
    Other,
}

impl Brand {
    /// As it is written down.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Visa => "visa",
            Self::Mastercard => "mastercard",
            Self::Amex => "amex",
            Self::Other => "other",
        }
    }
}

impl TryFrom<String> for Brand {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        let found = [Self::Visa, Self::Mastercard, Self::Amex, Self::Other]
            .into_iter()
            .find(|brand| brand.as_str() == text);
        found.ok_or(Malformed("no card network"))
    }
}

#[cfg(test)]
mod tests;
