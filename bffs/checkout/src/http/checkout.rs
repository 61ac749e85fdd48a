//! `/checkout`

use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use service::{Json, Query};
use utoipa::IntoParams;
use uuid::Uuid;

use super::session::Session;
use super::{cart, orders};
use crate::App;
use crate::error::Error;
use crate::upstream::{self, LineItem, PICKUP, PaymentOption, Prices};
use crate::view::{self, Checkout, Quote, Shop};

const DEFAULT_COUNTRY: &str = "DE";
const DEFAULT_SHIPPING: &str = "standard";

/// Query of `getCheckout`. A value that is not available is ignored.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CheckoutQuery {
    /// Country of delivery, as an ISO 3166-1 alpha-2 code. Defaults to `DE`
    country: Option<String>,
    /// Shipping method. Defaults to `standard`
    shipping: Option<String>,
    /// Slug of the shop for a pick-up
    shop: Option<String>,
    /// Provider of the payment option. Defaults to the first one
    payment: Option<String>,
}

/// Gets the checkout page.
///
/// The cart, the options for delivery and payment, and a quote for the chosen ones.
#[utoipa::path(
    get,
    path = "/checkout",
    operation_id = "getCheckout",
    params(CheckoutQuery, ("cookie" = Option<String>, Header, description = "`cart=<id>`")),
    responses(
        (status = 200, description = "The checkout page", body = Checkout, example = json!(example())),
    ),
    extensions(("x-problems" = json!(["too-many-requests", "unavailable"]))),
)]
pub async fn get(
    State(app): State<App>,
    session: Session,
    Query(query): Query<CheckoutQuery>,
) -> Result<Json<Checkout>, Error> {
    let idempotency_key = Uuid::new_v4();
    let (cart, waiting_order) = tokio::join!(session.cart(&app), session.waiting_order(&app));
    let Some(cart) = cart?.filter(|cart| !cart.lines.is_empty()) else {
        return Ok(Json(Checkout::empty(
            DEFAULT_COUNTRY,
            DEFAULT_SHIPPING,
            idempotency_key,
            waiting_order,
        )));
    };
    app.rate_limits.quotes.check_client()?;
    let countries = app.pricing.countries().await?;
    let codes: Vec<&str> = countries.iter().map(|country| &*country.code).collect();
    let country = choose(query.country.as_deref(), &codes, DEFAULT_COUNTRY);
    let (shipping_options, variants, stock, shops) = tokio::join!(
        app.pricing.shipping_rates(&country),
        app.catalog.optional_variants(cart.lines.iter().map(|line| &*line.sku)),
        app.inventory.stock(&cart.lines),
        app.catalog.optional_shops(&country),
    );
    let mut shipping_options = shipping_options?;
    shipping_options.retain(|rate| rate.method != PICKUP || !shops.is_empty());
    let methods: Vec<&str> = shipping_options.iter().map(|rate| &*rate.method).collect();
    let shipping = choose(query.shipping.as_deref(), &methods, DEFAULT_SHIPPING);
    let is_on_sale = |line: &LineItem| {
        variants
            .as_ref()
            .is_none_or(|variants| variants.on_sale(&line.sku).is_some())
    };
    let lines = cart.lines.iter().filter(|line| is_on_sale(line)).cloned().collect();
    let (quote, prices) = quote(&app, &country, &shipping, lines).await?;
    let payment_options = match &quote {
        Some(quote) => app.payments.optional_options(quote.total).await,
        None => Some(Vec::new()),
    };
    Ok(Json(Checkout {
        cart: view::Cart::new(&cart, variants.as_ref(), prices.as_ref(), stock.as_ref()),
        quote: quote.map(|quote| Quote::new(quote, &country, &shipping)),
        countries,
        country,
        shipping_options,
        shipping,
        shop: choose_shop(query.shop, &shops),
        shops: shops.into_iter().map(Shop::from).collect(),
        payment: choose_payment(query.payment, payment_options.as_deref().unwrap_or_default()),
        payment_options,
        idempotency_key,
        waiting_order,
    }))
}

