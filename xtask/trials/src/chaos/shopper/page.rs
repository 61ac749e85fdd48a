//! A shopper on a provider's page.

use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, StatusCode};
use tokio::time::{Instant, sleep};

use super::{DECLINED, GOOD, PATIENCE, PAUSE};

/// What a shopper does there.
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
    /// Goes back to the shop, and orders anew by card.
    GoesBack,
    /// Likewise, and then pays in the tab that is still open.
    GoesBackAndPays,
}

impl Manner {
    /// One of them.
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

/// What a page said in the end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Told {
    /// It led back to the shop, as it does whoever has paid.
    Paid,
    /// The card does not pay.
    Declined,
    /// The page is over.
    Over,
    /// There was no answer.
    Nothing,
}

/// Pays on the page; gives what it said.
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

/// Sends the page's form until there is an answer, and goes where it leads: to payments' door, and on to the shop.
async fn post(client: &Client, url: &str, card: &str) -> Told {
    let form = format!("email=buyer%40example.org&number={card}&expiry=12%2F49&cvc=123");
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        let request = client
            .post(url)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            // Payments' door waits for the provider's word for a while.
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
