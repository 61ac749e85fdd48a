//! [ESI](https://www.w3.org/TR/esi-lang/) includes: how one frontend puts another's fragment on its page.

use leptos::html::custom;
use leptos::prelude::*;

/// Another frontend's fragment, and what stands there when it does not come.
#[component]
pub fn Include(
    /// The fragment's path: `/checkout/fragments/mini-cart`
    #[prop(into)]
    src: String,
    /// The fallback; nothing by default
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let include = custom("esi:include").attr("src", src);
    custom("esi:try").child((
        custom("esi:attempt").child(include),
        custom("esi:except").child(children.map(|children| children())),
    ))
}
