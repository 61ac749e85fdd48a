//! Options and variants in the words that the shopper reads.

use std::collections::BTreeSet;

use product_islands::{Group, Variant as Choosable, in_words};

use super::gallery;
use crate::bff::{Product, Variant};

/// What there is to choose, and every variant.
pub fn shelf(product: &Product) -> (Vec<Group>, Vec<Choosable>) {
    let mut groups: Vec<_> = product
        .options
        .iter()
        .map(|option| Group {
            name: option.name.clone(),
            values: option.values.clone(),
        })
        .collect();
    let mut variants: Vec<_> = product
        .variants
        .iter()
        .map(|variant| choosable(variant, &groups))
        .collect();
    let told_apart: BTreeSet<_> = variants.iter().map(|variant| &variant.choices).collect();
    if told_apart.len() < variants.len() {
        // Options that do not tell variants apart are no help: their labels do.
        let labels = product.variants.iter().map(|variant| variant.label.clone());
        for (variant, label) in variants.iter_mut().zip(labels.clone()) {
            variant.choices = vec![label];
        }
        groups = vec![Group {
            name: "Version".to_owned(),
            values: labels.collect(),
        }];
    }
    (groups, variants)
}

fn choosable(variant: &Variant, groups: &[Group]) -> Choosable {
    let choices = groups
        .iter()
        .map(|group| variant.options.get(&group.name).cloned().unwrap_or_default());
    let price = variant.price.map(|price| price.to_string());
    Choosable {
        sku: variant.sku.clone(),
        choices: choices.collect(),
        price: price.unwrap_or_else(|| "Price not available right now".to_owned()),
        availability: in_words(variant.availability.word(), variant.left),
        stock: variant.availability.word().to_owned(),
        picture: variant.picture.as_deref().map(gallery::id).unwrap_or_default(),
    }
}
