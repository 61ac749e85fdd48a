//! The selected variant's price and availability, and a link for every value of every option, in the words that the
//! shopper reads.

use std::collections::BTreeSet;

use leptos::prelude::*;
use page::address;
use product_islands::{Group, SOLD_OUT, Variant as Choosable, VariantPicker, in_words, nearest};

use super::gallery;
use crate::bff::{Product, Variant};

/// What the selected variant costs, and where each value leads to. What can be chosen are links: the island does in
/// place what they do.
#[component]
pub fn Picker<'a>(product: &'a Product) -> AnyView {
    let path = format!("/product/{}", product.slug);
    let (groups, variants) = shelf(product);
    let current = variants.iter().position(|variant| variant.sku == product.selected);
    let current = current.unwrap_or(0);
    let selected = variants.get(current).cloned();
    let groups: Vec<_> = groups
        .into_iter()
        .enumerate()
        .map(|(group, Group { name, values })| {
            let links = values.into_iter().filter_map(|value| {
                let next = nearest(&variants, current, group, &value)?;
                let (variant, is_current) = (&variants[next], next == current);
                let (href, is_sold_out) = (address(&path, "sku", &variant.sku), variant.stock == SOLD_OUT);
                Some(view! { <Value group value href is_current is_sold_out/> })
            });
            let links: Vec<_> = links.collect();
            view! { <fieldset><legend>{name}</legend><ul>{links}</ul></fieldset> }
        })
        .collect();
    let terms = selected.as_ref().map(|selected| {
        view! {
            <p class="terms" aria-live="polite">
                <span class="cost">
                    <span class="price">{selected.price.clone()}</span>
                    <span class="before" hidden=selected.before.is_empty()>
                        <span class="visually-hidden">" before: "</span>
                        <s>{selected.before.clone()}</s>
                    </span>
                </span>
                <span class="availability" data-stock=selected.stock.clone()>{selected.availability.clone()}</span>
            </p>
        }
    });
    view! {
        <div class="picker" data-sku=selected.as_ref().map(|selected| selected.sku.clone())>
            {terms}
            {groups}
        </div>
        <VariantPicker path variants/>
    }
    .into_any()
}

/// One value, and the variant that choosing it leads to.
#[component]
fn Value(group: usize, value: String, href: String, is_current: bool, is_sold_out: bool) -> impl IntoView {
    let label = value.clone();
    view! {
        <li>
            <a href=href data-group=group.to_string() data-value=value aria-current=is_current.then_some("true")>
                {label}<small hidden=!is_sold_out>" Sold out"</small>
            </a>
        </li>
    }
}

/// What there is to choose, and every variant.
fn shelf(product: &Product) -> (Vec<Group>, Vec<Choosable>) {
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
    let before = variant.price.and(variant.compare_at).map(|before| before.to_string());
    Choosable {
        sku: variant.sku.clone(),
        choices: choices.collect(),
        price: price.unwrap_or_else(|| "Price not available right now".to_owned()),
        before: before.unwrap_or_default(),
        availability: in_words(variant.availability.word(), variant.left),
        stock: variant.availability.word().to_owned(),
        picture: variant.picture.as_deref().map(gallery::id).unwrap_or_default(),
    }
}
