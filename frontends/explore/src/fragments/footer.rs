//! The footer of every page.

use leptos::prelude::*;
use page::{Assets, fragment};

/// Renders the footer.
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
                            <li><a href="/search">"Search"</a></li>
                            <li><a href="/stores">"Our shops"</a></li>
                            <li><a href="/cart">"Your cart"</a></li>
                        </ul>
                    </nav>
                    <p class="quiet">"All prices include VAT. This is a demonstration: nothing is charged, nothing is sent."</p>
                    // The base style sheet has its effect, and the loader keeps its state from page to page.
                    <label class="boundaries-toggle">
                        <input type="checkbox" id="boundaries" autocomplete="off" data-kept=""/> " Show who built what"
                    </label>
                </div>
            </footer>
        }
    })
}
