//! A labelled field of a form, with what is wrong with it.

use leptos::prelude::*;
use uuid::Uuid;

/// What to type where, and how a browser can help.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    /// The field's name
    pub name: &'static str,
    /// The field's name for people
    pub label: &'static str,
    /// What browsers fill in by themselves
    pub autocomplete: &'static str,
    /// Kind of keyboard
    pub inputmode: &'static str,
    /// An example of the form that is expected
    pub placeholder: Option<&'static str>,
    /// Whether it may not be left empty
    pub required: bool,
}

impl Ask {
    /// A line of text that is needed.
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

/// A field with its label; where something is wrong, it says so.
#[component]
pub fn Field(
    /// What to type
    ask: Ask,
    /// What was typed
    value: String,
    /// What is wrong with that
    error: Option<String>,
) -> impl IntoView {
    let described_by = error.is_some().then(|| error_id(ask.name));
    view! {
        <div class="field" data-field=ask.name>
            <label for=ask.name>{ask.label}</label>
            <input
                id=ask.name
                name=ask.name
                type=if ask.inputmode == "email" { "email" } else { "text" }
                value=value
                autocomplete=ask.autocomplete
                inputmode=ask.inputmode
                placeholder=ask.placeholder
                required=ask.required
                aria-invalid=error.is_some().then_some("true")
                aria-describedby=described_by
            />
            <Wrong name=ask.name error/>
        </div>
    }
}

/// The name of the intent that a form stands for, out of sight: each view of a form is an intent of its own, and the same
/// one however often it is sent. `autocomplete` keeps a browser from putting a former key into a new view.
#[component]
pub fn Key(
    /// The name; a new one by default
    #[prop(into, optional)]
    key: Option<String>,
) -> impl IntoView {
    let key = key.unwrap_or_else(|| Uuid::new_v4().to_string());
    view! { <input type="hidden" name="key" value=key autocomplete="off"/> }
}

/// What is wrong with a field, if anything is.
#[component]
pub fn Wrong(
    /// The field's name
    name: &'static str,
    /// What is wrong
    error: Option<String>,
) -> impl IntoView {
    error.map(|error| view! { <p class="error" id=error_id(name)>{error}</p> })
}

/// The id of a field's error.
#[must_use]
pub fn error_id(name: &str) -> String {
    format!("{name}-error")
}
