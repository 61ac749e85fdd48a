//! Whether a SKU's stock limits what can be sold.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use values::Malformed;

/// Whether a SKU can be bought when no unit is available.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Backorder {
    /// It cannot be bought.
    #[default]
    Deny,
    /// It can be bought; missing units are sent later.
    Allow,
}

impl Backorder {
    /// Returns the word used in the API and in the database.
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
        let backorder = [Self::Deny, Self::Allow]
            .into_iter()
            .find(|backorder| backorder.as_str() == text);
        backorder.ok_or(Malformed::Rule("must be deny or allow"))
    }
}

/// How a SKU's stock limits what can be sold.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct StockPolicy {
    /// Whether units are counted. If false, any quantity can be bought, and no stock is reserved or moved.
    pub tracked: bool,
    /// Whether the SKU can be bought when no unit is available.
    pub backorder: Backorder,
}

impl StockPolicy {
    /// Whether no more than the available units can be bought.
    #[must_use]
    pub fn is_limited_to_stock(self) -> bool {
        self.tracked && self.backorder == Backorder::Deny
    }
}

impl Default for StockPolicy {
    fn default() -> Self {
        Self {
            tracked: true,
            backorder: Backorder::default(),
        }
    }
}
