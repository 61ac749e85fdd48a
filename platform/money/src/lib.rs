//! Amounts of money. An amount is an integer number of a currency's minor unit, never a float. Operations that could
//! overflow or mix currencies return an error; only [`Money::share`] rounds.

#![warn(missing_docs)]

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{Number, PartialSchema, ToSchema};

/// A currency by its [ISO 4217](https://www.iso.org/iso-4217-currency-codes.html) code.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Currency {
    /// Swiss franc
    Chf,
    /// Euro
    Eur,
    /// Pound sterling
    Gbp,
    /// Yen
    Jpy,
    /// Kuwaiti dinar
    Kwd,
    /// United States dollar
    Usd,
}

impl Currency {
    /// All supported currencies.
    pub const ALL: [Self; 6] = [Self::Chf, Self::Eur, Self::Gbp, Self::Jpy, Self::Kwd, Self::Usd];

    /// Number of decimal digits of the minor unit: 2 for cents, 0 for yen, 3 for the thousandths of a dinar.
    #[must_use]
    pub fn digits(self) -> u32 {
        match self {
            Self::Jpy => 0,
            Self::Chf | Self::Eur | Self::Gbp | Self::Usd => 2,
            Self::Kwd => 3,
        }
    }

    /// The ISO 4217 code, for example `EUR`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Chf => "CHF",
            Self::Eur => "EUR",
            Self::Gbp => "GBP",
            Self::Jpy => "JPY",
            Self::Kwd => "KWD",
            Self::Usd => "USD",
        }
    }

    /// The currency with this ISO 4217 code (upper case), if it is supported.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|currency| currency.code() == code)
    }

    fn symbol(self) -> &'static str {
        match self {
            Self::Chf => "CHF\u{a0}",
            Self::Eur => "€",
            Self::Gbp => "£",
            Self::Jpy => "¥",
            Self::Kwd => "KWD\u{a0}",
            Self::Usd => "$",
        }
    }
}

/// An amount of money in one currency.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize, ToSchema)]
pub struct Money {
    /// Amount in the currency's minor unit, for example cents for EUR: 4800 is €48.00
    pub minor: i64,
    /// ISO 4217 currency code
    pub currency: Currency,
}

/// Why an amount cannot be computed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Error {
    /// The result does not fit into 64 bits.
    #[error("the amount is too large")]
    Overflow,
    /// The amounts have different currencies.
    #[error("amounts of {} and {} cannot be added", .0.code(), .1.code())]
    Mixed(Currency, Currency),
}

impl Money {
    /// The OpenAPI schema of amounts whose `minor` is between `minimum` and `maximum`, for types that hold no others.
    #[must_use]
    pub fn schema_within(minimum: isize, maximum: isize) -> RefOr<Schema> {
        let mut schema = Self::schema();
        if let RefOr::T(Schema::Object(money)) = &mut schema
            && let Some(RefOr::T(Schema::Object(minor))) = money.properties.get_mut("minor")
        {
            minor.minimum = Some(Number::Int(minimum));
            minor.maximum = Some(Number::Int(maximum));
        }
        schema
    }

    /// Creates an amount from minor units.
    #[must_use]
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Adds two amounts.
    ///
    /// # Errors
    /// The currencies differ, or the sum overflows.
    pub fn plus(self, other: Self) -> Result<Self, Error> {
        if self.currency != other.currency {
            return Err(Error::Mixed(self.currency, other.currency));
        }
        self.with(self.minor.checked_add(other.minor))
    }

    /// Multiplies the amount by `quantity`.
    ///
    /// # Errors
    /// The product overflows.
    pub fn times(self, quantity: u32) -> Result<Self, Error> {
        self.with(self.minor.checked_mul(i64::from(quantity)))
    }

    /// Returns `part / whole` of the amount, rounded half away from zero. The tax contained in a gross price at 19 % is
    /// `share(19, 119)`.
    ///
    /// # Errors
    /// The result overflows, or `whole` is zero.
    pub fn share(self, part: u32, whole: u32) -> Result<Self, Error> {
        let whole = i128::from(whole);
        let scaled = i128::from(self.minor) * i128::from(part);
        let half = if scaled < 0 { -whole } else { whole };
        let rounded = (2 * scaled + half).checked_div(2 * whole);
        self.with(rounded.and_then(|rounded| i64::try_from(rounded).ok()))
    }

