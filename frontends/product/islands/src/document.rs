//! How the picker changes the page around it.

use island::document;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlElement, MouseEvent, Url};

/// Whether a click follows the link in this tab.
pub fn is_plain(click: &MouseEvent) -> bool {
    click.button() == 0
        && !click.default_prevented()
        && !(click.ctrl_key() || click.meta_key() || click.shift_key() || click.alt_key())
}

/// The SKU in a link's address.
pub fn sku(link: &Element) -> Option<String> {
    let base = document()?.base_uri().ok().flatten()?;
    let url = Url::new_with_base(&link.get_attribute("href")?, &base).ok()?;
    url.search_params().get("sku")
}

/// Replaces the page's address, so that a reload or a shared link shows the same variant.
pub fn show_address(href: &str) {
    let history = web_sys::window().and_then(|window| window.history().ok());
    if let Some(history) = history {
        // If the browser refuses (rate limit), the old address stays.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(href));
    }
}

/// Scrolls the gallery, and not the page, to the picture with this id.
pub fn show_picture(id: &str) {
    let picture = document().and_then(|document| document.get_element_by_id(id));
    let Some(picture) = picture.and_then(|picture| picture.dyn_into::<HtmlElement>().ok()) else {
        return;
    };
    if let Some(gallery) = picture.parent_element() {
        gallery.set_scroll_left(picture.offset_left());
    }
}
