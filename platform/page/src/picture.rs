//! Responsive pictures: one name stands for files in two formats and several widths.

use leptos::prelude::*;

/// When a browser should load a picture.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Loading {
    /// First of all: the largest picture in view
    Priority,
    /// With the page: it is in view
    Eager,
    /// When it comes near the viewport
    Lazy,
}

/// The aspect ratio of a picture, which also determines the widths of its files.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Shape {
    /// 1 : 1
    Square,
    /// 16 : 10
    Wide,
}

impl Shape {
    fn widths(self) -> &'static [u32] {
        match self {
            Self::Square => &[320, 640, 960],
            Self::Wide => &[800, 1600],
        }
    }

    fn size(self) -> (u32, u32) {
        match self {
            Self::Square => (640, 640),
            Self::Wide => (1600, 1000),
        }
    }
}

/// A picture in AVIF, or WebP where a browser does not support that, no larger than needed. Without a picture, a placeholder
/// with the initial of `title`; the style sheet draws the same if the picture cannot be loaded.
#[component]
pub fn Picture<'a>(
    /// The picture's name, without folder, width and extension
    name: Option<String>,
    /// The title of what the picture shows
    title: &'a str,
    /// Alternative text; empty if the text beside the picture says the same
    #[prop(into, optional)]
    alt: String,
    /// How wide it is displayed, as HTML's `sizes`
    sizes: &'static str,
    /// When to load it
    #[prop(default = Loading::Lazy)]
    loading: Loading,
    /// Its aspect ratio
    #[prop(default = Shape::Square)]
    shape: Shape,
) -> AnyView {
    let (tone, initial) = (tone(title), title.chars().next().map(String::from));
    let Some(name) = name else {
        return view! { <div class="picture niche" data-tone=tone aria-hidden="true"><span>{initial}</span></div> }
            .into_any();
    };
    let (width, height) = shape.size();
    // Firefox draws a frame in the place of a missing image whose `alt` is empty.
    let (alt, is_hidden) = if alt.is_empty() {
        (title.to_owned(), Some("true"))
    } else {
        (alt, None)
    };
    view! {
        <picture>
            <source type="image/avif" srcset=srcset(&name, shape, "avif") sizes=sizes/>
            <img
                class="picture"
                data-tone=tone
                data-initial=initial
                src=format!("/assets/pictures/{name}-{width}.webp")
                srcset=srcset(&name, shape, "webp")
                sizes=sizes
                width=width
                height=height
                alt=alt
                aria-hidden=is_hidden
                loading=(loading == Loading::Lazy).then_some("lazy")
                fetchpriority=(loading == Loading::Priority).then_some("high")
                decoding="async"
            />
        </picture>
    }
    .into_any()
}

fn srcset(name: &str, shape: Shape, format: &str) -> String {
    let sources = shape
        .widths()
        .iter()
        .map(|width| format!("/assets/pictures/{name}-{width}.{format} {width}w"));
    sources.collect::<Vec<_>>().join(", ")
}

/// One of four colour tones, always the same one for a title.
fn tone(title: &str) -> u32 {
    let hash = |sum: u32, code| sum.wrapping_mul(31).wrapping_add(code);
    title.chars().map(u32::from).fold(0, hash) % 997 % 4
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(name: Option<&str>, loading: Loading) -> String {
        let name = name.map(str::to_owned);
        crate::render(move || view! { <Picture name title="Stone" alt="A stone" sizes="100vw" loading/> })
    }

    #[test]
    fn picture_has_formats_and_widths_to_choose_from() {
        let html = drawn(Some("stone"), Loading::Priority);
        assert!(html.contains("/assets/pictures/stone-320.avif 320w, /assets/pictures/stone-640.avif 640w"));
        assert!(html.contains(r#"src="/assets/pictures/stone-640.webp""#));
        assert!(
            html.contains(r#"width="640" height="640""#),
            "nothing moves when it comes: {html}"
        );
        assert!(html.contains(r#"fetchpriority="high""#) && !html.contains("lazy"));
        assert!(drawn(Some("stone"), Loading::Lazy).contains(r#"loading="lazy""#));
    }

    #[test]
    fn picture_has_what_its_placeholder_needs() {
        let html = drawn(Some("stone"), Loading::Lazy);
        assert!(
            html.contains(r#"data-initial="S""#) && html.contains("data-tone="),
            "{html}"
        );
        assert!(
            html.contains(r#"alt="A stone""#) && !html.contains("aria-hidden"),
            "{html}"
        );
        let html = crate::render(|| view! { <Picture name=Some("stone".to_owned()) title="Stone" sizes="100vw"/> });
        assert!(html.contains(r#"alt="Stone" aria-hidden="true""#), "{html}");
    }

    #[test]
    fn missing_picture_is_a_placeholder() {
        let html = drawn(None, Loading::Lazy);
        assert!(html.contains("niche") && html.contains("<span>S</span>"), "{html}");
    }
}
