//! `/orders`

use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};
use service::{CallError, IdempotencyKey, Json, Path};
use uuid::Uuid;

use super::session::Session;
use crate::App;
use crate::error::Error;
use crate::form::{CheckoutForm, Destination, unknown_quote, unknown_shop};
use crate::upstream::{self, Address, Cart, CreateOrder, LineItem, LineTitle, Payment, Variants};
use crate::view::{Order, OrderOutcome};

/// The quote of the examples: one vase, standard shipping to Germany, signed with pricing's documented key.
pub(super) const EXAMPLE_QUOTE: &str = include_str!("quote.jws").trim_ascii_end();

/// Creates an order from the checkout form and its signed quote.
///
/// Requests with the same idempotency key and form return the same order. An order of the same cart that still awaits payment is cancelled first.
#[utoipa::path(
    post,
    path = "/orders",
    operation_id = "createOrder",
    params(
        IdempotencyKey,
        ("cookie" = Option<String>, Header, description = "`cart=<id>`"),
    ),
    request_body(content = CheckoutForm, example = json!(example_form())),
    responses(
        (status = 201, description = "The order is confirmed", body = Order, example = json!(example())),
        (status = 202, description = "The order is still in progress: follow it at `/orders/{id}`. If `paid_by` is `hosted_page` and `redirect_url` is set, send the shopper there to pay", body = Order),
    ),
    extensions(("x-problems" = json!(["cancelled", "card-declined", "cart-ordered", "invoice-declined", "out-of-stock", "payment-expired", "quote-expired", "too-many-requests", "total-changed", "unavailable"]))),
)]
pub async fn create(
    State(app): State<App>,
    session: Session,
    key: IdempotencyKey,
    Json(form): Json<CheckoutForm>,
) -> Result<(StatusCode, Json<Order>), Error> {
    let options = app.payments.options().await?;
    let form = form.check(&options).map_err(Error::Invalid)?;
    let claims = app.quotes.claims(&form.token).await?.ok_or_else(unknown_quote)?;
    let (cart, variants, address) = tokio::join!(
        session.cart(&app),
        app.catalog.variants(&claims.lines),
        delivery_address(&app, &form.destination),
    );
    let address = address?;
    if !form.matches_quote(&claims, &address.country) {
        return Err(Error::TotalChanged("The delivery has changed, and with it the total."));
    }
    let cart_id = session.0.ok_or(Error::TotalChanged("Your cart is empty."))?;
    let cart = cart?;
    // The same form may be sent again after its order has emptied the cart. In that case the key has been used.
    if !matches_cart(&claims.lines, cart.as_ref()) && !app.orders.is_key_used(&key).await? {
        let recent = app.orders.find_recent(cart_id, &claims.lines, app.clock.now()).await?;
        return Err(recent.map_or(
            Error::TotalChanged("Your cart has changed, and with it the total."),
            |order| Error::CartOrdered(order.id),
        ));
    }
    if claims.has_expired(app.clock.now()) && !app.orders.is_key_used(&key).await? {
        return Err(Error::QuoteExpired);
    }
    let variants = variants?;
    let lines = line_titles(&claims.lines, &variants)?;
    // Trying a card costs money and tells whether it is valid, so it comes after all cheaper checks.
    if form.card.is_some() {
        app.rate_limits.declined_cards.peek_client()?;
    }
    let payment_method = app.payments.create_method(&form.provider, form.card.as_ref()).await;
    let payment_method = payment_method
        .map_err(|error| app.rate_limits.count_declined_card(error))
        .map_err(payment_method_rejected)?;
    let request = CreateOrder {
        quote: form.token,
        cart: Some(cart_id),
        cart_version: cart.map(|cart| cart.version),
        email: form.email,
        address,
        lines,
        payment_method,
    };
    let order = app.orders.create(&key, &request).await;
    let order = order
        .map_err(|error| app.rate_limits.count_declined_card(error))
        .map_err(|error| order_rejected(error, &form.destination))?;
    let order = Box::pin(show(&app, order)).await;
    let status = match order.outcome {
        OrderOutcome::Accepted => StatusCode::CREATED,
        OrderOutcome::InProgress | OrderOutcome::Rejected => StatusCode::ACCEPTED,
    };
    Ok((status, Json(order)))
}

