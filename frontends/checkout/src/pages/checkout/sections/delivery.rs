//! Delivery: the country, the shipping method, and the shop for a pick-up.

use leptos::prelude::*;
use page::{FieldErrorMessage, error_id};

use super::super::Notice;
use crate::bff::{Country, PICKUP, ShippingRate, Shop};
use crate::pages::totals::price;

/// The choices, each with the chosen value. The button updates the total.
#[component]
pub fn Delivery<'a>(
    countries: (Vec<Country>, String),
    options: (Vec<ShippingRate>, String),
    shops: (Vec<Shop>, Option<String>),
    /// Whether the page has card fields
    takes_cards: bool,
    notice: &'a Notice,
) -> AnyView {
    let error = notice.error("shipping");
    let described_by = error.is_some().then(|| error_id("shipping"));
    let (options, chosen) = options;
    let mut shops = Some(shops);
    let methods = options.into_iter().map(|rate| {
        let shops = shops.take_if(|_| rate.method == PICKUP);
        let shops = shops.map(|(shops, chosen)| view! { <Shops shops chosen=chosen.as_deref() notice/> });
        let checked = rate.method == chosen;
        view! { <Method rate checked/> {shops} }
    });
    let methods: Vec<_> = methods.collect();
    let hint = if takes_cards {
        "Changed the country or delivery option? Update the total before you enter your card, which we do not store."
    } else {
        "Changed the country or delivery option? Update the total."
    };
    view! {
        <fieldset id="shipping" aria-describedby=described_by>
            <legend>"Delivery"</legend>
            <div class="fields"><CountryField countries notice/></div>
            <div class="choices" data-part="ways">{methods}</div>
            <FieldErrorMessage name="shipping" error/>
            <div class="update">
                <button class="button button-quiet" name="step" value="update">"Update total"</button>
                <p class="small">{hint}</p>
            </div>
        </fieldset>
    }
    .into_any()
}

#[component]
fn CountryField<'a>(countries: (Vec<Country>, String), notice: &'a Notice) -> AnyView {
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
            <FieldErrorMessage name="country" error/>
        </div>
    }
    .into_any()
}

#[component]
fn Method(rate: ShippingRate, checked: bool) -> impl IntoView {
    view! {
        <label class="choice">
            <input type="radio" name="shipping" value=rate.method checked=checked/>
            <span class="how">{rate.name}<span class="label">{rate.days}</span></span>
            <span class="price">{price(rate.price)}</span>
        </label>
    }
}

/// The shops of the chosen country; the style sheet shows them only for a pick-up.
#[component]
fn Shops<'a>(shops: Vec<Shop>, chosen: Option<&'a str>, notice: &'a Notice) -> AnyView {
    let error = notice.error("shop");
    let described_by = error.is_some().then(|| error_id("shop"));
    let shops: Vec<_> = shops
        .into_iter()
        .map(|shop| {
            let checked = chosen == Some(&*shop.slug);
            view! { <ShopChoice shop checked/> }
        })
        .collect();
    view! {
        <fieldset id="shop" class="shops by-hand" aria-describedby=described_by>
            <legend>"Choose a shop"</legend>
            {shops}
            <FieldErrorMessage name="shop" error/>
        </fieldset>
    }
    .into_any()
}

#[component]
fn ShopChoice(shop: Shop, checked: bool) -> impl IntoView {
    let address = format!(
        "{}, {} {}",
        shop.address.line1, shop.address.postal_code, shop.address.city
    );
    let hours = shop.hours.iter().map(|entry| format!("{} {}", entry.days, entry.hours));
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
