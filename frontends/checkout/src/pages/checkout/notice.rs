//! Why the last attempt to place the order was rejected.

use leptos::prelude::*;
use service::Problem;

/// The fields of the form, in their order on the page.
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

/// A message to the shopper, with the errors of fields.
#[derive(Clone, Default)]
pub struct Notice {
    title: &'static str,
    /// What happened, in full sentences
    pub text: String,
    errors: Vec<(String, String)>,
}

impl Notice {
    /// The message for a rejection.
    #[must_use]
    pub fn of(rejection: &Problem) -> Self {
        let (title, text) = match rejection.kind() {
            "invalid" => ("Please check your details", String::new()),
            "card-declined" => (
                "Your card was declined",
                format!(
                    "{} You have not been charged, and your cart is unchanged. Please try another card.",
                    rejection.detail
                ),
            ),
            "invoice-declined" => (
                "Payment by invoice is not available",
                format!("{} Nothing was ordered, and your cart is unchanged.", rejection.detail),
            ),
            "out-of-stock" => (
                "Some items have just sold out",
                "There is not enough stock for your order. You have not been charged. Please change or remove these items."
                    .to_owned(),
            ),
            "quote-expired" => (
                "Your prices have expired",
                "We hold prices for 30 minutes. Please check the current total, and place your order again."
                    .to_owned(),
            ),
            "total-changed" => (
                "The total has changed",
                format!(
                    "{} You have not been charged. Please check the total, and place your order again.",
                    rejection.detail
                ),
            ),
            _ => ("Your order was not placed", rejection.detail.clone()),
        };
        let errors = rejection.errors.iter();
        Self {
            title,
            text,
            errors: errors
                .map(|error| (error.pointer.trim_start_matches("#/").to_owned(), error.detail.clone()))
                .collect(),
        }
    }

    /// The error of a field.
    #[must_use]
    pub fn error(&self, name: &str) -> Option<String> {
        let found = self.errors.iter().find(|(field, _)| field == name);
        found.map(|(_, detail)| detail.clone())
    }

    /// The notice at the top of the page, with a link to each field that has an error.
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
        // The quote is a hidden field, so there is nothing to link to.
        let quote = self
            .error("quote")
            .map(|detail| view! { <p>{detail}" Please check the total, and place your order again."</p> });
        let text = (!self.text.is_empty()).then(|| view! { <p>{self.text.clone()}</p> });
        Some(view! {
            <div class="notice notice-warn" role="alert">
                <h2>{self.title}</h2>
                {text}
                {quote}
                {(!items.is_empty()).then(|| view! { <ul>{items}</ul> })}
            </div>
        })
    }
}
