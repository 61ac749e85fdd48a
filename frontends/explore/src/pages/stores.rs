//! The page of the shops.

use leptos::prelude::*;
use page::{Assets, document};

use super::shop_document;
use crate::bff::{OpeningHours, Shop, StoresPage};

const INTRODUCTION: &str = "Come and see our pieces in person. You can pick up your online order in any of our shops, \
    free of charge.";

/// Renders the page.
pub fn draw(stores: StoresPage, assets: &Assets) -> String {
    document(
        shop_document("Our shops – Stoa".to_owned(), INTRODUCTION),
        assets,
        move || page(stores),
    )
}

fn page(stores: StoresPage) -> impl IntoView {
    let shops: Vec<_> = stores
        .shops
        .into_iter()
        .map(|shop| view! { <li><ShopCard shop/></li> })
        .collect();
    view! {
        <div class="wrap listing">
            <header>
                <h1>"Our shops"</h1>
                <p class="lead">{INTRODUCTION}</p>
            </header>
            {if shops.is_empty() { view! { <p class="notice">"We have no shops yet. We deliver to your door."</p> }.into_any() } else { view! { <ul class="shops">{shops}</ul> }.into_any() }}
        </div>
    }
}

#[component]
fn ShopCard(shop: Shop) -> impl IntoView {
    let map = map(shop.latitude, shop.longitude);
    let address = shop.address;
    let line = |line: OpeningHours| view! { <div><dt>{line.days}</dt><dd>{line.hours}</dd></div> };
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
            <a class="text-link" href=map rel="external noreferrer">
                "Show on map" <span class="visually-hidden">": "{shop.name}</span>
            </a>
        </article>
    }
}

/// A URL of [OpenStreetMap](https://wiki.openstreetmap.org/wiki/Browsing) with a marker.
fn map(latitude: f64, longitude: f64) -> String {
    format!("https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}#map=17/{latitude}/{longitude}")
}

/// The name of a country that has shops today. Other countries are shown by their code.
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
