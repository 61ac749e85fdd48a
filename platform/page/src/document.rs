//! The HTML document of a page, and the wrapper around each frontend's part of it.

use leptos::either::Either;
use leptos::prelude::*;

use crate::{Assets, Include, render};

/// Metadata of a document.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// Title, for the browser's tab and search results
    pub title: String,
    /// One or two sentences for search results
    pub description: String,
    /// Path of the fragment above the page's content
    pub header: String,
    /// Path of the fragment below the page's content
    pub footer: String,
    /// Whether search engines are asked not to index the page
    pub unlisted: bool,
    /// Seconds after which a browser without JavaScript reloads an unlisted page
    pub refresh: Option<u32>,
    /// The page's own path if its content is personal, see [`personal_fragment`]
    pub personal: Option<String>,
}

/// Renders a whole page: `body` inside the document, between header and footer.
pub fn document<V: IntoView + 'static>(
    about: Document,
    assets: &Assets,
    body: impl FnOnce() -> V + Send + 'static,
) -> String {
    let html = render(|| {
        view! {
            <html lang="en">
                <head>
                    <meta charset="utf-8"/>
                    <meta name="viewport" content="width=device-width, initial-scale=1"/>
                    <meta name="color-scheme" content="light dark"/>
                    {about.unlisted.then(|| unlisted(about.refresh))}
                    <title>{about.title}</title>
                    <meta name="description" content=about.description/>
                    <Include src="/shell/fragments/head"/>
                    <Stylesheet assets/>
                </head>
                <body>
                    <a class="skip-link" href="#main">"Skip to content"</a>
                    <Include src=about.header><header class="header-fallback"><a href="/">"Home"</a></header></Include>
                    <main id="main" tabindex="-1"><Frontend assets refresh_src=about.personal>{body()}</Frontend></main>
                    <Include src=about.footer/>
                </body>
            </html>
        }
    });
    format!("<!DOCTYPE html>{html}")
}

/// Both cases in one function, so that a page without `refresh` has no trace of it.
fn unlisted(refresh: Option<u32>) -> impl IntoView {
    let robots = || view! { <meta name="robots" content="noindex"/> };
    let Some(seconds) = refresh else {
        return Either::Left(robots());
    };
    let content = seconds.to_string();
    Either::Right((
        robots(),
        view! { <noscript><meta http-equiv="refresh" content=content/></noscript> },
    ))
}

/// Renders a fragment for other frontends' pages, with its own style sheet.
pub fn fragment<V: IntoView + 'static>(assets: &Assets, body: impl FnOnce() -> V + Send + 'static) -> String {
    render(|| view! { <Stylesheet assets/><Frontend assets>{body()}</Frontend> })
}

/// Renders a fragment with personal content. `src` is its URL: the loader fetches it again where a browser shows a page from
/// its cache, or one that it had prefetched.
pub fn personal_fragment<V: IntoView + 'static>(
    src: String,
    assets: &Assets,
    body: impl FnOnce() -> V + Send + 'static,
) -> String {
    render(|| view! { <Stylesheet assets/><Frontend assets refresh_src=Some(src)>{body()}</Frontend> })
}

/// Wraps a frontend's part of the page. The loader and style sheets use its attributes to find the islands and to tell parts
/// apart.
#[component]
pub fn Frontend<'a>(
    /// The frontend's assets
    assets: &'a Assets,
    /// The URL to fetch the part from again, if it is personal
    #[prop(optional_no_strip)]
    refresh_src: Option<String>,
    /// The content
    children: Children,
) -> impl IntoView {
    view! {
        <div
            data-frontend=assets.frontend()
            data-version=assets.hash().to_owned()
            data-islands=assets.url("islands.js")
            data-anew=refresh_src
        >
            {children()}
        </div>
    }
}

#[component]
fn Stylesheet<'a>(assets: &'a Assets) -> impl IntoView {
    assets
        .url("style.css")
        .map(|href| view! { <link rel="stylesheet" href=href/> })
}
