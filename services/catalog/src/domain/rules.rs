//! The rules that a product's fields keep taken together.

use std::collections::{BTreeMap, BTreeSet};

use super::{Choice, Name, Picture, Product, Slug, Variant, Violation};

/// Variants of one product, and values of one option, at most.
const VARIANTS: usize = 2048;
const OPTIONS: usize = 100;
const PICTURES: usize = 250;
const DETAILS: usize = 100;
const COMPANIONS: usize = 12;
const CATEGORIES: usize = 50;
const TAGS: usize = 250;

impl Product {
    /// The rules that its fields break taken together, none where it is sound.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        let mut found = Vec::new();
        if self.categories.len() > CATEGORIES {
            found.push(Violation::new("/categories", "There must be at most 50 categories."));
        }
        if self.tags.len() > TAGS {
            found.push(Violation::new("/tags", "There must be at most 250 tags."));
        }
        self.check_pictures(&mut found);
        self.check_options(&mut found);
        self.check_variants(&mut found);
        if self.details.len() > DETAILS {
            found.push(Violation::new("/details", "There must be at most 100 details."));
        }
        self.check_companions(&mut found);
        found
    }

    fn check_pictures(&self, found: &mut Vec<Violation>) {
        if self.pictures.len() > PICTURES {
            found.push(Violation::new("/pictures", "There must be at most 250 pictures."));
        }
        for index in repeated(self.pictures.iter().map(|picture| &picture.name)) {
            let pointer = format!("/pictures/{index}/name");
            found.push(Violation::new(pointer, "This picture is there twice."));
        }
    }

    fn check_options(&self, found: &mut Vec<Violation>) {
        if self.options.len() > OPTIONS {
            found.push(Violation::new("/options", "There must be at most 100 options."));
        }
        for index in repeated(self.options.iter().map(|option| &option.name)) {
            let pointer = format!("/options/{index}/name");
            found.push(Violation::new(pointer, "This option is there twice."));
        }
        for (index, Choice { values, .. }) in self.options.iter().enumerate() {
            if values.is_empty() || values.len() > VARIANTS {
                found.push(Violation::new(
                    format!("/options/{index}/values"),
                    "There must be 1 to 2048 values.",
                ));
            }
        }
    }

    fn check_variants(&self, found: &mut Vec<Violation>) {
        if self.variants.is_empty() || self.variants.len() > VARIANTS {
            found.push(Violation::new("/variants", "There must be 1 to 2048 variants."));
        }
        for index in repeated(self.variants.iter().map(|variant| &variant.sku)) {
            let pointer = format!("/variants/{index}/sku");
            found.push(Violation::new(pointer, "This SKU is there twice."));
        }
        for (index, Variant { options, picture, .. }) in self.variants.iter().enumerate() {
            if !self.offers(options) {
                let detail = "Choose one value for each of the product's options.";
                found.push(Violation::new(format!("/variants/{index}/options"), detail));
            }
            if !picture.as_ref().is_none_or(|picture| self.shows(picture)) {
                let detail = "This must be one of the product's pictures.";
                found.push(Violation::new(format!("/variants/{index}/picture"), detail));
            }
        }
    }

    fn check_companions(&self, found: &mut Vec<Violation>) {
        if self.goes_with.len() > COMPANIONS {
            found.push(Violation::new("/goes_with", "There must be at most 12 products."));
        }
        for index in repeated(&self.goes_with) {
            found.push(Violation::new(
                format!("/goes_with/{index}"),
                "This product is there twice.",
            ));
        }
        if let Some(index) = self.goes_with.iter().position(|slug| *slug == self.slug) {
            found.push(Violation::new(
                format!("/goes_with/{index}"),
                "This must be another product.",
            ));
        }
    }

    fn offers(&self, chosen: &BTreeMap<Name, Name>) -> bool {
        let offers = |choice: &Choice| {
            chosen
                .get(&choice.name)
                .is_some_and(|value| choice.values.contains(value))
        };
        chosen.len() == self.options.len() && self.options.iter().all(offers)
    }

    fn shows(&self, wanted: &Slug) -> bool {
        self.pictures.iter().any(|Picture { name, .. }| name == wanted)
    }
}

/// The places of those that were there before.
fn repeated<T: Ord>(items: impl IntoIterator<Item = T>) -> Vec<usize> {
    let mut seen = BTreeSet::new();
    let items = items.into_iter().enumerate();
    items
        .filter_map(|(index, item)| (!seen.insert(item)).then_some(index))
        .collect()
}
