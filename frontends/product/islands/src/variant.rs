//! Variants as the picker shows them, and which one a click leads to.

use serde::{Deserialize, Serialize};

/// The availability of a variant that cannot be bought.
pub const SOLD_OUT: &str = "sold_out";

/// An option of the product, for example "Glaze", and its values.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct VariantOption {
    /// The option's name.
    pub name: String,
    /// The option's values.
    pub values: Vec<String>,
}

/// A variant of a product, formatted for display.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Variant {
    /// The variant's stock keeping unit.
    pub sku: String,
    /// The value of each option, in the order of the options.
    pub values: Vec<String>,
    /// The price, formatted for the shopper's market.
    pub price: String,
    /// The price before a reduction; empty if there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub compare_at: String,
    /// The availability in words, for example "In stock"; empty if unknown.
    pub availability: String,
    /// The availability for style sheets: `in_stock`, `few_left`, `back_order`, `sold_out` or `unknown`.
    pub stock: String,
    /// The id of the picture that shows the variant; empty if there is none.
    pub picture: String,
}

impl Variant {
    /// Whether the variant can be bought. If unknown, it can be tried: the cart decides.
    #[must_use]
    pub fn is_available(&self) -> bool {
        self.stock != SOLD_OUT
    }
}

/// The availability in words; empty if unknown.
#[must_use]
pub fn availability_text(stock: &str, remaining: Option<u32>) -> String {
    match (stock, remaining) {
        ("in_stock", _) => "In stock".to_owned(),
        ("few_left", Some(remaining)) => ["Only ", &remaining.to_string(), " left"].concat(),
        ("back_order", _) => "Available on backorder: we ship it as soon as it is back in stock".to_owned(),
        ("few_left", None) => "Only a few left".to_owned(),
        (SOLD_OUT, _) => "Sold out".to_owned(),
        _ => String::new(),
    }
}

/// The variant that choosing `value` of `option` leads to from `current`: the one that has the most values in common with
/// it, and among equals one that can be bought. `None` if no variant has that value.
#[must_use]
pub fn nearest(variants: &[Variant], current: usize, option: usize, value: &str) -> Option<usize> {
    let selected = variants.get(current)?;
    let mut best = None;
    for (index, variant) in variants.iter().enumerate() {
        if variant.values.get(option).is_none_or(|other| other != value) {
            continue;
        }
        let common = variant.values.iter().zip(&selected.values).filter(|(a, b)| a == b);
        // The selected variant stays selected.
        let rank = (common.count(), index == current, variant.is_available());
        if best.is_none_or(|(_, highest)| rank > highest) {
            best = Some((index, rank));
        }
    }
    best.map(|(index, _)| index)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variant(values: &str, stock: &str) -> Variant {
        Variant {
            sku: String::new(),
            values: values.split(' ').map(str::to_owned).collect(),
            price: String::new(),
            compare_at: String::new(),
            availability: String::new(),
            stock: stock.to_owned(),
            picture: String::new(),
        }
    }

    #[test]
    fn choosing_a_value_keeps_the_other_values() {
        let all = ["sand small", "sand large", "sea small", "sea large"].map(|values| variant(values, "in_stock"));
        assert_eq!(nearest(&all, 1, 0, "sea"), Some(3));
        assert_eq!(nearest(&all, 1, 1, "small"), Some(0));
        assert_eq!(
            nearest(&all, 2, 0, "sea"),
            Some(2),
            "the selected value changes nothing"
        );
    }

    #[test]
    fn missing_combination_leads_to_the_nearest_available_variant() {
        let all = [
            variant("sand small oak", "in_stock"),
            variant("sea large ash", "in_stock"),
            variant("sea large oak", "sold_out"),
            variant("sea huge oak", "few_left"),
        ];
        assert_eq!(nearest(&all, 0, 0, "sea"), Some(3));
        assert_eq!(nearest(&all, 0, 2, "ash"), Some(1));
        assert_eq!(nearest(&all, 0, 1, "tiny"), None);
    }

    #[test]
    fn unknown_indexes_lead_nowhere() {
        let all = [variant("sand", "in_stock")];
        assert_eq!(nearest(&all, 9, 0, "sand"), None);
        assert_eq!(nearest(&all, 0, 9, "sand"), None);
        assert_eq!(nearest(&[], 0, 0, "sand"), None);
    }
}
