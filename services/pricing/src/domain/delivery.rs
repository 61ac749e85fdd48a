//! Where the shop delivers to, how, and what that costs.

use money::{Currency, Money};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A country that the shop delivers to, by its [ISO 3166-1](https://www.iso.org/iso-3166-country-codes.html) code.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Country {
    /// Austria
    At,
    /// Belgium
    Be,
    /// Germany, where the parcels start
    De,
    /// Spain
    Es,
    /// France
    Fr,
    /// Italy
    It,
    /// The Netherlands
    Nl,
}

impl Country {
    /// All of them, by name.
    pub const ALL: [Self; 7] = [Self::At, Self::Be, Self::Fr, Self::De, Self::It, Self::Nl, Self::Es];

    /// Its name for people.
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

    /// What is paid with there.
    #[must_use]
    pub fn currency(self) -> Currency {
        match self {
            Self::At | Self::Be | Self::De | Self::Es | Self::Fr | Self::It | Self::Nl => Currency::Eur,
        }
    }

    /// Value added tax in percent of the net price.
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

/// A way to deliver.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// By parcel
    Standard,
    /// By courier
    Express,
    /// Not at all: the shopper comes to a shop
    Pickup,
}

impl Method {
    /// All of them: parcels first, the cheapest of them before the others.
    pub const ALL: [Self; 3] = [Self::Standard, Self::Express, Self::Pickup];

    /// Its name for people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Standard => "Standard delivery",
            Self::Express => "Express delivery",
            Self::Pickup => "Pick up in a shop",
        }
    }

    /// How long it takes.
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

    /// What it costs, tax included.
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
