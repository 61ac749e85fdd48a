//! The fields of a card.

use leptos::prelude::*;
use page::{Field, InputSpec};

/// The fields of a card. Only the expiry keeps its value: no page contains a card number or security code.
#[component]
pub fn CardFields<F: Fn(&str) -> Option<String>>(
    /// The shopper's input for the expiry
    expiry: String,
    /// The error of a field
    error: F,
) -> AnyView {
    let number = InputSpec {
        inputmode: "numeric",
        ..InputSpec::text("card_number", "Card number", "cc-number")
    };
    let expires = InputSpec {
        inputmode: "numeric",
        placeholder: Some("MM/YY"),
        ..InputSpec::text("card_expiry", "Expiry", "cc-exp")
    };
    let code = InputSpec {
        inputmode: "numeric",
        ..InputSpec::text("card_cvc", "Security code", "cc-csc")
    };
    let [number_error, expiry_error, code_error] = [number, expires, code].map(|ask| error(ask.name));
    view! {
        <div class="fields">
            <Field input=number value=String::new() error=number_error/>
            <Field input=expires value=expiry error=expiry_error/>
            <Field input=code value=String::new() error=code_error/>
        </div>
        <p class="small">"Demo shop: use 4242 4242 4242 4242, any future date and any three digits."</p>
    }
    .into_any()
}
