//! The pictures in a strip that snaps, and thumbnails that link to them. It needs no script.

use leptos::prelude::*;
use page::{Loading, Picture as PictureView};

use crate::bff::{Picture, Product};

/// The width of the strip.
const LARGE: &str = "(min-width: 80rem) 42rem, (min-width: 48rem) 52vw, 100vw";
/// The width of a thumbnail.
const THUMBNAIL: &str = "4.5rem";

/// The product's pictures, the one of the selected variant first.
pub fn ordered(product: &Product) -> Vec<Picture> {
    let mut pictures = product.pictures.clone();
    let selected = product.variants.iter().find(|variant| variant.sku == product.selected);
    let name = selected.and_then(|variant| variant.picture.as_ref());
    // The sort is stable: the others keep their order.
    pictures.sort_by_key(|picture| Some(&picture.name) != name);
    pictures
}

/// The HTML id of a picture.
pub fn id(name: &str) -> String {
    format!("picture-{name}")
}

/// The pictures, with thumbnails below if there are several. Without any, a placeholder.
#[component]
pub fn Gallery<'a>(
    /// The product's name
    title: &'a str,
    /// The first one is loaded with priority
    pictures: Vec<Picture>,
) -> AnyView {
    if pictures.len() < 2 {
        let (name, alt) = pictures
            .into_iter()
            .next()
            .map(|Picture { name, alt }| (name, alt))
            .unzip();
        let alt = alt.unwrap_or_default();
        return view! { <div class="gallery"><PictureView name title alt sizes=LARGE loading=Loading::Priority/></div> }
            .into_any();
    }
    let thumbnails = thumbnails(title, &pictures);
    let slides: Vec<_> = pictures
        .into_iter()
        .enumerate()
        .map(|(index, Picture { name, alt })| {
            let loading = if index == 0 { Loading::Priority } else { Loading::Lazy };
            let id = id(&name);
            view! { <li id=id><PictureView name=Some(name) title alt sizes=LARGE loading/></li> }
        })
        .collect();
    view! {
        <div class="gallery">
            <ul class="strip" aria-label="Pictures" tabindex="0">{slides}</ul>
            {thumbnails}
        </div>
    }
    .into_any()
}

/// They are loaded lazily.
fn thumbnails(title: &str, pictures: &[Picture]) -> AnyView {
    let count = pictures.len();
    let links = pictures.iter().zip(1..).map(|(Picture { name, alt }, number)| {
        let href = format!("#{}", id(name));
        let label = format!("Picture {number} of {count}: {alt}");
        view! { <li><a href=href aria-label=label><PictureView name=Some(name.clone()) title sizes=THUMBNAIL/></a></li> }
    });
    let links: Vec<_> = links.collect();
    view! { <ol class="thumbnails">{links}</ol> }.into_any()
}
