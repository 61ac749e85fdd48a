//! The order page.

mod state;
mod steps;
mod transfer;

use checkout_islands::{OrderStatus, rejection_text};
use leptos::prelude::*;
use page::{Assets, Document, Loading, Picture, document};

use self::state::State;
use self::steps::Steps;
use super::about;
use super::recommendations::recommendations;
use super::totals::Totals;
use super::waiting_order::CancelOrder;
use crate::bff::{Address, Order, OrderLine, OrderOutcome, PICKUP, Shipping};

/// Seconds after which the page of an order in progress is refreshed if no island follows the order.
const REFRESH_SECONDS: u32 = 2;

/// Draws the page.
pub fn draw(order: Order, assets: &Assets) -> String {
    let is_in_progress = order.outcome == OrderOutcome::InProgress;
    let about = Document {
        refresh: is_in_progress.then_some(REFRESH_SECONDS),
        personal: Some(format!("/orders/{}", order.id)),
        ..about(&format!("Order {}", order.number), "Your order.")
    };
    document(about, assets, move || page(order))
}

fn page(order: Order) -> impl IntoView {
    let state = State::of(&order);
    let is_pickup = order.shipping.method == PICKUP;
    let recommended = recommendations(order.lines.iter().filter_map(|line| line.slug.as_deref()));
    let live = state.may_change().then(
        || view! { <span data-live=REFRESH_SECONDS.to_string() hidden=true></span> <OrderStatus id=order.id.to_string()/> },
    );
    let headings = state
        .possible()
        .map(|it| heading(it, it != state, order.reason.as_deref()));
    let steps = state
        .possible()
        .map(|it| view! { <Steps state=it is_hidden={it != state} is_pickup/> });
    let links = state.possible().map(|it| links(it, it != state, &order));
    let (headings, steps, links) = (headings.collect_view(), steps.collect_view(), links.collect_view());
    let rows: Vec<_> = order.lines.into_iter().map(|line| view! { <Row line/> }).collect();
    view! {
        <article class="wrap order">
            <header aria-live=state.may_change().then_some("polite")>
                {headings}
                <p class="number">"Order number "<strong>{order.number}</strong></p>
                {steps}
                {links}
                {live}
            </header>
            <section class="things" aria-labelledby="things">
                <h2 id="things">"Your items"</h2>
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
                {state.possible().any(State::is_confirmed).then(|| next_steps(&order.shipping, state))}
                <section aria-labelledby="destination">
                    <h2 id="destination">{if is_pickup { "Pick-up location" } else { "Delivery address" }}</h2>
                    <Destination address=order.address country=order.country/>
                    {is_pickup.then(|| view! { <a class="onwards" href="/stores">"Opening hours"</a> })}
                </section>
                <section aria-labelledby="contact">
                    <h2 id="contact">"Contact"</h2>
                    <p class="contact">{order.email}</p>
                </section>
            </div>
        </article>
        {recommended}
    }
}

/// The heading and its explanation. The island fills in the reason of a rejection.
fn heading(state: State, hidden: bool, reason: Option<&str>) -> impl IntoView + use<> {
    let (title, text) = match state {
        State::Accepted => (
            "Thank you",
            "Your order is confirmed and paid. Please keep your order number.",
        ),
        State::PaymentDue => (
            "Thank you",
            "Your order is confirmed. Please pay by bank transfer, and keep your order number.",
        ),
        State::AwaitingPayment => (
            "Waiting for your payment",
            "Your order will be confirmed automatically once you have paid. You have not been charged yet.",
        ),
        State::AwaitingBank => (
            "Confirm with your bank",
            "Your bank wants to make sure that it is you. Confirm the payment there: your order will be confirmed \
             automatically.",
        ),
        State::InProgress => (
            "Nearly there",
            "We are placing your order. This takes a few seconds at most.",
        ),
        State::Rejected => ("This order was not placed", ""),
    };
    let reason = (state == State::Rejected)
        .then(|| view! { <span class="reason">{rejection_text(reason.unwrap_or_default())}</span> });
    view! {
        <h1 data-outcome=state.name() hidden=hidden>{title}</h1>
        <p class="lead" data-outcome=state.name() hidden=hidden>{reason}{text}</p>
    }
}

/// The links to continue.
fn links(state: State, hidden: bool, order: &Order) -> impl IntoView + use<> {
    let (class, href, label) = match state {
        // A page that was drawn before the order was confirmed has no bank details.
        State::PaymentDue if order.paid_by.is_none() => ("button", format!("/orders/{}", order.id), "How to pay"),
        State::Accepted | State::PaymentDue => ("button button-quiet", "/".to_owned(), "Back to the shop"),
        State::AwaitingPayment => (
            "button redirect",
            order.redirect_url.clone().unwrap_or_default(),
            "Continue to payment",
        ),
        State::AwaitingBank => (
            "button redirect",
            order.redirect_url.clone().unwrap_or_default(),
            "Continue to your bank",
        ),
        State::InProgress => ("button", format!("/orders/{}", order.id), "Refresh"),
        State::Rejected => ("button", "/cart".to_owned(), "Back to your cart"),
    };
    let cancel = matches!(state, State::AwaitingBank | State::AwaitingPayment).then(|| {
        view! { <div data-outcome=state.name() hidden=hidden><CancelOrder id=order.id/></div> }
    });
    view! {
        <a class=class href=href data-outcome=state.name() hidden=hidden>{label}</a>
        {cancel}
    }
}

/// What happens next, with the delivery time if it is known.
fn next_steps(shipping: &Shipping, state: State) -> impl IntoView + use<> {
    let hidden = !state.is_confirmed();
    let days = shipping.days.as_ref();
    let (text, when) = match &*shipping.method {
        PICKUP if state == State::PaymentDue => ("Show your order number at the counter.", days.cloned()),
        PICKUP => (
            "Show your order number at the counter. There is nothing left to pay.",
            days.cloned(),
        ),
        _ => (
            "We pack your order with care and send it to you.",
            days.map(|days| format!("{}: {days}", shipping.name)),
        ),
    };
    view! {
        <section aria-labelledby="next" data-outcome="accepted payment_due" hidden=hidden>
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
            <Picture name=line.picture title=&line.title sizes="4rem" loading=Loading::Eager/>
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
