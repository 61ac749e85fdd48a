//! The cart.

mod row;

use leptos::prelude::*;
use money::Money;
use page::{Assets, Document, Key, document};

use self::row::Row;
use super::about;
use super::recommendations::recommendations;
use super::repriced;
use super::waiting::WaitingOrder;
use crate::bff::{Cart, Removed, Waiting};

/// What came of a change that could not be made.
#[derive(Clone, Debug)]
pub struct Trouble {
    /// The line it is about, if it is about one
    pub sku: Option<String>,
    /// What to say
    pub text: String,
}

/// What has just been taken out, and can come back.
#[derive(Clone, Debug)]
pub struct Undo {
    /// What it is
    pub removed: Removed,
    /// How many there were
    pub quantity: u32,
}

/// Draws the page.
pub fn draw(cart: Cart, undo: Option<Undo>, trouble: Option<Trouble>, assets: &Assets) -> String {
    let about = Document {
        personal: Some("/cart".to_owned()),
        ..about("Your cart", "What you have put aside.")
    };
    document(about, assets, move || {
        if cart.is_empty() {
            empty(undo, cart.waiting_order, trouble.map(|trouble| trouble.text)).into_any()
        } else {
            full(cart, undo, trouble).into_any()
        }
    })
}

/// The page of a browser that has not kept the name of the cart that was begun for it.
pub fn without_cookies(assets: &Assets) -> String {
    document(about("Your cart", "What you have put aside."), assets, || {
        view! {
            <div class="wrap notice-page empty">
                <h1>"Your browser refuses cookies"</h1>
                <p>
                    "Without them your cart cannot keep anything. Please allow cookies for this shop, then add it once
                    more. We set one, for the cart."
                </p>
                <a class="button" href="/">"Look around the shop"</a>
            </div>
        }
    })
}

/// The page of a cart with nothing in it, here and at the checkout.
pub(super) fn empty(undo: Option<Undo>, waiting: Option<Waiting>, said: Option<String>) -> impl IntoView {
    view! {
        <div class="wrap notice-page empty">
            {undo.map(|undo| view! { <Back undo/> })}
            {said.map(|said| view! { <p class="notice notice-warn" role="alert">{said}</p> })}
            {waiting.map(|order| view! { <WaitingOrder order at_checkout=false/> })}
            <h1>"Your cart is empty"</h1>
            <p>"When you find something that you would like to live with, it waits for you here."</p>
            <a class="button" href="/">"Look around the shop"</a>
        </div>
    }
}

fn full(mut cart: Cart, undo: Option<Undo>, trouble: Option<Trouble>) -> impl IntoView {
    let (is_ready, count, subtotal) = (cart.is_ready(), cart.count(), cart.subtotal);
    let (has_gone, is_all_gone) = (cart.has_gone(), cart.is_all_gone());
    let repriced = repriced::news(&cart);
    let waiting = cart.waiting_order.take();
    let goes_with = recommendations(cart.lines.iter().filter_map(|line| line.slug.as_deref()));
    let is_in = |sku: &String| cart.lines.iter().any(|line| line.sku == *sku);
    let (about_line, about_all) = match trouble {
        Some(Trouble { sku: Some(sku), text }) if is_in(&sku) => (Some((sku, text)), None),
        trouble => (None, trouble.map(|trouble| trouble.text)),
    };
    let error = |of: &str| {
        about_line
            .as_ref()
            .filter(|(sku, _)| sku == of)
            .map(|(_, text)| text.clone())
    };
    let rows = cart.lines.into_iter().enumerate().map(|(place, line)| {
        let error = error(&line.sku);
        view! { <Row line place error/> }.into_any()
    });
    let rows: Vec<_> = rows.collect();
    let is_news = undo.is_some() || waiting.is_some() || about_all.is_some() || repriced.is_some();
    let news = is_news.then(|| {
        view! {
            <div class="news">
                {undo.map(|undo| view! { <Back undo/> })}
                {waiting.map(|order| view! { <WaitingOrder order at_checkout=false/> })}
                {about_all.map(|text| view! { <p class="notice notice-warn" role="alert">{text}</p> })}
                {repriced}
            </div>
        }
        .into_any()
    });
    view! {
        <div class="wrap cart">
            <h1>"Your cart"</h1>
            {news}
            <ul class="lines">{rows}</ul>
            <Summary count subtotal is_ready has_gone is_all_gone/>
        </div>
        {goes_with}
    }
}

/// A way back for what was taken out.
#[component]
fn Back(undo: Undo) -> impl IntoView {
    let Undo { removed, quantity } = undo;
    let title = removed.title();
    view! {
        <form class="notice undo" method="post" action="/cart/lines">
            <p role="status">{title.clone()}" is no longer in your cart."</p>
            <Key/>
            <input type="hidden" name="sku" value=removed.sku/>
            <input type="hidden" name="quantity" value=quantity/>
            <button class="button button-quiet">
                "Undo"<span class="visually-hidden">": put "{title}" back"</span>
            </button>
        </form>
    }
}

#[component]
fn Summary(
    count: String,
    subtotal: Option<Money>,
    is_ready: bool,
    /// Something here is sold no longer
    has_gone: bool,
    /// Nothing here is sold any longer
    is_all_gone: bool,
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
                {has_gone.then_some("Without what is no longer sold. ")}"Tax is included. Delivery is added at the checkout."
            </p>
        }
        .into_any(),
        None if is_all_gone => view! { <p>"Nothing here is sold any longer."</p> }.into_any(),
        None => view! {
            <p>"We cannot see every price right now. The checkout will show the total before you pay."</p>
        }
        .into_any(),
    };
    let onwards = match (is_ready, has_gone) {
        (true, _) => view! { <a class="button" href="/checkout">"Check out"</a> }.into_any(),
        (false, true) => view! {
            <p class="shortage">{if is_all_gone { "Take it out, and look around for something else." } else { "Something here is no longer sold. Take it out, then check out the rest." }}</p>
        }
        .into_any(),
        (false, false) => view! {
            <p class="shortage">"Something here cannot be bought as it is. Change it or take it out, then check out."</p>
        }
        .into_any(),
    };
    view! {
        <div class="summary">
            {sum}
            {onwards}
            <a class="onwards" href="/">"Look around some more"</a>
        </div>
    }
}
