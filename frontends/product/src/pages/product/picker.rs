//! The selected variant's price and availability, and a link for every value of every option.

use std::collections::BTreeSet;

use leptos::prelude::*;
use page::with_query;
use product_islands::{SOLD_OUT, Variant as PickerVariant, VariantOption, VariantPicker, availability_text, nearest};

use super::gallery;
use crate::bff::{Product, Variant};

/// The selected variant's price and availability, and the options. Values are links, and the island does in place what
/// they do.
#[component]
pub fn Picker<'a>(product: &'a Product) -> AnyView {
    let path = format!("/product/{}", product.slug);
    let (options, variants) = options_and_variants(product);
    let current = variants.iter().position(|variant| variant.sku == product.selected);
    let current = current.unwrap_or(0);
    let selected = variants.get(current).cloned();
    let options: Vec<_> = options
        .into_iter()
        .enumerate()
        .map(|(option, VariantOption { name, values })| {
            let links = values.into_iter().filter_map(|value| {
                let next = nearest(&variants, current, option, &value)?;
                let (variant, is_current) = (&variants[next], next == current);
                let (href, is_sold_out) = (with_query(&path, "sku", &variant.sku), variant.stock == SOLD_OUT);
                Some(view! { <Value option value href is_current is_sold_out/> })
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
                    <span class="before" hidden=selected.compare_at.is_empty()>
                        <span class="visually-hidden">" Previous price: "</span>
                        <s>{selected.compare_at.clone()}</s>
                    </span>
                </span>
                <span class="availability" data-stock=selected.stock.clone()>{selected.availability.clone()}</span>
            </p>
        }
    });
    view! {
        <div class="picker" data-sku=selected.as_ref().map(|selected| selected.sku.clone())>
            {terms}
            {options}
        </div>
        <VariantPicker path variants/>
    }
    .into_any()
}

/// A value of an option, with a link to the variant that it selects.
#[component]
fn Value(option: usize, value: String, href: String, is_current: bool, is_sold_out: bool) -> impl IntoView {
    let label = value.clone();
    view! {
        <li>
            <a href=href data-option=option.to_string() data-value=value aria-current=is_current.then_some("true")>
                {label}<small hidden=!is_sold_out>" Sold out"</small>
            </a>
        </li>
    }
}

/// The options and variants that the picker shows.
fn options_and_variants(product: &Product) -> (Vec<VariantOption>, Vec<PickerVariant>) {
    let mut options: Vec<_> = product
        .options
        .iter()
        .map(|option| VariantOption {
            name: option.name.clone(),
            values: option.values.clone(),
        })
        .collect();
    let mut variants: Vec<_> = product
        .variants
        .iter()
        .map(|variant| picker_variant(variant, &options))
        .collect();
    let combinations: BTreeSet<_> = variants.iter().map(|variant| &variant.values).collect();
    if combinations.len() < variants.len() {
        // The options do not tell all variants apart, so one option with the variants' labels replaces them.
        let labels = product.variants.iter().map(|variant| variant.label.clone());
        for (variant, label) in variants.iter_mut().zip(labels.clone()) {
            variant.values = vec![label];
        }
        options = vec![VariantOption {
            name: "Version".to_owned(),
            values: labels.collect(),
        }];
    }
    (options, variants)
}

fn picker_variant(variant: &Variant, options: &[VariantOption]) -> PickerVariant {
    let values = options
        .iter()
        .map(|option| variant.options.get(&option.name).cloned().unwrap_or_default());
    let price = variant.price.map(|price| price.to_string());
    let compare_at = variant.price.and(variant.compare_at).map(|price| price.to_string());
    PickerVariant {
        sku: variant.sku.clone(),
        values: values.collect(),
        price: price.unwrap_or_else(|| "Price currently unavailable".to_owned()),
        compare_at: compare_at.unwrap_or_default(),
        availability: availability_text(variant.availability.as_str(), variant.remaining),
        stock: variant.availability.as_str().to_owned(),
        picture: variant.picture.as_deref().map(gallery::id).unwrap_or_default(),
    }
}
