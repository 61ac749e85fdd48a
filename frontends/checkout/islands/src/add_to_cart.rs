use island::{alive, all, announce, field, find, listen, set_flag, set_text, target};
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlInputElement};

use crate::api::{Line, Outcome, add_line, count_cart};
use crate::events::{LINE_REQUESTED, VARIANT_SELECTED, announce_cart};

const FORM: &str = "form.add-to-cart";
/// Marks a form whose answer is waited for: should this island fail meanwhile, the loader sends it as it is.
const SENT: &str = "data-sent";
/// Of a cart's line, at most; what is there may be less, or not known.
const MOST: u32 = 99;

const OFFLINE: &str = "You are offline. Nothing is lost: please try again once you are back.";
const UNKNOWN: &str = "No answer came. Please try again: it is added once, whatever has happened.";
const KNOWN: &str = "The last try has arrived after all. Please look at your cart before you add more.";
const NO_COOKIES: &str = "Your browser refuses cookies, so your cart cannot keep anything. Please allow them for this \
    shop (we set one, for the cart), and add it again.";

/// Alive, a form that puts a SKU into the cart does so without leaving the page, and follows the variant that the
/// shopper selects. What it sells is what stands in the form's field, here as without it.
#[island]
pub fn AddToCart() -> impl IntoView {
    alive(|| {
        listen(VARIANT_SELECTED, select);
        listen("submit", submit);
    })
}

/// What stands on the button.
#[must_use]
pub fn button(available: bool) -> &'static str {
    if available { "Add to cart" } else { "Sold out" }
}

/// How many there are, where that is less than anybody may have.
#[must_use]
pub fn hint(available: bool, limit: u32) -> String {
    if available && limit < MOST {
        ["(up to ", &limit.to_string(), ")"].concat()
    } else {
        String::new()
    }
}

/// A form as it stands on the page now, with everything that it needs.
struct Form {
    root: Element,
    sku: HtmlInputElement,
    key: HtmlInputElement,
    quantity: HtmlInputElement,
    button: Element,
    said: Element,
}

impl Form {
    /// None where something is missing: then it is left to the browser.
    fn read(form: Element) -> Option<Self> {
        let input = |selector| find(&form, selector)?.dyn_into().ok();
        Some(Self {
            sku: input("[name=sku]")?,
            key: input("[name=key]")?,
            quantity: input("[name=quantity]")?,
            button: find(&form, ".button")?,
            said: find(&form, ".said")?,
            root: form,
        })
    }

    fn line(&self) -> Line {
        Line {
            sku: self.sku.value(),
            quantity: self.quantity.value_as_number(),
            key: self.key.value(),
        }
    }

    /// The key of what has been sent and is not answered yet.
    fn sent(&self) -> Option<String> {
        self.root.get_attribute(SENT)
    }

    fn say(&self, text: &str, shows_cart: bool) {
        set_text(&self.said, text);
        if let Some(link) = find(&self.root, ".status a") {
            set_flag(&link, "hidden", !shows_cart);
        }
    }

    /// What is done is done: the next time is another intent.
    fn renew(&self) {
        let key = self.key.value();
        let (name, count) = key.split_once('.').unwrap_or((&key, "0"));
        let count = count.parse().map_or(1, |count: u32| count + 1);
        self.key.set_value(&[name, ".", &count.to_string()].concat());
    }

    fn offer(&self, sku: &str, available: bool) {
        if self.sku.value() != sku {
            self.sku.set_value(sku);
            // It fails for no name of ours.
            let _ = self.quantity.set_attribute("max", &MOST.to_string());
            if let Some(limit) = find(&self.root, ".limit") {
                set_text(&limit, "");
            }
            self.renew();
        }
        if self.button.has_attribute("disabled") == available {
            set_flag(&self.button, "disabled", !available);
            set_text(&self.button, button(available));
        }
        if self.sent().is_none() {
            self.say("", false);
        }
    }
}

/// Takes over the variant that the shopper has selected, if every form can: otherwise nobody does, and the link
/// navigates.
fn select(event: &Event) {
    let detail = field(event, "detail");
    let (sku, available) = (field(&detail, "sku").as_string(), field(&detail, "available").as_bool());
    let forms: Option<Vec<_>> = all(FORM).into_iter().map(Form::read).collect();
    let (Some(sku), Some(available), Some(forms)) = (sku, available, forms) else {
        return;
    };
    for form in &forms {
        form.offer(&sku, available);
    }
    if !forms.is_empty() {
        event.prevent_default();
    }
}

fn submit(event: &Event) {
    let form = target(event, FORM).filter(|_| !event.default_prevented());
    let Some(form) = form.and_then(Form::read) else { return };
    // Whoever shows another variant says so now; nobody has to.
    let _ = announce(&form.root, LINE_REQUESTED, &[("sku", form.sku.value().into())]);
    event.prevent_default();
    if form.sent().is_some() || form.button.has_attribute("disabled") {
        return;
    }
    let line = form.line();
    // It fails for no name of ours.
    let _ = form.root.set_attribute(SENT, &line.key);
    form.say("Adding…", false);
    spawn_local(add(line));
}

async fn add(line: Line) {
    let outcome = add_line(&line).await;
    let is_known = !matches!(outcome, Outcome::Refused(_) | Outcome::Unknown);
    let (text, shows_cart) = match outcome {
        Outcome::Added(total) => added(total, &line).await,
        Outcome::Known => (KNOWN.to_owned(), true),
        Outcome::Refused(reason) => (reason, false),
        Outcome::Unknown if is_offline() => (OFFLINE.to_owned(), false),
        Outcome::Unknown => (UNKNOWN.to_owned(), false),
    };
    // The form may be another one by now.
    let forms = all(FORM).into_iter().filter_map(Form::read);
    for form in forms.filter(|form| form.sent().as_ref() == Some(&line.key)) {
        // It fails for no name of ours.
        let _ = form.root.remove_attribute(SENT);
        form.say(&text, shows_cart);
        if is_known && form.key.value() == line.key {
            form.renew();
        }
    }
}

/// A cart that holds nothing else was begun just now: whether the browser has kept its cookie, only asking tells.
async fn added(total: u32, line: &Line) -> (String, bool) {
    if f64::from(total) <= line.quantity && count_cart().await == Some(0) {
        return (NO_COOKIES.to_owned(), false);
    }
    announce_cart(total);
    ("Added to your cart. ".to_owned(), true)
}

fn is_offline() -> bool {
    web_sys::window().is_some_and(|window| !window.navigator().on_line())
}
