//! What Stripe is told of a payment, so that it makes a page for it.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::amounts;
use crate::domain::{Charge, Email};
use crate::provider::Refused;

/// The parameter that Stripe may not like.
pub const EMAIL: &str = "customer_email";

/// A page lives for 30 minutes at least and 24 hours at most: <https://docs.stripe.com/api/checkout/sessions/create>. Clocks
/// differ, and a request takes time.
const SHORTEST: TimeDelta = TimeDelta::minutes(32);
const LONGEST: TimeDelta = TimeDelta::minutes(24 * 60 - 2);
/// Whoever asked for the payment ends it in time. Where they do not, Stripe does so a little later.
const GRACE: TimeDelta = TimeDelta::minutes(5);

/// [The parameters](https://docs.stripe.com/api/checkout/sessions/create) of a page for a payment. Shoppers come back to our
/// public door, whether they have paid or not.
pub fn params(charge: &Charge, public_url: &str, now: DateTime<Utc>) -> Result<Value, Refused> {
    let back = match &charge.return_url {
        Some(_) => format!("{public_url}/returns/{}", charge.reference),
        None => public_url.to_owned(),
    };
    let metadata = json!({ "payment": charge.reference, "order": charge.order });
    let mut params = json!({
        "mode": "payment",
        "line_items": [{
            "quantity": 1,
            "price_data": {
                "currency": amounts::currency(charge.amount),
                "unit_amount": amounts::charge(charge.amount)?,
                "product_data": { "name": charge.description() },
            },
        }],
        "success_url": back,
        "cancel_url": back,
        "client_reference_id": charge.reference,
        "expires_at": expires_at(charge.expires_at, now).timestamp(),
        "metadata": metadata,
        "payment_intent_data": {
            "capture_method": "manual",
            "description": charge.description(),
            "metadata": metadata,
        },
    });
    if let Some(minutes) = charge
        .expires_at
        .map(|end| (end - now).num_minutes())
        .filter(|minutes| *minutes > 0)
    {
        // The page itself does not notice when it is closed.
        let message = format!("Please pay within {minutes} minutes: what you ordered is held for you as long.");
        params["custom_text"] = json!({ "submit": { "message": message } });
    }
    if let Some(email) = charge.email.as_ref().map(Email::as_str) {
        params[EMAIL] = json!(email);
    }
    Ok(params)
}

/// The parameters without an e-mail address.
pub fn forget_email(params: &mut Value) {
    if let Some(fields) = params.as_object_mut() {
        fields.remove(EMAIL);
    }
}

fn expires_at(wanted: Option<DateTime<Utc>>, now: DateTime<Utc>) -> DateTime<Utc> {
    let wanted = wanted.map_or(now, |wanted| wanted + GRACE);
    wanted.clamp(now + SHORTEST, now + LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_lives_as_long_as_stripe_lets_it() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let lives = |wanted: Option<i64>| {
            let wanted = wanted.map(|minutes| now + TimeDelta::minutes(minutes));
            (expires_at(wanted, now) - now).num_minutes()
        };
        assert_eq!(lives(None), 32);
        assert_eq!(lives(Some(-10)), 32);
        assert_eq!(lives(Some(15)), 32);
        assert_eq!(lives(Some(60)), 65);
        assert_eq!(lives(Some(2000)), 1438);
    }
}
