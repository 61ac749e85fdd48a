//! A shopper who views pages and buys, sends each request once, and counts every refusal as a failure.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use machine::{Error, Result};
use reqwest::header::{COOKIE, SET_COOKIE};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use shop::http;
use tokio::time::{Instant, sleep};

use super::attack::Target;
use crate::chaos::Way;

/// How long a shopper waits for one answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Pause between two visits.
const PAUSE: Duration = Duration::from_millis(500);

/// One visit.
pub struct Purchase {
    /// Why it failed, if it did
    pub outcome: std::result::Result<(), String>,
    /// From the first page to the order
    pub took: Duration,
}

/// A shopper who returns again and again.
pub struct Buyer {
    target: Target,
    number: u16,
}

type Step<T> = std::result::Result<T, String>;

impl Buyer {
    /// A shopper; each number is another one.
    pub fn new(target: &Target, number: u16) -> Result<Self> {
        client(source(1, number)).map(|_| Self {
            target: target.clone(),
            number,
        })
    }

    /// Visits the shop until the time is up.
    pub async fn come(self, until: Instant) -> Vec<Purchase> {
        let mut purchases = Vec::new();
        while Instant::now() < until {
            let begun = Instant::now();
            let outcome = self.visit(purchases.len()).await;
            let took = begun.elapsed();
            purchases.push(Purchase { outcome, took });
            sleep(PAUSE).await;
        }
        purchases
    }

    async fn visit(&self, nth: usize) -> Step<()> {
        let client = client(source(1, self.number)).map_err(|Error(words)| words)?;
        let (sku, slug) = self.target.goods(nth + usize::from(self.number));
        let get = |path: &str| client.get(self.target.url(path));
        text("home", get("/")).await?;
        let page = text("product", get(&format!("/product/{slug}"))).await?;
        if !page.contains("action=\"/cart/lines\"") {
            return Err("product: a page without Add to cart".to_owned());
        }
        let line = json!({ "sku": sku, "quantity": 1 });
        let added = client.post(self.target.url("/checkout/api/cart/lines")).json(&line);
        let cookie = cookie(&answer("add to cart", added).await?)?;
        let page = text("checkout page", get("/checkout").header(COOKIE, &cookie)).await?;
        if !page.contains("name=\"quote\"") {
            return Err("checkout page: a page without its form".to_owned());
        }
        let view = get("/checkout/api/checkout?country=DE&shipping=standard").header(COOKIE, &cookie);
        let view = json_of("checkout", view).await?;
        let (token, key) = (
            &view["quote"]["token"],
            view["idempotency_key"].as_str().unwrap_or_default(),
        );
        let form = form(token, Way::Card, "4242424242424242");
        let place = client.post(self.target.url("/checkout/api/orders")).json(&form);
        let order = json_of("order", place.header(COOKIE, &cookie).header("idempotency-key", key)).await?;
        self.follow(&client, &cookie, order).await
    }

    /// Follows an order until it is confirmed.
    async fn follow(&self, client: &Client, cookie: &str, mut order: Value) -> Step<()> {
        let until = Instant::now() + PATIENCE * 3;
        while order["outcome"] == "in_progress" && Instant::now() < until {
            sleep(PAUSE).await;
            let path = format!("/checkout/api/orders/{}", order["id"].as_str().unwrap_or_default());
            order = json_of("following", client.get(self.target.url(&path)).header(COOKIE, cookie)).await?;
        }
        match order["outcome"].as_str() {
            Some("accepted") => Ok(()),
            _ => Err(format!("order: {}", order["reason"])),
        }
    }
}

/// The fields of the checkout form. The card is read only if the order is paid by card.
pub fn form(token: &Value, way: Way, card: &str) -> Value {
    json!({
        "email": "buyer@example.org", "name": "A. Buyer", "line1": "Lindenweg 4", "line2": "", "city": "Berlin",
        "postal_code": "10115", "country": "DE", "shipping": "standard", "shop": "", "payment": way.provider(),
        "card_number": card, "card_expiry": "12/49", "card_cvc": "123", "quote": token,
    })
}

/// A client with an address of its own on the loopback device.
pub fn client(source: IpAddr) -> Result<Client> {
    let client = http::client().timeout(PATIENCE).local_address(source);
    client.build().map_err(Error::of)
}

/// The source address of a client, by its number.
pub fn source(kind: u8, number: u16) -> IpAddr {
    let [high, low] = number.to_be_bytes();
    Ipv4Addr::new(127, kind, high, low).into()
}

/// The cart cookie of a response, as a client sends it back.
pub fn cookie(answer: &Response) -> Step<String> {
    let cookies = answer.headers().get_all(SET_COOKIE).into_iter();
    let cart = cookies
        .filter_map(|cookie| cookie.to_str().ok())
        .find(|cookie| cookie.starts_with("cart="));
    let cart = cart.and_then(|cookie| cookie.split(';').next()).map(str::to_owned);
    cart.ok_or_else(|| "no cart".to_owned())
}

async fn answer(what: &str, request: RequestBuilder) -> Step<Response> {
    let answer = request
        .send()
        .await
        .map_err(|error| format!("{what}: {}", cause(&error)))?;
    if answer.status().is_success() {
        Ok(answer)
    } else {
        Err(format!(
            "{what}: {} {}",
            answer.status(),
            answer
                .text()
                .await
                .unwrap_or_default()
                .chars()
                .take(200)
                .collect::<String>()
        ))
    }
}

async fn text(what: &str, request: RequestBuilder) -> Step<String> {
    let answer = answer(what, request).await?;
    answer
        .text()
        .await
        .map_err(|error| format!("{what}: {}", cause(&error)))
}

async fn json_of(what: &str, request: RequestBuilder) -> Step<Value> {
    let text = text(what, request).await?;
    serde_json::from_str(&text).map_err(|error| format!("{what}: {error}"))
}

fn cause(error: &reqwest::Error) -> &'static str {
    match (error.is_timeout(), error.is_connect()) {
        (true, _) => "no answer in time",
        (_, true) => "no connection",
        _ => "a broken answer",
    }
}
