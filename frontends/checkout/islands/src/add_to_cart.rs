use island::{all, announce, field, find, listen, on_mount, set_flag, set_text, target};
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlInputElement};

use crate::api::{AddLine, AddResult, add_line, count_cart};
use crate::events::{LINE_REQUESTED, VARIANT_SELECTED, announce_cart};

const FORM: &str = "form.add-to-cart";
/// Marks a form that has been sent and not answered yet. If this island fails before the answer, the loader submits the form.
const SENT: &str = "data-sent";
/// The most that a line of the cart holds. Less may be in stock.
const MAX_QUANTITY: u32 = 99;

const OFFLINE: &str = "You are offline. Nothing is lost: please try again once you are back.";
const UNKNOWN: &str = "No answer came. Please try again: the item will be added only once.";
const ALREADY_ADDED: &str = "Your last request was successful after all. Please check your cart before you add more.";
const NO_COOKIES: &str = "Your browser blocks cookies. We need one cookie to remember your cart. Please allow cookies \
    for this shop, then add the item again.";

/// Adds items to the cart without leaving the page, and follows the variant that the shopper selects. The form's field `sku`
/// decides what is added, with this island or without it.
#[island]
pub fn AddToCart() -> impl IntoView {
    on_mount(|| {
        listen(VARIANT_SELECTED, select);
        listen("submit", submit);
    })
}

/// The button's label.
#[must_use]
pub fn button(available: bool) -> &'static str {
    if available { "Add to cart" } else { "Sold out" }
}

/// The largest quantity in stock, if it is less than a cart holds.
#[must_use]
pub fn hint(available: bool, limit: u32) -> String {
    if available && limit < MAX_QUANTITY {
        ["(up to ", &limit.to_string(), ")"].concat()
    } else {
        String::new()
    }
}

/// The elements of a form that is on the page.
struct Form {
    root: Element,
    sku: HtmlInputElement,
    key: HtmlInputElement,
    quantity: HtmlInputElement,
    button: Element,
    message: Element,
}

impl Form {
    /// `None` if an element is missing: then the browser submits the form.
    fn read(form: Element) -> Option<Self> {
        let input = |selector| find(&form, selector)?.dyn_into().ok();
        Some(Self {
            sku: input("[name=sku]")?,
            key: input("[name=key]")?,
            quantity: input("[name=quantity]")?,
            button: find(&form, ".button")?,
            message: find(&form, ".said")?,
            root: form,
        })
    }

    fn line(&self) -> AddLine {
        AddLine {
            sku: self.sku.value(),
            quantity: self.quantity.value_as_number(),
            key: self.key.value(),
        }
    }

    /// The key of the request that has been sent and not answered yet.
    fn pending_key(&self) -> Option<String> {
        self.root.get_attribute(SENT)
    }

    fn show_message(&self, text: &str, shows_cart: bool) {
        set_text(&self.message, text);
        if let Some(link) = find(&self.root, ".status a") {
            set_flag(&link, "hidden", !shows_cart);
        }
    }

    /// Sets a new idempotency key for the next request.
    fn renew_key(&self) {
        let key = self.key.value();
        let (name, count) = key.split_once('.').unwrap_or((&key, "0"));
        let count = count.parse().map_or(1, |count: u32| count + 1);
        self.key.set_value(&[name, ".", &count.to_string()].concat());
    }

    fn select(&self, sku: &str, available: bool) {
        if self.sku.value() != sku {
            self.sku.set_value(sku);
            // This fails only for an invalid attribute name.
            let _ = self.quantity.set_attribute("max", &MAX_QUANTITY.to_string());
            if let Some(limit) = find(&self.root, ".limit") {
                set_text(&limit, "");
            }
            self.renew_key();
        }
        if self.button.has_attribute("disabled") == available {
            set_flag(&self.button, "disabled", !available);
            set_text(&self.button, button(available));
        }
        if self.pending_key().is_none() {
            self.show_message("", false);
        }
    }
}

/// Takes over the variant that the shopper has selected, if every form is complete. Otherwise the link navigates.
fn select(event: &Event) {
    let detail = field(event, "detail");
    let (sku, available) = (field(&detail, "sku").as_string(), field(&detail, "available").as_bool());
    let forms: Option<Vec<_>> = all(FORM).into_iter().map(Form::read).collect();
    let (Some(sku), Some(available), Some(forms)) = (sku, available, forms) else {
        return;
    };
    for form in &forms {
        form.select(&sku, available);
    }
    if !forms.is_empty() {
        event.prevent_default();
    }
}

fn submit(event: &Event) {
    let form = target(event, FORM).filter(|_| !event.default_prevented());
    let Some(form) = form.and_then(Form::read) else { return };
    // A frontend that shows another variant announces it now. Whether a listener cancels the event does not matter.
    let _ = announce(&form.root, LINE_REQUESTED, &[("sku", form.sku.value().into())]);
    event.prevent_default();
    if form.pending_key().is_some() || form.button.has_attribute("disabled") {
        return;
    }
    let line = form.line();
    // This fails only for an invalid attribute name.
    let _ = form.root.set_attribute(SENT, &line.key);
    form.show_message("Adding…", false);
    spawn_local(add(line));
}

async fn add(line: AddLine) {
    let result = add_line(&line).await;
    let is_added = matches!(result, AddResult::Added(_) | AddResult::AlreadyAdded);
    let (text, shows_cart) = match result {
        AddResult::Added(total) => added(total, &line).await,
        AddResult::AlreadyAdded => (ALREADY_ADDED.to_owned(), true),
        AddResult::Rejected(reason) => (reason, false),
        AddResult::Unknown if is_offline() => (OFFLINE.to_owned(), false),
        AddResult::Unknown => (UNKNOWN.to_owned(), false),
    };
    // The page may have replaced the form in the meantime.
    let forms = all(FORM).into_iter().filter_map(Form::read);
    for form in forms.filter(|form| form.pending_key().as_ref() == Some(&line.key)) {
        // This fails only for an invalid attribute name.
        let _ = form.root.remove_attribute(SENT);
        form.show_message(&text, shows_cart);
        if is_added && form.key.value() == line.key {
            form.renew_key();
        }
    }
}

/// A cart that holds nothing else has just been created: only another call shows whether the browser has stored its cookie.
async fn added(total: u32, line: &AddLine) -> (String, bool) {
    if f64::from(total) <= line.quantity && count_cart().await == Some(0) {
        return (NO_COOKIES.to_owned(), false);
    }
    announce_cart(total);
    ("Added to your cart. ".to_owned(), true)
}

fn is_offline() -> bool {
    web_sys::window().is_some_and(|window| !window.navigator().on_line())
}
