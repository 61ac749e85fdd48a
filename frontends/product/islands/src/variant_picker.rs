use js_sys::Array;
use leptos::prelude::*;
use wasm_bindgen::JsValue;
use web_sys::MouseEvent;

use crate::choice::{Group, SOLD_OUT, Variant, in_words, nearest};
use crate::document::{field, is_plain, is_taken, link, picker, show_address, show_picture};
use crate::live::follow;

/// The selected variant's price and availability, and a link for every value of every option.
///
/// A click offers the variant to the page as `product:variant-selected`. Only
/// when a listener takes it over is the page kept: otherwise the link
/// navigates, so that an add-to-cart that is not alive yet never sells the
/// wrong variant.
#[island]
pub fn VariantPicker(
    /// Path of the product's page.
    path: String,
    /// What there is to choose.
    groups: Vec<Group>,
    /// Every variant.
    variants: Vec<Variant>,
    /// The SKU that the page was asked for.
    selected: String,
) -> impl IntoView {
    let start = variants.iter().position(move |variant| variant.sku == selected);
    let shelf = Shelf {
        path: StoredValue::new(path),
        variants: StoredValue::new(variants),
        current: RwSignal::new(start.unwrap_or(0)),
    };
    Effect::new(move || follow(shelf.stock(), move |stock| shelf.take(stock)));
    let groups: Vec<_> = groups
        .into_iter()
        .enumerate()
        .map(|(group, Group { name, values })| {
            let links: Vec<_> = values.into_iter().map(|value| choice(shelf, group, value)).collect();
            view! { <fieldset><legend>{name}</legend><ul>{links}</ul></fieldset> }
        })
        .collect();
    let selected = move |field| shelf.text(Some(shelf.current.get()), field);
    view! {
        <div class="picker">
            <p class="terms" aria-live="polite">
                <span class="price">{move || selected(|variant| &variant.price)}</span>
                <span class="availability" data-stock=move || selected(|variant| &variant.stock)>
                    {move || selected(|variant| &variant.availability)}
                </span>
            </p>
            {groups}
        </div>
    }
}

/// What there is, and which of it is selected.
#[derive(Clone, Copy)]
struct Shelf {
    path: StoredValue<String>,
    variants: StoredValue<Vec<Variant>>,
    current: RwSignal<usize>,
}

impl Shelf {
    /// A text of a variant; nothing where there is no such variant.
    fn text(self, index: Option<usize>, field: fn(&Variant) -> &String) -> String {
        let text = |all: &Vec<Variant>| index.and_then(|index| all.get(index)).map(field).cloned();
        self.variants.with_value(text).unwrap_or_default()
    }

    /// The variant that choosing this value leads to.
    fn next(self, group: usize, value: &str) -> Option<usize> {
        let current = self.current.get();
        self.variants.with_value(|all| nearest(all, current, group, value))
    }

    fn address(self, index: Option<usize>) -> String {
        let sku = self.text(index, |variant| &variant.sku);
        self.path.with_value(|path| [path, "?sku=", &sku].concat())
    }

    /// Where its stock is followed.
    fn stock(self) -> String {
        let product = |path: &String| path.strip_prefix("/product").map(str::to_owned);
        let product = self.path.with_value(product).unwrap_or_default();
        ["/product/api/products", &product, "/stock"].concat()
    }

    /// Takes over what has become of the stock; the page is told where what is selected can no longer be bought, or
    /// can be again.
    fn take(self, stock: &JsValue) {
        let selected = self.current.get_untracked();
        let is_available = || {
            self.variants
                .with_value(|all| all.get(selected).is_some_and(Variant::is_available))
        };
        let was_available = is_available();
        for now in Array::from(&field(stock, "variants")).iter() {
            let text = |name| field(&now, name).as_string().unwrap_or_default();
            let (sku, stock) = (text("sku"), text("availability"));
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few")]
            let left = field(&now, "left").as_f64().map(|left| left as u32);
            self.variants.update_value(|all| {
                if let Some(variant) = all.iter_mut().find(|variant| variant.sku == sku) {
                    variant.availability = in_words(&stock, left);
                    variant.stock = stock;
                }
            });
        }
        self.current.set(selected);
        if is_available() != was_available {
            let sku = self.text(Some(selected), |variant| &variant.sku);
            is_taken(picker(), &sku, !was_available);
        }
    }

    /// Whether the page is kept, with the variant shown in it.
    fn is_shown(self, click: &MouseEvent, index: usize) -> bool {
        let variant = self.variants.with_value(|all| all.get(index).cloned());
        let variant =
            variant.filter(|variant| is_plain(click) && is_taken(link(click), &variant.sku, variant.is_available()));
        let Some(variant) = variant else { return false };
        self.current.set(index);
        show_address(&self.address(Some(index)));
        show_picture(&variant.picture);
        true
    }
}

/// One value; none where no variant has it.
fn choice(shelf: Shelf, group: usize, value: String) -> Option<impl IntoView> {
    let label = value.clone();
    let next = StoredValue::new(value);
    let next = move || next.with_value(|value| shelf.next(group, value));
    // Whether there is one does not depend on what is selected.
    untrack(next)?;
    let is_current = move || next() == Some(shelf.current.get());
    let is_sold_out = move || shelf.text(next(), |variant| &variant.stock) == SOLD_OUT;
    let choose = move |click: MouseEvent| {
        if untrack(next).is_some_and(|index| shelf.is_shown(&click, index)) {
            click.prevent_default();
        }
    };
    Some(view! {
        <li>
            <a
                href=move || shelf.address(next())
                aria-current=move || is_current().then_some("true")
                on:click=choose
            >
                {label}
                <small hidden=move || !is_sold_out()>" Sold out"</small>
            </a>
        </li>
    })
}
