//! A line of the cart.

use leptos::prelude::*;
use page::{Loading, Picture, with_query};

use crate::bff::{CartLine, Shortage};
use crate::pages::price_change::price_change;

/// The number of pictures that are visible at first.
const VISIBLE: usize = 3;

/// A line: picture, name, price, quantity and total.
#[component]
pub fn Row(
    line: CartLine,
    /// The index of the line
    index: usize,
    /// The error of the last change
    error: Option<String>,
) -> impl IntoView {
    let shortage = line.shortage();
    let title = line.title();
    let loading = match index {
        0 => Loading::Priority,
        _ if index < VISIBLE => Loading::Eager,
        _ => Loading::Lazy,
    };
    let name = match &line.slug {
        Some(slug) => {
            let href = with_query(&format!("/product/{slug}"), "sku", &line.sku);
            view! { <a href=href>{line.name.clone()}</a> }.into_any()
        }
        None => line.name.clone().into_any(),
    };
    let price_change = price_change(&line);
    let each = line
        .unit_price
        .filter(|_| line.quantity > 1 && price_change.is_none())
        .map(|price| format!("{price} each"));
    let total = match line.total {
        Some(total) => total.to_string(),
        None if line.discontinued => "Not in the total".to_owned(),
        None => "Price not available right now".to_owned(),
    };
    let can_be_bought = shortage.is_none_or(|shortage| shortage.remaining() > 0);
    let quantity = can_be_bought.then(|| {
        let (sku, title) = (line.sku.clone(), title.clone());
        view! { <QuantityForm index sku quantity=line.quantity title error/> }
    });
    view! {
        <li class="line" data-short=shortage.is_some() data-discontinued=line.discontinued>
            <Picture name=line.picture title=&line.name sizes="(min-width: 40rem) 9rem, 6rem" loading/>
            <div class="what">
                <h2>{name}</h2>
                <p class="label">{line.label}</p>
                {each.map(|each| view! { <p class="label price">{each}</p> })}
                {price_change}
            </div>
            <div class="change">
                {shortage.map(|shortage| {
                    let (sku, title) = (line.sku.clone(), title.clone());
                    view! { <ShortageForm shortage sku quantity=line.quantity title/> }
                })}
                {quantity}
            </div>
            <p class="price sum">{total}</p>
        </li>
    }
}

/// Why the line cannot be bought in its quantity, and the button that solves it.
#[component]
fn ShortageForm(shortage: Shortage, sku: String, quantity: u32, title: String) -> impl IntoView {
    let button = match shortage.remaining() {
        0 => view! {
            <button class="button button-quiet" name="remove" value="yes">
                "Remove"<span class="visually-hidden">" "{title}</span>
            </button>
        }
        .into_any(),
        remaining => view! {
            <input type="hidden" name="quantity" value=remaining/>
            <button class="button button-quiet">"Change to "{remaining}<span class="visually-hidden">" of "{title}</span></button>
        }
        .into_any(),
    };
    view! {
        <form class="way-out" method="post" action="/cart/lines/change">
            <input type="hidden" name="sku" value=sku/>
            <p class="shortage">{shortage.text()}</p>
            <input type="hidden" name="previous_quantity" value=quantity/>
            {button}
        </form>
    }
}

/// The form that changes the quantity or removes the line.
#[component]
fn QuantityForm(index: usize, sku: String, quantity: u32, title: String, error: Option<String>) -> impl IntoView {
    let id = format!("quantity-{index}");
    let error_id = format!("{id}-error");
    view! {
        <form class="amount" method="post" action="/cart/lines/change">
            <input type="hidden" name="sku" value=sku/>
            <input type="hidden" name="previous_quantity" value=quantity/>
            <div class="field">
                <label for=id.clone()>"Quantity"<span class="visually-hidden">" of "{title.clone()}</span></label>
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
            <button class="button button-quiet">"Update"<span class="visually-hidden">" "{title.clone()}</span></button>
            <button class="plain" name="remove" value="yes" formnovalidate=true>
                "Remove"<span class="visually-hidden">" "{title}</span>
            </button>
        </form>
    }
}
