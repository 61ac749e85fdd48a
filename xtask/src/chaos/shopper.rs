//! A shopper: fills a cart, orders, and sends the same form again until there is an answer.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{COOKIE, SET_COOKIE};
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use tokio::sync::Barrier;
use tokio::time::{Instant, sleep};

const GOOD: &str = "4242424242424242";
const DECLINED: &str = "4000000000000002";
const EMPTY: &str = "4000000000009995";

/// How long a shopper tries to have one thing.
const PATIENCE: Duration = Duration::from_secs(40);
const PAUSE: Duration = Duration::from_millis(150);

/// What came of one visit.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Names the intent
    pub key: String,
    /// How it ended
    pub end: End,
    /// Every order that the same form was answered with, each once
    pub orders: Vec<String>,
    /// How often the form was sent
    pub sent: usize,
}

/// How a visit ended, as far as the shopper was told.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// The order stands.
    Bought(String),
    /// The order is on its way.
    Promised(String),
    /// A reason was given.
    Refused(String),
    /// There was nothing to buy.
    Nothing,
    /// There was no answer in the end.
    Unknown,
}

/// One who comes again and again until the shop closes.
pub struct Shopper {
    /// Which of all it is: on Linux each has an address of its own on the loopback device, as shoppers have
    pub number: u64,
    /// The street door
    pub shell: String,
    /// What can be bought
    pub skus: Vec<String>,
    /// Draws what is bought, and with which card
    pub random: fastrand::Rng,
    /// How it behaves
    pub habit: Habit,
}

/// How a shopper behaves.
#[derive(Clone, Debug)]
pub enum Habit {
    /// Takes some units of anything, with a card that may be refused, and clicks as often as it likes
    Wanders,
    /// Takes one unit, with a good card, and orders when all are ready
    Races(Arc<Barrier>),
}

impl Shopper {
    /// Comes until the time is up.
    pub async fn come(mut self, until: Instant) -> Vec<Visit> {
        let mut visits = Vec::new();
        while Instant::now() < until {
            visits.push(self.visit().await);
        }
        visits
    }

    /// Comes once.
    pub async fn visit_once(mut self) -> Visit {
        self.visit().await
    }

    async fn visit(&mut self) -> Visit {
        // Nothing remembered from before: connections, cookies.
        let client = Client::builder().no_proxy().timeout(Duration::from_secs(5));
        let client = client.local_address(source(self.number)).build();
        let mut visit = Visit {
            key: uuid(&mut self.random),
            end: End::Nothing,
            orders: Vec::new(),
            sent: 0,
        };
        let filled = match &client {
            Ok(client) => self.fill(client).await,
            Err(_) => None,
        };
        // Whoever has nothing comes to the start as well: the others wait for all.
        if let Habit::Races(start) = &self.habit {
            start.wait().await;
        }
        if let (Ok(client), Some((cookie, token))) = (client, filled) {
            self.order(&client, &cookie, &token, &mut visit).await;
        }
        visit
    }

    /// A cart with something in it, and what that costs.
    async fn fill(&mut self, client: &Client) -> Option<(String, String)> {
        let quantity = match self.habit {
            Habit::Wanders => self.random.u32(1..=3),
            Habit::Races(_) => 1,
        };
        let line = json!({ "sku": self.random.choice(&self.skus)?, "quantity": quantity });
        let add = || {
            client
                .post(format!("{}/checkout/api/cart/lines", self.shell))
                .json(&line)
        };
        let added = insist(add).await.filter(|answer| answer.status().is_success())?;
        let cookie = added.headers().get(SET_COOKIE)?.to_str().ok()?;
        let cookie = cookie.split(';').next()?.to_owned();
        let url = format!("{}/checkout/api/checkout?country=DE&shipping=standard", self.shell);
        let look = || client.get(&url).header(COOKIE, &cookie);
        let page: Value = insist(look).await?.json().await.ok()?;
        let token = page["quote"]["token"].as_str()?.to_owned();
        Some((cookie, token))
    }

    async fn order(&mut self, client: &Client, cookie: &str, token: &str, visit: &mut Visit) {
        let card = match self.random.u8(..100) {
            _ if matches!(self.habit, Habit::Races(_)) => GOOD,
            0..75 => GOOD,
            75..90 => DECLINED,
            _ => EMPTY,
        };
        let form = json!({
            "email": "buyer@example.org", "name": "A. Buyer", "line1": "Lindenweg 4", "line2": "", "city": "Berlin",
            "postal_code": "10115", "country": "DE", "shipping": "standard", "shop": "", "card_number": card,
            "card_expiry": "12/49", "card_cvc": "123", "quote": token,
        });
        let place = || {
            let request = client.post(format!("{}/checkout/api/orders", self.shell));
            request
                .header(COOKIE, cookie)
                .header("idempotency-key", &visit.key)
                .json(&form)
        };
        // Some click twice, and some more often.
        let clicks = match self.habit {
            Habit::Wanders if self.random.u8(..100) < 20 => 3,
            _ => 1,
        };
        let until = Instant::now() + PATIENCE;
        let (mut end, mut answers) = (End::Unknown, 0);
        while answers < clicks && Instant::now() < until {
            visit.sent += 1;
            match place().send().await {
                Ok(answer) => match told(answer).await {
                    Some(told) => {
                        // Who races asks again until it is decided.
                        let is_decided = !matches!((&self.habit, &told), (Habit::Races(_), End::Promised(_)));
                        answers += usize::from(is_decided);
                        if let End::Bought(order) | End::Promised(order) = &told
                            && !visit.orders.contains(order)
                        {
                            visit.orders.push(order.clone());
                        }
                        end = told;
                    }
                    None => sleep(PAUSE).await,
                },
                Err(_) => sleep(PAUSE).await,
            }
        }
        visit.end = end;
    }
}

/// What a shopper's connections come from.
fn source(number: u64) -> Option<IpAddr> {
    let [.., high, low] = number.to_be_bytes();
    cfg!(target_os = "linux").then(|| Ipv4Addr::new(127, 1, high, low).into())
}

/// What an answer says; nothing where it says: ask again.
async fn told(answer: Response) -> Option<End> {
    let status = answer.status();
    let body: Value = answer.json().await.ok()?;
    match status {
        StatusCode::CREATED | StatusCode::ACCEPTED => {
            let order = body["id"].as_str()?.to_owned();
            Some(match body["outcome"].as_str()? {
                "accepted" => End::Bought(order),
                _ => End::Promised(order),
            })
        }
        _ if status.is_client_error() => Some(End::Refused(body["type"].as_str()?.to_owned())),
        _ => None,
    }
}

/// Sends until there is an answer that is no 5xx.
async fn insist(request: impl Fn() -> reqwest::RequestBuilder) -> Option<Response> {
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        match request().send().await {
            Ok(answer) if !answer.status().is_server_error() => return Some(answer),
            _ => sleep(PAUSE).await,
        }
    }
    None
}

/// A random UUID, version 4.
fn uuid(random: &mut fastrand::Rng) -> String {
    let bits = random.u128(..) & !(0xf << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62;
    let hex = format!("{bits:032x}");
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}
