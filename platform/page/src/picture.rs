//! Pictures: one name stands for a set of files in two formats and several widths.

use leptos::prelude::*;

/// How soon a picture is needed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Haste {
    /// The page's largest: before anything else
    First,
    /// In sight at once
    Soon,
    /// When it comes near
    Late,
}

/// The proportions of a set of pictures, and the widths it comes in.
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

/// A picture as AVIF, or WebP where a browser cannot show that, no larger than needed. Where there is none, the initial
/// of `title` in a niche; the style sheet draws the same where it cannot be loaded.
#[component]
pub fn Picture<'a>(
    /// The name of the set
    name: Option<String>,
    /// What the picture is of
    title: &'a str,
    /// What is to be seen, for who cannot see it; empty where the words beside it say as much
    #[prop(into, optional)]
    alt: String,
    /// How wide it is shown, as HTML's `sizes`
    sizes: &'static str,
    /// When it is needed
    #[prop(default = Haste::Late)]
    haste: Haste,
    /// Its proportions
    #[prop(default = Shape::Square)]
    shape: Shape,
) -> AnyView {
    let (tone, initial) = (tone(title), title.chars().next().map(String::from));
    let Some(name) = name else {
        return view! { <div class="picture niche" data-tone=tone aria-hidden="true"><span>{initial}</span></div> }
            .into_any();
    };
    let (width, height) = shape.size();
    // Firefox draws a frame of its own in the place of a lost image whose `alt` is empty.
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
                loading=(haste == Haste::Late).then_some("lazy")
                fetchpriority=(haste == Haste::First).then_some("high")
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

/// One of four tones, always the same one for a title.
fn tone(title: &str) -> u32 {
    let hash = |sum: u32, code| sum.wrapping_mul(31).wrapping_add(code);
    title.chars().map(u32::from).fold(0, hash) % 997 % 4
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(name: Option<&str>, haste: Haste) -> String {
        let name = name.map(str::to_owned);
        crate::render(move || view! { <Picture name title="Stone" alt="A stone" sizes="100vw" haste/> })
    }

    #[test]
    fn a_browser_can_choose_format_and_width() {
        let html = drawn(Some("stone"), Haste::First);
        assert!(html.contains("/assets/pictures/stone-320.avif 320w, /assets/pictures/stone-640.avif 640w"));
        assert!(html.contains(r#"src="/assets/pictures/stone-640.webp""#));
        assert!(
            html.contains(r#"width="640" height="640""#),
            "nothing moves when it comes: {html}"
        );
        assert!(html.contains(r#"fetchpriority="high""#) && !html.contains("lazy"));
        assert!(drawn(Some("stone"), Haste::Late).contains(r#"loading="lazy""#));
    }

    #[test]
    fn a_picture_that_is_lost_leaves_a_niche() {
        let html = drawn(Some("stone"), Haste::Late);
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
    fn where_there_is_none_stands_a_niche() {
        let html = drawn(None, Haste::Late);
        assert!(html.contains("niche") && html.contains("<span>S</span>"), "{html}");
    }
}
