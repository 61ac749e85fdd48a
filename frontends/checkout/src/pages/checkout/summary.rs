//! What is bought and what it comes to.

use leptos::prelude::*;
use page::{Haste, Picture};

use super::Notice;
use crate::bff::{Cart, Line, Quote};
use crate::pages::repriced::{news, repriced};
use crate::pages::totals::Totals;

/// The order as it would be placed; where something stands in its way, that instead of the button.
#[component]
pub fn Summary<'a>(
    cart: Cart,
    quote: Option<&'a Quote>,
    /// Whether there is a way to pay
    can_be_paid: bool,
    takes_cards: bool,
    delivery: String,
    notice: &'a Notice,
) -> AnyView {
    let (is_ready, has_gone, is_all_gone) = (cart.is_ready(), cart.has_gone(), cart.is_all_gone());
    let news = news(&cart);
    let rows = cart.lines.into_iter().enumerate().map(|(place, line)| {
        let said = notice.error(&format!("lines/{place}/quantity"));
        view! { <Row line said/> }
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
            <Place is_ready has_gone can_be_paid takes_cards/>
        }
        .into_any(),
        None if is_all_gone => view! {
            <p class="notice notice-warn">"Nothing here is sold any longer. Leave it out, and look around for something else."</p>
        }
        .into_any(),
        None => view! {
            <p class="notice notice-warn">"Something here has no price right now, so the order cannot be placed."</p>
        }
        .into_any(),
    };
    view! {
        <aside class="summary" aria-labelledby="summary" data-part="summary">
            <h2 id="summary">"Your order"</h2>
            {news}
            <ul class="rows">{rows}</ul>
            {sum}
            <a class="onwards" href="/cart">"Change the cart"</a>
        </aside>
    }
    .into_any()
}

/// The last step. After another country or way was chosen, the style sheet shows the way to its total instead.
#[component]
fn Place(
    is_ready: bool,
    /// Something here is sold no longer, and not in the total
    has_gone: bool,
    can_be_paid: bool,
    takes_cards: bool,
) -> AnyView {
    if !is_ready {
        let why = if has_gone {
            "Something here is no longer sold, and not in the total. Leave it out to order the rest."
        } else {
            "Something here cannot be bought as it is. Take what is left, or leave it out."
        };
        return view! { <p class="shortage">{why}</p> }.into_any();
    }
    if !can_be_paid {
        let why = "There is no way to pay this total right now, so the order cannot be placed.";
        return view! { <p class="shortage">{why}</p> }.into_any();
    }
    let kept = if takes_cards {
        "All that you have typed is kept but your card: we ask for it again."
    } else {
        "All that you have typed is kept."
    };
    view! {
        <div class="place">
            <button class="button" name="step" value="place">"Place order"</button>
            <p class="small">"Nothing is charged before the order stands."</p>
        </div>
        <div class="stale">
            <button class="button" name="step" value="update">"Show the new total"</button>
            <p class="small">"You have changed the delivery, and the total may change with it. "{kept}</p>
        </div>
    }
    .into_any()
}

#[component]
fn Row(
    line: Line,
    /// What the last try to order it came to
    said: Option<String>,
) -> impl IntoView {
    let shortage = line.shortage();
    let (total, repriced) = (line.total.map(|total| total.to_string()), repriced(&line));
    let way_out = shortage.map(|shortage| {
        let (value, title) = (format!("{}:{}", line.sku, shortage.left()), line.title());
        let label = match shortage.left() {
            0 => "Leave it out".to_owned(),
            left => format!("Take {left}"),
        };
        view! {
            <p class="shortage">{shortage.text()}</p>
            <button class="plain" name="take" value=value>
                {label}<span class="visually-hidden">": "{title}</span>
            </button>
        }
    });
    let said = said.filter(|_| shortage.is_none());
    view! {
        <li class="row" data-gone=line.gone>
            <Picture name=line.picture title=&line.name sizes="4rem" haste=Haste::Soon/>
            <div class="what">
                <h3>{line.name.clone()}</h3>
                <p class="label">{line.label}" × "{line.quantity}</p>
                {repriced}
                {way_out}
                {said.map(|said| view! { <p class="shortage">{said}</p> })}
            </div>
            <p class="price">{total}</p>
        </li>
    }
}
