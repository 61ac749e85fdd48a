//! Amounts in Stripe's units: <https://docs.stripe.com/currencies>.

use money::Money;

use crate::domain::Amount;
use crate::provider::Refused;

/// Currencies without a minor unit.
const ZERO_DECIMAL: [&str; 16] = [
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF",
];
/// Currencies with three decimals, of which the last must be 0.
const THREE_DECIMAL: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];
/// The smallest charges, in minor units. For other currencies the minimum depends on the exchange rate.
const MINIMUMS: [(&str, i64); 5] = [("CHF", 50), ("EUR", 50), ("GBP", 30), ("JPY", 50), ("USD", 50)];
/// The largest charge: eight digits.
const MAXIMUM: i64 = 99_999_999;

/// The decimals of a currency at Stripe.
fn digits(code: &str) -> u32 {
    match code {
        code if ZERO_DECIMAL.contains(&code) => 0,
        code if THREE_DECIMAL.contains(&code) => 3,
        _ => 2,
    }
}

/// Converts an amount to Stripe's minor units, which differ from ours in some currencies.
///
/// # Errors
/// Stripe cannot charge the amount exactly. It is not rounded, because the shopper has seen it.
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
    minor.ok_or_else(|| Refused(format!("Stripe cannot charge this amount of {code} exactly")))
}

/// Converts an amount that is to be charged, which Stripe limits.
///
/// # Errors
/// The same as of [`minor_units`], or the amount is below Stripe's minimum or above its maximum.
pub fn charge(amount: Amount) -> Result<i64, Refused> {
    let (minor, code) = (minor_units(amount)?, amount.currency().code());
    let minimum = MINIMUMS
        .iter()
        .find(|(known, _)| *known == code)
        .map_or(1, |(_, minimum)| *minimum);
    match minor {
        minor if minor < minimum => Err(Refused(format!("below Stripe's minimum in {code}"))),
        minor if minor > MAXIMUM => Err(Refused(format!("above Stripe's maximum in {code}"))),
        minor => Ok(minor),
    }
}

/// The currency code in lower case, as Stripe expects it.
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
    fn amounts_are_converted_by_the_decimals_of_the_currency() {
        assert_eq!(charged(5290, "EUR"), Some(5290));
        assert_eq!(charged(500, "JPY"), Some(500));
        assert_eq!(charged(4500, "KWD"), Some(4500));
        assert_eq!(charged(5124, "KWD"), None, "the last of three decimals must be 0");
    }

    #[test]
    fn amounts_below_the_minimum_or_above_the_maximum_are_refused() {
        for (code, minimum) in MINIMUMS {
            assert_eq!(charged(minimum, code), Some(minimum));
            assert_eq!(charged(minimum - 1, code), None, "{code}");
            // A refund may be smaller.
            let currency = Currency::from_code(code).expect("a currency");
            let small = Amount::try_from(Money::new(minimum - 1, currency)).expect("an amount");
            assert_eq!(minor_units(small), Ok(minimum - 1));
        }
        assert_eq!(charged(MAXIMUM, "EUR"), Some(MAXIMUM));
        assert_eq!(charged(MAXIMUM + 1, "EUR"), None);
    }

    #[test]
    fn our_currencies_have_the_same_decimals_at_stripe() {
        for currency in Currency::ALL {
            assert_eq!(digits(currency.code()), currency.digits(), "{currency:?}");
        }
    }
}
