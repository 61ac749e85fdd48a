//! The parameters of a Checkout Session.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use values::Email;

use super::amounts;
use crate::domain::Charge;
use crate::provider::Refused;

/// The parameter with the shopper's e-mail address, which Stripe may reject.
pub const EMAIL: &str = "customer_email";

/// A session lasts from 30 minutes to 24 hours: <https://docs.stripe.com/api/checkout/sessions/create>. Two minutes are spare,
/// because clocks differ and a request takes time.
const MIN_DURATION: TimeDelta = TimeDelta::minutes(32);
const MAX_DURATION: TimeDelta = TimeDelta::minutes(24 * 60 - 2);
/// The caller expires the payment in time. If it does not, the session ends this much later.
const GRACE: TimeDelta = TimeDelta::minutes(5);

/// [The parameters](https://docs.stripe.com/api/checkout/sessions/create) of a session for a payment. Shoppers return to our
/// public listener, whether they have paid or not.
pub fn params(charge: &Charge, public_url: &str, now: DateTime<Utc>) -> Result<Value, Refused> {
    let return_url = match &charge.return_url {
        Some(_) => format!("{public_url}/returns/{}", charge.payment_id),
        None => public_url.to_owned(),
    };
    let metadata = json!({ "payment": charge.payment_id, "order": charge.order });
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
        "success_url": return_url,
        "cancel_url": return_url,
        "client_reference_id": charge.payment_id,
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
        // The open page does not show that it was closed.
        let message = format!("Please pay within {minutes} minutes. Your items are reserved until then.");
        params["custom_text"] = json!({ "submit": { "message": message } });
    }
    if let Some(email) = charge.email.as_ref().map(Email::as_str) {
        params[EMAIL] = json!(email);
    }
    Ok(params)
}

/// Removes the e-mail address.
pub fn remove_email(params: &mut Value) {
    if let Some(fields) = params.as_object_mut() {
        fields.remove(EMAIL);
    }
}

fn expires_at(requested: Option<DateTime<Utc>>, now: DateTime<Utc>) -> DateTime<Utc> {
    let requested = requested.map_or(now, |requested| requested + GRACE);
    requested.clamp(now + MIN_DURATION, now + MAX_DURATION)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_duration_stays_within_the_limits_of_stripe() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let duration = |requested: Option<i64>| {
            let requested = requested.map(|minutes| now + TimeDelta::minutes(minutes));
            (expires_at(requested, now) - now).num_minutes()
        };
        assert_eq!(duration(None), 32);
        assert_eq!(duration(Some(-10)), 32);
        assert_eq!(duration(Some(15)), 32);
        assert_eq!(duration(Some(60)), 65);
        assert_eq!(duration(Some(2000)), 1438);
    }
}
