//! A product's picture.

use leptos::prelude::*;

/// A product's picture; where there is none yet, its initial in a niche. The product's name stands next to it.
#[component]
pub fn Picture<'a>(
    /// The product's name
    name: &'a str,
    /// The name of its set of pictures
    picture: Option<String>,
    /// Whether it is likely out of sight at first
    lazy: bool,
) -> AnyView {
    let Some(picture) = picture else {
        let (tone, initial) = (tone(name), name.chars().next().map(String::from));
        return view! { <div class="picture niche" data-tone=tone aria-hidden="true"><span>{initial}</span></div> }
            .into_any();
    };
    let src = format!("/assets/pictures/{picture}-800.webp");
    let loading = if lazy { "lazy" } else { "eager" };
    view! { <img class="picture" src=src alt="" width="800" height="800" loading=loading/> }.into_any()
}

/// One of four tones, always the same one for a name.
fn tone(name: &str) -> u32 {
    let hash = |sum: u32, code| sum.wrapping_mul(31).wrapping_add(code);
    name.chars().map(u32::from).fold(0, hash) % 997 % 4
}
