//! The document around a page, and the wrapper around each frontend's part of it.

use leptos::either::Either;
use leptos::prelude::*;

use crate::{Assets, Include, render};

/// What a document says of itself.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// Shown in the tab and in search results
    pub title: String,
    /// One or two sentences for search results
    pub description: String,
    /// Path of the fragment above the page
    pub header: String,
    /// Path of the fragment below the page
    pub footer: String,
    /// Whether search engines are asked to leave it out
    pub unlisted: bool,
    /// Seconds after which a browser without JavaScript looks again, at an unlisted page where something may have changed
    pub refresh: Option<u32>,
    /// The page's own path, where it is somebody's: see [`personal_fragment`]
    pub personal: Option<String>,
}

/// A whole page: `body` inside the document, between header and footer.
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
                    <main id="main" tabindex="-1"><Frontend assets anew=about.personal>{body()}</Frontend></main>
                    <Include src=about.footer/>
                </body>
            </html>
        }
    });
    format!("<!DOCTYPE html>{html}")
}

/// Either way in one piece, so that a page that asks for nothing has nothing of it.
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

/// A fragment for other frontends' pages; it brings its own style sheet.
pub fn fragment<V: IntoView + 'static>(assets: &Assets, body: impl FnOnce() -> V + Send + 'static) -> String {
    render(|| view! { <Stylesheet assets/><Frontend assets>{body()}</Frontend> })
}

/// A fragment that holds something of somebody's. `src` is where it can be asked for anew, as the loader does where a
/// browser shows a page that it had kept, or fetched ahead.
pub fn personal_fragment<V: IntoView + 'static>(
    src: String,
    assets: &Assets,
    body: impl FnOnce() -> V + Send + 'static,
) -> String {
    render(|| view! { <Stylesheet assets/><Frontend assets anew=Some(src)>{body()}</Frontend> })
}

/// Marks whose part of the page this is, and where its islands are: what the loader and the style sheets go by.
#[component]
pub fn Frontend<'a>(
    /// Whose part it is
    assets: &'a Assets,
    /// Where it can be asked for anew, if it is somebody's
    #[prop(optional_no_strip)]
    anew: Option<String>,
    /// The part
    children: Children,
) -> impl IntoView {
    view! {
        <div
            data-frontend=assets.frontend()
            data-version=assets.hash().to_owned()
            data-islands=assets.url("islands.js")
            data-anew=anew
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
