//! `/orders`

use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};
use service::{CallError, IdempotencyKey, Json, Path};
use uuid::Uuid;

use super::session::Session;
use crate::App;
use crate::clock;
use crate::error::{Error, Violation};
use crate::form::{Destination, Form, NO_PAYMENT, NO_QUOTE, NO_SHOP};
use crate::upstream::{self, Address, Articles, Cart, Line, Payment, Placing, Titled};
use crate::view::{Order, Outcome};

/// Says: to Germany, by parcel, one vase. For the examples, signed with the key of pricing's.
pub(super) const TOKEN: &str = include_str!("quote.jws").trim_ascii_end();

/// Places an order for what the quote says. The same form sent again gives the same order. An order of the same cart that
/// waits for the shopper's bank is cancelled first.
#[utoipa::path(
    post,
    path = "/orders",
    operation_id = "createOrder",
    params(
        IdempotencyKey,
        ("cookie" = Option<String>, Header, description = "`cart=<id>`"),
    ),
    request_body(content = Form, example = json!(example_form())),
    responses(
        (status = 201, description = "The order", body = Order, example = json!(example())),
        (status = 202, description = "It is still being placed: follow it at `/orders/{id}`. Where it is `paid_by` `hosted_page` and has an `action`, send the shopper there to pay", body = Order),
    ),
    extensions(("x-problems" = json!(["cancelled", "card-declined", "cart-ordered", "invoice-declined", "out-of-stock", "payment-expired", "quote-expired", "too-many-requests", "total-changed", "unavailable"]))),
)]
pub async fn create(
    State(app): State<App>,
    session: Session,
    key: IdempotencyKey,
    Json(form): Json<Form>,
) -> Result<(StatusCode, Json<Order>), Error> {
    let options = app.payments.options().await?;
    let wish = form.check(&options).map_err(Error::Invalid)?;
    let claims = app.quotes.claims(&wish.token).await?.ok_or(NO_QUOTE)?;
    let (cart, articles, address) = tokio::join!(
        session.cart(&app),
        app.catalog.articles(&claims.lines),
        address(&app, &wish.destination),
    );
    let address = address?;
    if !wish.is_quoted_for(&claims, &address.country) {
        return Err(Error::TotalChanged("Delivery has changed, and the total with it."));
    }
    let cart_id = session.0.ok_or(Error::TotalChanged("Your cart is empty."))?;
    let cart = cart?;
    // It may be the same form sent again, whose order has taken its things out of the cart: then the key is known.
    if !is_quoted(cart.as_ref(), &claims.lines) && !app.orders.knows(&key).await? {
        let ordered = app.orders.ordered(cart_id, &claims.lines).await?;
        return Err(ordered.map_or(
            Error::TotalChanged("Your cart has changed, and the total with it."),
            |order| Error::Ordered(order.id),
        ));
    }
    if claims.has_expired(clock::now()) && !app.orders.knows(&key).await? {
        return Err(Error::QuoteExpired);
    }
    let articles = articles?;
    let lines = titled(&claims.lines, &articles)?;
    // The dear and telling step, after every cheap proof.
    if wish.card.is_some() {
        app.rates.cards.look_client()?;
    }
    let payment_method = app.payments.create_method(&wish.provider, wish.card.as_ref()).await;
    let payment_method = payment_method
        .map_err(|error| app.rates.note(error))
        .map_err(card_refused)?;
    let placing = Placing {
        quote: wish.token,
        cart: Some(cart_id),
        cart_version: cart.map(|cart| cart.version),
        email: wish.email,
        address,
        lines,
        payment_method,
    };
    let order = app.orders.create(&key, &placing).await;
    let order = order
        .map_err(|error| app.rates.note(error))
        .map_err(|error| order_refused(error, &wish.destination))?;
    let order = Box::pin(show(&app, order)).await;
    let status = match order.outcome {
        Outcome::Accepted => StatusCode::CREATED,
        Outcome::Underway | Outcome::Refused => StatusCode::ACCEPTED,
    };
    Ok((status, Json(order)))
}

/// Gets an order.
#[utoipa::path(
    get,
    path = "/orders/{id}",
    operation_id = "getOrder",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, description = "The order", body = Order, example = json!(example())),
    ),
    extensions(("x-problems" = json!(["unavailable"]))),
)]
pub async fn get(State(app): State<App>, Path(id): Path<Uuid>) -> Result<Json<Order>, Error> {
    let order = app.orders.find(id).await?.ok_or(Error::NotFound("order"))?;
    Ok(Json(Box::pin(show(&app, order)).await))
}

