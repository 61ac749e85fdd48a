//! The page that stands where the checkout's next one cannot be made: nothing that was typed is lost.

use leptos::prelude::*;
use page::{Assets, document};

use super::about;
use super::card::CardFields;
use crate::bff::Form;

/// What was tried, and is to be tried again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Step {
    /// Drawing the checkout
    Update,
    /// Placing the order; nobody knows how that ended
    Place,
}

/// Draws the page: everything that was typed, to be sent once more under the same key. The card is not among it.
pub fn draw(typed: Form, step: Step, assets: &Assets) -> String {
    let about = about("One moment, please", "The checkout needs another try.");
    document(about, assets, move || match step {
        Step::Update => update(typed).into_any(),
        Step::Place => place(typed).into_any(),
    })
}

fn update(typed: Form) -> impl IntoView {
    view! {
        <div class="wrap retry">
            <h1>"One moment, please"</h1>
            <p>"We cannot show the checkout right now. What you have typed is kept; only your card we do not keep."</p>
            <form method="post" action="/checkout">
                <Typed typed/>
                <button class="button" name="step" value="update">"Try again"</button>
            </form>
        </div>
    }
}

fn place(mut typed: Form) -> impl IntoView {
    let expiry = std::mem::take(&mut typed.card_expiry);
    let card = typed.card_was_typed.then(|| {
        view! {
            <p>"We do not keep card numbers, so we must ask for yours again."</p>
            <CardFields expiry error=|_: &str| None/>
        }
    });
    view! {
        <div class="wrap retry">
            <h1>"One moment, please"</h1>
            <p class="notice notice-warn" role="alert">
                "We do not know yet whether your order was placed: an answer did not come in time."
            </p>
            <p>
                "Please send it once more. Whatever happened, it is ordered once and charged once, for the total that
                you have seen."
            </p>
            <form method="post" action="/checkout" novalidate=true>
                <Typed typed/>
                {card}
                <button class="button" name="step" value="place">"Place order"</button>
            </form>
        </div>
    }
}

/// All of it but the card's number and code, out of sight.
#[component]
fn Typed(typed: Form) -> impl IntoView {
    let expiry = (!typed.card_expiry.is_empty()).then_some(("card_expiry", typed.card_expiry));
    let fields = [
        ("key", typed.key),
        ("quote", typed.quote),
        ("seen", typed.seen),
        ("email", typed.email),
        ("name", typed.name),
        ("line1", typed.line1),
        ("line2", typed.line2),
        ("postal_code", typed.postal_code),
        ("city", typed.city),
        ("country", typed.country),
        ("shipping", typed.shipping),
        ("shop", typed.shop),
        ("payment", typed.payment),
    ];
    let hidden = fields
        .into_iter()
        .chain(expiry)
        .map(|(name, value)| view! { <input type="hidden" name=name value=value/> });
    hidden.collect::<Vec<_>>()
}
