//! The order summary.

use leptos::prelude::*;
use page::{Loading, Picture};

use super::Notice;
use crate::bff::{Cart, CartLine, Quote};
use crate::pages::price_change::{self, price_change};
use crate::pages::totals::Totals;

/// The items, the totals and the button that places the order, or the reason why it cannot be placed.
#[component]
pub fn Summary<'a>(
    cart: Cart,
    quote: Option<&'a Quote>,
    /// Whether there is a payment option
    can_be_paid: bool,
    takes_cards: bool,
    delivery: String,
    notice: &'a Notice,
) -> AnyView {
    let (is_available, has_discontinued) = (cart.is_available(), cart.has_discontinued());
    let is_all_discontinued = cart.is_all_discontinued();
    let price_notice = price_change::notice(&cart);
    let rows = cart.lines.into_iter().enumerate().map(|(index, line)| {
        let error = notice.error(&format!("lines/{index}/quantity"));
        view! { <Row line error/> }
    });
    let rows: Vec<_> = rows.collect();
    let sum = match quote {
        Some(&Quote {
            subtotal,
            shipping,
            tax,
            total,
            ..
        }) => view! {
            <Totals subtotal delivery shipping total tax/>
            <PlaceOrder is_available has_discontinued can_be_paid takes_cards/>
        }
        .into_any(),
        None if is_all_discontinued => view! {
            <p class="notice notice-warn">"None of these items is available any more. Please remove them to continue."</p>
        }
        .into_any(),
        None => view! {
            <p class="notice notice-warn">"Some items have no price right now, so the order cannot be placed."</p>
        }
        .into_any(),
    };
    view! {
        <aside class="summary" aria-labelledby="summary" data-part="summary">
            <h2 id="summary">"Your order"</h2>
            {price_notice}
            <ul class="rows">{rows}</ul>
            {sum}
            <a class="onwards" href="/cart">"Edit cart"</a>
        </aside>
    }
    .into_any()
}

/// The button that places the order. After the delivery was changed, the style sheet shows the button for the new total
/// instead.
#[component]
fn PlaceOrder(
    is_available: bool,
    /// Whether an item is discontinued and not in the total
    has_discontinued: bool,
    can_be_paid: bool,
    takes_cards: bool,
) -> AnyView {
    if !is_available {
        let reason = if has_discontinued {
            "Some items are no longer available and not in the total. Please remove them to place your order."
        } else {
            "Some items are not available in this quantity. Please change or remove them to place your order."
        };
        return view! { <p class="shortage">{reason}</p> }.into_any();
    }
    if !can_be_paid {
        let reason = "There is no payment method for this total right now, so the order cannot be placed.";
        return view! { <p class="shortage">{reason}</p> }.into_any();
    }
    let kept = if takes_cards {
        "Your details are kept, except for your card: please enter it again."
    } else {
        "Your details are kept."
    };
    view! {
        <div class="place">
            <button class="button" name="step" value="place">"Place order"</button>
            <p class="small">"You will not be charged before your order is confirmed."</p>
        </div>
        <div class="stale">
            <button class="button" name="step" value="update">"Show the new total"</button>
            <p class="small">"You have changed the delivery, so the total may change. "{kept}</p>
        </div>
    }
    .into_any()
}

#[component]
fn Row(
    line: CartLine,
    /// The error of the last attempt to order it
    error: Option<String>,
) -> impl IntoView {
    let shortage = line.shortage();
    let (total, price_change) = (line.total.map(|total| total.to_string()), price_change(&line));
    let shortage_button = shortage.map(|shortage| {
        let (value, title) = (format!("{}:{}", line.sku, shortage.remaining()), line.title());
        let label = match shortage.remaining() {
            0 => "Remove".to_owned(),
            remaining => format!("Change to {remaining}"),
        };
        view! {
            <p class="shortage">{shortage.text()}</p>
            <button class="plain" name="set_quantity" value=value>
                {label}<span class="visually-hidden">": "{title}</span>
            </button>
        }
    });
    let error = error.filter(|_| shortage.is_none());
    view! {
        <li class="row" data-discontinued=line.discontinued>
            <Picture name=line.picture title=&line.name sizes="4rem" loading=Loading::Eager/>
            <div class="what">
                <h3>{line.name.clone()}</h3>
                <p class="label">{line.label}" × "{line.quantity}</p>
                {price_change}
                {shortage_button}
                {error.map(|error| view! { <p class="shortage">{error}</p> })}
            </div>
            <p class="price">{total}</p>
        </li>
    }
}
