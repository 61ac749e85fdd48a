//! `/payment-options`

use axum::extract::State;
use axum::http::{HeaderName, header};
use money::{Currency, Money};
use serde::{Deserialize, Serialize};
use service::{Json, Query};
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::domain::{Amount, Malformed, PaymentOption};

/// What is offered changes with the settings alone.
const CACHE_CONTROL: &str = "public, max-age=1, stale-if-error=300";

/// For how much; without both, whatever is offered.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// In minor units of the currency: cents, yen
    #[param(value_type = Option<u64>, minimum = 1, maximum = 999_999_999_999_i64)]
    amount: Option<Minor>,
    /// By its code, ISO 4217
    currency: Option<Currency>,
}

/// Minor units of some currency.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "i64")]
struct Minor(i64);

impl TryFrom<i64> for Minor {
    type Error = Malformed;

    /// As many as in every currency.
    fn try_from(minor: i64) -> Result<Self, Malformed> {
        Amount::try_from(Money::new(minor, Currency::Eur)).map(|_| Self(minor))
    }
}

/// What there is to choose from.
#[derive(Debug, Serialize, ToSchema)]
pub struct Options {
    /// The first is what most choose
    items: Vec<PaymentOption>,
}

/// Lists the ways to pay that are offered.
#[utoipa::path(
    get,
    path = "/payment-options",
    operation_id = "listPaymentOptions",
    params(Wanted),
    responses(
        (status = 200, body = Options, example = json!({ "items": [
            { "provider": "test", "type": "card", "label": "Card", "is_test": true },
            { "provider": "stripe", "type": "hosted_page", "label": "Stripe", "is_test": false },
            { "provider": "invoice", "type": "invoice", "label": "Invoice", "is_test": false, "days_to_pay": 14 },
        ] })),
    ),
)]
pub async fn list(
    State(app): State<App>,
    Query(wanted): Query<Wanted>,
) -> ([(HeaderName, &'static str); 1], Json<Options>) {
    let amount = wanted.amount.zip(wanted.currency);
    let amount = amount.and_then(|(Minor(minor), currency)| Amount::try_from(Money::new(minor, currency)).ok());
    let items = app.desk.providers.options(amount);
    ([(header::CACHE_CONTROL, CACHE_CONTROL)], Json(Options { items }))
}
