use serde::{Deserialize, Serialize};

/// What can be bought no more.
pub const SOLD_OUT: &str = "sold_out";

/// One thing to choose, such as "Glaze", and what it can be.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Group {
    /// What it is called.
    pub name: String,
    /// What it can be, in words.
    pub values: Vec<String>,
}

/// One buyable form of a product, ready to be shown.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Variant {
    /// The stock keeping unit that is sold.
    pub sku: String,
    /// The value of each group, in the groups' order.
    pub choices: Vec<String>,
    /// The price, formatted for the shopper's market.
    pub price: String,
    /// The price before it was lowered; empty where it was not.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub before: String,
    /// Availability in words, such as "In stock"; empty where it is not known.
    pub availability: String,
    /// Availability for style sheets: `in_stock`, `few_left`, `back_order`, `sold_out` or `unknown`.
    pub stock: String,
    /// The id of the picture that shows it; empty where none does.
    pub picture: String,
}

impl Variant {
    /// Whether it can be bought; what is not known is not refused, for whoever sells it knows best.
    #[must_use]
    pub fn is_available(&self) -> bool {
        self.stock != SOLD_OUT
    }
}

/// Availability in words; nothing where it is not known: the cart will know.
#[must_use]
pub fn in_words(stock: &str, left: Option<u32>) -> String {
    match (stock, left) {
        ("in_stock", _) => "In stock".to_owned(),
        ("few_left", Some(left)) => ["Only ", &left.to_string(), " left"].concat(),
        ("back_order", _) => "Sold out for now: order it, and we send it as soon as we can".to_owned(),
        ("few_left", None) => "Only a few left".to_owned(),
        (SOLD_OUT, _) => "Sold out".to_owned(),
        _ => String::new(),
    }
}

/// The variant to go to from `current` when `value` of `group` is chosen: one that keeps as much as can be of what else
/// was chosen, and of several such one that can be bought. None where nothing has that value.
#[must_use]
pub fn nearest(variants: &[Variant], current: usize, group: usize, value: &str) -> Option<usize> {
    let chosen = variants.get(current)?;
    let mut best = None;
    for (index, variant) in variants.iter().enumerate() {
        if variant.choices.get(group).is_none_or(|choice| choice != value) {
            continue;
        }
        let kept = variant.choices.iter().zip(&chosen.choices).filter(|(a, b)| a == b);
        // Who is selected stays so.
        let merit = (kept.count(), index == current, variant.is_available());
        if best.is_none_or(|(_, least)| merit > least) {
            best = Some((index, merit));
        }
    }
    best.map(|(index, _)| index)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variant(choices: &str, stock: &str) -> Variant {
        Variant {
            sku: String::new(),
            choices: choices.split(' ').map(str::to_owned).collect(),
            price: String::new(),
            before: String::new(),
            availability: String::new(),
            stock: stock.to_owned(),
            picture: String::new(),
        }
    }

    #[test]
    fn what_else_was_chosen_is_kept() {
        let all = ["sand small", "sand large", "sea small", "sea large"].map(|choices| variant(choices, "in_stock"));
        assert_eq!(nearest(&all, 1, 0, "sea"), Some(3));
        assert_eq!(nearest(&all, 1, 1, "small"), Some(0));
        assert_eq!(nearest(&all, 2, 0, "sea"), Some(2), "choosing it again changes nothing");
    }

    #[test]
    fn what_does_not_exist_gives_the_nearest_that_can_be_bought() {
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
    fn nonsense_leads_nowhere() {
        let all = [variant("sand", "in_stock")];
        assert_eq!(nearest(&all, 9, 0, "sand"), None);
        assert_eq!(nearest(&all, 0, 9, "sand"), None);
        assert_eq!(nearest(&[], 0, 0, "sand"), None);
    }
}
