//! The checkout form. All fields are checked at once, so that the shopper sees all violations together.

use secrecy::{ExposeSecret, SecretString};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use utoipa::ToSchema;
use values::{CountryCode, Email, Malformed, Slug, Violation, grammar};

use crate::upstream::{Address, Card, PICKUP, PaymentOption, PaymentType, QuoteClaims};

/// The checkout form as the shopper filled it in. A missing field counts as empty.
// It holds a card, so it has no `Debug`.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct CheckoutForm {
    /// Email address of the shopper
    email: String,
    /// Name of the recipient, 1 to 120 characters
    name: String,
    /// Street and house number, 1 to 120 characters. Like `city` and `postal_code` not needed for a pick-up
    line1: String,
    /// Second address line, up to 120 characters; may be empty
    line2: String,
    /// City, 1 to 120 characters
    city: String,
    /// Postal code, 1 to 16 characters
    postal_code: String,
    /// Slug of the shop for a pick-up; ignored otherwise
    shop: String,
    /// ISO 3166-1 alpha-2 country code
    country: String,
    /// Shipping method: a `method` of the checkout's `shipping_options`
    shipping: String,
    /// Payment option: a `provider` of the checkout's `payment_options`
    payment: String,
    /// Card number of 12 to 19 digits; spaces and hyphens between them are allowed. The card's fields are read only if
    /// `payment` is an option of type `card`
    #[serde(deserialize_with = "secret")]
    #[schema(value_type = String, default = "")]
    card_number: SecretString,
    /// Expiry month of the card, for example `12/30`; `1230`, `12 2030` and `2030-12` are accepted as well
    card_expiry: String,
    /// Security code of the card, 3 or 4 digits
    #[serde(deserialize_with = "secret")]
    #[schema(value_type = String, default = "")]
    card_cvc: SecretString,
    /// The `token` of the quote shown to the shopper
    quote: String,
}

/// Reads a secret text. Not from a `String`: an error about a number in its place would quote it.
fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let text = value.as_str().ok_or_else(|| D::Error::custom("must be a string"))?;
    Ok(text.into())
}

/// A form without violations.
pub struct ValidForm {
    /// Email address of the shopper
    pub email: Email,
    /// Where the order goes
    pub destination: Destination,
    /// Provider of the chosen payment option
    pub provider: String,
    /// The card, if the payment option takes one
    pub card: Option<Card>,
    /// Token of the quote shown to the shopper; its signature is not verified yet
    pub token: String,
    shipping: String,
}

/// Where an order goes.
pub enum Destination {
    /// Delivery to an address
    Delivery(Address),
    /// Pick-up in a shop
    Pickup {
        /// Slug of the shop
        shop: Slug,
        /// Name of the person who picks the order up
        name: String,
    },
}

impl ValidForm {
    /// Whether the quote is for the form's shipping method and this country.
    #[must_use]
    pub fn matches_quote(&self, claims: &QuoteClaims, country: &str) -> bool {
        claims.country == country && claims.shipping.method == self.shipping
    }
}

const UNKNOWN_QUOTE: &str = "This total is not one that we have quoted.";
const UNKNOWN_SHOP: &str = "Please choose a shop for the pick-up.";

const MAX_QUOTE_BYTES: usize = 32 * 1024;

/// The violation of a quote that pricing has not signed.
pub fn unknown_quote() -> Violation {
    Violation::new("/quote", UNKNOWN_QUOTE)
}

/// The violation of a shop that does not exist.
pub fn unknown_shop() -> Violation {
    Violation::new("/shop", UNKNOWN_SHOP)
}

/// A rule turns a text into a value, or says what is wrong with it in a sentence for the shopper.
type Rule<T> = fn(&str) -> Result<T, &'static str>;

#[derive(Default)]
struct Checker(Vec<Violation>);

impl Checker {
    fn field<T>(&mut self, pointer: &'static str, text: &str, rule: Rule<T>) -> Option<T> {
        rule(text.trim())
            .map_err(|detail| self.0.push(Violation::new(pointer, detail)))
            .ok()
    }
}

impl CheckoutForm {
    /// Checks the form against the available payment options; returns all violations if there are any.
    pub fn check(&self, options: &[PaymentOption]) -> Result<ValidForm, Vec<Violation>> {
        let mut checker = Checker::default();
        let email = checker.field("/email", &self.email, email);
        let name = checker.field("/name", &self.name, |text| required_line(text, "Please enter a name."));
        let destination = match self.shipping.trim() {
            PICKUP => self.pickup(&mut checker, name.as_deref()),
            _ => self.delivery(&mut checker, name.as_deref()),
        };
        let shipping = checker.field("/shipping", &self.shipping, |text| {
            required_line(text, "Please choose a delivery option.")
        });
        let option = options.iter().find(|option| option.provider == self.payment.trim());
        if option.is_none() {
            let violation = Violation::new("/payment", "Please choose a payment method.");
            checker.0.push(violation);
        }
        let card = if option.is_some_and(|option| option.payment_type == PaymentType::Card) {
            self.card(&mut checker, name.as_deref()).map(Some)
        } else {
            Some(None)
        };
        let token = checker.field("/quote", &self.quote, quote);
        let valid = || {
            Some(ValidForm {
                email: email?,
                provider: option?.provider.clone(),
                card: card?,
                destination: destination?,
                token: token?,
                shipping: shipping?,
            })
        };
        valid().ok_or(checker.0)
    }

