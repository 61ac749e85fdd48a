//! A thing's picture, small, next to its name.

use leptos::prelude::*;

/// The picture of a product; where there is none yet, its initial in a niche. The product's name stands next to it.
#[component]
pub fn Picture<'a>(
    /// The product's name
    name: &'a str,
    /// The name of its set of pictures
    picture: Option<String>,
) -> AnyView {
    let Some(picture) = picture else {
        let (tone, initial) = (tone(name), name.chars().next().map(String::from));
        return view! { <div class="picture niche" data-tone=tone aria-hidden="true"><span>{initial}</span></div> }
            .into_any();
    };
    let src = format!("/assets/pictures/{picture}-800.webp");
    view! { <img class="picture" src=src alt="" width="800" height="800" loading="lazy"/> }.into_any()
}

/// One of four tones, always the same one for a name.
fn tone(name: &str) -> u32 {
    let hash = |sum: u32, code| sum.wrapping_mul(31).wrapping_add(code);
    name.chars().map(u32::from).fold(0, hash) % 997 % 4
}
