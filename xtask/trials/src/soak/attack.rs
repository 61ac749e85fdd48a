//! Attacks on a shop, each from a few addresses of its own and with a fixed number of requests per second, so that one laptop
//! can run them.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use machine::{Error, Result, files};
use reqwest::header::COOKIE;
use reqwest::{Client, Response};
use serde_json::{Value, json};
use shop::Shop;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::buyer::{client, cookie, form, source};
use super::raw;
use crate::chaos::Way;

/// Addresses that each attack comes from.
pub const STRANGERS: u16 = 4;
/// Units that an unpaid order reserves.
pub const HELD: u32 = 50;
/// A card whose bank asks for a confirmation that never comes.
const ASKING: &str = "4000002500003155";
const DECLINED: &str = "4000000000000002";
/// A token without a valid signature.
const UNSIGNED: &str = "eyJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl";

/// A kind of attack.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, clap::ValueEnum)]
pub enum Attack {
    /// Texts that are too long for a URL or have a special meaning in one
    Giants,
    /// Headers, bodies and connections that never end
    Slow,
    /// Other protocols, and absolute URLs instead of paths
    Protocols,
    /// Orders that reserve stock and are never paid
    Holds,
    /// Payment pages that are opened and abandoned, with stock reserved
    Pages,
    /// Repeated orders by invoice, each from a new cart
    Invoices,
    /// Trying out card numbers
    Cards,
    /// Headers that only parts may send
    Headers,
    /// Hundreds of WebSockets, and endless pings
    Sockets,
}

/// The shop that is attacked.
#[derive(Clone, Debug)]
pub struct Target {
    shell: SocketAddr,
    /// SKUs with the product that each belongs to
    goods: Vec<(String, String)>,
}

/// Responses to an attacker: statuses, or why there was none.
#[derive(Clone, Debug, Default)]
pub struct Tally(BTreeMap<String, usize>);

impl fmt::Display for Attack {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Giants => "giant texts",
            Self::Slow => "slow clients",
            Self::Protocols => "other protocols",
            Self::Holds => "stock held and never paid",
            Self::Pages => "pages opened and never paid on",
            Self::Invoices => "things ordered on account",
            Self::Cards => "cards that are tried",
            Self::Headers => "internal headers",
            Self::Sockets => "sockets and pings",
        })
    }
}

impl Target {
    /// A shop with these SKUs in stock.
    pub fn new(shop: &Shop, skus: Vec<String>) -> Result<Self> {
        let path = shop.root().join("assets/demo/shop.json");
        let demo: Value = serde_json::from_str(&files::read(&path)?).map_err(|error| Error::at(&path, error))?;
        let slug = |sku: &String| {
            let mut products = demo["products"].as_array().into_iter().flatten();
            let has = |product: &&Value| {
                let mut variants = product["variants"].as_array().into_iter().flatten();
                variants.any(|variant| variant["sku"] == **sku)
            };
            products
                .find(has)
                .and_then(|product| product["slug"].as_str())
                .map(str::to_owned)
        };
        let goods = skus.into_iter().filter_map(|sku| slug(&sku).map(|slug| (sku, slug)));
        Ok(Self {
            shell: shop.topology.listen("shell")?,
            goods: goods.collect(),
        })
    }

    /// The shop's base URL.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.shell)
    }

    /// The address of its shell.
    pub fn shell(&self) -> SocketAddr {
        self.shell
    }

    /// A SKU and its product.
    pub fn goods(&self, nth: usize) -> (&str, &str) {
        let (sku, slug) = &self.goods[nth % self.goods.len()];
        (sku, slug)
    }
}

