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
use crate::upstream::{self, Line, PICKUP, PaymentOption, Prices};
use crate::view::{self, Checkout, Quote, Shop};

/// Where most parcels go.
const COUNTRY: &str = "DE";
/// How most of them go.
const SHIPPING: &str = "standard";

/// Where to, and how. What the shop does not deliver to, or by, is passed over.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Choice {
    /// Country, by its code of ISO 3166-1
    country: Option<String>,
    /// Way to deliver
    shipping: Option<String>,
    /// Shop to pick it up in
    shop: Option<String>,
    /// Way to pay
    payment: Option<String>,
}

/// Gets all that the checkout page shows: what is bought, where it can go, and what that costs.
#[utoipa::path(
    get,
    path = "/checkout",
    operation_id = "getCheckout",
    params(Choice, ("cookie" = Option<String>, Header, description = "`cart=<id>`")),
    responses(
        (status = 200, description = "The page", body = Checkout, example = json!(example())),
    ),
    extensions(("x-problems" = json!(["too-many-requests", "unavailable"]))),
)]
pub async fn get(
    State(app): State<App>,
    session: Session,
    Query(choice): Query<Choice>,
) -> Result<Json<Checkout>, Error> {
    let idempotency_key = Uuid::new_v4();
    let (cart, waiting_order) = tokio::join!(session.cart(&app), session.waiting_order(&app));
    let Some(cart) = cart?.filter(|cart| !cart.lines.is_empty()) else {
        return Ok(Json(Checkout::empty(COUNTRY, SHIPPING, idempotency_key, waiting_order)));
    };
    app.rates.quotes.check_client()?;
    let countries = app.pricing.countries().await?;
    let codes: Vec<&str> = countries.iter().map(|country| &*country.code).collect();
    let country = chosen(choice.country.as_deref(), &codes, COUNTRY);
    let (shipping_options, articles, stock, shops) = tokio::join!(
        app.pricing.shipping(&country),
        app.catalog.articles_soon(cart.lines.iter().map(|line| &*line.sku)),
        app.inventory.stock(&cart.lines),
        app.catalog.shops_soon(&country),
    );
    let mut shipping_options = shipping_options?;
    shipping_options.retain(|rate| rate.method != PICKUP || !shops.is_empty());
    let methods: Vec<&str> = shipping_options.iter().map(|rate| &*rate.method).collect();
    let shipping = chosen(choice.shipping.as_deref(), &methods, SHIPPING);
    let is_known = |line: &Line| {
        articles
            .as_ref()
            .is_none_or(|articles| articles.on_sale(&line.sku).is_some())
    };
    let lines = cart.lines.iter().filter(|line| is_known(line)).cloned().collect();
    let (quote, prices) = quote(&app, &country, &shipping, lines).await?;
    let payment_options = match &quote {
        Some(quote) => app.payments.options_soon(quote.total).await,
        None => Some(Vec::new()),
    };
    Ok(Json(Checkout {
        cart: view::Cart::new(&cart, articles.as_ref(), prices.as_ref(), stock.as_ref()),
        quote: quote.map(|quote| Quote::new(quote, &country, &shipping)),
        countries,
        country,
        shipping_options,
        shipping,
        shop: chosen_shop(choice.shop, &shops),
        shops: shops.into_iter().map(Shop::from).collect(),
        payment: chosen_payment(choice.payment, payment_options.as_deref().unwrap_or_default()),
        payment_options,
        idempotency_key,
        waiting_order,
    }))
}

/// The lines are shown at the quote's prices. Where there is none, single prices tell which lines are to blame, and
/// the quote is for the others: the total is never one with something that cannot be bought.
async fn quote(
    app: &App,
    country: &str,
    shipping: &str,
    mut lines: Vec<Line>,
) -> Result<(Option<upstream::Quote>, Option<Prices>), Error> {
    let mut prices = None;
    while !lines.is_empty() {
        if let Some(quote) = app.pricing.quote(country, shipping, &lines).await? {
            let prices = quote.prices();
            return Ok((Some(quote), Some(prices)));
        }
        let asked = lines.len();
        prices = app.pricing.prices(lines.iter().map(|line| &*line.sku)).await;
        let is_sold = |line: &Line| prices.as_ref().is_some_and(|prices| prices.of(&line.sku).is_some());
        lines.retain(is_sold);
        if lines.len() == asked {
            break;
        }
    }
    Ok((None, prices))
}

/// What was asked for if it is on offer, else the usual if it is, else the first.
fn chosen(asked: Option<&str>, offered: &[&str], usual: &str) -> String {
    let asked = asked.filter(|asked| offered.contains(asked));
    let usual_or_first = || match offered.first() {
        Some(first) if !offered.contains(&usual) => *first,
        _ => usual,
    };
    asked.unwrap_or_else(usual_or_first).to_owned()
}

/// The shop that was asked for if it is among these, else the only one, if there is but one.
fn chosen_shop(asked: Option<String>, shops: &[upstream::Shop]) -> Option<String> {
    let is_there = |asked: &String| shops.iter().any(|shop| shop.slug == *asked);
    match shops {
        [only] => Some(only.slug.clone()),
        _ => asked.filter(is_there),
    }
}

/// The way to pay that was asked for if it is on offer, else the usual one.
fn chosen_payment(asked: Option<String>, options: &[PaymentOption]) -> Option<String> {
    let is_there = |asked: &String| options.iter().any(|option| option.provider == *asked);
    let usual = || options.first().map(|option| option.provider.clone());
    asked.filter(is_there).or_else(usual)
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
            "token": orders::TOKEN,
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
    fn what_is_not_on_offer_is_passed_over() {
        let of = |asked, offered: &[&str]| chosen(asked, offered, "DE");
        assert_eq!(of(Some("FR"), &["AT", "DE", "FR"]), "FR");
        assert_eq!(of(Some("XX"), &["AT", "DE"]), "DE");
        assert_eq!(of(None, &["AT", "FR"]), "AT");
        assert_eq!(of(Some("\0"), &[]), "DE");
    }
}
