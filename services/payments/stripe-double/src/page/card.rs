//! [Test cards](https://docs.stripe.com/testing), whose number decides how the bank behaves.

use chrono::{DateTime, Datelike};
use secrecy::ExposeSecret;

use super::{FieldErrors, Fields};
use crate::objects::Card;
use crate::schema::is_email;

/// How the bank behaves for a card.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CardBehaviour {
    Succeeds,
    RequiresAuthentication,
    Declines(Decline),
}

/// Why the bank declines a card.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Decline {
    pub code: &'static str,
    pub reason: Option<&'static str>,
    pub message: &'static str,
}

const fn declined(reason: &'static str, message: &'static str) -> CardBehaviour {
    CardBehaviour::Declines(Decline {
        code: "card_declined",
        reason: Some(reason),
        message,
    })
}

const fn refused(code: &'static str, message: &'static str) -> CardBehaviour {
    CardBehaviour::Declines(Decline {
        code,
        reason: None,
        message,
    })
}

const CARDS: [(&str, CardBehaviour); 16] = [
    ("4242424242424242", CardBehaviour::Succeeds),
    ("4000056655665556", CardBehaviour::Succeeds),
    ("5555555555554444", CardBehaviour::Succeeds),
    ("2223003122003222", CardBehaviour::Succeeds),
    ("5200828282828210", CardBehaviour::Succeeds),
    ("378282246310005", CardBehaviour::Succeeds),
    ("6011111111111117", CardBehaviour::Succeeds),
    ("4000002500003155", CardBehaviour::RequiresAuthentication),
    (
        "4000000000000002",
        declined("generic_decline", "Your card was declined."),
    ),
    (
        "4000000000009995",
        declined("insufficient_funds", "Your card has insufficient funds."),
    ),
    ("4000000000009987", declined("lost_card", "Your card was declined.")),
    ("4000000000009979", declined("stolen_card", "Your card was declined.")),
    ("4000000000000069", refused("expired_card", "Your card has expired.")),
    (
        "4000000000000127",
        refused("incorrect_cvc", "Your card's security code is incorrect."),
    ),
    (
        "4000000000000119",
        refused(
            "processing_error",
            "An error occurred while processing your card. Try again in a little bit.",
        ),
    ),
    (
        "4000000000006975",
        declined("card_velocity_exceeded", "Your card was declined."),
    ),
];

/// Any other card, which may be a real one.
const NOT_A_TEST: CardBehaviour = declined(
    "test_mode_live_card",
    "Your card was declined. Your request was in test mode, but used a non test card. For a list of valid test cards, visit: \
     https://stripe.com/docs/testing.",
);

/// Parses the fields, and returns the card and how the bank behaves for it.
pub fn read(fields: &Fields, now: i64) -> Result<(Card, CardBehaviour), FieldErrors> {
    let number: String = fields
        .number
        .expose_secret()
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .collect();
    let cvc = fields.cvc.expose_secret().trim();
    let is_cvc = (3..=4).contains(&cvc.len()) && cvc.bytes().all(|byte| byte.is_ascii_digit());
    let expiry = expiry(&fields.expiry, now);
    let errors = FieldErrors {
        email: (!is_email(fields.email.trim())).then_some("Your email is incomplete."),
        number: (!is_card_number(&number)).then_some("Your card number is invalid."),
        expiry: expiry.err(),
        cvc: (!is_cvc).then_some("Your card's security code is incomplete."),
        is_declined: false,
    };
    let (true, Ok((exp_month, exp_year))) = (errors.is_empty(), expiry) else {
        return Err(errors);
    };
    let behaviour = CARDS.iter().find(|(known, _)| *known == number);
    let card = Card {
        brand: brand(&number).to_owned(),
        last4: number[number.len() - 4..].to_owned(),
        exp_month,
        exp_year,
    };
    Ok((card, behaviour.map_or(NOT_A_TEST, |(_, behaviour)| *behaviour)))
}

/// The Luhn check.
fn is_card_number(number: &str) -> bool {
    let digits: Option<Vec<u32>> = number.chars().rev().map(|digit| digit.to_digit(10)).collect();
    let Some(digits) = digits.filter(|digits| (13..=19).contains(&digits.len())) else {
        return false;
    };
    let sum: u32 = digits
        .iter()
        .enumerate()
        .map(|(index, digit)| match index % 2 {
            0 => *digit,
            _ => digit * 2 / 10 + digit * 2 % 10,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Month and year of `12/49`, `12 / 2049` or `1249`.
fn expiry(text: &str, now: i64) -> Result<(i64, i64), &'static str> {
    const INCOMPLETE: &str = "Your card's expiration date is incomplete.";
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let (month, year) = digits.split_at_checked(2).ok_or(INCOMPLETE)?;
    let (month, year): (i64, i64) = match (month.parse(), year.parse(), year.len()) {
        (Ok(month), Ok(year), 4) => (month, year),
        (Ok(month), Ok::<i64, _>(year), 2) => (month, 2000 + year),
        _ => return Err(INCOMPLETE),
    };
    if !(1..=12).contains(&month) {
        return Err("Your card's expiration month is invalid.");
    }
    let today = DateTime::from_timestamp(now, 0).unwrap_or_default();
    let (this_year, this_month) = (i64::from(today.year()), i64::from(today.month()));
    if year < this_year {
        Err("Your card's expiration year is in the past.")
    } else if (year, month) < (this_year, this_month) {
        Err("Your card's expiration date is in the past.")
    } else if year > this_year + 50 {
        Err("Your card's expiration year is invalid.")
    } else {
        Ok((month, year))
    }
}

fn brand(number: &str) -> &'static str {
    match number.as_bytes() {
        [b'4', ..] => "visa",
        [b'3', b'4' | b'7', ..] => "amex",
        [b'6', ..] => "discover",
        _ => "mastercard",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_fields_are_rejected_and_cards_have_their_behaviour() {
        let now = 1_800_000_000; // January 2027
        let fields = |number: &str, expiry: &str, cvc: &str| Fields {
            number: number.into(),
            expiry: expiry.to_owned(),
            cvc: cvc.into(),
            email: "ada@example.org".to_owned(),
            answer: None,
        };
        let behaviour = |number, expiry, cvc| read(&fields(number, expiry, cvc), now).map(|(_, behaviour)| behaviour);
        assert_eq!(
            behaviour("4242 4242 4242 4242", "01 / 27", "123").ok(),
            Some(CardBehaviour::Succeeds)
        );
        assert_eq!(
            behaviour("4000002500003155", "0149", "123").ok(),
            Some(CardBehaviour::RequiresAuthentication)
        );
        assert_eq!(behaviour("4111111111111111", "01/2049", "123").ok(), Some(NOT_A_TEST));
        for (number, expiry, cvc) in [
            ("4242424242424241", "12/49", "123"),
            ("", "12/49", "123"),
            ("4242424242424242", "12/26", "123"),
            ("4242424242424242", "13/49", "123"),
            ("4242424242424242", "1é", "123"),
            ("4242424242424242", "12/49", "12"),
        ] {
            assert!(behaviour(number, expiry, cvc).is_err(), "{number} {expiry} {cvc}");
        }
        for (number, _) in CARDS {
            assert!(is_card_number(number), "{number}");
        }
    }
}