/// Gives up an order that is not decided yet, such as one that waits for the shopper's bank. Nothing is charged, whatever
/// is approved there later. Doing it again changes nothing.
#[utoipa::path(
    post,
    path = "/orders/{id}/cancellation",
    operation_id = "cancelOrder",
    params(("id" = Uuid, Path), ("cookie" = Option<String>, Header, description = "`cart=<id>`: only whoever holds the cart that was ordered from may")),
    responses(
        (status = 200, description = "The order, which came to nothing", body = Order, example = json!(example_cancelled())),
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
    let cancelled = cancelled.map_err(|error| Error::refused(error, |_| None))?;
    let order = cancelled.ok_or(Error::NotFound("order"))?;
    Ok(Json(Box::pin(show(&app, order)).await))
}

/// The order with what is known beside it: left out where it does not come in time.
pub(super) async fn show(app: &App, order: upstream::Order) -> Order {
    let (countries, rates, articles, payment) = tokio::join!(
        app.pricing.countries_soon(),
        app.pricing.shipping_soon(&order.address.country),
        app.catalog.articles_soon(order.lines.iter().map(|line| &*line.sku)),
        payment(app, &order),
    );
    Order::new(order, &countries, &rates, articles.as_ref(), payment)
}

/// The payment of an order whose page depends on it: one that is owed, and one that is to be paid elsewhere, of which payments
/// knows a moment before orders does that it is paid.
async fn payment(app: &App, order: &upstream::Order) -> Option<Payment> {
    if order.is_on_account() || order.is_to_be_paid_on_page() {
        app.payments.of_order_soon(order.id).await
    } else {
        None
    }
}

/// What stands on the parcel; for what is picked up, the shop's address.
async fn address(app: &App, destination: &Destination) -> Result<Address, Error> {
    let (slug, name) = match destination {
        Destination::Door(address) => return Ok(address.clone()),
        Destination::Counter { shop, name } => (shop, name),
    };
    let shop = app.catalog.shop(slug).await?.ok_or(Violation {
        pointer: "/shop",
        detail: NO_SHOP,
    })?;
    Ok(Address {
        name: name.clone(),
        line1: format!("{}, {}", shop.name, shop.address.line1),
        line2: None,
        city: shop.address.city,
        postal_code: shop.address.postal_code,
        country: shop.address.country,
    })
}

/// Whether the quote is for what is in the cart, in whatever order.
fn is_quoted(cart: Option<&Cart>, quoted: &[Line]) -> bool {
    let sorted = |lines: &[Line]| {
        let mut lines = lines.to_vec();
        lines.sort();
        lines
    };
    cart.is_some_and(|cart| sorted(&cart.lines) == sorted(quoted))
}

fn titled(lines: &[Line], articles: &Articles) -> Result<Vec<Titled>, Error> {
    let title = |line: &Line| {
        let article = articles.on_sale(&line.sku)?;
        Some(Titled {
            sku: line.sku.clone(),
            title: article.title(),
        })
    };
    let titled: Option<_> = lines.iter().map(title).collect();
    titled.ok_or(Error::TotalChanged("Something in your cart is no longer sold."))
}

/// Payments names a card's fields; here they are a form's.
fn card_refused(error: CallError) -> Error {
    Error::refused(error, |pointer| match pointer.strip_prefix("/card/") {
        Some(field @ ("number" | "expiry" | "cvc")) => Some(format!("/card_{field}")),
        Some(_) => None,
        None => (pointer == "/provider").then(|| NO_PAYMENT.pointer.to_owned()),
    })
}

/// So with an address, of which a shop's is one field. Lines stay: they stand in the quote's order, the cart's.
fn order_refused(error: CallError, destination: &Destination) -> Error {
    let is_picked_up = matches!(destination, Destination::Counter { .. });
    let refused = Error::refused(error, |pointer| match pointer.strip_prefix("/address") {
        Some(field) if is_picked_up && field != "/name" => Some("/shop".to_owned()),
        Some(field) => Some(field.to_owned()),
        None => Some(pointer.to_owned()).filter(|pointer| pointer != "/payment_method"),
    });
    match refused {
        Error::Refused(problem) if problem.is_any(&["cart-ordered", "quote-used", "idempotency-key-reused"]) => {
            let order = problem.extensions.get("order").and_then(Value::as_str);
            order.and_then(|id| Uuid::try_parse(id).ok()).map_or(
                Error::TotalChanged("This page has been used before, for something else."),
                Error::Ordered,
            )
        }
        Error::Refused(problem) if problem.errors.iter().any(|error| error.pointer == "#/quote") => {
            Error::from(NO_QUOTE)
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
        "quote": TOKEN,
    })
}

fn example_cancelled() -> Value {
    let mut cancelled = example();
    cancelled["outcome"] = json!("refused");
    cancelled["reason"] = json!("You gave this order up. Nothing was charged.");
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
        "action": null,
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