impl Attack {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Giants,
        Self::Slow,
        Self::Protocols,
        Self::Holds,
        Self::Pages,
        Self::Invoices,
        Self::Cards,
        Self::Headers,
        Self::Sockets,
    ];

    /// Attacks until the time is up.
    pub async fn run(self, target: Target, until: Instant) -> (Self, Tally) {
        let mut strangers = JoinSet::new();
        for number in 0..STRANGERS {
            let source = source(2 + self as u8, number);
            strangers.spawn(self.stranger(target.clone(), source, until));
        }
        let mut all = Tally::default();
        for tally in strangers.join_all().await {
            all.merge(tally);
        }
        (self, all)
    }

    async fn stranger(self, target: Target, source: IpAddr, until: Instant) -> Tally {
        match self {
            Self::Slow => raw::slow(target.shell, source, until).await,
            Self::Sockets => raw::sockets(&target, source, until).await,
            Self::Protocols => raw::protocols(target.shell, source, until).await,
            _ => self.requests(&target, source, until).await,
        }
    }

    /// Milliseconds between two requests of one address.
    fn every(self) -> u64 {
        match self {
            Self::Giants | Self::Cards => 250,
            Self::Headers => 100,
            _ => 500,
        }
    }

    async fn requests(self, target: &Target, source: IpAddr, until: Instant) -> Tally {
        let mut tally = Tally::default();
        let Ok(client) = client(source) else { return tally };
        let mut ticks = interval(Duration::from_millis(self.every()));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut nth = 0;
        while Instant::now() < until {
            ticks.tick().await;
            let outcome = match self {
                Self::Giants => giant(&client, target, nth).await,
                Self::Holds => order(&client, target, nth, (Way::Card, ASKING), HELD).await,
                Self::Pages => order(&client, target, nth, (Way::Page, ""), HELD).await,
                Self::Invoices => order(&client, target, nth, (Way::Invoice, ""), 1).await,
                Self::Cards => try_card(&client, target, nth).await,
                _ => with_headers(&client, target, nth).await,
            };
            tally.count(outcome);
            nth += 1;
        }
        tally
    }
}

impl Tally {
    fn count(&mut self, outcome: std::result::Result<Response, String>) {
        self.add(outcome.map_or_else(|words| words, |answer| answer.status().as_u16().to_string()));
    }

    /// Counts a response.
    pub fn add(&mut self, outcome: String) {
        *self.0.entry(outcome).or_default() += 1;
    }

    fn merge(&mut self, other: Self) {
        for (outcome, many) in other.0 {
            *self.0.entry(outcome).or_default() += many;
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<_> = self
            .0
            .iter()
            .map(|(outcome, many)| format!("{many} × {outcome}"))
            .collect();
        formatter.write_str(&words.join(", "))
    }
}

type Outcome = std::result::Result<Response, String>;

async fn giant(client: &Client, target: &Target, nth: usize) -> Outcome {
    let long = "~".repeat(22_000);
    let sku = "s".repeat(70_000);
    let request = match nth % 4 {
        0 => client.get(target.url(&format!("/checkout/fragments/add-to-cart?sku={long}"))),
        1 => client.get(target.url(&format!("/product/onda-vase?sku={long}"))),
        2 => client.get(target.url("/product/.%09.")),
        _ => {
            let line = json!({ "sku": sku, "quantity": 1 });
            client.post(target.url("/checkout/api/cart/lines")).json(&line)
        }
    };
    send(request).await
}

/// Fills a cart and orders. Returns the response.
async fn order(client: &Client, target: &Target, nth: usize, (way, card): (Way, &str), quantity: u32) -> Outcome {
    let line = json!({ "sku": target.goods(nth).0, "quantity": quantity });
    let added = send(client.post(target.url("/checkout/api/cart/lines")).json(&line)).await?;
    if !added.status().is_success() {
        return Ok(added);
    }
    let cookie = cookie(&added)?;
    let view = client.get(target.url("/checkout/api/checkout?country=DE&shipping=standard"));
    let view = send(view.header(COOKIE, &cookie)).await?;
    if !view.status().is_success() {
        return Ok(view);
    }
    let view: Value = view.json().await.map_err(|_| "a broken answer".to_owned())?;
    let key = view["idempotency_key"].as_str().unwrap_or_default();
    let place = client
        .post(target.url("/checkout/api/orders"))
        .json(&form(&view["quote"]["token"], way, card));
    send(place.header(COOKIE, &cookie).header("idempotency-key", key)).await
}

async fn try_card(client: &Client, target: &Target, nth: usize) -> Outcome {
    if nth.is_multiple_of(8) {
        return order(client, target, nth, (Way::Card, DECLINED), 1).await;
    }
    let place = client.post(target.url("/checkout/api/orders"));
    let key = format!("tried-{nth}");
    send(
        place
            .json(&form(&UNSIGNED.into(), Way::Card, DECLINED))
            .header("idempotency-key", key),
    )
    .await
}

async fn with_headers(client: &Client, target: &Target, nth: usize) -> Outcome {
    let paths = ["/cart", "/checkout", "/product/onda-vase", "/checkout/api/cart/count"];
    let request = client.get(target.url(paths[nth % paths.len()]));
    let request = request
        .header("x-deadline-ms", (nth % 100).to_string())
        .header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        .header("forwarded", "for=203.0.113.7");
    send(request).await
}

async fn send(request: reqwest::RequestBuilder) -> Outcome {
    request.send().await.map_err(|error| {
        if error.is_timeout() {
            "no answer in time".to_owned()
        } else {
            "no answer".to_owned()
        }
    })
}
