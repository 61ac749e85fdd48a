//! An order of this cart that is still in progress: the shopper can continue it, cancel it, or replace it.

use leptos::prelude::*;
use uuid::Uuid;

use crate::bff::{PaymentType, WaitingOrder};

/// The state of the order, and what the shopper can do.
#[component]
pub fn WaitingOrderNotice(
    order: WaitingOrder,
    /// Whether another order can be placed on this page
    at_checkout: bool,
) -> impl IntoView {
    let WaitingOrder {
        id,
        number,
        total,
        paid_by,
        redirect_url,
    } = order;
    let is_hosted_page = paid_by == Some(PaymentType::HostedPage);
    let (state, label) = match (&redirect_url, is_hosted_page) {
        (Some(_), true) => (
            " is waiting for your payment. You will not be charged until you have paid.",
            "Continue to payment",
        ),
        (Some(_), false) => (
            " is waiting for your bank’s approval. You will not be charged until you have approved it.",
            "Continue to your bank",
        ),
        (None, _) => (" is being placed.", ""),
    };
    let redirect = redirect_url.map(|url| view! { <a class="button button-quiet" href=url>{label}</a> });
    let replace = at_checkout.then(|| {
        view! { <p>"To pay another way, place your order here. It replaces that order, and you pay only once."</p> }
    });
    view! {
        <section class="notice waiting" aria-label="Order in progress">
            <p>
                "Your order "<a href=format!("/orders/{id}")>{number}</a>" for "<span class="price">{total.to_string()}</span>
                {state}
            </p>
            {replace}
            <div class="ways-out">{redirect} <CancelOrder id/></div>
        </section>
    }
}

/// The form that cancels an order in progress.
#[component]
pub fn CancelOrder(id: Uuid) -> impl IntoView {
    view! {
        <form method="post" action=format!("/orders/{id}/cancellation")>
            <button class="plain">"Cancel this order"</button>
        </form>
    }
}
