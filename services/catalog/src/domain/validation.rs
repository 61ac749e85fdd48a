//! Validation rules that concern several fields of a product.

use std::collections::{BTreeMap, BTreeSet};

use values::{Slug, Violation};

use super::{Name, Picture, Product, ProductOption, Variant};

/// Also the limit for the values of one option.
const MAX_VARIANTS: usize = 2048;
const MAX_OPTIONS: usize = 100;
const MAX_PICTURES: usize = 250;
const MAX_DETAILS: usize = 100;
const MAX_RELATED: usize = 12;
const MAX_CATEGORIES: usize = 50;
const MAX_TAGS: usize = 250;

impl Product {
    /// Checks the rules that the types of the fields cannot express. Empty if the product is valid.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        let mut found = Vec::new();
        if self.categories.len() > MAX_CATEGORIES {
            found.push(Violation::new("/categories", "There must be at most 50 categories."));
        }
        if self.tags.len() > MAX_TAGS {
            found.push(Violation::new("/tags", "There must be at most 250 tags."));
        }
        self.check_pictures(&mut found);
        self.check_options(&mut found);
        self.check_variants(&mut found);
        if self.details.len() > MAX_DETAILS {
            found.push(Violation::new("/details", "There must be at most 100 details."));
        }
        self.check_related(&mut found);
        found
    }

    fn check_pictures(&self, found: &mut Vec<Violation>) {
        if self.pictures.len() > MAX_PICTURES {
            found.push(Violation::new("/pictures", "There must be at most 250 pictures."));
        }
        for index in repeated(self.pictures.iter().map(|picture| &picture.name)) {
            let pointer = format!("/pictures/{index}/name");
            found.push(Violation::new(pointer, "This picture is listed twice."));
        }
    }

    fn check_options(&self, found: &mut Vec<Violation>) {
        if self.options.len() > MAX_OPTIONS {
            found.push(Violation::new("/options", "There must be at most 100 options."));
        }
        for index in repeated(self.options.iter().map(|option| &option.name)) {
            let pointer = format!("/options/{index}/name");
            found.push(Violation::new(pointer, "This option is listed twice."));
        }
        for (index, ProductOption { values, .. }) in self.options.iter().enumerate() {
            if values.is_empty() || values.len() > MAX_VARIANTS {
                found.push(Violation::new(
                    format!("/options/{index}/values"),
                    "There must be 1 to 2048 values.",
                ));
            }
        }
    }

    fn check_variants(&self, found: &mut Vec<Violation>) {
        if self.variants.is_empty() || self.variants.len() > MAX_VARIANTS {
            found.push(Violation::new("/variants", "There must be 1 to 2048 variants."));
        }
        for index in repeated(self.variants.iter().map(|variant| &variant.sku)) {
            let pointer = format!("/variants/{index}/sku");
            found.push(Violation::new(pointer, "This SKU is listed twice."));
        }
        for (index, Variant { options, picture, .. }) in self.variants.iter().enumerate() {
            if !self.has_options(options) {
                let detail = "There must be one valid value for each of the product's options.";
                found.push(Violation::new(format!("/variants/{index}/options"), detail));
            }
            if !picture.as_ref().is_none_or(|picture| self.has_picture(picture)) {
                let detail = "This must be one of the product's pictures.";
                found.push(Violation::new(format!("/variants/{index}/picture"), detail));
            }
        }
    }

    fn check_related(&self, found: &mut Vec<Violation>) {
        if self.related.len() > MAX_RELATED {
            found.push(Violation::new("/related", "There must be at most 12 products."));
        }
        for index in repeated(&self.related) {
            found.push(Violation::new(
                format!("/related/{index}"),
                "This product is listed twice.",
            ));
        }
        if let Some(index) = self.related.iter().position(|slug| *slug == self.slug) {
            found.push(Violation::new(
                format!("/related/{index}"),
                "This must be another product.",
            ));
        }
    }

    /// Whether there is one of the option's values for each option of the product, and nothing else.
    fn has_options(&self, chosen: &BTreeMap<Name, Name>) -> bool {
        let has_value = |option: &ProductOption| {
            chosen
                .get(&option.name)
                .is_some_and(|value| option.values.contains(value))
        };
        chosen.len() == self.options.len() && self.options.iter().all(has_value)
    }

    fn has_picture(&self, wanted: &Slug) -> bool {
        self.pictures.iter().any(|Picture { name, .. }| name == wanted)
    }
}

/// The indexes of items that occurred before.
fn repeated<T: Ord>(items: impl IntoIterator<Item = T>) -> Vec<usize> {
    let mut seen = BTreeSet::new();
    let items = items.into_iter().enumerate();
    items
        .filter_map(|(index, item)| (!seen.insert(item)).then_some(index))
        .collect()
}
