//! The sections of the form.

mod delivery;

use leptos::prelude::*;
use page::{Ask, Field};

pub use self::delivery::Delivery;
use super::Notice;
use crate::bff::Form;
use crate::pages::card::CardFields;

/// Who buys.
#[component]
pub fn Contact<'a>(typed: &'a Form, notice: &'a Notice) -> AnyView {
    let email = Ask {
        inputmode: "email",
        ..Ask::text("email", "Email", "email")
    };
    view! {
        <fieldset>
            <legend>"Contact"</legend>
            <div class="fields">
                <Field ask=email value=typed.email.clone() error=notice.error("email")/>
            </div>
        </fieldset>
    }
    .into_any()
}

/// Who receives it, and where. What is picked up needs a name only; the style sheet hides the rest, and keeps it.
#[component]
pub fn Address<'a>(typed: &'a Form, notice: &'a Notice) -> AnyView {
    let name = Ask::text("name", "Name", "name");
    let line2 = Ask {
        required: false,
        ..Ask::text("line2", "Floor, care of (optional)", "address-line2")
    };
    let postal_code = Ask::text("postal_code", "Postal code", "postal-code");
    let fields = [
        (Ask::text("line1", "Street and number", "address-line1"), &typed.line1),
        (line2, &typed.line2),
        (postal_code, &typed.postal_code),
        (Ask::text("city", "City", "address-level2"), &typed.city),
    ];
    let fields = fields.map(|(ask, value)| {
        let error = notice.error(ask.name);
        view! { <Field ask value=value.clone() error/> }
    });
    view! {
        <fieldset>
            <legend>
                <span class="by-parcel">"Address"</span>
                <span class="by-hand">"Who picks it up"</span>
            </legend>
            <div class="fields">
                <Field ask=name value=typed.name.clone() error=notice.error("name")/>
            </div>
            <div class="fields by-parcel">{fields.into_iter().collect::<Vec<_>>()}</div>
        </fieldset>
    }
    .into_any()
}

/// What is paid with. Where a card had been typed, the page says that it has not kept it.
#[component]
pub fn Payment<'a, F: Fn(&str) -> Option<String>>(typed: &'a Form, error: F) -> AnyView {
    let expiry = typed.card_expiry.clone();
    let is_lost = typed.card_was_typed.then(|| {
        view! {
            <p class="notice" role="status">
                "For your safety no page of ours keeps a card’s number or code: please enter them again."
            </p>
        }
    });
    view! {
        <fieldset>
            <legend>"Payment"</legend>
            {is_lost}
            <CardFields expiry error/>
        </fieldset>
    }
    .into_any()
}
