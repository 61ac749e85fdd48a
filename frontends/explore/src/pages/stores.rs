//! The shops page: where one can walk in.

use leptos::prelude::*;
use page::{Assets, document};

use super::about;
use crate::bff::{Hours, Shop, Stores};

const INVITATION: &str = "Come and hold things in your hands. What you order here can be picked up in any of our shops, \
    at no cost.";

/// Draws the page.
pub fn draw(stores: Stores, assets: &Assets) -> String {
    document(about("Our shops – Stoa".to_owned(), INVITATION), assets, move || {
        page(stores)
    })
}

fn page(stores: Stores) -> impl IntoView {
    let shops: Vec<_> = stores
        .shops
        .into_iter()
        .map(|shop| view! { <li><Place shop/></li> })
        .collect();
    view! {
        <div class="wrap listing">
            <header>
                <h1>"Our shops"</h1>
                <p class="lead">{INVITATION}</p>
            </header>
            {if shops.is_empty() { view! { <p class="notice">"No shop is open yet. Everything is delivered to your door."</p> }.into_any() } else { view! { <ul class="shops">{shops}</ul> }.into_any() }}
        </div>
    }
}

#[component]
fn Place(shop: Shop) -> impl IntoView {
    let map = map(shop.latitude, shop.longitude);
    let address = shop.address;
    let line = |line: Hours| view! { <div><dt>{line.days}</dt><dd>{line.hours}</dd></div> };
    let hours: Vec<_> = shop.hours.into_iter().map(line).collect();
    view! {
        <article class="shop" id=shop.slug>
            <h2>{shop.name.clone()}</h2>
            <address>
                <span>{address.line1}</span>
                <span>{address.postal_code}" "{address.city}</span>
                <span>{country(address.country)}</span>
            </address>
            {(!hours.is_empty()).then(|| view! { <dl>{hours}</dl> })}
            {shop.note.map(|note| view! { <p class="quiet">{note}</p> })}
            <a class="onwards" href=map rel="external noreferrer">
                "Show on the map" <span class="visually-hidden">": "{shop.name}</span>
            </a>
        </article>
    }
}

/// An address at [OpenStreetMap](https://wiki.openstreetmap.org/wiki/Browsing) with a marker.
fn map(latitude: f64, longitude: f64) -> String {
    format!("https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}#map=17/{latitude}/{longitude}")
}

/// The names of the countries that have shops today; another's code says as much.
fn country(code: String) -> String {
    match &*code {
        "AT" => "Austria".to_owned(),
        "BE" => "Belgium".to_owned(),
        "DE" => "Germany".to_owned(),
        "ES" => "Spain".to_owned(),
        "FR" => "France".to_owned(),
        "IT" => "Italy".to_owned(),
        "NL" => "Netherlands".to_owned(),
        _ => code,
    }
}
