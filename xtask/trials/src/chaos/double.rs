//! The double of Stripe: its faults, and its records.

use std::time::Duration;

use machine::{Result, fail};
use serde_json::{Value, json};
use shop::Shop;
use tokio::time::sleep;

use super::books::get;

/// Its name in the overlay.
const PART: &str = "stripe-double";
/// It may be down or hang.
const PATIENCE: Duration = Duration::from_secs(1);

/// Its faults, by setting.
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

/// Its records.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// Every intent
    pub charges: Vec<Value>,
    /// Every checkout session: the page of one payment
    pub sessions: Vec<Value>,
}

impl Ledger {
    /// Reads them; empty where the shop has no double.
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

/// Sets one fault and clears all others. Returns whether it answered.
pub async fn misbehave(shop: &Shop, (respect, way): (&str, &str)) -> bool {
    behave(shop, &json!({ respect: way })).await
}

/// Clears all faults once everything runs. An earlier fault may still end it.
pub async fn calm(shop: &mut Shop) -> Result<()> {
    for _ in 0..20 {
        shop.take_ended();
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
