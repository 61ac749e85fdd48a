//! A shopper: fills a cart, orders, and sends the same form again until there is a response. Pays by card, on a provider's page
//! or by invoice.

mod page;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{COOKIE, SET_COOKIE};
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use shop::http;
use tokio::sync::Barrier;
use tokio::time::{Instant, sleep};

use page::{Manner, Told};

const GOOD: &str = "4242424242424242";
const DECLINED: &str = "4000000000000002";
const EMPTY: &str = "4000000000009995";

/// How long a shopper tries to buy.
const PATIENCE: Duration = Duration::from_secs(40);
const PAUSE: Duration = Duration::from_millis(150);
/// How long a shopper who has paid on a page waits for the order.
const FOLLOWED: Duration = Duration::from_secs(25);

/// The result of a visit.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The idempotency key of the order
    pub key: String,
    /// How it was to be paid
    pub way: Way,
    /// How it ended
    pub end: End,
    /// The distinct orders in the responses to the same form
    pub orders: Vec<String>,
    /// How often the form was sent
    pub sent: usize,
}

/// A way to pay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Way {
    /// By card, in the shop's form.
    Card,
    /// On a provider's payment page.
    Page,
    /// By invoice.
    Invoice,
}

impl Way {
    fn draw(random: &mut fastrand::Rng) -> Self {
        match random.u8(..100) {
            0..50 => Self::Card,
            50..83 => Self::Page,
            _ => Self::Invoice,
        }
    }

    /// The value in the shop's form.
    pub fn provider(self) -> &'static str {
        match self {
            Self::Card => "test",
            Self::Page => "stripe",
            Self::Invoice => "invoice",
        }
    }
}

/// How a visit ended, as the shopper saw it.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// The order is confirmed.
    Bought(String),
    /// The order is still being placed.
    Promised(String),
    /// The order was refused, with a reason.
    Refused(String),
    /// Nothing could be bought.
    Nothing,
    /// There was no response in time.
    Unknown,
}

/// A shopper who returns until the trial ends.
pub struct Shopper {
    /// Its number. On Linux each shopper has an address of its own on the loopback device
    pub number: u64,
    /// The shell
    pub shell: String,
    /// SKUs to buy
    pub skus: Vec<String>,
    /// Chooses what is bought, and with which card
    pub random: fastrand::Rng,
    /// How it behaves
    pub habit: Habit,
}

/// How a shopper behaves.
#[derive(Clone, Debug)]
pub enum Habit {
    /// Takes some units of anything, with a card that may be refused, and clicks as often as it likes
    Wanders,
    /// Takes some units of anything, goes to the page on which they are paid and back again, orders anew by card, and pays on
    /// the page as well
    GoesBack,
    /// Takes one unit, orders when all are ready, and pays at once; with a good card where one is typed
    Races(Way, Arc<Barrier>),
    /// Takes one unit and goes to the page on which it is paid. When all such pages are open it is told so, and pays when all
    /// are ready
    RacesOnPage {
        /// All pages are open
        open: Arc<Barrier>,
        /// All are ready
        start: Arc<Barrier>,
    },
}

/// A cart with something in it, and what that costs.
struct Cart {
    client: Client,
    cookie: String,
    token: String,
}

impl Shopper {
    /// Visits the shop until the time is up.
    pub async fn come(mut self, until: Instant) -> Vec<Visit> {
        let mut visits = Vec::new();
        while Instant::now() < until {
            visits.extend(self.visit().await);
        }
        visits
    }

    /// Comes once.
    pub async fn visit_once(mut self) -> Vec<Visit> {
        self.visit().await
    }

    /// One visit; two where something was ordered anew.
    async fn visit(&mut self) -> Vec<Visit> {
        let cart = self.fill().await;
        match self.habit.clone() {
            Habit::Wanders | Habit::GoesBack => match cart {
                Some(cart) => self.wander(cart).await,
                None => vec![self.intend(Way::Card)],
            },
            // Whoever has nothing comes to the start as well: the others wait for all.
            Habit::Races(way, start) => {
                let mut visit = self.intend(way);
                start.wait().await;
                if let Some(cart) = &cart
                    && let Some(page) = self.order(cart, &mut visit).await
                {
                    self.pay(cart, &page, Manner::Pays, &mut visit).await;
                }
                vec![visit]
            }
            Habit::RacesOnPage { open, start } => {
                let mut visit = self.intend(Way::Page);
                let page = match &cart {
                    Some(cart) => self.order(cart, &mut visit).await,
                    None => None,
                };
                open.wait().await;
                start.wait().await;
                if let (Some(cart), Some(page)) = (&cart, page) {
                    self.pay(cart, &page, Manner::HasTwoTabs, &mut visit).await;
                }
                vec![visit]
            }
        }
    }

    async fn wander(&mut self, mut cart: Cart) -> Vec<Visit> {
        let goes_back = matches!(self.habit, Habit::GoesBack);
        let way = if goes_back {
            Way::Page
        } else {
            Way::draw(&mut self.random)
        };
        let mut visit = self.intend(way);
        let Some(page) = self.order(&cart, &mut visit).await else {
            return vec![visit];
        };
        let manner = if goes_back {
            Manner::GoesBackAndPays
        } else {
            Manner::draw(&mut self.random)
        };
        if !matches!(manner, Manner::GoesBack | Manner::GoesBackAndPays) {
            if manner != Manner::Leaves {
                self.pay(&cart, &page, manner, &mut visit).await;
            }
            return vec![visit];
        }
        let mut anew = self.intend(Way::Card);
        if let Some(token) = self.look(&cart.client, &cart.cookie).await {
            cart.token = token;
            self.order(&cart, &mut anew).await;
        }
        if manner == Manner::GoesBackAndPays {
            self.pay(&cart, &page, manner, &mut visit).await;
        }
        vec![visit, anew]
    }

