//! A shopper on a provider's payment page.

use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, StatusCode};
use tokio::time::{Instant, sleep};

use super::{DECLINED, GOOD, PATIENCE, PAUSE};

/// What the shopper does there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Manner {
    /// Pays.
    Pays,
    /// Has a card declined, and pays with another.
    IsDeclinedFirst,
    /// Pays in two tabs at the same moment.
    HasTwoTabs,
    /// Leaves it open, and never pays.
    Leaves,
    /// Goes back to the shop, and orders again by card.
    GoesBack,
    /// Goes back, orders again by card, and then pays in the tab that is still open.
    GoesBackAndPays,
}

impl Manner {
    /// A random one.
    pub fn draw(random: &mut fastrand::Rng) -> Self {
        match random.u8(..100) {
            0..35 => Self::Pays,
            35..45 => Self::IsDeclinedFirst,
            45..60 => Self::HasTwoTabs,
            60..70 => Self::Leaves,
            70..80 => Self::GoesBack,
            _ => Self::GoesBackAndPays,
        }
    }
}

/// How the payment page ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Told {
    /// It led back to the shop, as after a payment.
    Paid,
    /// The card was declined.
    Declined,
    /// The page has expired.
    Over,
    /// There was no answer.
    Nothing,
}

/// Pays on the page. Returns how it ended.
pub async fn pay(client: &Client, url: &str, manner: Manner) -> Told {
    match manner {
        Manner::IsDeclinedFirst => match post(client, url, DECLINED).await {
            Told::Declined => post(client, url, GOOD).await,
            told => told,
        },
        Manner::HasTwoTabs => {
            let (one, other) = tokio::join!(post(client, url, GOOD), post(client, url, GOOD));
            if one == Told::Paid { one } else { other }
        }
        _ => post(client, url, GOOD).await,
    }
}

/// Sends the page's form until there is a response, and follows its redirects: to payments' public endpoint, and on to the shop.
async fn post(client: &Client, url: &str, card: &str) -> Told {
    let form = format!("email=buyer%40example.org&number={card}&expiry=12%2F49&cvc=123");
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        let request = client
            .post(url)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            // Payments waits for the provider for a while.
            .timeout(Duration::from_secs(10));
        match request.body(form.clone()).send().await.map(|answer| answer.status()) {
            Ok(status) if status.is_success() => return Told::Paid,
            Ok(StatusCode::PAYMENT_REQUIRED) => return Told::Declined,
            Ok(StatusCode::GONE) => return Told::Over,
            _ => sleep(PAUSE).await,
        }
    }
    Told::Nothing
}
