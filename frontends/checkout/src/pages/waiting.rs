//! An order of this cart that is not decided yet: the way to it, and the way out of it.

use leptos::prelude::*;
use uuid::Uuid;

use crate::bff::{PaymentType, Waiting};

/// Where it stands, and what can be done.
#[component]
pub fn WaitingOrder(
    order: Waiting,
    /// Whether another one can be placed on this page
    at_checkout: bool,
) -> impl IntoView {
    let Waiting {
        id,
        number,
        total,
        paid_by,
        action,
    } = order;
    let is_paid_on_page = paid_by == Some(PaymentType::HostedPage);
    let (state, label) = match (&action, is_paid_on_page) {
        (Some(_), true) => (
            " waits for your payment. Nothing is charged before you have paid.",
            "Go on to payment",
        ),
        (Some(_), false) => (
            " waits for your bank. Nothing is charged before you have answered it.",
            "Go to your bank",
        ),
        (None, _) => (" is being placed.", ""),
    };
    let bank = action.map(|action| view! { <a class="button button-quiet" href=action>{label}</a> });
    let instead = at_checkout.then(|| {
        view! { <p>"To pay otherwise, place your order here: it takes the place of that one, and you pay once."</p> }
    });
    view! {
        <section class="notice waiting" aria-label="An order that waits">
            <p>
                "Your order "<a href=format!("/orders/{id}")>{number}</a>" over "<span class="price">{total.to_string()}</span>
                {state}
            </p>
            {instead}
            <div class="ways-out">{bank} <GiveUp id/></div>
        </section>
    }
}

/// The way out of an order that waits.
#[component]
pub fn GiveUp(id: Uuid) -> impl IntoView {
    view! {
        <form method="post" action=format!("/orders/{id}/cancellation")>
            <button class="plain">"Give this order up"</button>
        </form>
    }
}
