//! The checkout form: everything is checked at once, so that the shopper hears of all that is wrong in one go.

use secrecy::{ExposeSecret, SecretString};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use text::Flaw;
use utoipa::ToSchema;

use crate::error::Violation;
use crate::upstream::{Address, Card, Claims, PICKUP, PaymentOption, PaymentType};

/// The form as it was typed. A field that is missing counts as left empty. It holds a card, so it has no `Debug`.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct Form {
    /// Where the shopper reads mail
    email: String,
    /// Who receives it
    name: String,
    /// Street and number; like town and postal code not needed for what is picked up
    line1: String,
    /// What else helps to find it; may be left empty
    line2: String,
    /// Town
    city: String,
    /// Postal code
    postal_code: String,
    /// Shop where it is picked up; needed for nothing else
    shop: String,
    /// Country, by its code of ISO 3166-1
    country: String,
    /// Way to deliver
    shipping: String,
    /// Way to pay: a `provider` of the page's `payment_options`
    payment: String,
    /// 12 to 19 digits; spaces and hyphens between them are fine. Like the card's other fields only read where `payment` is by
    /// card
    #[serde(deserialize_with = "secret")]
    #[schema(value_type = String, default = "")]
    card_number: SecretString,
    /// The last month it is good for: `12/30`; `1230`, `12 2030` and `2030-12` are fine
    card_expiry: String,
    /// 3 or 4 digits from its back
    #[serde(deserialize_with = "secret")]
    #[schema(value_type = String, default = "")]
    card_cvc: SecretString,
    /// The token of the quote that was shown
    quote: String,
}

/// Text that is a secret. Not from a `String`: an error about a number in its place would quote it.
fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let text = value.as_str().ok_or_else(|| D::Error::custom("must be a string"))?;
    Ok(text.into())
}

/// The form, when everything in it can be as it is.
pub struct Wish {
    /// Where the shopper reads mail
    pub email: String,
    /// Where it goes
    pub destination: Destination,
    /// Whose way to pay
    pub provider: String,
    /// The card, where one is typed
    pub card: Option<Card>,
    /// The quote that was shown, as its holder shows it: nothing in it is believed yet
    pub token: String,
    shipping: String,
}

/// Where it goes.
pub enum Destination {
    /// To a door
    Door(Address),
    /// To a shop's counter
    Counter {
        /// The shop
        shop: String,
        /// Who comes for it
        name: String,
    },
}

impl Wish {
    /// Whether the quote is for how the shopper wants it delivered, and for this country.
    #[must_use]
    pub fn is_quoted_for(&self, claims: &Claims, country: &str) -> bool {
        claims.country == country && claims.shipping.method == self.shipping
    }
}

/// What is said of a quote that is none of ours.
pub const NO_QUOTE: Violation = Violation {
    pointer: "/quote",
    detail: "This total is not one that we have shown.",
};

/// No quote is longer.
const LONGEST_QUOTE: usize = 32 * 1024;

/// What is said of a way to pay that is none.
pub const NO_PAYMENT: Violation = Violation {
    pointer: "/payment",
    detail: "Please choose how you pay.",
};

/// What is said of a shop that is none.
pub const NO_SHOP: &str = "Please choose the shop where you pick it up.";

/// A rule: what becomes of a text, or what is wrong with it, in a sentence for the shopper.
type Rule<T> = fn(&str) -> Result<T, &'static str>;

#[derive(Default)]
struct Check(Vec<Violation>);

impl Check {
    fn field<T>(&mut self, pointer: &'static str, text: &str, rule: Rule<T>) -> Option<T> {
        rule(text.trim())
            .map_err(|detail| self.0.push(Violation { pointer, detail }))
            .ok()
    }
}

impl Form {
    /// The wish that it holds, or everything that is wrong with it. These are the ways to pay.
    pub fn check(&self, options: &[PaymentOption]) -> Result<Wish, Vec<Violation>> {
        let mut check = Check::default();
        let email = check.field("/email", &self.email, email);
        let name = check.field("/name", &self.name, |text| {
            short(text, "Please tell us who receives it.")
        });
        let destination = match self.shipping.trim() {
            PICKUP => self.counter(&mut check, name.as_deref()),
            _ => self.door(&mut check, name.as_deref()),
        };
        let shipping = check.field("/shipping", &self.shipping, |text| {
            short(text, "Please choose how it is delivered.")
        });
        let option = options.iter().find(|option| option.provider == self.payment.trim());
        if option.is_none() {
            check.0.push(NO_PAYMENT);
        }
        let card = if option.is_some_and(|option| option.payment_type == PaymentType::Card) {
            self.card(&mut check, name.as_deref()).map(Some)
        } else {
            Some(None)
        };
        let token = check.field(NO_QUOTE.pointer, &self.quote, quote);
        let wish = || {
            Some(Wish {
                email: email?,
                provider: option?.provider.clone(),
                card: card?,
                destination: destination?,
                token: token?,
                shipping: shipping?,
            })
        };
        wish().ok_or(check.0)
    }

