//! Pricing: prices, countries, shipping rates and quotes.

use money::{Currency, Money};
use serde::{Deserialize, Serialize};
use service::{CallError, Client};
use utoipa::ToSchema;

use super::{LineItem, List, OPTIONAL_TIMEOUT, list_by_sku, optional};

/// The shop's currency.
const CURRENCY: Currency = Currency::Eur;

/// The shipping method for picking an order up in a shop.
pub const PICKUP: &str = "pickup";

/// The pricing service.
#[derive(Clone, Debug)]
pub struct Pricing(Client);

/// The prices that were found.
#[derive(Debug, Deserialize)]
pub struct Prices {
    items: Vec<SkuPrice>,
}

#[derive(Debug, Deserialize)]
struct SkuPrice {
    sku: String,
    price: Money,
}

impl FromIterator<(String, Money)> for Prices {
    fn from_iter<I: IntoIterator<Item = (String, Money)>>(prices: I) -> Self {
        let items = prices.into_iter().map(|(sku, price)| SkuPrice { sku, price });
        Self { items: items.collect() }
    }
}

impl Prices {
    /// The price of a SKU, if it has one.
    pub fn get(&self, sku: &str) -> Option<Money> {
        self.items.iter().find(|item| item.sku == sku).map(|item| item.price)
    }
}

/// A country that the shop delivers to.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct Country {
    /// ISO 3166-1 alpha-2 country code
    pub code: String,
    /// Name in English
    pub name: String,
}

/// A shipping method with its price.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct ShippingRate {
    /// Shipping method, for example `standard`; `pickup` for picking the order up in a shop
    pub method: String,
    /// Name shown to shoppers
    pub name: String,
    /// Delivery time shown to shoppers, for example `2–4 days`
    pub days: String,
    /// Price, including tax
    pub price: Money,
}

/// A signed quote.
#[derive(Debug, Deserialize)]
pub struct Quote {
    pub token: String,
    pub lines: Vec<QuoteLine>,
    pub subtotal: Money,
    pub shipping: QuoteShipping,
    pub tax: Money,
    pub total: Money,
}

/// A line of a quote.
#[derive(Debug, Deserialize)]
pub struct QuoteLine {
    sku: String,
    unit_price: Money,
}

/// The shipping price of a quote.
#[derive(Debug, Deserialize)]
pub struct QuoteShipping {
    pub price: Money,
}

impl Quote {
    /// The unit prices of this quote.
    pub fn prices(&self) -> Prices {
        let price = |line: &QuoteLine| (line.sku.clone(), line.unit_price);
        self.lines.iter().map(price).collect()
    }
}

/// A request for a quote.
#[derive(Serialize)]
struct QuoteRequest<'a> {
    currency: Currency,
    country: &'a str,
    shipping: &'a str,
    lines: &'a [LineItem],
}

impl Pricing {
    /// The pricing service behind this client.
    pub fn new(client: Client) -> Self {
        Self(client)
    }

    /// The prices of these SKUs, if pricing answers in time. A SKU without a price is not for sale.
    pub async fn prices(&self, skus: impl IntoIterator<Item = &str>) -> Option<Prices> {
        let call = |mut query: Vec<_>| {
            query.push(("currency", CURRENCY.code()));
            self.0.get(&["prices"]).query(&query).timeout(OPTIONAL_TIMEOUT).send()
        };
        optional(list_by_sku(skus, call).await).map(|items| Prices { items })
    }

    /// The countries that the shop delivers to.
    pub async fn countries(&self) -> Result<Vec<Country>, CallError> {
        let list: List<Country> = self.0.get(&["countries"]).send().await?;
        Ok(list.items)
    }

    /// The countries, or none if pricing does not answer in time.
    pub async fn optional_countries(&self) -> Vec<Country> {
        let call = self.0.get(&["countries"]).timeout(OPTIONAL_TIMEOUT);
        optional(call.send().await).map_or_else(Vec::new, |list: List<Country>| list.items)
    }

    /// The shipping rates for a country, the cheapest first.
    pub async fn shipping_rates(&self, country: &str) -> Result<Vec<ShippingRate>, CallError> {
        let query = [("country", country), ("currency", CURRENCY.code())];
        let list: List<ShippingRate> = self.0.get(&["shipping"]).query(&query).send().await?;
        Ok(list.items)
    }

    /// The shipping rates, or none if pricing does not answer in time.
    pub async fn optional_shipping_rates(&self, country: &str) -> Vec<ShippingRate> {
        let query = [("country", country), ("currency", CURRENCY.code())];
        let call = self.0.get(&["shipping"]).query(&query).timeout(OPTIONAL_TIMEOUT);
        optional(call.send().await).map_or_else(Vec::new, |list: List<ShippingRate>| list.items)
    }

    /// Creates a quote; `None` if pricing rejects it because a line has no price.
    pub async fn quote(&self, country: &str, shipping: &str, lines: &[LineItem]) -> Result<Option<Quote>, CallError> {
        let request = QuoteRequest {
            currency: CURRENCY,
            country,
            shipping,
            lines,
        };
        match self.0.post(&["quotes"]).json(&request).send().await {
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
    fn contract_is_readable() {
        let contract = Contract::of("services/pricing");
        let prices: Prices = contract.read("get", "/prices", 200);
        assert_eq!(prices.get("onda-vase-sand"), Some(Money::new(4800, Currency::Eur)));
        assert_eq!(prices.get("no-such-thing"), None);
        let countries: List<Country> = contract.read("get", "/countries", 200);
        assert!(countries.items.iter().any(|country| country.code == "DE"));
        let rates: List<ShippingRate> = contract.read("get", "/shipping", 200);
        assert_eq!(rates.items[0].method, "standard");
        assert!(rates.items.iter().any(|rate| rate.method == PICKUP));
    }

    #[test]
    fn quote_request_matches_the_contract() {
        let contract = Contract::of("services/pricing");
        let quote: Quote = contract.read("post", "/quotes", 201);
        assert_eq!(quote.prices().get("onda-vase-sand").unwrap().minor, 4800);
        let line = LineItem {
            sku: "onda-vase-sand".to_owned(),
            quantity: 1,
        };
        let request = QuoteRequest {
            currency: CURRENCY,
            country: "DE",
            shipping: "standard",
            lines: &[line],
        };
        assert_eq!(
            serde_json::to_value(request).unwrap(),
            contract.request("post", "/quotes")
        );
    }
}
