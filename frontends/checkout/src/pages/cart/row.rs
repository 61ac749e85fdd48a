//! A line of the cart.

use leptos::prelude::*;
use page::{Haste, Picture, address};

use crate::bff::{Line, Shortage};
use crate::pages::repriced::repriced;

/// So many pictures are in sight at once.
const IN_SIGHT: usize = 3;

/// What it is, how many of it, and what that comes to.
#[component]
pub fn Row(
    line: Line,
    /// Its number, from 0
    place: usize,
    /// What is wrong with the change that was asked for
    error: Option<String>,
) -> impl IntoView {
    let shortage = line.shortage();
    let title = line.title();
    let haste = match place {
        0 => Haste::First,
        _ if place < IN_SIGHT => Haste::Soon,
        _ => Haste::Late,
    };
    let name = match &line.slug {
        Some(slug) => {
            let href = address(&format!("/product/{slug}"), "sku", &line.sku);
            view! { <a href=href>{line.name.clone()}</a> }.into_any()
        }
        None => line.name.clone().into_any(),
    };
    let repriced = repriced(&line);
    let each = line
        .unit_price
        .filter(|_| line.quantity > 1 && repriced.is_none())
        .map(|price| format!("{price} each"));
    let total = match line.total {
        Some(total) => total.to_string(),
        None if line.gone => "Not counted".to_owned(),
        None => "Price not available right now".to_owned(),
    };
    let can_be_had = shortage.is_none_or(|shortage| shortage.left() > 0);
    let amount = can_be_had.then(|| {
        let (sku, of) = (line.sku.clone(), title.clone());
        view! { <Amount place sku quantity=line.quantity of error/> }
    });
    view! {
        <li class="line" data-short=shortage.is_some() data-gone=line.gone>
            <Picture name=line.picture title=&line.name sizes="(min-width: 40rem) 9rem, 6rem" haste/>
            <div class="what">
                <h2>{name}</h2>
                <p class="label">{line.label}</p>
                {each.map(|each| view! { <p class="label price">{each}</p> })}
                {repriced}
            </div>
            <div class="change">
                {shortage.map(|shortage| {
                    let (sku, of) = (line.sku.clone(), title.clone());
                    view! { <WayOut shortage sku quantity=line.quantity of/> }
                })}
                {amount}
            </div>
            <p class="price sum">{total}</p>
        </li>
    }
}

/// Why it cannot be bought as it is, and what can be done.
#[component]
fn WayOut(shortage: Shortage, sku: String, quantity: u32, of: String) -> impl IntoView {
    let button = match shortage.left() {
        0 => view! {
            <button class="button button-quiet" name="remove" value="yes">
                "Remove"<span class="visually-hidden">" "{of}</span>
            </button>
        }
        .into_any(),
        left => view! {
            <input type="hidden" name="quantity" value=left/>
            <button class="button button-quiet">"Take "{left}<span class="visually-hidden">" of "{of}</span></button>
        }
        .into_any(),
    };
    view! {
        <form class="way-out" method="post" action="/cart/lines/change">
            <input type="hidden" name="sku" value=sku/>
            <p class="shortage">{shortage.text()}</p>
            <input type="hidden" name="was" value=quantity/>
            {button}
        </form>
    }
}

/// How many of it, and out with it.
#[component]
fn Amount(place: usize, sku: String, quantity: u32, of: String, error: Option<String>) -> impl IntoView {
    let id = format!("quantity-{place}");
    let error_id = format!("{id}-error");
    view! {
        <form class="amount" method="post" action="/cart/lines/change">
            <input type="hidden" name="sku" value=sku/>
            <input type="hidden" name="was" value=quantity/>
            <div class="field">
                <label for=id.clone()>"Quantity"<span class="visually-hidden">" of "{of.clone()}</span></label>
                <input
                    id=id
                    name="quantity"
                    type="number"
                    value=quantity
                    min="0"
                    max="99"
                    required=true
                    aria-invalid=error.is_some().then_some("true")
                    aria-describedby=error.is_some().then(|| error_id.clone())
                />
                {error.map(|error| view! { <p class="error" id=error_id role="alert">{error}</p> })}
            </div>
            <button class="button button-quiet">"Update"<span class="visually-hidden">" "{of.clone()}</span></button>
            <button class="plain" name="remove" value="yes" formnovalidate=true>
                "Remove"<span class="visually-hidden">" "{of}</span>
            </button>
        </form>
    }
}
