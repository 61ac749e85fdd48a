//! An order: what became of it.

mod state;
mod steps;
mod transfer;

use checkout_islands::OrderStatus;
use leptos::prelude::*;
use page::{Assets, Document, Haste, Picture, document};

use self::state::State;
use self::steps::Steps;
use super::about;
use super::recommendations::recommendations;
use super::totals::Totals;
use super::waiting::GiveUp;
use crate::bff::{Address, Order, OrderLine, Outcome, PICKUP, Shipping};

/// Where no island follows an order that is being placed, its page looks again after so many seconds.
const REFRESH: u32 = 2;

/// Draws the page.
pub fn draw(order: Order, assets: &Assets) -> String {
    let is_underway = order.outcome == Outcome::Underway;
    let about = Document {
        refresh: is_underway.then_some(REFRESH),
        personal: Some(format!("/orders/{}", order.id)),
        ..about(&format!("Order {}", order.number), "Your order.")
    };
    document(about, assets, move || page(order))
}

fn page(order: Order) -> impl IntoView {
    let state = State::of(&order);
    let is_picked_up = order.shipping.method == PICKUP;
    let goes_with = recommendations(order.lines.iter().filter_map(|line| line.slug.as_deref()));
    let live = state.may_change().then(
        || view! { <span data-live=REFRESH.to_string() hidden=true></span> <OrderStatus id=order.id.to_string()/> },
    );
    let words = state.possible().map(|it| words(it, it != state, order.reason.clone()));
    let steps = state
        .possible()
        .map(|it| view! { <Steps state=it is_hidden={it != state} is_picked_up/> });
    let onwards = state.possible().map(|it| onwards(it, it != state, &order));
    let (words, steps, onwards) = (words.collect_view(), steps.collect_view(), onwards.collect_view());
    let rows: Vec<_> = order.lines.into_iter().map(|line| view! { <Row line/> }).collect();
    view! {
        <article class="wrap order">
            <header aria-live=state.may_change().then_some("polite")>
                {words}
                <p class="number">"Order number "<strong>{order.number}</strong></p>
                {steps}
                {onwards}
                {live}
            </header>
            <section class="things" aria-labelledby="things">
                <h2 id="things">"What you ordered"</h2>
                <ul class="rows">{rows}</ul>
                <Totals
                    subtotal=order.subtotal
                    delivery=order.shipping.name.clone()
                    shipping=order.shipping.price
                    total=order.total
                    tax=order.tax
                />
            </section>
            <div class="summary">
                {order.transfer.map(|transfer| transfer::draw(transfer, order.total))}
                {state.possible().any(State::stands).then(|| next(&order.shipping, state))}
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

/// The heading, and what it means. The island puts a reason in its place.
fn words(state: State, hidden: bool, reason: Option<String>) -> impl IntoView {
    let (title, text) = match state {
        State::Accepted => (
            "Thank you",
            "Your order stands, and it is paid. Keep its number: it is how we know it.",
        ),
        State::Owed => (
            "Thank you",
            "Your order stands, and you pay by bank transfer. Keep its number: it is how we know it.",
        ),
        State::Pays => (
            "Your payment is open",
            "Your order waits for it, and nothing is charged before you have paid. Your order goes on by itself then.",
        ),
        State::Asks => (
            "Your bank asks",
            "It wants to know that this is you. Answer it, and come back: your order goes on by itself.",
        ),
        State::Underway => (
            "Nearly there",
            "Your order is being placed. This takes a few seconds at most.",
        ),
        State::Refused => ("This order was not placed", " Nothing was charged."),
    };
    let reason = (state == State::Refused).then(|| view! { <span class="reason">{reason}</span> });
    view! {
        <h1 data-outcome=state.name() hidden=hidden>{title}</h1>
        <p class="lead" data-outcome=state.name() hidden=hidden>{reason}{text}</p>
    }
}

/// Where to go from here.
fn onwards(state: State, hidden: bool, order: &Order) -> impl IntoView + use<> {
    let (class, href, label) = match state {
        // Where this page was made before it stood, it does not say how to pay.
        State::Owed if order.paid_by.is_none() => ("button", format!("/orders/{}", order.id), "How to pay"),
        State::Accepted | State::Owed => ("button button-quiet", "/".to_owned(), "Back to the shop"),
        State::Pays => (
            "button action",
            order.action.clone().unwrap_or_default(),
            "Go on to payment",
        ),
        State::Asks => (
            "button action",
            order.action.clone().unwrap_or_default(),
            "Go to your bank",
        ),
        State::Underway => ("button", format!("/orders/{}", order.id), "Look again"),
        State::Refused => ("button", "/cart".to_owned(), "Back to your cart"),
    };
    let way_out = matches!(state, State::Asks | State::Pays).then(|| {
        view! { <div data-outcome=state.name() hidden=hidden><GiveUp id=order.id/></div> }
    });
    view! {
        <a class=class href=href data-outcome=state.name() hidden=hidden>{label}</a>
        {way_out}
    }
}

/// What happens next, and when, if that is known.
fn next(shipping: &Shipping, state: State) -> impl IntoView + use<> {
    let hidden = !state.stands();
    let days = shipping.days.as_ref();
    let (text, when) = match &*shipping.method {
        PICKUP if state == State::Owed => ("At the counter your order number is enough.", days.cloned()),
        PICKUP => (
            "At the counter your order number is enough; there is nothing to pay.",
            days.cloned(),
        ),
        _ => (
            "We wrap it with care and send it off.",
            days.map(|days| format!("{}: {days}", shipping.name)),
        ),
    };
    view! {
        <section aria-labelledby="next" data-outcome="accepted owed" hidden=hidden>
            <h2 id="next">"What happens next"</h2>
            <p>{text}</p>
            {when.map(|when| view! { <p class="label">{when}</p> })}
        </section>
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
