//! Form fields with labels and error messages.

use leptos::prelude::*;
use uuid::Uuid;

/// Describes a text input.
#[derive(Clone, Copy, Debug)]
pub struct InputSpec {
    /// The field's name in the form
    pub name: &'static str,
    /// The label
    pub label: &'static str,
    /// HTML's `autocomplete` token
    pub autocomplete: &'static str,
    /// HTML's `inputmode`, for example `numeric`; with `email` the input's type is `email`, too
    pub inputmode: &'static str,
    /// An example of the expected form
    pub placeholder: Option<&'static str>,
    /// Whether it must not be empty
    pub required: bool,
}

impl InputSpec {
    /// A required text input.
    #[must_use]
    pub const fn text(name: &'static str, label: &'static str, autocomplete: &'static str) -> Self {
        Self {
            name,
            label,
            autocomplete,
            inputmode: "text",
            placeholder: None,
            required: true,
        }
    }
}

/// A text input with its label and its error message, if there is one.
#[component]
pub fn Field(
    /// The input
    input: InputSpec,
    /// The current value
    value: String,
    /// The error message
    error: Option<String>,
) -> impl IntoView {
    let described_by = error.is_some().then(|| error_id(input.name));
    view! {
        <div class="field" data-field=input.name>
            <label for=input.name>{input.label}</label>
            <input
                id=input.name
                name=input.name
                type=if input.inputmode == "email" { "email" } else { "text" }
                value=value
                autocomplete=input.autocomplete
                inputmode=input.inputmode
                placeholder=input.placeholder
                required=input.required
                aria-invalid=error.is_some().then_some("true")
                aria-describedby=described_by
            />
            <FieldErrorMessage name=input.name error/>
        </div>
    }
}

/// A hidden field `key` with the form's idempotency key. Each rendered form has a key of its own, which stays the same however
/// often the form is sent. `autocomplete="off"` keeps browsers from restoring the key of an earlier form.
#[component]
pub fn IdempotencyKeyField(
    /// The key; a new UUID by default
    #[prop(into, optional)]
    key: Option<String>,
) -> impl IntoView {
    let key = key.unwrap_or_else(|| Uuid::new_v4().to_string());
    view! { <input type="hidden" name="key" value=key autocomplete="off"/> }
}

/// The error message of a field, if there is one.
#[component]
pub fn FieldErrorMessage(
    /// The field's name
    name: &'static str,
    /// The error message
    error: Option<String>,
) -> impl IntoView {
    error.map(|error| view! { <p class="error" id=error_id(name)>{error}</p> })
}

/// The HTML id of a field's error message.
#[must_use]
pub fn error_id(name: &str) -> String {
    format!("{name}-error")
}
