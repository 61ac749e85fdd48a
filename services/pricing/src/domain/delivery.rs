//! Countries that the shop delivers to, and shipping methods with their prices.

use money::{Currency, Money};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The [ISO 3166-1](https://www.iso.org/iso-3166-country-codes.html) alpha-2 code of a country that the shop delivers to.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Country {
    At,
    Be,
    De,
    Es,
    Fr,
    It,
    Nl,
}

impl Country {
    /// All countries, ordered by name.
    pub const ALL: [Self; 7] = [Self::At, Self::Be, Self::Fr, Self::De, Self::It, Self::Nl, Self::Es];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::At => "Austria",
            Self::Be => "Belgium",
            Self::De => "Germany",
            Self::Es => "Spain",
            Self::Fr => "France",
            Self::It => "Italy",
            Self::Nl => "Netherlands",
        }
    }

    /// The currency that shoppers pay in.
    #[must_use]
    pub fn currency(self) -> Currency {
        match self {
            Self::At | Self::Be | Self::De | Self::Es | Self::Fr | Self::It | Self::Nl => Currency::Eur,
        }
    }

    /// The standard VAT rate in percent of the net price.
    #[must_use]
    pub fn vat(self) -> u32 {
        match self {
            Self::De => 19,
            Self::At | Self::Fr => 20,
            Self::Be | Self::Es | Self::Nl => 21,
            Self::It => 22,
        }
    }
}

/// A shipping method: by parcel (`standard`), by courier (`express`), or collected in a shop (`pickup`).
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ShippingMethod {
    Standard,
    Express,
    Pickup,
}

impl ShippingMethod {
    /// All methods in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Standard, Self::Express, Self::Pickup];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Standard => "Standard delivery",
            Self::Express => "Express delivery",
            Self::Pickup => "Pick up in a shop",
        }
    }

    /// The delivery time as text.
    #[must_use]
    pub fn days(self, country: Country) -> &'static str {
        match (self, country) {
            (Self::Standard, Country::De) => "2–4 days",
            (Self::Standard, _) => "4–7 days",
            (Self::Express, Country::De) => "1–2 days",
            (Self::Express, _) => "2–3 days",
            (Self::Pickup, _) => "Ready in 1–2 days",
        }
    }

    /// The price including tax.
    #[must_use]
    pub fn price(self, country: Country) -> Money {
        let minor = match (self, country) {
            (Self::Standard, Country::De) => 490,
            (Self::Standard, _) => 790,
            (Self::Express, Country::De) => 990,
            (Self::Express, _) => 1490,
            (Self::Pickup, _) => 0,
        };
        Money::new(minor, country.currency())
    }
}
