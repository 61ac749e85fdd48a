//! Request handlers.

use axum::extract::State;
use axum::http::StatusCode;
use page::{Cache, Html};
use serde::Deserialize;
use service::{CallError, Path, Problem, Query, causes};
use values::Slug;

use crate::bff::{Header, ProductCard, Sort};
use crate::{App, fragments, pages};

/// Seconds that pages may be cached.
const PAGE_MAX_AGE: u32 = 60;
/// Seconds that the footer may be cached, which changes only with a new version.
const FOOTER_MAX_AGE: u32 = 3600;

/// Cursors are shorter. A longer one is not passed on.
const MAX_CURSOR_BYTES: usize = 1000;
/// Limit for the search input, in characters: more than the BFF uses, and short enough for a URL when escaped.
const MAX_SEARCH_CHARACTERS: usize = 200;
/// The number of given products that the BFF considers.
const MAX_SLUGS: usize = 20;

/// Query parameters of a category.
#[derive(Debug, Default, Deserialize)]
pub struct CategoryQuery {
    sort: Option<String>,
    after: Option<String>,
}

impl CategoryQuery {
    /// An unknown order is replaced by the default.
    fn sort(&self) -> Sort {
        match self.sort.as_deref() {
            Some("name") => Sort::Name,
            Some("price") => Sort::PriceAscending,
            Some("-price") => Sort::PriceDescending,
            _ => Sort::Newest,
        }
    }
}

/// Query parameters of the search.
#[derive(Debug, Default, Deserialize)]
pub struct SearchQuery {
    #[serde(default)]
    q: String,
    after: Option<String>,
}

/// Query parameters of the recommendations.
#[derive(Debug, Default, Deserialize)]
pub struct RecommendationsQuery {
    #[serde(default, rename = "for")]
    slugs: String,
}

/// `/`
pub async fn home(State(app): State<App>) -> Html {
    match app.bff.home().await {
        Ok(home) => {
            let keys = std::iter::once("home".to_owned()).chain(
                home.categories
                    .iter()
                    .map(|category| format!("category/{}", category.slug)),
            );
            let cache = cache(keys, &home.products);
            Html::new(pages::home::draw(home, &app.assets)).cache(cache)
        }
        Err(error) => unavailable(&app, &error),
    }
}

/// `/category/{slug}`
pub async fn category(
    State(app): State<App>,
    slug: Result<Path<Slug>, Problem>,
    query: Result<Query<CategoryQuery>, Problem>,
) -> Html {
    // An invalid query shows the first page.
    let query = query.map(|Query(query)| query).unwrap_or_default();
    let sort = query.sort();
    let Ok(Path(slug)) = slug else {
        return missing(State(app)).await;
    };
    if !query.after.as_deref().is_none_or(is_valid_cursor) {
        return missing(State(app)).await;
    }
    match app.bff.category(slug.as_str(), sort, query.after.as_deref()).await {
        Ok(Some(category)) => {
            let cache = cache([format!("category/{}", category.slug)], &category.products);
            Html::new(pages::category::draw(
                category,
                sort,
                query.after.is_some(),
                &app.assets,
            ))
            .cache(cache)
        }
        Ok(None) => missing(State(app)).await,
        Err(error) if error.refusal().is_some() => missing(State(app)).await,
        Err(error) => unavailable(&app, &error),
    }
}

/// `/search`
pub async fn search(State(app): State<App>, query: Result<Query<SearchQuery>, Problem>) -> Html {
    let SearchQuery { q, after } = query.map(|Query(query)| query).unwrap_or_default();
    if !after.as_deref().is_none_or(is_valid_cursor) {
        return missing(State(app)).await;
    }
    // The BFF uses only the first words; a long text may have been pasted into the search.
    let words: Vec<_> = q.split_whitespace().take(MAX_SEARCH_CHARACTERS).collect();
    let q: String = words.join(" ").chars().take(MAX_SEARCH_CHARACTERS).collect();
    match app.bff.search(&q, after.as_deref()).await {
        Ok(search) => {
            let cache = cache(["search".to_owned()], &search.products);
            Html::new(pages::search::draw(search, after.is_some(), &app.assets)).cache(cache)
        }
        Err(error) if error.refusal().is_some() => missing(State(app)).await,
        Err(error) => unavailable(&app, &error),
    }
}

/// `/stores`
pub async fn stores(State(app): State<App>) -> Html {
    match app.bff.stores().await {
        Ok(stores) => {
            let cache = public(PAGE_MAX_AGE, ["stores".to_owned()]);
            Html::new(pages::stores::draw(stores, &app.assets)).cache(cache)
        }
        Err(error) => unavailable(&app, &error),
    }
}

/// `/explore/fragments/recommendations`
pub async fn recommendations(State(app): State<App>, query: Result<Query<RecommendationsQuery>, Problem>) -> Html {
    let RecommendationsQuery { slugs } = query.map(|Query(query)| query).unwrap_or_default();
    let slugs: Vec<_> = slugs
        .split(',')
        .filter(|slug| Slug::try_from((*slug).to_owned()).is_ok())
        .take(MAX_SLUGS)
        .collect();
    match app.bff.recommendations(&slugs.join(",")).await {
        Ok(recommendations) => {
            let keys = slugs.iter().map(|slug| format!("product/{slug}"));
            let cache = cache(keys, &recommendations.products);
            Html::new(fragments::recommendations::draw(recommendations, &app.assets)).cache(cache)
        }
        Err(error) => unavailable(&app, &error),
    }
}

/// `/explore/fragments/header`
pub async fn header(State(app): State<App>) -> Html {
    match app.bff.header().await {
        Ok(header) => {
            let keys = header
                .categories
                .iter()
                .map(|category| format!("category/{}", category.slug));
            let cache = public(PAGE_MAX_AGE, keys);
            Html::new(fragments::header::draw(header, &app.assets)).cache(cache)
        }
        Err(error) => {
            tracing::warn!(
                upstream = error.part(),
                error = causes(&error),
                "the header is shown without categories"
            );
            Html::new(fragments::header::draw(Header::default(), &app.assets))
        }
    }
}

/// `/explore/fragments/footer`
pub async fn footer(State(app): State<App>) -> Html {
    Html::new(fragments::footer::draw(&app.assets)).cache(public(FOOTER_MAX_AGE, []))
}

/// Any other path.
pub async fn missing(State(app): State<App>) -> Html {
    Html::new(pages::error::missing(&app.assets)).status(StatusCode::NOT_FOUND)
}

fn is_valid_cursor(text: &str) -> bool {
    text.len() <= MAX_CURSOR_BYTES
}

fn unavailable(app: &App, error: &CallError) -> Html {
    tracing::warn!(upstream = error.part(), error = causes(error), "a page cannot be shown");
    Html::new(pages::error::unavailable(&app.assets)).status(StatusCode::SERVICE_UNAVAILABLE)
}

/// Pages without prices are not cached.
fn cache(keys: impl IntoIterator<Item = String>, products: &[ProductCard]) -> Cache {
    if products.iter().all(|product| product.price.is_some()) {
        public(
            PAGE_MAX_AGE,
            keys.into_iter()
                .chain(products.iter().map(|product| format!("product/{}", product.slug))),
        )
    } else {
        Cache::Private
    }
}

fn public(max_age: u32, keys: impl IntoIterator<Item = String>) -> Cache {
    Cache::Public {
        fresh: max_age,
        keys: keys.into_iter().collect(),
    }
}
