//! Pictures in a strip that snaps, and small ones that lead to them. No script: a small picture is a link.

use leptos::prelude::*;
use page::{Haste, Picture as Drawn};

use crate::bff::{Picture, Product};

/// How wide the strip is.
const LARGE: &str = "(min-width: 80rem) 42rem, (min-width: 48rem) 52vw, 100vw";
/// How wide a small picture is.
const SMALL: &str = "4.5rem";

/// The product's pictures, that of the selected variant first.
pub fn arranged(product: &Product) -> Vec<Picture> {
    let mut pictures = product.pictures.clone();
    let selected = product.variants.iter().find(|variant| variant.sku == product.selected);
    let name = selected.and_then(|variant| variant.picture.as_ref());
    // The others keep their order.
    pictures.sort_by_key(|picture| Some(&picture.name) != name);
    pictures
}

/// The id of the picture of this name.
pub fn id(name: &str) -> String {
    format!("picture-{name}")
}

/// The pictures; where there are several, small ones to choose by below. Without any, a niche.
#[component]
pub fn Gallery<'a>(
    /// What they are of
    title: &'a str,
    /// The first is the page's largest
    pictures: Vec<Picture>,
) -> AnyView {
    if pictures.len() < 2 {
        let (name, alt) = pictures
            .into_iter()
            .next()
            .map(|Picture { name, alt }| (name, alt))
            .unzip();
        let alt = alt.unwrap_or_default();
        return view! { <div class="gallery"><Drawn name title alt sizes=LARGE haste=Haste::First/></div> }.into_any();
    }
    let small = small(title, &pictures);
    let slides: Vec<_> = pictures
        .into_iter()
        .enumerate()
        .map(|(index, Picture { name, alt })| {
            let haste = if index == 0 { Haste::First } else { Haste::Late };
            let id = id(&name);
            view! { <li id=id><Drawn name=Some(name) title alt sizes=LARGE haste/></li> }
        })
        .collect();
    view! {
        <div class="gallery">
            <ul class="strip" aria-label="Pictures" tabindex="0">{slides}</ul>
            {small}
        </div>
    }
    .into_any()
}

/// They come when they are near, and nothing waits for them.
fn small(title: &str, pictures: &[Picture]) -> AnyView {
    let count = pictures.len();
    let links = pictures.iter().zip(1..).map(|(Picture { name, alt }, number)| {
        let href = format!("#{}", id(name));
        let label = format!("Picture {number} of {count}: {alt}");
        view! { <li><a href=href aria-label=label><Drawn name=Some(name.clone()) title sizes=SMALL/></a></li> }
    });
    let links: Vec<_> = links.collect();
    view! { <ol class="small">{links}</ol> }.into_any()
}
