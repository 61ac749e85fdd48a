//! [ESI](https://www.w3.org/TR/esi-lang/) includes, by which a page contains fragments of other frontends.

use leptos::html::custom;
use leptos::prelude::*;

/// A fragment of another frontend, and a fallback in case it fails or is late.
#[component]
pub fn Include(
    /// The fragment's path, for example `/checkout/fragments/mini-cart`
    #[prop(into)]
    src: String,
    /// The fallback; empty by default
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let include = custom("esi:include").attr("src", src);
    custom("esi:try").child((
        custom("esi:attempt").child(include),
        custom("esi:except").child(children.map(|children| children())),
    ))
}
