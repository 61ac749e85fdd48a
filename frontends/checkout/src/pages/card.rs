//! What a card is asked for.

use leptos::prelude::*;
use page::{Ask, Field};

/// The card's fields, all empty but the expiry: no page holds a number or a code.
#[component]
pub fn CardFields<F: Fn(&str) -> Option<String>>(
    /// The expiry that was typed
    expiry: String,
    /// What is wrong with a field
    error: F,
) -> AnyView {
    let number = Ask {
        inputmode: "numeric",
        ..Ask::text("card_number", "Card number", "cc-number")
    };
    let expires = Ask {
        inputmode: "numeric",
        placeholder: Some("MM/YY"),
        ..Ask::text("card_expiry", "Expiry", "cc-exp")
    };
    let code = Ask {
        inputmode: "numeric",
        ..Ask::text("card_cvc", "Security code", "cc-csc")
    };
    let wrong = [number, expires, code].map(|ask| error(ask.name));
    let [number_wrong, expiry_wrong, code_wrong] = wrong;
    view! {
        <div class="fields">
            <Field ask=number value=String::new() error=number_wrong/>
            <Field ask=expires value=expiry error=expiry_wrong/>
            <Field ask=code value=String::new() error=code_wrong/>
        </div>
        <p class="small">"Demo shop: 4242 4242 4242 4242, any date to come, any three digits."</p>
    }
    .into_any()
}
