//! A product's picture.

use leptos::prelude::*;

/// A product's picture; where there is none yet, its initial in a niche.
#[component]
pub fn Picture(
    /// The product's name
    name: String,
    /// The name of its set of pictures
    picture: Option<String>,
) -> impl IntoView {
    let Some(picture) = picture else {
        let (tone, initial) = (tone(&name), name.chars().next().map(String::from));
        return view! { <div class="picture niche" data-tone=tone aria-hidden="true"><span>{initial}</span></div> }
            .into_any();
    };
    let src = format!("/assets/pictures/{picture}-800.webp");
    view! { <img class="picture" src=src alt=name width="800" height="800" fetchpriority="high"/> }.into_any()
}

/// One of four tones, always the same one for a name.
fn tone(name: &str) -> u32 {
    let hash = |sum: u32, code| sum.wrapping_mul(31).wrapping_add(code);
    name.chars().map(u32::from).fold(0, hash) % 997 % 4
}
