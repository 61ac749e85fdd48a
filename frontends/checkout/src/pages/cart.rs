//! The cart page.

mod row;

use leptos::prelude::*;
use money::Money;
use page::{Assets, Document, IdempotencyKeyField, document};

use self::row::Row;
use super::about;
use super::price_change;
use super::recommendations::recommendations;
use super::waiting_order::WaitingOrderNotice;
use crate::bff::{Cart, RemovedItem, WaitingOrder};

/// The error of a change that was rejected.
#[derive(Clone, Debug)]
pub struct ChangeError {
    /// SKU of the line, if the error is about one
    pub sku: Option<String>,
    /// The text for the shopper
    pub text: String,
}

/// An item that was just removed and can be restored.
#[derive(Clone, Debug)]
pub struct Undo {
    /// The item
    pub removed: RemovedItem,
    /// The quantity before it was removed
    pub quantity: u32,
}

/// Draws the page.
pub fn draw(cart: Cart, undo: Option<Undo>, error: Option<ChangeError>, assets: &Assets) -> String {
    let about = Document {
        personal: Some("/cart".to_owned()),
        ..about("Your cart", "The items in your cart.")
    };
    document(about, assets, move || {
        if cart.is_empty() {
            empty(undo, cart.waiting_order, error.map(|error| error.text)).into_any()
        } else {
            full(cart, undo, error).into_any()
        }
    })
}

/// The page for a browser that has not stored the cookie of its new cart.
pub fn without_cookies(assets: &Assets) -> String {
    document(about("Your cart", "The items in your cart."), assets, || {
        view! {
            <div class="wrap notice-page empty">
                <h1>"Your browser blocks cookies"</h1>
                <p>
                    "We need one cookie to remember your cart. Please allow cookies for this shop, then add the item again."
                </p>
                <a class="button" href="/">"Continue shopping"</a>
            </div>
        }
    })
}

/// The page of an empty cart, also shown at checkout.
pub(super) fn empty(undo: Option<Undo>, waiting_order: Option<WaitingOrder>, error: Option<String>) -> impl IntoView {
    view! {
        <div class="wrap notice-page empty">
            {undo.map(|undo| view! { <UndoForm undo/> })}
            {error.map(|error| view! { <p class="notice notice-warn" role="alert">{error}</p> })}
            {waiting_order.map(|order| view! { <WaitingOrderNotice order at_checkout=false/> })}
            <h1>"Your cart is empty"</h1>
            <p>"When you find something that you would like to live with, add it to your cart."</p>
            <a class="button" href="/">"Continue shopping"</a>
        </div>
    }
}

fn full(mut cart: Cart, undo: Option<Undo>, error: Option<ChangeError>) -> impl IntoView {
    let (is_available, count, subtotal) = (cart.is_available(), cart.item_count(), cart.subtotal);
    let (has_discontinued, is_all_discontinued) = (cart.has_discontinued(), cart.is_all_discontinued());
    let price_change = price_change::notice(&cart);
    let waiting_order = cart.waiting_order.take();
    let recommended = recommendations(cart.lines.iter().filter_map(|line| line.slug.as_deref()));
    let has_line = |sku: &String| cart.lines.iter().any(|line| line.sku == *sku);
    let (line_error, cart_error) = match error {
        Some(ChangeError { sku: Some(sku), text }) if has_line(&sku) => (Some((sku, text)), None),
        error => (None, error.map(|error| error.text)),
    };
    let error_of = |line: &str| {
        let error = line_error.as_ref().filter(|(sku, _)| sku == line);
        error.map(|(_, text)| text.clone())
    };
    let rows = cart.lines.into_iter().enumerate().map(|(index, line)| {
        let error = error_of(&line.sku);
        view! { <Row line index error/> }.into_any()
    });
    let rows: Vec<_> = rows.collect();
    let has_notices = undo.is_some() || waiting_order.is_some() || cart_error.is_some() || price_change.is_some();
    let notices = has_notices.then(|| {
        view! {
            <div class="notices">
                {undo.map(|undo| view! { <UndoForm undo/> })}
                {waiting_order.map(|order| view! { <WaitingOrderNotice order at_checkout=false/> })}
                {cart_error.map(|text| view! { <p class="notice notice-warn" role="alert">{text}</p> })}
                {price_change}
            </div>
        }
        .into_any()
    });
    view! {
        <div class="wrap cart">
            <h1>"Your cart"</h1>
            {notices}
            <ul class="lines">{rows}</ul>
            <Summary count subtotal is_available has_discontinued is_all_discontinued/>
        </div>
        {recommended}
    }
}

/// The form that restores a removed item.
#[component]
fn UndoForm(undo: Undo) -> impl IntoView {
    let Undo { removed, quantity } = undo;
    let title = removed.title();
    view! {
        <form class="notice undo" method="post" action="/cart/lines">
            <p role="status">{title.clone()}" was removed from your cart."</p>
            <IdempotencyKeyField/>
            <input type="hidden" name="sku" value=removed.sku/>
            <input type="hidden" name="quantity" value=quantity/>
            <button class="button button-quiet">
                "Undo"<span class="visually-hidden">": add "{title}" again"</span>
            </button>
        </form>
    }
}

#[component]
fn Summary(
    count: String,
    subtotal: Option<Money>,
    is_available: bool,
    has_discontinued: bool,
    is_all_discontinued: bool,
) -> impl IntoView {
    let sum = match subtotal {
        Some(subtotal) => view! {
            <dl class="totals">
                <div class="total">
                    <dt>"Subtotal "<span class="label">{count}</span></dt>
                    <dd class="price">{subtotal.to_string()}</dd>
                </div>
            </dl>
            <p class="small">
                {has_discontinued.then_some("Without items that are no longer available. ")}"Includes VAT. Delivery is added at checkout."
            </p>
        }
        .into_any(),
        None if is_all_discontinued => view! { <p>"None of these items is available any more."</p> }.into_any(),
        None => view! {
            <p>"Some prices are not available right now. You will see the total at checkout before you pay."</p>
        }
        .into_any(),
    };
    let problem = match (has_discontinued, is_all_discontinued) {
        (true, true) => "Please remove them to continue.",
        (true, false) => "Some items are no longer available. Please remove them to check out.",
        (false, _) => "Some items are not available in this quantity. Please change or remove them to check out.",
    };
    let check_out = if is_available {
        view! { <a class="button" href="/checkout">"Check out"</a> }.into_any()
    } else {
        view! { <p class="shortage">{problem}</p> }.into_any()
    };
    view! {
        <div class="summary">
            {sum}
            {check_out}
            <a class="onwards" href="/">"Continue shopping"</a>
        </div>
    }
}
