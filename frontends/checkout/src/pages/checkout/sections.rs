//! The sections of the checkout form.

mod delivery;
mod payment;

use leptos::prelude::*;
use page::{Field, InputSpec};

pub use self::delivery::Delivery;
pub use self::payment::Payment;
use super::Notice;
use crate::bff::CheckoutForm;

/// The shopper's contact details.
#[component]
pub fn Contact<'a>(input: &'a CheckoutForm, notice: &'a Notice) -> AnyView {
    let email = InputSpec {
        inputmode: "email",
        ..InputSpec::text("email", "Email", "email")
    };
    view! {
        <fieldset>
            <legend>"Contact"</legend>
            <div class="fields">
                <Field input=email value=input.email.clone() error=notice.error("email")/>
            </div>
        </fieldset>
    }
    .into_any()
}

/// The recipient and their address. A pick-up needs a name only; the style sheet hides the other fields, which keep their values.
#[component]
pub fn Address<'a>(input: &'a CheckoutForm, notice: &'a Notice) -> AnyView {
    let name = InputSpec::text("name", "Name", "name");
    let line2 = InputSpec {
        required: false,
        ..InputSpec::text("line2", "Apartment, floor, c/o (optional)", "address-line2")
    };
    let postal_code = InputSpec::text("postal_code", "Postal code", "postal-code");
    let fields = [
        (
            InputSpec::text("line1", "Street and number", "address-line1"),
            &input.line1,
        ),
        (line2, &input.line2),
        (postal_code, &input.postal_code),
        (InputSpec::text("city", "City", "address-level2"), &input.city),
    ];
    let fields = fields.map(|(ask, value)| {
        let error = notice.error(ask.name);
        view! { <Field input=ask value=value.clone() error/> }
    });
    view! {
        <fieldset>
            <legend>
                <span class="by-parcel">"Delivery address"</span>
                <span class="by-hand">"Who will pick it up?"</span>
            </legend>
            <div class="fields">
                <Field input=name value=input.name.clone() error=notice.error("name")/>
            </div>
            <div class="fields by-parcel">{fields.into_iter().collect::<Vec<_>>()}</div>
        </fieldset>
    }
    .into_any()
}