/// Gets an order.
#[utoipa::path(
    get,
    path = "/orders/{id}",
    operation_id = "getOrder",
    params(("id" = Uuid, Path, description = "Order id")),
    responses(
        (status = 200, description = "The order", body = Order, example = json!(example())),
    ),
    extensions(("x-problems" = json!(["unavailable"]))),
)]
pub async fn get(State(app): State<App>, Path(id): Path<Uuid>) -> Result<Json<Order>, Error> {
    let order = app.orders.find(id).await?.ok_or(Error::NotFound("order"))?;
    Ok(Json(Box::pin(show(&app, order)).await))
}

/// Cancels an order in progress.
///
/// For example one that awaits payment. Nothing is charged, even if the shopper's bank approves the payment later. Cancelling a cancelled order changes nothing.
#[utoipa::path(
    post,
    path = "/orders/{id}/cancellation",
    operation_id = "cancelOrder",
    params(("id" = Uuid, Path, description = "Order id"), ("cookie" = Option<String>, Header, description = "`cart=<id>`: the cart that the order was placed from")),
    responses(
        (status = 200, description = "The cancelled order", body = Order, example = json!(example_cancelled())),
    ),
    extensions(("x-problems" = json!(["order-decided", "unavailable"]))),
)]
pub async fn cancel(
    State(app): State<App>,
    Session(cart): Session,
    Path(id): Path<Uuid>,
) -> Result<Json<Order>, Error> {
    let cart = cart.ok_or(Error::NotFound("order"))?;
    let cancelled = app.orders.cancel(id, cart).await;
    let cancelled = cancelled.map_err(|error| Error::rejected(error, |_| None))?;
    let order = cancelled.ok_or(Error::NotFound("order"))?;
    Ok(Json(Box::pin(show(&app, order)).await))
}

/// The view of an order. Optional data is left out if it does not arrive in time.
pub(super) async fn show(app: &App, order: upstream::Order) -> Order {
    let (countries, rates, variants, payment) = tokio::join!(
        app.pricing.optional_countries(),
        app.pricing.optional_shipping_rates(&order.address.country),
        app.catalog.optional_variants(order.lines.iter().map(|line| &*line.sku)),
        payment(app, &order),
    );
    Order::new(order, &countries, &rates, variants.as_ref(), payment)
}

/// The payment of an order whose page depends on it: an order on account, and one that is paid on a provider's page, where
/// payments knows a moment before orders does that it is paid.
async fn payment(app: &App, order: &upstream::Order) -> Option<Payment> {
    if order.is_on_account() || order.awaits_hosted_payment() {
        app.payments.optional_payment_of(order.id).await
    } else {
        None
    }
}

/// The delivery address; for a pick-up, the shop's address.
async fn delivery_address(app: &App, destination: &Destination) -> Result<Address, Error> {
    let (slug, name) = match destination {
        Destination::Delivery(address) => return Ok(address.clone()),
        Destination::Pickup { shop, name } => (shop, name),
    };
    let shop = app.catalog.shop(slug.as_str()).await?.ok_or_else(unknown_shop)?;
    Ok(Address {
        name: name.clone(),
        line1: format!("{}, {}", shop.name, shop.address.line1),
        line2: None,
        city: shop.address.city,
        postal_code: shop.address.postal_code,
        country: shop.address.country,
    })
}

/// Whether the quoted lines are those of the cart, in any order.
fn matches_cart(quoted: &[LineItem], cart: Option<&Cart>) -> bool {
    let sorted = |lines: &[LineItem]| {
        let mut lines = lines.to_vec();
        lines.sort();
        lines
    };
    cart.is_some_and(|cart| sorted(&cart.lines) == sorted(quoted))
}

