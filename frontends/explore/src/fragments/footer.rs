//! The footer of every page.

use leptos::prelude::*;
use page::{Assets, fragment};

/// Draws the footer.
pub fn draw(assets: &Assets) -> String {
    fragment(assets, || {
        view! {
            <footer class="colophon">
                <div class="wrap">
                    <p class="wordmark">"Stoa"</p>
                    <p>"A colonnade of small workshops. Objects for a calm home, delivered across Europe."</p>
                    <nav aria-label="Footer">
                        <ul>
                            <li><a href="/">"Shop"</a></li>
                            <li><a href="/cart">"Your cart"</a></li>
                        </ul>
                    </nav>
                    <p class="small">"All prices include VAT. This is a demonstration: nothing is charged, nothing is sent."</p>
                </div>
            </footer>
        }
    })
}
