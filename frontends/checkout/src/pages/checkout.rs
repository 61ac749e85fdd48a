//! The checkout page.

mod notice;
mod sections;
mod summary;

use leptos::prelude::*;
use page::{Assets, IdempotencyKeyField, document};

use self::sections::{Address, Contact, Delivery, Payment};
use self::summary::Summary;
use super::waiting_order::WaitingOrderNotice;
use super::{about, cart};
use crate::bff::{Checkout, CheckoutForm, ShippingRate};

pub use self::notice::Notice;

/// Draws the page with the shopper's input so far.
pub fn draw(view: Checkout, input: CheckoutForm, notice: Option<Notice>, assets: &Assets) -> String {
    let about = about(
        "Checkout",
        "Enter your address, choose delivery and payment, and place your order.",
    );
    document(about, assets, move || {
        if view.cart.is_empty() {
            cart::empty(None, view.waiting_order, notice.map(|notice| notice.text)).into_any()
        } else {
            page(view, &input, &notice.unwrap_or_default()).into_any()
        }
    })
}

fn page(view: Checkout, input: &CheckoutForm, notice: &Notice) -> impl IntoView + use<> {
    let (shown_prices, has_new_prices) = (view.shown_prices(), view.has_new_prices_since(&input.shown_prices));
    let token = view.quote.as_ref().map(|quote| quote.token.clone());
    let delivery = delivery_name(&view.shipping_options, &view.shipping);
    let can_be_paid = view.payment_options.as_ref().is_some_and(|options| !options.is_empty());
    let is_ready = view.cart.is_available() && view.quote.is_some() && can_be_paid;
    let takes_cards = view.takes_cards();
    let brief = view
        .quote
        .as_ref()
        .map(|quote| (view.cart.item_count(), quote.total.to_string()));
    view! {
        <div class="wrap checkout">
            <h1>"Checkout"</h1>
            {view.waiting_order.map(|order| view! { <WaitingOrderNotice order at_checkout=true/> })}
            {notice.draw()}
            {has_new_prices.then(|| view! {
                <p class="notice notice-warn" role="alert">
                    "Prices have changed while this page was open. Please check the total before you place your order."
                </p>
            })}
            // `novalidate`: our own errors for all fields at once instead of the browser's one by one.
            // `data-follow`: with the loader, the parts marked with `data-part` follow these fields.
            <form method="post" action="/checkout" novalidate=true data-follow="country shipping shop">
                {is_ready.then(|| view! {
                    // Enter in any field presses the first button.
                    <button class="visually-hidden" name="step" value="place" tabindex="-1" aria-hidden="true">
                        "Place order"
                    </button>
                })}
                <div data-part="intent" hidden=true>
                    <IdempotencyKeyField key=view.idempotency_key/>
                    <input type="hidden" name="quote" value=token/>
                    <input type="hidden" name="shown_prices" value=shown_prices/>
                </div>
                <div class="sections">
                    <Contact input notice/>
                    <Delivery
                        countries=(view.countries, view.country)
                        options=(view.shipping_options, view.shipping)
                        shops=(view.shops, view.shop)
                        takes_cards
                        notice
                    />
                    <Address input notice/>
                    <Payment options=(view.payment_options, view.payment) input notice/>
                </div>
                {brief.map(|(count, total)| view! {
                    <a class="brief" href="#summary" data-part="brief">
                        <span>"Your order "<span class="label">{count}</span></span>
                        <span class="price">{total}</span>
                    </a>
                })}
                <Summary cart=view.cart quote=view.quote.as_ref() can_be_paid takes_cards delivery notice/>
            </form>
        </div>
    }
}

fn delivery_name(options: &[ShippingRate], chosen: &str) -> String {
    let option = options.iter().find(|option| option.method == chosen);
    option.map_or_else(|| "Delivery".to_owned(), |option| option.name.clone())
}