fn line_titles(lines: &[LineItem], variants: &Variants) -> Result<Vec<LineTitle>, Error> {
    let title = |line: &LineItem| {
        let variant = variants.on_sale(&line.sku)?;
        Some(LineTitle {
            sku: line.sku.clone(),
            title: variant.title(),
        })
    };
    let titles: Option<_> = lines.iter().map(title).collect();
    titles.ok_or(Error::TotalChanged("Some items in your cart are no longer available."))
}

/// A rejected payment method, with payments' card fields renamed to those of the form.
fn payment_method_rejected(error: CallError) -> Error {
    Error::rejected(error, |pointer| match pointer.strip_prefix("/card/") {
        Some(field @ ("number" | "expiry" | "cvc")) => Some(format!("/card_{field}")),
        Some(_) => None,
        None => (pointer == "/provider").then(|| "/payment".to_owned()),
    })
}

/// A rejected order, with the address fields renamed to those of the form; a shop's address is the one field `shop`. Pointers
/// to lines stay as they are: quote, order and cart have them in the same order.
fn order_rejected(error: CallError, destination: &Destination) -> Error {
    let is_pickup = matches!(destination, Destination::Pickup { .. });
    let rejected = Error::rejected(error, |pointer| match pointer.strip_prefix("/address") {
        Some(field) if is_pickup && field != "/name" => Some("/shop".to_owned()),
        Some(field) => Some(field.to_owned()),
        None => Some(pointer.to_owned()).filter(|pointer| pointer != "/payment_method"),
    });
    match rejected {
        Error::Rejected(problem) if problem.is_any(&["cart-ordered", "quote-used", "idempotency-key-reused"]) => {
            let order = problem.extensions.get("order").and_then(Value::as_str);
            order.and_then(|id| Uuid::try_parse(id).ok()).map_or(
                Error::TotalChanged("This page has already been used for another order."),
                Error::CartOrdered,
            )
        }
        Error::Rejected(problem) if problem.errors.iter().any(|error| error.pointer == "#/quote") => {
            Error::from(unknown_quote())
        }
        other => other,
    }
}

fn example_form() -> Value {
    json!({
        "email": "ada@example.org",
        "name": "Ada Lovelace",
        "line1": "Lindenstraße 1",
        "line2": "",
        "city": "Berlin",
        "postal_code": "10969",
        "country": "DE",
        "shipping": "standard",
        "shop": "",
        "payment": "test",
        "card_number": "4242 4242 4242 4242",
        "card_expiry": "12/49",
        "card_cvc": "123",
        "quote": EXAMPLE_QUOTE,
    })
}

fn example_cancelled() -> Value {
    let mut cancelled = example();
    cancelled["outcome"] = json!("rejected");
    cancelled["reason"] = json!("You cancelled this order. Nothing was charged.");
    cancelled
}

fn example() -> Value {
    let euro = |minor: i64| json!({ "minor": minor, "currency": "EUR" });
    json!({
        "id": "01890a5d-ac96-774b-bcce-b302099a8057",
        "number": "S-7K3M9QXD",
        "outcome": "accepted",
        "reason": null,
        "paid_by": "card",
        "is_paid": true,
        "transfer": null,
        "redirect_url": null,
        "email": "ada@example.org",
        "address": {
            "name": "Ada Lovelace",
            "line1": "Lindenstraße 1",
            "line2": null,
            "city": "Berlin",
            "postal_code": "10969",
            "country": "DE",
        },
        "country": "Germany",
        "lines": [{
            "sku": "onda-vase-sand",
            "slug": "onda-vase",
            "title": "Onda vase, Sand",
            "picture": "onda-vase-sand",
            "quantity": 1,
            "unit_price": euro(4800),
            "total": euro(4800),
        }],
        "subtotal": euro(4800),
        "shipping": { "method": "standard", "name": "Standard delivery", "days": "2–4 days", "price": euro(490) },
        "tax": euro(845),
        "total": euro(5290),
    })
}