    fn intend(&mut self, way: Way) -> Visit {
        Visit {
            key: uuid(&mut self.random),
            way,
            end: End::Nothing,
            orders: Vec::new(),
            sent: 0,
        }
    }

    /// A cart with something in it, and what that costs.
    async fn fill(&mut self) -> Option<Cart> {
        // Nothing remembered from before: connections, cookies.
        let client = http::client().timeout(Duration::from_secs(5));
        let client = client.local_address(source(self.number)).build().ok()?;
        let quantity = match self.habit {
            Habit::Wanders | Habit::GoesBack => self.random.u32(1..=3),
            Habit::Races(..) | Habit::RacesOnPage { .. } => 1,
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
        let token = self.look(&client, &cookie).await?;
        Some(Cart { client, cookie, token })
    }

    /// The quote of the checkout page.
    async fn look(&self, client: &Client, cookie: &str) -> Option<String> {
        let url = format!("{}/checkout/api/checkout?country=DE&shipping=standard", self.shell);
        let page: Value = insist(|| client.get(&url).header(COOKIE, cookie))
            .await?
            .json()
            .await
            .ok()?;
        Some(page["quote"]["token"].as_str()?.to_owned())
    }

    /// Sends the form; gives the page on which it is to be paid, if it is.
    async fn order(&mut self, cart: &Cart, visit: &mut Visit) -> Option<String> {
        let number = match self.random.u8(..100) {
            _ if !matches!(self.habit, Habit::Wanders) => GOOD,
            0..75 => GOOD,
            75..90 => DECLINED,
            _ => EMPTY,
        };
        let mut form = json!({
            "email": "buyer@example.org", "name": "A. Buyer", "line1": "Lindenweg 4", "line2": "", "city": "Berlin",
            "postal_code": "10115", "country": "DE", "shipping": "standard", "shop": "",
            "payment": visit.way.provider(), "quote": cart.token,
        });
        if visit.way == Way::Card {
            form["card_number"] = json!(number);
            form["card_expiry"] = json!("12/49");
            form["card_cvc"] = json!("123");
        }
        let place = || {
            let request = cart.client.post(format!("{}/checkout/api/orders", self.shell));
            request
                .header(COOKIE, &cart.cookie)
                .header("idempotency-key", &visit.key)
                .json(&form)
        };
        // Some click twice, and some more often.
        let clicks = match self.habit {
            Habit::Wanders if self.random.u8(..100) < 20 => 3,
            _ => 1,
        };
        let until = Instant::now() + PATIENCE;
        let (mut end, mut page, mut answers) = (End::Unknown, None, 0);
        while answers < clicks && Instant::now() < until {
            visit.sent += 1;
            match place().send().await {
                Ok(answer) => match told(answer).await {
                    Some((told, action)) => {
                        // Who races asks again until it is decided, and so does who is to be sent to a page.
                        let is_promised = matches!(&told, End::Promised(_)) && action.is_none();
                        let is_patient = visit.way != Way::Page && matches!(self.habit, Habit::Wanders);
                        answers += usize::from(!is_promised || is_patient);
                        if let End::Bought(order) | End::Promised(order) = &told
                            && !visit.orders.contains(order)
                        {
                            visit.orders.push(order.clone());
                        }
                        (end, page) = (told, action);
                    }
                    None => sleep(PAUSE).await,
                },
                Err(_) => sleep(PAUSE).await,
            }
        }
        visit.end = end;
        page.filter(|_| visit.way == Way::Page)
    }

    /// Pays on a page, and looks what has become of the order.
    async fn pay(&self, cart: &Cart, page: &str, manner: Manner, visit: &mut Visit) {
        let told = page::pay(&cart.client, page, manner).await;
        let Some(order) = visit.orders.last().cloned() else {
            return;
        };
        let url = format!("{}/checkout/api/orders/{order}", self.shell);
        let until = Instant::now() + FOLLOWED;
        while Instant::now() < until {
            let answer = insist(|| cart.client.get(&url)).await;
            let Some(seen) = answer else { return };
            let Ok(seen) = seen.json::<Value>().await else {
                return;
            };
            match seen["outcome"].as_str() {
                Some("accepted") => visit.end = End::Bought(order.clone()),
                Some("rejected") => {
                    visit.end = End::Refused(seen["reason"].as_str().unwrap_or("no reason").to_owned());
                }
                // Nobody waits for what they have not paid.
                _ if told == Told::Paid => {
                    sleep(PAUSE).await;
                    continue;
                }
                _ => {}
            }
            return;
        }
    }
}

/// What a shopper's connections come from.
fn source(number: u64) -> Option<IpAddr> {
    let [.., high, low] = number.to_be_bytes();
    cfg!(target_os = "linux").then(|| Ipv4Addr::new(127, 1, high, low).into())
}

/// What an answer says, and where it sends the shopper to; nothing where it says: ask again.
async fn told(answer: Response) -> Option<(End, Option<String>)> {
    let status = answer.status();
    let body: Value = answer.json().await.ok()?;
    match status {
        StatusCode::CREATED | StatusCode::ACCEPTED => {
            let order = body["id"].as_str()?.to_owned();
            let end = match body["outcome"].as_str()? {
                "accepted" => End::Bought(order),
                _ => End::Promised(order),
            };
            Some((end, body["redirect_url"].as_str().map(str::to_owned)))
        }
        _ if status.is_client_error() => Some((End::Refused(body["type"].as_str()?.to_owned()), None)),
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
