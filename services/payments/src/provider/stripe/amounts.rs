//! Amounts as Stripe counts them: <https://docs.stripe.com/currencies>.

use money::Money;

use crate::domain::Amount;
use crate::provider::Refused;

/// Counted in whole units.
const ZERO_DECIMAL: [&str; 16] = [
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF",
];
/// Counted in thousandths, of which the last digit must be 0.
const THREE_DECIMAL: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];
/// The least that is charged, in minor units. For other currencies Stripe converts.
const LEAST: [(&str, i64); 5] = [("CHF", 50), ("EUR", 50), ("GBP", 30), ("JPY", 50), ("USD", 50)];
/// The most: eight digits.
const MOST: i64 = 99_999_999;

/// The digits that Stripe gives to a currency's minor unit.
fn digits(code: &str) -> u32 {
    match code {
        code if ZERO_DECIMAL.contains(&code) => 0,
        code if THREE_DECIMAL.contains(&code) => 3,
        _ => 2,
    }
}

/// An amount in Stripe's minor units, which are not everywhere ours.
///
/// # Errors
/// It has no such fraction: nothing is rounded, for the shopper has seen the amount.
pub fn minor_units(amount: Amount) -> Result<i64, Refused> {
    let Money { minor, currency } = amount.into();
    let (code, ours, theirs) = (currency.code(), currency.digits(), digits(currency.code()));
    let exact = if theirs >= ours {
        minor.checked_mul(10_i64.pow(theirs - ours))
    } else {
        let unit = 10_i64.pow(ours - theirs);
        (minor % unit == 0).then_some(minor / unit)
    };
    let minor = exact.filter(|minor| theirs < 3 || minor % 10 == 0);
    minor.ok_or_else(|| Refused(format!("Stripe charges no such fraction of {code}")))
}

/// An amount that a shopper can be charged, in Stripe's minor units.
///
/// # Errors
/// As for [`minor_units`]; or it is too little or too much.
pub fn charge(amount: Amount) -> Result<i64, Refused> {
    let (minor, code) = (minor_units(amount)?, amount.currency().code());
    let least = LEAST.iter().find(|(of, _)| *of == code).map_or(1, |(_, least)| *least);
    match minor {
        minor if minor < least => Err(Refused(format!("less than Stripe charges in {code}"))),
        minor if minor > MOST => Err(Refused(format!("more than Stripe charges in {code}"))),
        minor => Ok(minor),
    }
}

/// A currency as Stripe writes it.
pub fn currency(amount: Amount) -> String {
    amount.currency().code().to_lowercase()
}

#[cfg(test)]
mod tests {
    use money::Currency;

    use super::*;

    fn charged(minor: i64, code: &str) -> Option<i64> {
        let currency = Currency::from_code(code).expect("a currency");
        charge(Amount::try_from(Money::new(minor, currency)).expect("an amount")).ok()
    }

    #[test]
    fn currencies_have_no_two_three_decimals() {
        assert_eq!(charged(5290, "EUR"), Some(5290));
        assert_eq!(charged(500, "JPY"), Some(500));
        assert_eq!(charged(4500, "KWD"), Some(4500));
        assert_eq!(charged(5124, "KWD"), None, "the last of three digits must be 0");
    }

    #[test]
    fn too_little_and_too_much_is_refused() {
        for (code, least) in LEAST {
            assert_eq!(charged(least, code), Some(least));
            assert_eq!(charged(least - 1, code), None, "{code}");
            // The rest of a refund may be as little.
            let currency = Currency::from_code(code).expect("a currency");
            let little = Amount::try_from(Money::new(least - 1, currency)).expect("an amount");
            assert_eq!(minor_units(little), Ok(least - 1));
        }
        assert_eq!(charged(MOST, "EUR"), Some(MOST));
        assert_eq!(charged(MOST + 1, "EUR"), None);
    }

    #[test]
    fn our_currencies_have_as_many_decimals_at_stripe() {
        for currency in Currency::ALL {
            assert_eq!(digits(currency.code()), currency.digits(), "{currency:?}");
        }
    }
}
