//! Cards. Number and security code are read from a request and passed to the provider. They are never serialised, and their
//! `Debug` does not show them.

use std::fmt;

use chrono::{DateTime, Datelike, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use values::{Line, Malformed, Violation};

/// A card as its holder enters it.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Card {
    /// The card number: 12 to 19 digits. Spaces and hyphens are ignored.
    #[schema(value_type = String)]
    pub number: CardNumber,
    /// The last month in which the card is valid, as `MM/YY` or `MM/YYYY`, for example `12/30`.
    #[schema(value_type = String)]
    pub expiry: Expiry,
    /// The security code: 3 or 4 digits.
    #[schema(value_type = String)]
    pub cvc: Cvc,
    /// The cardholder's name: 1 to 120 characters.
    #[schema(value_type = Option<String>, max_length = 120)]
    pub holder: Option<Line<120>>,
}

impl Card {
    /// Checks the expiry date.
    #[must_use]
    pub fn violation(&self, now: DateTime<Utc>) -> Option<Violation> {
        self.expiry
            .is_past(now)
            .then(|| Violation::new("/card/expiry", "This card has expired."))
    }
}

/// Digits without spaces and hyphens. Read from a `Value`, because an error of `String` would quote a number that stands in
/// its place.
fn digits(value: &Value) -> Option<String> {
    let text = value.as_str().filter(|text| text.len() <= 64)?;
    let digits: String = text
        .chars()
        .filter(|character| !matches!(character, ' ' | '-'))
        .collect();
    digits.bytes().all(|byte| byte.is_ascii_digit()).then_some(digits)
}

/// A card number.
#[derive(Deserialize)]
#[serde(try_from = "Value")]
pub struct CardNumber(SecretString);

impl CardNumber {
    /// The whole number, for the provider only.
    #[must_use]
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
    }

    #[must_use]
    pub fn last4(&self) -> &str {
        let number = self.reveal();
        &number[number.len() - 4..]
    }

    /// The card network, derived from the first digits.
    #[must_use]
    pub fn brand(&self) -> CardBrand {
        let start = |length: usize| self.reveal()[..length].parse().unwrap_or(0_u16);
        match (start(1), start(2), start(4)) {
            (4, ..) => CardBrand::Visa,
            (_, 51..=55, _) | (_, _, 2221..=2720) => CardBrand::Mastercard,
            (_, 34 | 37, _) => CardBrand::Amex,
            _ => CardBrand::Other,
        }
    }
}

impl TryFrom<Value> for CardNumber {
    type Error = Malformed;

    fn try_from(value: Value) -> Result<Self, Malformed> {
        let number = digits(&value).filter(|digits| (12..=19).contains(&digits.len()));
        match number.ok_or(Malformed::Rule("must be a string of 12 to 19 digits"))? {
            number if passes_luhn(&number) => Ok(Self(number.into())),
            _ => Err(Malformed::Rule("must be a valid card number; is a digit wrong?")),
        }
    }
}

/// Shows the last four digits only.
impl fmt::Debug for CardNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "CardNumber(…{})", self.last4())
    }
}

/// Checks the check digit (ISO/IEC 7812-1, the Luhn algorithm).
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

/// A card's security code.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Value")]
pub struct Cvc(SecretString);

impl Cvc {
    /// The whole code, for the provider only.
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
            .ok_or(Malformed::Rule("must be a string of 3 or 4 digits"))
    }
}

/// The last month in which a card is valid.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "String")]
pub struct Expiry {
    year: i32,
    month: u32,
}

impl Expiry {
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
            _ => return Err(Malformed::Rule("must be month and year, such as 12/30")),
        };
        Ok(Self {
            year: year.into(),
            month: month.into(),
        })
    }
}

/// A card network.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CardBrand {
    /// Visa
    Visa,
    /// Mastercard
    Mastercard,
    /// American Express
    Amex,
    /// Any other network
    Other,
}

impl CardBrand {
    /// The value in the database.
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

impl TryFrom<String> for CardBrand {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        let found = [Self::Visa, Self::Mastercard, Self::Amex, Self::Other]
            .into_iter()
            .find(|brand| brand.as_str() == text);
        found.ok_or(Malformed::Rule("must be a card network"))
    }
}

#[cfg(test)]
mod tests;
