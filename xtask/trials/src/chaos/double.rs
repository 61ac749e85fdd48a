//! The double of Stripe: how it misbehaves, and what it says of the money.

use std::time::Duration;

use machine::{Result, fail};
use serde_json::{Value, json};
use shop::Shop;
use tokio::time::sleep;

use super::books::get;

/// Its part in the table that is laid over the shop's.
const PART: &str = "stripe-double";
/// It may be down or hang in this moment.
const PATIENCE: Duration = Duration::from_secs(1);

/// All that it can do wrong, and in which respect.
pub const WAYS: [(&str, &str); 8] = [
    ("answers", "hang"),
    ("answers", "lost"),
    ("webhooks", "twice"),
    ("webhooks", "late"),
    ("webhooks", "early"),
    ("webhooks", "shuffled"),
    ("webhooks", "never"),
    ("dies", "after_charge"),
];

/// What it says of the money.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// Every intent
    pub charges: Vec<Value>,
    /// Every session: the page of one payment
    pub sessions: Vec<Value>,
}

impl Ledger {
    /// Reads it; empty where a shop has no double.
    pub async fn read(shop: &Shop) -> Result<Self> {
        let Ok(url) = shop.topology.url(PART) else {
            return Ok(Self::default());
        };
        let list = |answer: Value| answer.as_array().cloned().unwrap_or_default();
        Ok(Self {
            sessions: list(get(shop, &format!("{url}/double/sessions")).await?),
            charges: list(get(shop, &format!("{url}/double/charges")).await?),
        })
    }
}

/// Has it misbehave in one respect, and well in all others; whether it heard.
pub async fn misbehave(shop: &Shop, (respect, way): (&str, &str)) -> bool {
    behave(shop, &json!({ respect: way })).await
}

/// Has it behave well again, once everything runs. It may still be about to die of what it was told before.
pub async fn calm(shop: &mut Shop) -> Result<()> {
    for _ in 0..20 {
        shop.bury();
        shop.start_again().await?;
        if behave(shop, &json!({})).await {
            return Ok(());
        }
        sleep(Duration::from_millis(250)).await;
    }
    fail("the double of Stripe does not hear that it is to behave")
}

async fn behave(shop: &Shop, behaviour: &Value) -> bool {
    let Ok(url) = shop.topology.url(PART) else {
        return false;
    };
    let request = shop.client().put(format!("{url}/double/behaviour")).json(behaviour);
    let answer = request.timeout(PATIENCE).send().await;
    answer.is_ok_and(|answer| answer.status().is_success())
}
