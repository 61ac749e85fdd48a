use std::cell::RefCell;
use std::rc::Rc;

use island::{
    Live, address, alive, all, all_in, announce, document, field, find, follow, listen, set_flag, set_text, target,
};
use js_sys::Array;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, MouseEvent};

use crate::choice::{SOLD_OUT, Variant, in_words, nearest};
use crate::document::{is_plain, show_address, show_picture, sku};

/// This frontend's word for "the shopper chose this variant".
const VARIANT_SELECTED: &str = "product:variant-selected";
/// Another frontend's word for "this is about to be bought".
const LINE_REQUESTED: &str = "checkout:line-requested";

/// Alive, a click on a value does in place what its link does: it shows the variant that the link leads to.
///
/// It offers the variant to the page as `product:variant-selected`. Only when a listener takes it over, and every
/// place is there where it has to be shown, the page is kept: otherwise the link navigates. What is selected is what
/// the picker on the page says (`data-sku`), here as without it.
#[island]
pub fn VariantPicker(
    /// Path of the product's page.
    path: String,
    /// Every variant.
    variants: Vec<Variant>,
) -> impl IntoView {
    let variants = RefCell::new(variants);
    alive(move || Rc::new(Shelf { path, variants }).begin())
}

/// What there is.
struct Shelf {
    path: String,
    variants: RefCell<Vec<Variant>>,
}

/// A picker as it stands on the page now, with every place where a variant is shown.
struct Picker {
    root: Element,
    price: Element,
    before: Element,
    availability: Element,
}

impl Picker {
    /// None where something is missing: then it is left to the browser.
    fn read(picker: Element) -> Option<Self> {
        Some(Self {
            price: find(&picker, ".price")?,
            before: find(&picker, ".before")?,
            availability: find(&picker, ".availability")?,
            root: picker,
        })
    }

    fn sku(&self) -> Option<String> {
        self.root.get_attribute("data-sku")
    }
}

impl Shelf {
    fn begin(self: Rc<Self>) {
        let (chosen, confirmed) = (Rc::clone(&self), Rc::clone(&self));
        listen("click", move |event| chosen.choose(event.unchecked_ref()));
        listen(LINE_REQUESTED, move |event| confirmed.confirm(event));
        follow(Live {
            socket: self.stock(),
            // Who cannot, sees what the page said when it was made.
            state: None,
            hear: Box::new(move |stock| {
                self.take(stock);
                true
            }),
            end: || (),
        });
    }

    /// Where its stock is followed.
    fn stock(&self) -> String {
        let product = self.path.strip_prefix("/product").unwrap_or_default();
        ["/product/api/products", product, "/stock/live"].concat()
    }

    /// The pickers of this product; none where there is one that cannot show what it has to.
    fn pickers(&self) -> Option<Vec<Picker>> {
        let is_ours = |picker: &Element| self.shown(picker.get_attribute("data-sku")).is_some();
        let pickers = all(".picker").into_iter().filter(is_ours).map(Picker::read);
        let pickers: Vec<_> = pickers.collect::<Option<_>>()?;
        (!pickers.is_empty()).then_some(pickers)
    }

    /// The variant of this SKU, if it is one of this product's.
    fn shown(&self, sku: Option<String>) -> Option<usize> {
        let sku = sku?;
        self.variants.borrow().iter().position(|variant| variant.sku == sku)
    }

    fn choose(&self, click: &MouseEvent) {
        let link = target(click, ".picker a[data-value]").filter(|_| is_plain(click));
        let Some(index) = link.and_then(|link| self.shown(sku(&link))) else {
            return;
        };
        let Some(pickers) = self.pickers() else { return };
        let variant = self.variants.borrow()[index].clone();
        if !is_taken(&variant) {
            return;
        }
        for picker in &pickers {
            self.show(picker, index);
        }
        show_address(&address(&self.path, "sku", &variant.sku));
        show_picture(&variant.picture);
        click.prevent_default();
    }

    /// What is about to be bought is what the page shows: where it is not, whoever sells it hears so now.
    fn confirm(&self, event: &Event) {
        let wanted = self.shown(field(&field(event, "detail"), "sku").as_string());
        let shown = self.pickers().and_then(|pickers| self.shown(pickers.first()?.sku()));
        if let (Some(wanted), Some(shown)) = (wanted, shown)
            && wanted != shown
        {
            is_taken(&self.variants.borrow()[shown].clone());
        }
    }

    /// Takes over what has become of the stock; the page is told where what is selected can no longer be bought, or
    /// can be again.
    fn take(&self, stock: &JsValue) {
        let before = self.variants.borrow().clone();
        for now in Array::from(&field(stock, "variants")).iter() {
            let text = |name| field(&now, name).as_string().unwrap_or_default();
            let (sku, stock) = (text("sku"), text("availability"));
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few")]
            let left = field(&now, "left").as_f64().map(|left| left as u32);
            if let Some(variant) = self.variants.borrow_mut().iter_mut().find(|variant| variant.sku == sku) {
                variant.availability = in_words(&stock, left);
                variant.stock = stock;
            }
        }
        let pickers = self.pickers().unwrap_or_default();
        for picker in &pickers {
            if let Some(index) = self.shown(picker.sku()) {
                self.show(picker, index);
            }
        }
        let Some(index) = pickers.first().and_then(|picker| self.shown(picker.sku())) else {
            return;
        };
        let variant = self.variants.borrow()[index].clone();
        if variant.is_available() != before[index].is_available() {
            is_taken(&variant);
        }
    }

    /// Shows a variant, and where each value leads to from it.
    fn show(&self, picker: &Picker, index: usize) {
        let variants = self.variants.borrow();
        let variant = &variants[index];
        set(&picker.root, "data-sku", &variant.sku);
        set_text(&picker.price, &variant.price);
        set_flag(&picker.before, "hidden", variant.before.is_empty());
        if let Some(before) = find(&picker.before, "s") {
            set_text(&before, &variant.before);
        }
        set_text(&picker.availability, &variant.availability);
        set(&picker.availability, "data-stock", &variant.stock);
        for link in all_in(&picker.root, "a[data-value]") {
            let group = link.get_attribute("data-group").and_then(|group| group.parse().ok());
            let value = link.get_attribute("data-value").unwrap_or_default();
            let next = group.and_then(|group| nearest(&variants, index, group, &value));
            let Some(next) = next else { continue };
            set(&link, "href", &address(&self.path, "sku", &variants[next].sku));
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

/// Offers a variant to the page; whether a listener has taken it over.
fn is_taken(variant: &Variant) -> bool {
    let detail = [
        ("sku", JsValue::from_str(&variant.sku)),
        ("available", variant.is_available().into()),
    ];
    document().is_some_and(|document| announce(&document, VARIANT_SELECTED, &detail))
}

fn set(element: &Element, name: &str, value: &str) {
    // It fails for no name of ours.
    let _ = element.set_attribute(name, value);
}
