//! `/products`

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service::{Json, Path, Problem, Query};
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::domain::{Cursor, Product, Slug, Violation};
use crate::error::Error;
use crate::store;

/// Which products.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// Those of one category
    #[param(value_type = Option<String>)]
    category: Option<Slug>,
    /// How many at most
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 100, default = 24)]
    limit: Limit,
    /// Those after this place: the `next` of the page before
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "u16")]
struct Limit(u16);

impl Default for Limit {
    fn default() -> Self {
        Self(24)
    }
}

impl TryFrom<u16> for Limit {
    type Error = &'static str;

    fn try_from(limit: u16) -> Result<Self, &'static str> {
        if (1..=100).contains(&limit) {
            Ok(Self(limit))
        } else {
            Err("must be 1 to 100")
        }
    }
}

/// A page of products by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page {
    items: Vec<Product>,
    /// Where the next page begins; null on the last
    #[schema(value_type = Option<String>)]
    next: Option<Cursor>,
}

/// Lists products by name.
#[utoipa::path(
    get,
    path = "/products",
    operation_id = "listProducts",
    params(Filter),
    responses(
        (status = 200, description = "A page of them", body = Page, example = json!({ "items": [example()], "next": null })),
        (status = 400, description = "A parameter is not valid", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn list(State(app): State<App>, Query(filter): Query<Filter>) -> Result<Json<Page>, Error> {
    let limit = usize::from(filter.limit.0);
    // One more than asked for tells whether there is a next page.
    let mut items = store::products::list(&app.db, filter.category.as_ref(), filter.after.as_ref(), limit + 1).await?;
    let is_last = items.len() <= limit;
    items.truncate(limit);
    let next = items.last().filter(|_| !is_last).map(Cursor::from);
    Ok(Json(Page { items, next }))
}

/// Gets a product.
#[utoipa::path(
    get,
    path = "/products/{slug}",
    operation_id = "getProduct",
    params(("slug" = String, Path)),
    responses(
        (status = 200, description = "The product", body = Product, example = json!(example())),
        (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn get(State(app): State<App>, Path(slug): Path<Slug>) -> Result<Json<Product>, Error> {
    let product = store::products::find(&app.db, &slug).await?;
    product.map(Json).ok_or(Error::NotFound("product"))
}

/// Creates a product, or replaces it with all its variants.
#[utoipa::path(
    put,
    path = "/products/{slug}",
    operation_id = "updateProduct",
    params(("slug" = String, Path)),
    request_body(content = Product, example = json!(example())),
    responses(
        (status = 200, description = "The product", body = Product, example = json!(example())),
        (status = 409, description = "`sku-taken`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields are not valid", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn update(
    State(app): State<App>,
    Path(slug): Path<Slug>,
    Json(product): Json<Product>,
) -> Result<Json<Product>, Error> {
    let mut violations = product.violations();
    if product.slug != slug {
        violations.push(Violation::new("/slug", "must be the one in the address"));
    }
    if !violations.is_empty() {
        return Err(Error::Invalid(violations));
    }
    store::products::update(&app.db, &product).await?;
    Ok(Json(product))
}

fn example() -> Value {
    json!({
        "slug": "onda-vase",
        "name": "Onda vase",
        "summary": "A tall vase with a wave in its shoulder.",
        "description": "Thrown in one piece and turned by hand while the clay is still soft.",
        "category": "vases",
        "maker": "Studio Onda",
        "picture": "onda-vase",
        "options": [{ "name": "Glaze", "values": ["Sand", "Sea"] }],
        "variants": [
            { "sku": "onda-vase-sand", "label": "Sand", "options": { "Glaze": "Sand" } },
            { "sku": "onda-vase-sea", "label": "Sea", "options": { "Glaze": "Sea" } },
        ],
    })
}
