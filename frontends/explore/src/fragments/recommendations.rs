//! Recommendations for the products of a page.

use leptos::prelude::*;
use page::{Assets, fragment};

use crate::bff::Recommendations;
use crate::card::Cards;

/// Renders the recommended products. Empty if there are none.
pub fn draw(recommendations: Recommendations, assets: &Assets) -> String {
    let products = recommendations.products;
    fragment(assets, move || {
        (!products.is_empty()).then(|| {
            view! {
                <section class="wrap recommendations" aria-labelledby="recommendations">
                    <h2 id="recommendations">"You may also like"</h2>
                    <Cards products/>
                </section>
            }
        })
    })
}
