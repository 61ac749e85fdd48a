//! Handlers: ask the BFF, draw.

use axum::extract::State;
use axum::http::StatusCode;
use page::{Cache, Html};
use serde::Deserialize;
use service::{CallError, Path, Problem, Query, causes};

use crate::bff::{Header, Product, Sort};
use crate::{App, fragments, pages};

/// Seconds that a page is fresh.
const FRESH: u32 = 60;
/// Seconds that what never changes between two versions is fresh.
const STATIC: u32 = 3600;

/// Longer than any place in a list. What is longer still is not passed on.
const LONGEST: usize = 1000;
/// Characters of a search: more than the BFF takes. Escaped, they still are an address.
const SEARCHED: usize = 200;
/// Products that recommendations go by.
const NAMED: usize = 20;

/// A name in addresses: groups of small letters and digits with hyphens between them.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Slug(String);

impl TryFrom<String> for Slug {
    type Error = text::Flaw;

    fn try_from(text: String) -> Result<Self, text::Flaw> {
        text::slug(&text, 64).map(Self)
    }
}

/// Which of a category's products.
#[derive(Debug, Default, Deserialize)]
pub struct Place {
    sort: Option<String>,
    after: Option<String>,
}

impl Place {
    /// An order that is none is the first one.
    fn sort(&self) -> Sort {
        match self.sort.as_deref() {
            Some("name") => Sort::Name,
            Some("price") => Sort::Cheapest,
            Some("-price") => Sort::Dearest,
            _ => Sort::Newest,
        }
    }
}

/// What to look for, and which of what is found.
#[derive(Debug, Default, Deserialize)]
pub struct Question {
    #[serde(default)]
    q: String,
    after: Option<String>,
}

/// Beside which products.
#[derive(Debug, Default, Deserialize)]
pub struct Beside {
    #[serde(default, rename = "for")]
    named: String,
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
    place: Result<Query<Place>, Problem>,
) -> Html {
    // A query that makes no sense is the beginning.
    let place = place.map(|Query(place)| place).unwrap_or_default();
    let sort = place.sort();
    let Ok(Path(Slug(slug))) = slug else {
        return missing(State(app)).await;
    };
    if !place.after.as_deref().is_none_or(can_be) {
        return missing(State(app)).await;
    }
    match app.bff.category(&slug, sort, place.after.as_deref()).await {
        Ok(Some(category)) => {
            let cache = cache([format!("category/{}", category.slug)], &category.products);
            Html::new(pages::category::draw(
                category,
                sort,
                place.after.is_some(),
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
pub async fn search(State(app): State<App>, question: Result<Query<Question>, Problem>) -> Html {
    let Question { q, after } = question.map(|Query(question)| question).unwrap_or_default();
    if !after.as_deref().is_none_or(can_be) {
        return missing(State(app)).await;
    }
    // Of a page that somebody pasted, the BFF takes the first words.
    let words: Vec<_> = q.split_whitespace().take(SEARCHED).collect();
    let q: String = words.join(" ").chars().take(SEARCHED).collect();
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
            let cache = public(FRESH, ["stores".to_owned()]);
            Html::new(pages::stores::draw(stores, &app.assets)).cache(cache)
        }
        Err(error) => unavailable(&app, &error),
    }
}

/// `/explore/fragments/recommendations`
pub async fn recommendations(State(app): State<App>, beside: Result<Query<Beside>, Problem>) -> Html {
    let Beside { named } = beside.map(|Query(beside)| beside).unwrap_or_default();
    let named: Vec<_> = named
        .split(',')
        .filter(|slug| text::slug(slug, 64).is_ok())
        .take(NAMED)
        .collect();
    match app.bff.recommendations(&named.join(",")).await {
        Ok(recommendations) => {
            let keys = named.iter().map(|slug| format!("product/{slug}"));
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
            let cache = public(FRESH, keys);
            Html::new(fragments::header::draw(header, &app.assets)).cache(cache)
        }
        Err(error) => {
            tracing::warn!(
                upstream = error.part(),
                error = causes(&error),
                "a header is drawn without categories"
            );
            Html::new(fragments::header::draw(Header::default(), &app.assets))
        }
    }
}

/// `/explore/fragments/footer`
pub async fn footer(State(app): State<App>) -> Html {
    Html::new(fragments::footer::draw(&app.assets)).cache(public(STATIC, []))
}

/// Any other address.
pub async fn missing(State(app): State<App>) -> Html {
    Html::new(pages::error::missing(&app.assets)).status(StatusCode::NOT_FOUND)
}

fn can_be(text: &str) -> bool {
    text.len() <= LONGEST
}

fn unavailable(app: &App, error: &CallError) -> Html {
    tracing::warn!(upstream = error.part(), error = causes(error), "a page cannot be drawn");
    Html::new(pages::error::unavailable(&app.assets)).status(StatusCode::SERVICE_UNAVAILABLE)
}

/// Nobody keeps a page that lacks prices.
fn cache(keys: impl IntoIterator<Item = String>, products: &[Product]) -> Cache {
    if products.iter().all(|product| product.price.is_some()) {
        public(
            FRESH,
            keys.into_iter()
                .chain(products.iter().map(|product| format!("product/{}", product.slug))),
        )
    } else {
        Cache::Private
    }
}

fn public(fresh: u32, keys: impl IntoIterator<Item = String>) -> Cache {
    Cache::Public {
        fresh,
        keys: keys.into_iter().collect(),
    }
}
