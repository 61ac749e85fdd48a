//! Stripe's [currencies](https://docs.stripe.com/currencies) and the limits of charges.

use crate::error::ApiError;

/// Presentment currencies. The lev is not among them, because Bulgaria has the euro.
const SUPPORTED: &str = "usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bhd bif bmd bnd bob brl bsd bwp byn bzd \
    cad cdf chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl htg huf \
    idr ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr \
    mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp \
    sle sos srd std szl thb tjs tnd top try ttd twd tzs uah ugx uyu uzs vnd vuv wst xaf xcd xcg xof xpf yer zar zmw";

const ZERO_DECIMAL: &str = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf";
const THREE_DECIMAL: &str = "bhd jod kwd omr tnd";
/// Currencies without a minor unit, whose amounts have two decimals nevertheless. Both have to be 0.
const TWO_ZEROS: &str = "isk ugx";

/// The documented smallest charges. Those of other currencies depend on the account's settlement currency.
const MINIMUM: [(&str, i64); 23] = [
    ("usd", 50),
    ("aed", 200),
    ("aud", 50),
    ("brl", 50),
    ("cad", 50),
    ("chf", 50),
    ("czk", 1500),
    ("dkk", 250),
    ("eur", 50),
    ("gbp", 30),
    ("hkd", 400),
    ("huf", 17500),
    ("inr", 50),
    ("jpy", 50),
    ("mxn", 1000),
    ("myr", 200),
    ("nok", 300),
    ("nzd", 50),
    ("pln", 200),
    ("ron", 200),
    ("sek", 300),
    ("sgd", 50),
    ("thb", 1000),
];

/// Eight digits.
const MAXIMUM: i64 = 99_999_999;

fn has(list: &str, code: &str) -> bool {
    list.split_whitespace().any(|known| known == code)
}

/// Checks a currency code, which has to be in lower case.
pub fn check_code(code: &str, param: &str) -> Result<(), ApiError> {
    if has(SUPPORTED, code) {
        return Ok(());
    }
    let all: Vec<_> = SUPPORTED.split_whitespace().collect();
    let message = format!(
        "Invalid currency: {code}. Stripe currently supports these currencies: {}",
        all.join(", ")
    );
    Err(ApiError::invalid(message).param(param))
}

/// The decimals of a currency.
pub fn digits(currency: &str) -> u32 {
    match currency {
        _ if has(ZERO_DECIMAL, currency) => 0,
        _ if has(THREE_DECIMAL, currency) => 3,
        _ => 2,
    }
}

/// Formats an amount: `52.90 EUR`.
pub fn format(amount: i64, currency: &str) -> String {
    let unit = 10_i64.pow(digits(currency));
    let (whole, part) = (amount / unit, amount % unit);
    let code = currency.to_uppercase();
    match digits(currency) {
        0 => format!("{whole} {code}"),
        width => format!("{whole}.{part:0width$} {code}", width = width as usize),
    }
}

/// Checks the decimals of an amount.
pub fn check_digits(amount: i64, currency: &str, param: &str) -> Result<(), ApiError> {
    let step = match currency {
        _ if has(THREE_DECIMAL, currency) => 10,
        _ if has(TWO_ZEROS, currency) => 100,
        _ => 1,
    };
    if amount % step == 0 {
        return Ok(());
    }
    let message = format!("Invalid amount: amounts in {currency} must be divisible by {step}.");
    Err(ApiError::invalid(message)
        .code("parameter_invalid_integer")
        .param(param))
}

/// Checks that a total is within the limits of a charge.
pub fn check_total(amount: i64, currency: &str) -> Result<(), ApiError> {
    let minimum = MINIMUM.iter().find(|(code, _)| *code == currency);
    let minimum = minimum.map_or(1, |(_, minimum)| *minimum);
    let say = |what: &str, limit| {
        let limit = format(limit, currency);
        ApiError::invalid(format!(
            "The Checkout Session's total amount due must add up to {what} {limit}"
        ))
    };
    match amount {
        _ if amount < minimum => Err(say("at least", minimum).code("amount_too_small")),
        _ if amount > MAXIMUM => Err(say("no more than", MAXIMUM).code("amount_too_large")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_formatted_with_the_decimals_of_their_currency() {
        assert_eq!(format(5290, "eur"), "52.90 EUR");
        assert_eq!(format(5290, "jpy"), "5290 JPY");
        assert_eq!(format(5290, "kwd"), "5.290 KWD");
        assert_eq!(format(5, "usd"), "0.05 USD");
    }

    #[test]
    fn invalid_currencies_and_amounts_are_rejected() {
        for (code, is_good) in [
            ("eur", true),
            ("EUR", false),
            ("bgn", false),
            ("", false),
            ("eur usd", false),
        ] {
            assert_eq!(check_code(code, "currency").is_ok(), is_good, "{code}");
        }
        for (amount, currency, is_good) in [
            (49, "eur", false),
            (50, "eur", true),
            (30, "gbp", true),
            (17_499, "huf", false),
            (99_999_999, "eur", true),
            (100_000_000, "eur", false),
            (0, "kes", false),
        ] {
            assert_eq!(check_total(amount, currency).is_ok(), is_good, "{amount} {currency}");
        }
        for (amount, currency, is_good) in [
            (1234, "kwd", false),
            (1230, "kwd", true),
            (1250, "isk", false),
            (1200, "isk", true),
            (1, "eur", true),
        ] {
            assert_eq!(check_digits(amount, currency, "amount").is_ok(), is_good);
        }
    }
}