    fn card(&self, checker: &mut Checker, name: Option<&str>) -> Option<Card> {
        let number = checker.field("/card_number", self.card_number.expose_secret(), card_number);
        let expiry = checker.field("/card_expiry", &self.card_expiry, card_expiry);
        let cvc = checker.field("/card_cvc", self.card_cvc.expose_secret(), card_cvc);
        Some(Card {
            number: number?,
            expiry: expiry?,
            cvc: cvc?,
            holder: name?.to_owned(),
        })
    }

    fn delivery(&self, checker: &mut Checker, name: Option<&str>) -> Option<Destination> {
        let line1 = checker.field("/line1", &self.line1, |text| {
            required_line(text, "Please enter a street and house number.")
        });
        let line2 = checker.field("/line2", &self.line2, optional_line);
        let city = checker.field("/city", &self.city, |text| required_line(text, "Please enter a city."));
        let postal_code = checker.field("/postal_code", &self.postal_code, postal_code);
        let country = checker.field("/country", &self.country, country);
        Some(Destination::Delivery(Address {
            name: name?.to_owned(),
            line1: line1?,
            line2: line2?,
            city: city?,
            postal_code: postal_code?,
            country: country?.to_string(),
        }))
    }

    fn pickup(&self, checker: &mut Checker, name: Option<&str>) -> Option<Destination> {
        let shop = checker.field("/shop", &self.shop, shop);
        Some(Destination::Pickup {
            shop: shop?,
            name: name?.to_owned(),
        })
    }
}

/// A line of text that is printed on a parcel. It must not begin like a spreadsheet formula, because orders are exported to
/// spreadsheets.
fn required_line(text: &str, missing: &'static str) -> Result<String, &'static str> {
    match grammar::line(text, 120) {
        Err(Malformed::Empty) => Err(missing),
        Err(Malformed::TooLong(_)) => Err("Please use no more than 120 characters."),
        Ok(line) if line.starts_with(['=', '+', '-', '@']) => Err("Please begin with a letter or a digit."),
        Ok(line) => Ok(line),
        Err(_) => Err("Please use letters, digits and punctuation only."),
    }
}

fn optional_line(text: &str) -> Result<Option<String>, &'static str> {
    match text {
        "" => Ok(None),
        _ => required_line(text, "").map(Some),
    }
}

/// Checks the length only; the signature is verified later.
fn quote(text: &str) -> Result<String, &'static str> {
    if (1..=MAX_QUOTE_BYTES).contains(&text.len()) {
        Ok(text.to_owned())
    } else {
        Err(UNKNOWN_QUOTE)
    }
}

fn email(text: &str) -> Result<Email, &'static str> {
    Email::try_from(text.to_owned()).map_err(|_| "Please enter an email address, such as ada@example.org.")
}

fn postal_code(text: &str) -> Result<String, &'static str> {
    let is_code = |character: char| character.is_alphanumeric() || matches!(character, ' ' | '-');
    if (1..=16).contains(&text.chars().count()) && text.chars().all(is_code) {
        Ok(text.to_owned())
    } else {
        Err("Please enter a postal code.")
    }
}

/// Checks the form of the slug only; catalog knows whether the shop exists.
fn shop(text: &str) -> Result<Slug, &'static str> {
    Slug::try_from(text.to_owned()).map_err(|_| UNKNOWN_SHOP)
}

fn country(text: &str) -> Result<CountryCode, &'static str> {
    CountryCode::try_from(text.to_owned()).map_err(|_| "Please choose a country.")
}

/// Whether people, phones or pasted texts put this between digits: spaces, dashes, dots.
fn is_separator(character: char) -> bool {
    character.is_whitespace() || !(character.is_alphanumeric() || character.is_control())
}

fn card_number(text: &str) -> Result<SecretString, &'static str> {
    let number: String = text.chars().filter(|&character| !is_separator(character)).collect();
    if (12..=19).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(number.into())
    } else {
        Err("Please enter the 12 to 19 digits on the front of the card.")
    }
}

/// Reads month and year, with or without a separator, because numeric keyboards of phones have no slash: `12/34`, `1234`,
/// `12 2034`, `122034`. A year of four digits may come first.
fn card_expiry(text: &str) -> Result<String, &'static str> {
    let numbers: Vec<&str> = text.split(is_separator).filter(|number| !number.is_empty()).collect();
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
        Err("Please enter the month and year, such as 12/30.")
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
