//! What may be sold of a SKU.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Malformed;

/// Whether a SKU may be bought when none is left.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Backorder {
    /// It may not
    #[default]
    Deny,
    /// It may: what is missing is sent later
    Allow,
}

impl Backorder {
    /// As it is written down.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Deny => "deny",
            Self::Allow => "allow",
        }
    }
}

impl TryFrom<String> for Backorder {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        let choice = [Self::Deny, Self::Allow]
            .into_iter()
            .find(|choice| choice.as_str() == text);
        choice.ok_or(Malformed("must be deny or allow"))
    }
}

/// How a SKU's stock stands in the way of its being bought.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Policy {
    /// Whether units are counted; what is not can always be bought, and nothing is held or taken from a shelf
    pub tracked: bool,
    /// Whether it may be bought when none is left
    pub backorder: Backorder,
}

impl Policy {
    /// Whether no more may be bought than there is.
    #[must_use]
    pub fn is_strict(self) -> bool {
        self.tracked && self.backorder == Backorder::Deny
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            tracked: true,
            backorder: Backorder::default(),
        }
    }
}