    /// Adds all amounts, which must be in `currency`; the sum of none is zero.
    ///
    /// # Errors
    /// A currency differs, or the sum overflows.
    pub fn sum(amounts: impl IntoIterator<Item = Self>, currency: Currency) -> Result<Self, Error> {
        amounts.into_iter().try_fold(Self::new(0, currency), Self::plus)
    }

    fn with(self, minor: Option<i64>) -> Result<Self, Error> {
        minor.map(|minor| Self { minor, ..self }).ok_or(Error::Overflow)
    }
}

/// For people: `€48.00`, `€1,250.00`, `-£0.05`, `¥4,800`, `KWD 15.500`.
impl fmt::Display for Money {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = 10_u64.pow(self.currency.digits());
        let sign = if self.minor < 0 { "-" } else { "" };
        let amount = self.minor.unsigned_abs();
        write!(formatter, "{sign}{}{}", self.currency.symbol(), grouped(amount / unit))?;
        match self.currency.digits() {
            0 => Ok(()),
            digits => write!(formatter, ".{:0width$}", amount % unit, width = digits as usize),
        }
    }
}

fn grouped(whole: u64) -> String {
    let digits = whole.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn euro(minor: i64) -> Money {
        Money::new(minor, Currency::Eur)
    }

    #[test]
    fn amount_is_displayed_with_symbol_and_separators() {
        assert_eq!(euro(4800).to_string(), "€48.00");
        assert_eq!(euro(125_000_000).to_string(), "€1,250,000.00");
        assert_eq!(euro(-5).to_string(), "-€0.05");
        assert_eq!(euro(i64::MIN).to_string(), "-€92,233,720,368,547,758.08");
    }

    #[test]
    fn all_currencies_are_in_the_schema() {
        let RefOr::T(Schema::Object(schema)) = Currency::schema() else {
            panic!("no enumeration")
        };
        assert_eq!(schema.enum_values.unwrap(), Currency::ALL.map(Currency::code));
    }

    #[test]
    fn amount_has_the_decimals_of_its_currency() {
        let read = |currency| [1_234_567, -5].map(|minor| Money::new(minor, currency).to_string());
        assert_eq!(read(Currency::Jpy), ["¥1,234,567", "-¥5"]);
        assert_eq!(read(Currency::Gbp), ["£12,345.67", "-£0.05"]);
        assert_eq!(read(Currency::Chf), ["CHF\u{a0}12,345.67", "-CHF\u{a0}0.05"]);
        assert_eq!(read(Currency::Kwd), ["KWD\u{a0}1,234.567", "-KWD\u{a0}0.005"]);
    }

    #[test]
    fn rounding_is_half_away_from_zero() {
        assert_eq!(euro(1).share(1, 2), Ok(euro(1)));
        assert_eq!(euro(-1).share(1, 2), Ok(euro(-1)));
        assert_eq!(euro(4800).share(19, 119), Ok(euro(766)));
        assert_eq!(euro(1).share(1, 0), Err(Error::Overflow));
    }

    #[test]
    fn currencies_do_not_mix() {
        let mixed = euro(1).plus(Money::new(1, Currency::Usd));
        assert_eq!(mixed, Err(Error::Mixed(Currency::Eur, Currency::Usd)));
    }

    proptest! {
        #[test]
        fn addition_is_exact_or_refused(a: i64, b: i64) {
            let expected = a.checked_add(b).map(euro).ok_or(Error::Overflow);
            prop_assert_eq!(euro(a).plus(euro(b)), expected);
        }

        #[test]
        fn shares_add_up_to_the_whole_within_one_minor_unit(minor in -1_000_000_000_i64..1_000_000_000, part in 0_u32..=100) {
            let both = euro(minor).share(part, 100).unwrap().plus(euro(minor).share(100 - part, 100).unwrap()).unwrap();
            prop_assert!((both.minor - minor).abs() <= 1);
        }

        #[test]
        fn currency_and_amount_survive_a_round_trip(minor: i64) {
            for currency in Currency::ALL {
                prop_assert_eq!(Currency::from_code(currency.code()), Some(currency));
                let json = serde_json::to_string(&Money::new(minor, currency)).unwrap();
                prop_assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), Money::new(minor, currency));
            }
        }
    }
}
