//! `/categories`

use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use service::{CallError, Json, Path, Query};
use utoipa::IntoParams;

use super::{After, Slug, example, priced};
use crate::App;
use crate::error::Error;
use crate::upstream::{Product, Wanted};
use crate::view::{Card, CategoryPage, Sort, price_order};

/// Products that catalog gives at once, and how often it is asked: what comes after these has no place by price.
const AT_ONCE: usize = 100;
const TIMES: usize = 10;

/// Which of its products.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Place {
    /// In this order
    #[serde(default)]
    #[param(inline)]
    sort: Sort,
    /// Those after this place: the `next` of the page before, in the same order
    #[param(value_type = Option<String>, max_length = 1000)]
    after: Option<After>,
}

/// Gets all that a category's page shows.
#[utoipa::path(
    get,
    path = "/categories/{slug}",
    operation_id = "getCategory",
    params(("slug" = String, Path, pattern = "^[a-z0-9-]+$", min_length = 1, max_length = 64), Place),
    responses(
        (status = 200, description = "The page", body = CategoryPage, example = json!(page_example())),
    ),
    extensions(("x-problems" = json!(["unavailable"]))),
)]
pub async fn get(
    State(app): State<App>,
    Path(Slug(slug)): Path<Slug>,
    Query(Place { sort, after }): Query<Place>,
) -> Result<Json<CategoryPage>, Error> {
    let after = after.as_ref().map(After::as_str);
    let products = async {
        match sort {
            Sort::Newest => listed(&app, &slug, "newest", after).await,
            Sort::Name => listed(&app, &slug, "name", after).await,
            Sort::Price => by_price(&app, &slug, false, after).await,
            Sort::Dearest => by_price(&app, &slug, true, after).await,
        }
    };
    let (category, products) = tokio::join!(app.catalog.category(&slug), products);
    let category = category?.ok_or(Error::NotFound("category"))?;
    let Shelf { total, products, next } = products?;
    Ok(Json(CategoryPage {
        category: category.into(),
        sort,
        total,
        products,
        next,
    }))
}

/// Some of a category's products, and how many there are.
struct Shelf {
    total: u64,
    products: Vec<Card>,
    next: Option<String>,
}

/// In an order that catalog knows.
async fn listed(app: &App, category: &str, sort: &str, after: Option<&str>) -> Result<Shelf, Error> {
    let wanted = Wanted {
        category: Some(category),
        sort: Some(sort),
        after,
        ..Wanted::default()
    };
    let page = app.catalog.products(&wanted).await?;
    Ok(Shelf {
        total: page.total,
        products: priced(app, page.items).await,
        next: page.next,
    })
}

async fn by_price(app: &App, category: &str, dearest_first: bool, after: Option<&str>) -> Result<Shelf, Error> {
    let after: Option<price_order::Place> = after.map(str::parse).transpose().map_err(|()| Error::NoSuchPlace)?;
    let (total, products) = all(app, category).await?;
    let mut cards = priced(app, products).await;
    price_order::order(&mut cards, dearest_first);
    let (products, next) = price_order::page(cards, after.as_ref(), dearest_first);
    Ok(Shelf {
        total,
        products,
        next: next.map(|place| place.to_string()),
    })
}

async fn all(app: &App, category: &str) -> Result<(u64, Vec<Product>), CallError> {
    let (mut total, mut products, mut after) = (0, Vec::new(), None);
    for _ in 0..TIMES {
        let wanted = Wanted {
            category: Some(category),
            limit: Some(AT_ONCE),
            after: after.as_deref(),
            ..Wanted::default()
        };
        let page = app.catalog.products(&wanted).await?;
        total = page.total;
        products.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    Ok((total, products))
}

fn page_example() -> Value {
    json!({
        "slug": "vases",
        "name": "Vases",
        "summary": "For one branch, or for an armful.",
        "picture": "category-vases",
        "sort": "newest",
        "total": 1,
        "products": [example()],
        "next": null,
    })
}
