use std::cell::RefCell;
use std::rc::Rc;

use island::{
    LiveUpdates, all, all_in, announce, document, field, find, follow, listen, on_mount, set_flag, set_text, target,
    with_query,
};
use js_sys::Array;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, MouseEvent};

use crate::document::{is_plain, show_address, show_picture, sku};
use crate::variant::{SOLD_OUT, Variant, availability_text, nearest};

/// This frontend's event: the shopper selected this variant.
const VARIANT_SELECTED: &str = "product:variant-selected";
/// Checkout's event: this is about to be added to the cart.
const LINE_REQUESTED: &str = "checkout:line-requested";

/// Selects a variant in place when a value is clicked, as the value's link would do.
///
/// It announces the variant as `product:variant-selected`. Only if a listener accepts it, and all elements that show the
/// variant are there, the page is kept; otherwise the link navigates. The selected variant is the one that the picker on
/// the page says (`data-sku`), with and without the island.
#[island]
pub fn VariantPicker(
    /// Path of the product's page.
    path: String,
    /// Every variant.
    variants: Vec<Variant>,
) -> impl IntoView {
    let variants = RefCell::new(variants);
    on_mount(move || Rc::new(ProductVariants { path, variants }).start())
}

/// The variants of the page's product.
struct ProductVariants {
    path: String,
    variants: RefCell<Vec<Variant>>,
}

/// A picker on the page, with the elements that show the selected variant.
struct Picker {
    root: Element,
    price: Element,
    compare_at: Element,
    availability: Element,
}

impl Picker {
    /// `None` if an element is missing: then clicks are left to the browser.
    fn read(picker: Element) -> Option<Self> {
        Some(Self {
            price: find(&picker, ".price")?,
            compare_at: find(&picker, ".before")?,
            availability: find(&picker, ".availability")?,
            root: picker,
        })
    }

    fn sku(&self) -> Option<String> {
        self.root.get_attribute("data-sku")
    }
}

impl ProductVariants {
    fn start(self: Rc<Self>) {
        let (on_click, on_line) = (Rc::clone(&self), Rc::clone(&self));
        listen("click", move |event| on_click.select(event.unchecked_ref()));
        listen(LINE_REQUESTED, move |event| on_line.confirm_line(event));
        follow(LiveUpdates {
            socket: self.stock_socket(),
            // Without a WebSocket, the page keeps the stock that it was made with.
            state: None,
            on_update: Box::new(move |stock| {
                self.update_stock(stock);
                true
            }),
            on_end: || (),
        });
    }

    /// The path of the WebSocket for the product's stock.
    fn stock_socket(&self) -> String {
        let product = self.path.strip_prefix("/product").unwrap_or_default();
        ["/product/api/products", product, "/stock/live"].concat()
    }

    /// The pickers of this product. `None` if there is none, or if one lacks an element.
    fn pickers(&self) -> Option<Vec<Picker>> {
        let is_ours = |picker: &Element| self.index_of(picker.get_attribute("data-sku")).is_some();
        let pickers = all(".picker").into_iter().filter(is_ours).map(Picker::read);
        let pickers: Vec<_> = pickers.collect::<Option<_>>()?;
        (!pickers.is_empty()).then_some(pickers)
    }

    /// The index of the variant with this SKU, if it belongs to this product.
    fn index_of(&self, sku: Option<String>) -> Option<usize> {
        let sku = sku?;
        self.variants.borrow().iter().position(|variant| variant.sku == sku)
    }

    fn select(&self, click: &MouseEvent) {
        let link = target(click, ".picker a[data-value]").filter(|_| is_plain(click));
        let Some(index) = link.and_then(|link| self.index_of(sku(&link))) else {
            return;
        };
        let Some(pickers) = self.pickers() else { return };
        let variant = self.variants.borrow()[index].clone();
        if !announce_selected(&variant) {
            return;
        }
        for picker in &pickers {
            self.show(picker, index);
        }
        show_address(&with_query(&self.path, "sku", &variant.sku));
        show_picture(&variant.picture);
        click.prevent_default();
    }

    /// If another variant than the selected one is about to be added to the cart, announces the selected one.
    fn confirm_line(&self, event: &Event) {
        let requested = self.index_of(field(&field(event, "detail"), "sku").as_string());
        let selected = self.pickers().and_then(|pickers| self.index_of(pickers.first()?.sku()));
        if let (Some(requested), Some(selected)) = (requested, selected)
            && requested != selected
        {
            announce_selected(&self.variants.borrow()[selected].clone());
        }
    }

    /// Shows the new stock, and announces the selected variant if it became available or unavailable.
    fn update_stock(&self, stock: &JsValue) {
        let before = self.variants.borrow().clone();
        for item in Array::from(&field(stock, "variants")).iter() {
            let text = |name| field(&item, name).as_string().unwrap_or_default();
            let (sku, stock) = (text("sku"), text("availability"));
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small count")]
            let remaining = field(&item, "remaining").as_f64().map(|remaining| remaining as u32);
            if let Some(variant) = self.variants.borrow_mut().iter_mut().find(|variant| variant.sku == sku) {
                variant.availability = availability_text(&stock, remaining);
                variant.stock = stock;
            }
        }
        let pickers = self.pickers().unwrap_or_default();
        for picker in &pickers {
            if let Some(index) = self.index_of(picker.sku()) {
                self.show(picker, index);
            }
        }
        let Some(index) = pickers.first().and_then(|picker| self.index_of(picker.sku())) else {
            return;
        };
        let variant = self.variants.borrow()[index].clone();
        if variant.is_available() != before[index].is_available() {
            announce_selected(&variant);
        }
    }

    /// Shows a variant, and updates the link of each value.
    fn show(&self, picker: &Picker, index: usize) {
        let variants = self.variants.borrow();
        let variant = &variants[index];
        set(&picker.root, "data-sku", &variant.sku);
        set_text(&picker.price, &variant.price);
        set_flag(&picker.compare_at, "hidden", variant.compare_at.is_empty());
        if let Some(compare_at) = find(&picker.compare_at, "s") {
            set_text(&compare_at, &variant.compare_at);
        }
        set_text(&picker.availability, &variant.availability);
        set(&picker.availability, "data-stock", &variant.stock);
        for link in all_in(&picker.root, "a[data-value]") {
            let option = link.get_attribute("data-option").and_then(|option| option.parse().ok());
            let value = link.get_attribute("data-value").unwrap_or_default();
            let next = option.and_then(|option| nearest(&variants, index, option, &value));
            let Some(next) = next else { continue };
            set(&link, "href", &with_query(&self.path, "sku", &variants[next].sku));
            if next == index {
                set(&link, "aria-current", "true");
            } else {
                drop(link.remove_attribute("aria-current"));
            }
            if let Some(note) = find(&link, "small") {
                set_flag(&note, "hidden", variants[next].stock != SOLD_OUT);
            }
        }
    }
}

/// Announces a variant, and returns whether a listener accepted it.
fn announce_selected(variant: &Variant) -> bool {
    let detail = [
        ("sku", JsValue::from_str(&variant.sku)),
        ("available", variant.is_available().into()),
    ];
    document().is_some_and(|document| announce(&document, VARIANT_SELECTED, &detail))
}

fn set(element: &Element, name: &str, value: &str) {
    // It fails only for an invalid attribute name.
    let _ = element.set_attribute(name, value);
}
