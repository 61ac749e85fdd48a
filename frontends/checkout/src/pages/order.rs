//! An order: what became of it.

mod steps;

use leptos::prelude::*;
use page::{Assets, Haste, Picture, document};

use self::steps::Steps;
use super::about;
use super::recommendations::recommendations;
use super::totals::Totals;
use crate::bff::{Address, Order, OrderLine, Outcome, PICKUP, Shipping};

/// Draws the page.
pub fn draw(order: Order, assets: &Assets) -> String {
    let about = about(&format!("Order {}", order.number), "Your order.");
    document(about, assets, move || page(order))
}

fn page(order: Order) -> impl IntoView {
    let (title, text) = words(&order);
    let is_picked_up = order.shipping.method == PICKUP;
    let goes_with = recommendations(order.lines.iter().filter_map(|line| line.slug.as_deref()));
    let next = (order.outcome == Outcome::Accepted).then(|| next(&order.shipping));
    let rows: Vec<_> = order.lines.into_iter().map(|line| view! { <Row line/> }).collect();
    let onwards = match order.outcome {
        Outcome::Accepted => view! { <a class="button button-quiet" href="/">"Back to the shop"</a> }.into_any(),
        Outcome::Underway if order.action.is_some() => {
            view! { <a class="button" href=order.action>"Go to your bank"</a> }.into_any()
        }
        Outcome::Underway => {
            let href = format!("/orders/{}", order.id);
            view! { <a class="button" href=href>"Look again"</a> }.into_any()
        }
        Outcome::Refused => view! { <a class="button" href="/cart">"Back to your cart"</a> }.into_any(),
    };
    view! {
        <article class="wrap order">
            <header>
                <h1>{title}</h1>
                <p class="lead">{text}</p>
                <p class="number">"Order number "<strong>{order.number}</strong></p>
                <Steps outcome=order.outcome is_picked_up/>
                {onwards}
            </header>
            <section class="things" aria-labelledby="things">
                <h2 id="things">"What you ordered"</h2>
                <ul class="rows">{rows}</ul>
                <Totals
                    subtotal=order.subtotal
                    delivery=order.shipping.name
                    shipping=order.shipping.price
                    total=order.total
                    tax=order.tax
                />
            </section>
            <div class="summary">
                {next.map(|(text, when)| view! {
                    <section aria-labelledby="next">
                        <h2 id="next">"What happens next"</h2>
                        <p>{text}</p>
                        {when.map(|when| view! { <p class="label">{when}</p> })}
                    </section>
                })}
                <section aria-labelledby="destination">
                    <h2 id="destination">{if is_picked_up { "Where it waits for you" } else { "Where it goes" }}</h2>
                    <Destination address=order.address country=order.country/>
                    {is_picked_up.then(|| view! { <a class="onwards" href="/stores">"Opening hours"</a> })}
                </section>
                <section aria-labelledby="contact">
                    <h2 id="contact">"Contact"</h2>
                    <p class="contact">{order.email}</p>
                </section>
            </div>
        </article>
        {goes_with}
    }
}

fn words(order: &Order) -> (&'static str, String) {
    match order.outcome {
        Outcome::Accepted => (
            "Thank you",
            "Your order stands, and it is paid. Keep its number: it is how we know it.".to_owned(),
        ),
        Outcome::Underway if order.action.is_some() => (
            "Your bank asks",
            "It wants to know that this is you. Answer it, and come back: your order goes on by itself.".to_owned(),
        ),
        Outcome::Underway => (
            "Nearly there",
            "Your order is being placed. This takes a few seconds at most.".to_owned(),
        ),
        Outcome::Refused => {
            let reason = order.reason.clone().unwrap_or_default();
            (
                "This order was not placed",
                format!("{reason} Nothing was charged.").trim().to_owned(),
            )
        }
    }
}

/// What happens next, and when, if that is known.
fn next(shipping: &Shipping) -> (&'static str, Option<String>) {
    let days = shipping.days.as_ref();
    match &*shipping.method {
        PICKUP => (
            "At the counter your order number is enough; there is nothing to pay.",
            days.cloned(),
        ),
        _ => (
            "We wrap it with care and send it off.",
            days.map(|days| format!("{}: {days}", shipping.name)),
        ),
    }
}

#[component]
fn Row(line: OrderLine) -> impl IntoView {
    view! {
        <li class="row">
            <Picture name=line.picture title=&line.title sizes="4rem" haste=Haste::Soon/>
            <div class="what">
                <h3>{line.title.clone()}</h3>
                <p class="label">"Quantity "{line.quantity}</p>
            </div>
            <p class="price">{line.total.to_string()}</p>
        </li>
    }
}

#[component]
fn Destination(address: Address, country: Option<String>) -> impl IntoView {
    let town = format!("{} {}", address.postal_code, address.city);
    let country = country.unwrap_or(address.country);
    let lines = [
        Some(address.name),
        Some(address.line1),
        address.line2,
        Some(town),
        Some(country),
    ];
    let lines: Vec<_> = lines
        .into_iter()
        .flatten()
        .map(|line| view! { <span>{line}</span> })
        .collect();
    view! { <address>{lines}</address> }
}
