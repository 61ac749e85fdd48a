//! The sections of the form.

mod delivery;
mod payment;

use leptos::prelude::*;
use page::{Ask, Field};

pub use self::delivery::Delivery;
pub use self::payment::Payment;
use super::Notice;
use crate::bff::Form;

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