/// Gets a quote, and its prices for the lines. If pricing rejects the quote, the lines without a price are left out and the
/// quote is for the others: the total never contains an item that cannot be bought.
async fn quote(
    app: &App,
    country: &str,
    shipping: &str,
    mut lines: Vec<LineItem>,
) -> Result<(Option<upstream::Quote>, Option<Prices>), Error> {
    let mut prices = None;
    while !lines.is_empty() {
        if let Some(quote) = app.pricing.quote(country, shipping, &lines).await? {
            let prices = quote.prices();
            return Ok((Some(quote), Some(prices)));
        }
        let count = lines.len();
        prices = app.pricing.prices(lines.iter().map(|line| &*line.sku)).await;
        let has_price = |line: &LineItem| prices.as_ref().is_some_and(|prices| prices.get(&line.sku).is_some());
        lines.retain(has_price);
        if lines.len() == count {
            break;
        }
    }
    Ok((None, prices))
}

/// The requested value if it is available, else the default if that is, else the first.
fn choose(requested: Option<&str>, available: &[&str], default: &str) -> String {
    let requested = requested.filter(|requested| available.contains(requested));
    let default_or_first = || match available.first() {
        Some(first) if !available.contains(&default) => *first,
        _ => default,
    };
    requested.unwrap_or_else(default_or_first).to_owned()
}

/// The only shop if there is one, else the requested one if it is available.
fn choose_shop(requested: Option<String>, shops: &[upstream::Shop]) -> Option<String> {
    let is_available = |slug: &String| shops.iter().any(|shop| shop.slug == *slug);
    match shops {
        [only] => Some(only.slug.clone()),
        _ => requested.filter(is_available),
    }
}

/// The requested payment option if it is available, else the first.
fn choose_payment(requested: Option<String>, options: &[PaymentOption]) -> Option<String> {
    let is_available = |provider: &String| options.iter().any(|option| option.provider == *provider);
    let first = || options.first().map(|option| option.provider.clone());
    requested.filter(is_available).or_else(first)
}

fn example() -> Value {
    let euro = |minor: i64| json!({ "minor": minor, "currency": "EUR" });
    let country = |(code, name)| json!({ "code": code, "name": name });
    let countries = [
        ("AT", "Austria"),
        ("BE", "Belgium"),
        ("FR", "France"),
        ("DE", "Germany"),
        ("IT", "Italy"),
        ("NL", "Netherlands"),
        ("ES", "Spain"),
    ];
    json!({
        "cart": cart::example(1),
        "countries": countries.map(country),
        "country": "DE",
        "shipping_options": [
            { "method": "standard", "name": "Standard delivery", "days": "2–4 days", "price": euro(490) },
            { "method": "express", "name": "Express delivery", "days": "1–2 days", "price": euro(990) },
            { "method": "pickup", "name": "Pick up in a shop", "days": "Ready in 1–2 days", "price": euro(0) },
        ],
        "shipping": "standard",
        "shops": [{
            "slug": "berlin",
            "name": "Stoa Berlin",
            "address": { "line1": "Auguststraße 26", "postal_code": "10117", "city": "Berlin" },
            "hours": [
                { "days": "Tuesday to Friday", "hours": "11:00–19:00" },
                { "days": "Saturday", "hours": "10:00–18:00" },
            ],
        }],
        "shop": "berlin",
        "payment_options": [
            { "provider": "test", "type": "card", "label": "Card", "is_test": true, "days_to_pay": null },
            { "provider": "stripe", "type": "hosted_page", "label": "Stripe", "is_test": false, "days_to_pay": null },
            { "provider": "invoice", "type": "invoice", "label": "Invoice", "is_test": false, "days_to_pay": 14 },
        ],
        "payment": "test",
        "quote": {
            "token": orders::EXAMPLE_QUOTE,
            "subtotal": euro(4800),
            "shipping": euro(490),
            "tax": euro(845),
            "total": euro(5290),
            "country": "DE",
            "method": "standard",
        },
        "idempotency_key": "3c6e9a5e-2a0f-4f0e-9d3b-5b1f6f0c7a11",
        "waiting_order": null,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unavailable_choice_is_ignored() {
        let country = |requested, available: &[&str]| choose(requested, available, "DE");
        assert_eq!(country(Some("FR"), &["AT", "DE", "FR"]), "FR");
        assert_eq!(country(Some("XX"), &["AT", "DE"]), "DE");
        assert_eq!(country(None, &["AT", "FR"]), "AT");
        assert_eq!(country(Some("\0"), &[]), "DE");
    }
}
