//! `/payment-options`

use axum::extract::State;
use axum::http::{HeaderName, header};
use money::{Currency, Money};
use serde::{Deserialize, Serialize};
use service::{Json, Query};
use utoipa::{IntoParams, ToSchema};
use values::Malformed;

use crate::App;
use crate::domain::{Amount, PaymentOption};

/// The options change with the settings only.
const CACHE_CONTROL: &str = "public, max-age=1, stale-if-error=300";

/// Filters the payment options by an amount. Without `amount` and `currency`, all options are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListPaymentOptionsQuery {
    /// The amount to pay, in minor units of `currency`, for example cents. Ignored without `currency`.
    #[param(value_type = Option<u64>, minimum = 1, maximum = 999_999_999_999_i64)]
    amount: Option<MinorUnits>,
    /// The ISO 4217 currency code, for example `EUR`. Ignored without `amount`.
    currency: Option<Currency>,
}

/// An amount in minor units, without its currency.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "i64")]
struct MinorUnits(i64);

impl TryFrom<i64> for MinorUnits {
    type Error = Malformed;

    fn try_from(minor: i64) -> Result<Self, Malformed> {
        // The limits are the same in all currencies.
        Amount::try_from(Money::new(minor, Currency::Eur)).map(|_| Self(minor))
    }
}

/// The payment options.
#[derive(Debug, Serialize, ToSchema)]
pub struct PaymentOptionList {
    /// The options, in the order in which to show them. The first one is the default.
    items: Vec<PaymentOption>,
}

/// Lists the payment options that the shop offers.
#[utoipa::path(
    get,
    path = "/payment-options",
    operation_id = "listPaymentOptions",
    params(ListPaymentOptionsQuery),
    responses(
        (status = 200, description = "The payment options for the amount", body = PaymentOptionList, example = json!({ "items": [
            { "provider": "test", "type": "card", "label": "Card", "is_test": true },
            { "provider": "stripe", "type": "hosted_page", "label": "Stripe", "is_test": false },
            { "provider": "invoice", "type": "invoice", "label": "Invoice", "is_test": false, "days_to_pay": 14 },
        ] })),
    ),
)]
pub async fn list(
    State(app): State<App>,
    Query(query): Query<ListPaymentOptionsQuery>,
) -> ([(HeaderName, &'static str); 1], Json<PaymentOptionList>) {
    let amount = query.amount.zip(query.currency);
    let amount = amount.and_then(|(MinorUnits(minor), currency)| Amount::try_from(Money::new(minor, currency)).ok());
    let items = app.service.providers.payment_options(amount);
    (
        [(header::CACHE_CONTROL, CACHE_CONTROL)],
        Json(PaymentOptionList { items }),
    )
}
