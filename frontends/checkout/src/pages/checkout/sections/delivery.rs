//! How it gets to the shopper: the country, the way, and the shop where it is picked up.

use leptos::prelude::*;
use page::{Wrong, error_id};

use super::super::Notice;
use crate::bff::{Country, PICKUP, Rate, Shop};
use crate::pages::totals::price;

/// All of it, each with what is chosen. The button recalculates.
#[component]
pub fn Delivery<'a>(
    countries: (Vec<Country>, String),
    options: (Vec<Rate>, String),
    shops: (Vec<Shop>, Option<String>),
    /// Whether a card may be typed further down
    takes_cards: bool,
    notice: &'a Notice,
) -> AnyView {
    let wrong = notice.error("shipping");
    let described_by = wrong.is_some().then(|| error_id("shipping"));
    let (options, chosen) = options;
    let mut shops = Some(shops);
    let ways = options.into_iter().map(|rate| {
        let shops = shops.take_if(|_| rate.method == PICKUP);
        let shops = shops.map(|(shops, chosen)| view! { <Shops shops chosen=chosen.as_deref() notice/> });
        let checked = rate.method == chosen;
        view! { <Way rate checked/> {shops} }
    });
    let ways: Vec<_> = ways.collect();
    view! {
        <fieldset id="shipping" aria-describedby=described_by>
            <legend>"Delivery"</legend>
            <div class="fields"><Where countries notice/></div>
            <div class="choices" data-part="ways">{ways}</div>
            <Wrong name="shipping" error=wrong/>
            <div class="update">
                <button class="button button-quiet" name="step" value="update">"Update total"</button>
                <p class="small">
                    {if takes_cards { "After another country or way was chosen; before you type your card, which we do not keep." } else { "After another country or way was chosen." }}
                </p>
            </div>
        </fieldset>
    }
    .into_any()
}

#[component]
fn Where<'a>(countries: (Vec<Country>, String), notice: &'a Notice) -> AnyView {
    let error = notice.error("country");
    let (countries, chosen) = countries;
    let options: Vec<_> = countries
        .into_iter()
        .map(|Country { code, name }| {
            let selected = code == chosen;
            view! { <option value=code selected=selected>{name}</option> }
        })
        .collect();
    view! {
        <div class="field" data-field="country">
            <label for="country">"Country"</label>
            <select
                id="country"
                name="country"
                autocomplete="country"
                aria-invalid=error.is_some().then_some("true")
                aria-describedby=error.is_some().then(|| error_id("country"))
            >
                {options}
            </select>
            <Wrong name="country" error/>
        </div>
    }
    .into_any()
}

#[component]
fn Way(rate: Rate, checked: bool) -> impl IntoView {
    view! {
        <label class="choice">
            <input type="radio" name="shipping" value=rate.method checked=checked/>
            <span class="how">{rate.name}<span class="label">{rate.days}</span></span>
            <span class="price">{price(rate.price)}</span>
        </label>
    }
}

/// The shops of the country that the page was made for; the style sheet shows them where they are wanted.
#[component]
fn Shops<'a>(shops: Vec<Shop>, chosen: Option<&'a str>, notice: &'a Notice) -> AnyView {
    let error = notice.error("shop");
    let described_by = error.is_some().then(|| error_id("shop"));
    let shops: Vec<_> = shops
        .into_iter()
        .map(|shop| {
            let checked = chosen == Some(&*shop.slug);
            view! { <Counter shop checked/> }
        })
        .collect();
    view! {
        <fieldset id="shop" class="shops by-hand" aria-describedby=described_by>
            <legend>"In which shop?"</legend>
            {shops}
            <Wrong name="shop" error/>
        </fieldset>
    }
    .into_any()
}

#[component]
fn Counter(shop: Shop, checked: bool) -> impl IntoView {
    let address = format!(
        "{}, {} {}",
        shop.address.line1, shop.address.postal_code, shop.address.city
    );
    let hours = shop.hours.iter().map(|line| format!("{} {}", line.days, line.hours));
    let hours = hours.collect::<Vec<_>>().join(" · ");
    view! {
        <label class="choice">
            <input type="radio" name="shop" value=shop.slug checked=checked/>
            <span class="how">
                {shop.name}<span class="label">{address}</span><span class="label">{hours}</span>
            </span>
        </label>
    }
}
