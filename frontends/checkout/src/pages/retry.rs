//! The page that is shown when the checkout cannot continue. It keeps the shopper's input.

use leptos::prelude::*;
use page::{Assets, document};

use super::about;
use super::card::CardFields;
use crate::bff::CheckoutForm;

/// What failed, and is to be tried again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Step {
    /// Drawing the checkout page
    Update,
    /// Placing the order; it is unknown whether that succeeded
    Place,
}

/// Draws the page: the shopper's input except for the card, to be sent again with the same key.
pub fn draw(input: CheckoutForm, step: Step, assets: &Assets) -> String {
    let about = about("One moment, please", "Please try again.");
    document(about, assets, move || match step {
        Step::Update => update(input).into_any(),
        Step::Place => place(input).into_any(),
    })
}

fn update(input: CheckoutForm) -> impl IntoView {
    view! {
        <div class="wrap retry">
            <h1>"One moment, please"</h1>
            <p>"We cannot show the checkout right now. Your details are kept, except for your card."</p>
            <form method="post" action="/checkout">
                <HiddenInput input/>
                <button class="button" name="step" value="update">"Try again"</button>
            </form>
        </div>
    }
}

fn place(mut input: CheckoutForm) -> impl IntoView {
    let expiry = std::mem::take(&mut input.card_expiry);
    let card = input.card_was_dropped.then(|| {
        view! {
            <p>"We do not store card details. Please enter yours again."</p>
            <CardFields expiry error=|_: &str| None/>
        }
    });
    view! {
        <div class="wrap retry">
            <h1>"One moment, please"</h1>
            <p class="notice notice-warn" role="alert">
                "We do not know yet whether your order was placed, because we did not get an answer in time."
            </p>
            <p>
                "Please place it again. In any case it is ordered once and charged once, for the total that you have seen."
            </p>
            <form method="post" action="/checkout" novalidate=true>
                <HiddenInput input/>
                {card}
                <button class="button" name="step" value="place">"Place order"</button>
            </form>
        </div>
    }
}

/// The shopper's input except for card number and security code, in hidden fields.
#[component]
fn HiddenInput(input: CheckoutForm) -> impl IntoView {
    let expiry = (!input.card_expiry.is_empty()).then_some(("card_expiry", input.card_expiry));
    let fields = [
        ("key", input.key),
        ("quote", input.quote),
        ("shown_prices", input.shown_prices),
        ("email", input.email),
        ("name", input.name),
        ("line1", input.line1),
        ("line2", input.line2),
        ("postal_code", input.postal_code),
        ("city", input.city),
        ("country", input.country),
        ("shipping", input.shipping),
        ("shop", input.shop),
        ("payment", input.payment),
    ];
    let hidden = fields
        .into_iter()
        .chain(expiry)
        .map(|(name, value)| view! { <input type="hidden" name=name value=value/> });
    hidden.collect::<Vec<_>>()
}
