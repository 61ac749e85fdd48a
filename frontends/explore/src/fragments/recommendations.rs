//! What stands well beside the products of a page.

use leptos::prelude::*;
use page::{Assets, fragment};

use crate::bff::Recommendations;
use crate::card::Cards;

/// Draws the products; where there are none, an empty fragment.
pub fn draw(recommendations: Recommendations, assets: &Assets) -> String {
    let products = recommendations.products;
    fragment(assets, move || {
        (!products.is_empty()).then(|| {
            view! {
                <section class="wrap beside" aria-labelledby="goes-well-with">
                    <h2 id="goes-well-with">"Goes well with"</h2>
                    <Cards products/>
                </section>
            }
        })
    })
}
