//! The checkout: one calm page.

mod notice;
mod sections;
mod summary;

use leptos::prelude::*;
use page::{Assets, Key, document};

use self::sections::{Address, Contact, Delivery, Payment};
use self::summary::Summary;
use super::waiting::WaitingOrder;
use super::{about, cart};
use crate::bff::{Checkout, Form, Rate};

pub use self::notice::Notice;

/// Draws the page, with what was typed so far.
pub fn draw(view: Checkout, typed: Form, notice: Option<Notice>, assets: &Assets) -> String {
    let about = about("Checkout", "Where it goes, how it gets there, and what it comes to.");
    document(about, assets, move || {
        if view.cart.is_empty() {
            cart::empty(None, view.waiting_order, notice.map(|notice| notice.text)).into_any()
        } else {
            page(view, &typed, &notice.unwrap_or_default()).into_any()
        }
    })
}

fn page(view: Checkout, typed: &Form, notice: &Notice) -> impl IntoView + use<> {
    let (seen, is_repriced) = (view.seen(), view.is_repriced_since(&typed.seen));
    let token = view.quote.as_ref().map(|quote| quote.token.clone());
    let delivery = delivery_name(&view.shipping_options, &view.shipping);
    let can_be_paid = view.payment_options.as_ref().is_some_and(|options| !options.is_empty());
    let is_ready = view.cart.is_ready() && view.quote.is_some() && can_be_paid;
    let takes_cards = view.takes_cards();
    let brief = view
        .quote
        .as_ref()
        .map(|quote| (view.cart.count(), quote.total.to_string()));
    view! {
        <div class="wrap checkout">
            <h1>"Checkout"</h1>
            {view.waiting_order.map(|order| view! { <WaitingOrder order at_checkout=true/> })}
            {notice.draw()}
            {is_repriced.then(|| view! {
                <p class="notice notice-warn" role="alert">
                    "Prices have changed while this page was open. Please check the total before you place the order."
                </p>
            })}
            // Our own words at the fields, in one go, rather than the browser's one by one.
            // Where the loader runs, what is marked as a part follows these fields by itself.
            <form method="post" action="/checkout" novalidate=true data-follow="country shipping shop">
                {is_ready.then(|| view! {
                    // The first button is what Enter does, in any field.
                    <button class="visually-hidden" name="step" value="place" tabindex="-1" aria-hidden="true">
                        "Place order"
                    </button>
                })}
                <div data-part="intent" hidden=true>
                    <Key key=view.idempotency_key/>
                    <input type="hidden" name="quote" value=token/>
                    <input type="hidden" name="seen" value=seen/>
                </div>
                <div class="sections">
                    <Contact typed notice/>
                    <Delivery
                        countries=(view.countries, view.country)
                        options=(view.shipping_options, view.shipping)
                        shops=(view.shops, view.shop)
                        takes_cards
                        notice
                    />
                    <Address typed notice/>
                    <Payment options=(view.payment_options, view.payment) typed notice/>
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

fn delivery_name(options: &[Rate], chosen: &str) -> String {
    let option = options.iter().find(|option| option.method == chosen);
    option.map_or_else(|| "Delivery".to_owned(), |option| option.name.clone())
}
