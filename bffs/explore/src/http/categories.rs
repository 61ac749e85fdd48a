//! `/categories`: the page of a category.

use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use service::{CallError, Json, Path, Query};
use utoipa::IntoParams;
use values::Slug;

use super::{PageCursor, example, with_prices};
use crate::App;
use crate::error::Error;
use crate::upstream::{Product, ProductQuery};
use crate::view::{CategoryPage, ProductCard, Sort, price_order};

/// A category sorted by price needs all its products, which are loaded in batches. Products beyond the last batch are left
/// out.
const BATCH_SIZE: usize = 100;
const MAX_BATCHES: usize = 10;

/// Query parameters of `getCategory`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct GetCategoryQuery {
    /// The sort order of the products: `newest` first, by `name`, by `price` (lowest first) or `-price` (highest first).
    #[serde(default)]
    #[param(inline)]
    sort: Sort,
    /// A cursor: the `next` of the previous page, which must have the same `sort`.
    #[param(value_type = Option<String>, max_length = 1000)]
    after: Option<PageCursor>,
}

/// Gets the page of a category.
#[utoipa::path(
    get,
    path = "/categories/{slug}",
    operation_id = "getCategory",
    params(
        ("slug" = String, Path, pattern = "^[a-z0-9-]+$", min_length = 1, max_length = 64, description = "The category's slug."),
        GetCategoryQuery,
    ),
    responses(
        (status = 200, description = "The category with a page of its products", body = CategoryPage, example = json!(page_example())),
    ),
    extensions(("x-problems" = json!(["unavailable"]))),
)]
pub async fn get(
    State(app): State<App>,
    Path(slug): Path<Slug>,
    Query(GetCategoryQuery { sort, after }): Query<GetCategoryQuery>,
) -> Result<Json<CategoryPage>, Error> {
    let (slug, after) = (slug.as_str(), after.as_ref().map(PageCursor::as_str));
    let products = async {
        match sort {
            Sort::Newest => sorted_by_catalog(&app, slug, "newest", after).await,
            Sort::Name => sorted_by_catalog(&app, slug, "name", after).await,
            Sort::PriceAscending => sorted_by_price(&app, slug, false, after).await,
            Sort::PriceDescending => sorted_by_price(&app, slug, true, after).await,
        }
    };
    let (category, products) = tokio::join!(app.catalog.category(slug), products);
    let category = category?.ok_or(Error::NotFound("category"))?;
    let ProductList { total, products, next } = products?;
    Ok(Json(CategoryPage {
        category: category.into(),
        sort,
        total,
        products,
        next,
    }))
}

/// A page of a category's products.
struct ProductList {
    total: u64,
    products: Vec<ProductCard>,
    next: Option<String>,
}

/// Products in an order that catalog supports.
async fn sorted_by_catalog(app: &App, category: &str, sort: &str, after: Option<&str>) -> Result<ProductList, Error> {
    let query = ProductQuery {
        category: Some(category),
        sort: Some(sort),
        after,
        ..ProductQuery::default()
    };
    let page = app.catalog.products(&query).await?;
    Ok(ProductList {
        total: page.total,
        products: with_prices(app, page.items).await,
        next: page.next,
    })
}

async fn sorted_by_price(
    app: &App,
    category: &str,
    descending: bool,
    after: Option<&str>,
) -> Result<ProductList, Error> {
    let after: Option<price_order::PriceCursor> =
        after.map(str::parse).transpose().map_err(|()| Error::InvalidCursor)?;
    let (total, products) = all_products(app, category).await?;
    let mut cards = with_prices(app, products).await;
    price_order::sort(&mut cards, descending);
    let (products, next) = price_order::page(cards, after.as_ref(), descending);
    Ok(ProductList {
        total,
        products,
        next: next.map(|cursor| cursor.to_string()),
    })
}

async fn all_products(app: &App, category: &str) -> Result<(u64, Vec<Product>), CallError> {
    let (mut total, mut products, mut after) = (0, Vec::new(), None);
    for _ in 0..MAX_BATCHES {
        let query = ProductQuery {
            category: Some(category),
            limit: Some(BATCH_SIZE),
            after: after.as_deref(),
            ..ProductQuery::default()
        };
        let page = app.catalog.products(&query).await?;
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
