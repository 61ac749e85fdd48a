//! Pricing: what it costs, delivered where.

use money::{Currency, Money};
use serde::{Deserialize, Serialize};
use service::{CallError, Client};
use utoipa::ToSchema;

use super::{Line, List, PATIENCE, list_of, optional};

/// What this shop is paid in.
const CURRENCY: Currency = Currency::Eur;

/// The way to deliver that is no delivery: the shopper comes to a shop.
pub const PICKUP: &str = "pickup";

/// The pricing service.
#[derive(Clone, Debug)]
pub struct Pricing(Client);

/// The prices that were found.
#[derive(Debug, Deserialize)]
pub struct Prices {
    items: Vec<Item>,
}

#[derive(Debug, Deserialize)]
struct Item {
    sku: String,
    price: Money,
}

impl FromIterator<(String, Money)> for Prices {
    fn from_iter<I: IntoIterator<Item = (String, Money)>>(prices: I) -> Self {
        let items = prices.into_iter().map(|(sku, price)| Item { sku, price });
        Self { items: items.collect() }
    }
}

impl Prices {
    /// The price of a SKU, if it has one.
    pub fn of(&self, sku: &str) -> Option<Money> {
        self.items.iter().find(|item| item.sku == sku).map(|item| item.price)
    }
}

/// A country that the shop delivers to.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct Country {
    /// Its ISO 3166-1 code
    pub code: String,
    /// Its name for people
    pub name: String,
}

/// A way to deliver.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct Rate {
    /// Which
    pub method: String,
    /// That, for people
    pub name: String,
    /// How long it takes, for people
    pub days: String,
    /// What it costs
    pub price: Money,
}

/// What all of it costs.
#[derive(Debug, Deserialize)]
pub struct Quote {
    pub token: String,
    pub lines: Vec<Priced>,
    pub subtotal: Money,
    pub shipping: Shipping,
    pub tax: Money,
    pub total: Money,
}

/// A line of a quote.
#[derive(Debug, Deserialize)]
pub struct Priced {
    sku: String,
    unit_price: Money,
}

/// Delivery in a quote.
#[derive(Debug, Deserialize)]
pub struct Shipping {
    pub price: Money,
}

impl Quote {
    /// What one of each thing costs in this quote.
    pub fn prices(&self) -> Prices {
        let price = |line: &Priced| (line.sku.clone(), line.unit_price);
        self.lines.iter().map(price).collect()
    }
}

/// What a quote is asked for with.
#[derive(Serialize)]
struct Enquiry<'a> {
    currency: Currency,
    country: &'a str,
    shipping: &'a str,
    lines: &'a [Line],
}

impl Pricing {
    /// Pricing, behind this client.
    pub fn new(client: Client) -> Self {
        Self(client)
    }

    /// What these SKUs cost, if that can be had quickly. What is not among it then is not for sale.
    pub async fn prices(&self, skus: impl IntoIterator<Item = &str>) -> Option<Prices> {
        let ask = |mut query: Vec<_>| {
            query.push(("currency", CURRENCY.code()));
            self.0.get(&["prices"]).query(&query).timeout(PATIENCE).send()
        };
        optional(list_of(skus, ask).await).map(|items| Prices { items })
    }

    /// Where the shop delivers to.
    pub async fn countries(&self) -> Result<Vec<Country>, CallError> {
        let list: List<Country> = self.0.get(&["countries"]).send().await?;
        Ok(list.items)
    }

    /// The same, if it can be had quickly.
    pub async fn countries_soon(&self) -> Vec<Country> {
        let call = self.0.get(&["countries"]).timeout(PATIENCE);
        optional(call.send().await).map_or_else(Vec::new, |list: List<Country>| list.items)
    }

    /// The ways to deliver to a country, the cheapest first.
    pub async fn shipping(&self, country: &str) -> Result<Vec<Rate>, CallError> {
        let query = [("country", country), ("currency", CURRENCY.code())];
        let list: List<Rate> = self.0.get(&["shipping"]).query(&query).send().await?;
        Ok(list.items)
    }

    /// The same, if they can be had quickly.
    pub async fn shipping_soon(&self, country: &str) -> Vec<Rate> {
        let query = [("country", country), ("currency", CURRENCY.code())];
        let call = self.0.get(&["shipping"]).query(&query).timeout(PATIENCE);
        optional(call.send().await).map_or_else(Vec::new, |list: List<Rate>| list.items)
    }

    /// A quote; none where one of the things has no price, so that nobody can buy it.
    pub async fn quote(&self, country: &str, shipping: &str, lines: &[Line]) -> Result<Option<Quote>, CallError> {
        let enquiry = Enquiry {
            currency: CURRENCY,
            country,
            shipping,
            lines,
        };
        match self.0.post(&["quotes"]).json(&enquiry).send().await {
            Err(error) if error.refusal().is_some() => Ok(None),
            answer => answer.map(Some),
        }
    }
}

#[cfg(test)]
mod tests {
    use testkit::Contract;

    use super::*;

    #[test]
    fn the_contract_can_be_read() {
        let contract = Contract::of("services/pricing");
        let prices: Prices = contract.read("get", "/prices", 200);
        assert_eq!(prices.of("onda-vase-sand"), Some(Money::new(4800, Currency::Eur)));
        assert_eq!(prices.of("no-such-thing"), None);
        let countries: List<Country> = contract.read("get", "/countries", 200);
        assert!(countries.items.iter().any(|country| country.code == "DE"));
        let rates: List<Rate> = contract.read("get", "/shipping", 200);
        assert_eq!(rates.items[0].method, "standard");
        assert!(rates.items.iter().any(|rate| rate.method == PICKUP));
    }

    #[test]
    fn a_quote_is_asked_for_as_documented() {
        let contract = Contract::of("services/pricing");
        let quote: Quote = contract.read("post", "/quotes", 201);
        assert_eq!(quote.prices().of("onda-vase-sand").unwrap().minor, 4800);
        let line = Line {
            sku: "onda-vase-sand".to_owned(),
            quantity: 1,
        };
        let enquiry = Enquiry {
            currency: CURRENCY,
            country: "DE",
            shipping: "standard",
            lines: &[line],
        };
        assert_eq!(
            serde_json::to_value(enquiry).unwrap(),
            contract.request("post", "/quotes")
        );
    }
}
