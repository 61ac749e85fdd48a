//! An overlay on a table: further parts, and changes to the parts that are there.

use std::collections::BTreeMap;

use machine::{Error, Result, fail};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Topology, Variables};

/// An overlay of `deploy/`.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub enum Overlay {
    /// Adds the double of Stripe.
    StripeDouble,
}

impl Overlay {
    /// Its path from the root.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::StripeDouble => "deploy/stripe-double.toml",
        }
    }
}

/// The file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sheet {
    part: Vec<toml::Value>,
    #[serde(default)]
    form_actions: BTreeMap<String, Vec<String>>,
}

/// Changes to a part.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    #[serde(rename = "name")]
    _name: String,
    env: Variables,
}

impl Topology {
    /// Adds new parts, and changes the settings of those that are there.
    pub(super) fn lay_over(&mut self, text: &str) -> Result<()> {
        let sheet: Sheet = toml::from_str(text).map_err(Error::of)?;
        for entry in sheet.part {
            let name = entry
                .get("name")
                .and_then(toml::Value::as_str)
                .unwrap_or_default()
                .to_owned();
            let unfit = |error| Error(format!("part {name}: {error}"));
            match self.part.iter_mut().find(|part| part.name == name) {
                Some(part) => {
                    let Change { env, .. } = entry.try_into().map_err(unfit)?;
                    part.env.extend(env);
                }
                None => self.part.push(entry.try_into().map_err(unfit)?),
            }
        }
        self.form_actions = sheet.form_actions;
        Ok(())
    }
}

/// The discovery document with further origins to which the forms of these frontends may lead.
pub(super) fn add_form_actions(document: &str, more: &BTreeMap<String, Vec<String>>) -> Result<String> {
    let mut document: Value = serde_json::from_str(document).map_err(Error::of)?;
    for (frontend, origins) in more {
        let versions = document.pointer_mut(&format!("/microFrontends/{frontend}"));
        let Some(versions) = versions.and_then(Value::as_array_mut) else {
            return fail(format!("the discovery document has no frontend {frontend}"));
        };
        for extras in versions
            .iter_mut()
            .filter_map(|version| version.get_mut("extras")?.as_object_mut())
        {
            let actions = extras.entry("formActions").or_insert_with(|| json!([]));
            if let Some(actions) = actions.as_array_mut() {
                actions.extend(origins.iter().map(|origin| json!(origin)));
            }
        }
    }
    Ok(format!("{document:#}\n"))
}