    fn card(&self, check: &mut Check, name: Option<&str>) -> Option<Card> {
        let number = check.field("/card_number", self.card_number.expose_secret(), card_number);
        let expiry = check.field("/card_expiry", &self.card_expiry, card_expiry);
        let cvc = check.field("/card_cvc", self.card_cvc.expose_secret(), card_cvc);
        Some(Card {
            number: number?,
            expiry: expiry?,
            cvc: cvc?,
            holder: name?.to_owned(),
        })
    }

    fn door(&self, check: &mut Check, name: Option<&str>) -> Option<Destination> {
        let line1 = check.field("/line1", &self.line1, |text| {
            short(text, "Please enter the street and the number.")
        });
        let line2 = check.field("/line2", &self.line2, optional);
        let city = check.field("/city", &self.city, |text| short(text, "Please enter the city."));
        let postal_code = check.field("/postal_code", &self.postal_code, postal_code);
        let country = check.field("/country", &self.country, country);
        Some(Destination::Door(Address {
            name: name?.to_owned(),
            line1: line1?,
            line2: line2?,
            city: city?,
            postal_code: postal_code?,
            country: country?,
        }))
    }

    fn counter(&self, check: &mut Check, name: Option<&str>) -> Option<Destination> {
        let shop = check.field("/shop", &self.shop, shop);
        Some(Destination::Counter {
            shop: shop?,
            name: name?.to_owned(),
        })
    }
}

/// A line of words, for everything that stands on a parcel. No name or street begins as formulas of spreadsheets do, into
/// which orders are exported.
fn short(text: &str, missing: &'static str) -> Result<String, &'static str> {
    match text::line(text, 120) {
        Err(Flaw::Empty) => Err(missing),
        Err(Flaw::TooLong(_)) => Err("Please use 120 characters at most."),
        Ok(line) if line.starts_with(['=', '+', '-', '@']) => Err("Please begin with a letter or a digit."),
        Ok(line) => Ok(line),
        Err(_) => Err("Please use letters, digits and signs only."),
    }
}

fn optional(text: &str) -> Result<Option<String>, &'static str> {
    match text {
        "" => Ok(None),
        _ => short(text, "").map(Some),
    }
}

/// Whether it is one, its signature tells.
fn quote(text: &str) -> Result<String, &'static str> {
    if (1..=LONGEST_QUOTE).contains(&text.len()) {
        Ok(text.to_owned())
    } else {
        Err(NO_QUOTE.detail)
    }
}

/// Whether mail arrives, only mail can tell.
fn email(text: &str) -> Result<String, &'static str> {
    text::email(text).map_err(|_| "Please enter an email address, such as ada@example.org.")
}

fn postal_code(text: &str) -> Result<String, &'static str> {
    let is_code = |character: char| character.is_alphanumeric() || matches!(character, ' ' | '-');
    if (1..=16).contains(&text.chars().count()) && text.chars().all(is_code) {
        Ok(text.to_owned())
    } else {
        Err("Please enter the postal code.")
    }
}

/// Whether there is such a shop, catalog knows.
fn shop(text: &str) -> Result<String, &'static str> {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if (1..=64).contains(&text.len()) && text.bytes().all(is_letter) {
        Ok(text.to_owned())
    } else {
        Err(NO_SHOP)
    }
}

fn country(text: &str) -> Result<String, &'static str> {
    if text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
        Ok(text.to_owned())
    } else {
        Err("Please choose a country.")
    }
}

/// What people, phones and whatever they paste from put between digits: spaces, strokes, dots.
fn is_between(character: char) -> bool {
    character.is_whitespace() || !(character.is_alphanumeric() || character.is_control())
}

fn card_number(text: &str) -> Result<SecretString, &'static str> {
    let number: String = text.chars().filter(|&character| !is_between(character)).collect();
    if (12..=19).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(number.into())
    } else {
        Err("Please enter the 12 to 19 digits on the front of the card.")
    }
}

/// Month and year as they are typed, with or without anything between them: a phone's keyboard for digits has no slash.
/// `12/34`, `1234`, `12 2034`, `122034`, and a year of four digits may come first.
fn card_expiry(text: &str) -> Result<String, &'static str> {
    let numbers: Vec<&str> = text.split(is_between).filter(|number| !number.is_empty()).collect();
    let (month, year) = match *numbers {
        [month, year] if month.len() <= 2 => (month, year),
        [year, month] => (month, year),
        [number] if number.is_ascii() && matches!(number.len(), 4 | 6) => match number.split_at(2) {
            (month, year) if is_month(month) => (month, year),
            _ => (&number[4..], &number[..4]),
        },
        _ => ("", ""),
    };
    let is_year = matches!(year.len(), 2 | 4) && year.bytes().all(|byte| byte.is_ascii_digit());
    if is_month(month) && is_year {
        Ok(format!("{month:0>2}/{year}"))
    } else {
        Err("Please enter month and year, such as 12/30.")
    }
}

fn is_month(text: &str) -> bool {
    let is_number = matches!(text.len(), 1 | 2) && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number && text.parse().is_ok_and(|month: u8| (1..=12).contains(&month))
}

fn card_cvc(text: &str) -> Result<SecretString, &'static str> {
    if matches!(text.len(), 3 | 4) && text.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(text.into())
    } else {
        Err("Please enter the 3 or 4 digits on the back of the card.")
    }
}

#[cfg(test)]
mod tests;
