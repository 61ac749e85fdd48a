//! What came of the last try to place the order.

use leptos::prelude::*;
use service::Problem;

/// The fields of the form, in the order of the page.
const FIELDS: [&str; 13] = [
    "email",
    "country",
    "shipping",
    "shop",
    "name",
    "line1",
    "line2",
    "postal_code",
    "city",
    "payment",
    "card_number",
    "card_expiry",
    "card_cvc",
];

/// What is to be told, and which fields it is about.
#[derive(Clone, Default)]
pub struct Notice {
    title: &'static str,
    /// What happened
    pub text: String,
    errors: Vec<(String, String)>,
}

impl Notice {
    /// What a refusal says to the shopper.
    #[must_use]
    pub fn of(refusal: &Problem) -> Self {
        let (title, text) = match refusal.kind() {
            "invalid" => ("Some fields need another look", String::new()),
            "card-declined" => (
                "Your card was declined",
                format!(
                    "{} Nothing was charged, and your cart is untouched. Please try another card.",
                    refusal.detail
                ),
            ),
            "invoice-declined" => (
                "No invoice this time",
                format!("{} Nothing was ordered, and your cart is untouched.", refusal.detail),
            ),
            "out-of-stock" => (
                "Somebody was faster",
                "Not everything in your cart is left. Nothing was charged. Please take what is left, or leave it out."
                    .to_owned(),
            ),
            "quote-expired" => (
                "This page was open for a while",
                "We hold prices for half an hour. Here they are again: please check the total, and place the order."
                    .to_owned(),
            ),
            "total-changed" => (
                "The total has changed",
                format!(
                    "{} Nothing was charged. Please check it, and place the order again.",
                    refusal.detail
                ),
            ),
            _ => ("The order was not placed", refusal.detail.clone()),
        };
        let errors = refusal.errors.iter();
        Self {
            title,
            text,
            errors: errors
                .map(|error| (error.pointer.trim_start_matches("#/").to_owned(), error.detail.clone()))
                .collect(),
        }
    }

    /// What is wrong with a field.
    #[must_use]
    pub fn error(&self, name: &str) -> Option<String> {
        let found = self.errors.iter().find(|(field, _)| field == name);
        found.map(|(_, detail)| detail.clone())
    }

    /// Everything at the top of the page, with a way to each field.
    pub fn draw(&self) -> Option<impl IntoView + use<>> {
        if self.title.is_empty() {
            return None;
        }
        let item = |name: &&str| {
            let href = format!("#{name}");
            self.error(name)
                .map(|detail| view! { <li><a href=href>{detail}</a></li> })
        };
        let items: Vec<_> = FIELDS.iter().filter_map(item).collect();
        // The quote is no field that a shopper could mend.
        let hidden = self
            .error("quote")
            .map(|detail| view! { <p>{detail}" Please check it, and place the order again."</p> });
        let text = (!self.text.is_empty()).then(|| view! { <p>{self.text.clone()}</p> });
        Some(view! {
            <div class="notice notice-warn" role="alert">
                <h2>{self.title}</h2>
                {text}
                {hidden}
                {(!items.is_empty()).then(|| view! { <ul>{items}</ul> })}
            </div>
        })
    }
}
