//! [Test cards](https://docs.stripe.com/testing), by which the double is told what the bank does.

use chrono::{DateTime, Datelike};
use secrecy::ExposeSecret;

use super::{Fields, Flaws};
use crate::objects::Card;
use crate::schema::is_email;

/// What a bank says to a card.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    Pays,
    Asks,
    Declines(Decline),
}

/// Why it does not pay.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Decline {
    pub code: &'static str,
    pub reason: Option<&'static str>,
    pub text: &'static str,
}

const fn declined(reason: &'static str, text: &'static str) -> Verdict {
    Verdict::Declines(Decline {
        code: "card_declined",
        reason: Some(reason),
        text,
    })
}

const fn refused(code: &'static str, text: &'static str) -> Verdict {
    Verdict::Declines(Decline {
        code,
        reason: None,
        text,
    })
}

const CARDS: [(&str, Verdict); 16] = [
    ("4242424242424242", Verdict::Pays),
    ("4000056655665556", Verdict::Pays),
    ("5555555555554444", Verdict::Pays),
    ("2223003122003222", Verdict::Pays),
    ("5200828282828210", Verdict::Pays),
    ("378282246310005", Verdict::Pays),
    ("6011111111111117", Verdict::Pays),
    ("4000002500003155", Verdict::Asks),
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

/// Any other card may be somebody's own.
const NOT_A_TEST: Verdict = declined(
    "test_mode_live_card",
    "Your card was declined. Your request was in test mode, but used a non test card. For a list of valid test cards, visit: \
     https://stripe.com/docs/testing.",
);

/// The card, and what its bank says; or what is wrong with the fields.
pub fn read(fields: &Fields, now: i64) -> Result<(Card, Verdict), Flaws> {
    let number: String = fields
        .number
        .expose_secret()
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .collect();
    let cvc = fields.cvc.expose_secret().trim();
    let is_cvc = (3..=4).contains(&cvc.len()) && cvc.bytes().all(|byte| byte.is_ascii_digit());
    let expiry = expiry(&fields.expiry, now);
    let flaws = Flaws {
        email: (!is_email(fields.email.trim())).then_some("Your email is incomplete."),
        number: (!is_number(&number)).then_some("Your card number is invalid."),
        expiry: expiry.err(),
        cvc: (!is_cvc).then_some("Your card's security code is incomplete."),
        is_declined: false,
    };
    let (true, Ok((exp_month, exp_year))) = (flaws.are_none(), expiry) else {
        return Err(flaws);
    };
    let verdict = CARDS.iter().find(|(known, _)| *known == number);
    let card = Card {
        brand: brand(&number).to_owned(),
        last4: number[number.len() - 4..].to_owned(),
        exp_month,
        exp_year,
    };
    Ok((card, verdict.map_or(NOT_A_TEST, |(_, verdict)| *verdict)))
}

/// Luhn's check.
fn is_number(number: &str) -> bool {
    let digits: Option<Vec<u32>> = number.chars().rev().map(|digit| digit.to_digit(10)).collect();
    let Some(digits) = digits.filter(|digits| (13..=19).contains(&digits.len())) else {
        return false;
    };
    let sum: u32 = digits
        .iter()
        .enumerate()
        .map(|(place, digit)| match place % 2 {
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
    match (year, month) < (this_year, this_month) {
        true if year < this_year => Err("Your card's expiration year is in the past."),
        true => Err("Your card's expiration date is in the past."),
        false if year > this_year + 50 => Err("Your card's expiration year is invalid."),
        false => Ok((month, year)),
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
    fn fields_are_checked_before_the_bank_is_asked() {
        let now = 1_800_000_000; // January 2027
        let fields = |number: &str, expiry: &str, cvc: &str| Fields {
            number: number.into(),
            expiry: expiry.to_owned(),
            cvc: cvc.into(),
            email: "ada@example.org".to_owned(),
            answer: None,
        };
        let verdict = |number, expiry, cvc| read(&fields(number, expiry, cvc), now).map(|(_, verdict)| verdict);
        assert_eq!(
            verdict("4242 4242 4242 4242", "01 / 27", "123").ok(),
            Some(Verdict::Pays)
        );
        assert_eq!(verdict("4000002500003155", "0149", "123").ok(), Some(Verdict::Asks));
        assert_eq!(verdict("4111111111111111", "01/2049", "123").ok(), Some(NOT_A_TEST));
        for (number, expiry, cvc) in [
            ("4242424242424241", "12/49", "123"),
            ("", "12/49", "123"),
            ("4242424242424242", "12/26", "123"),
            ("4242424242424242", "13/49", "123"),
            ("4242424242424242", "1é", "123"),
            ("4242424242424242", "12/49", "12"),
        ] {
            assert!(verdict(number, expiry, cvc).is_err(), "{number} {expiry} {cvc}");
        }
        for (number, _) in CARDS {
            assert!(is_number(number), "{number}");
        }
    }
}
