//! `/products`: products with their variants.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service::{Json, Limit, Path, Query};
use utoipa::{IntoParams, ToSchema};
use values::{Slug, Violation};

use super::{CommaSeparated, deleted};
use crate::App;
use crate::domain::{
    Cursor, Product, ProductPage, ProductQuery, ProductStatus, ProductView, SearchTerms, Sort, StatusFilter,
};
use crate::error::Error;
use crate::store;

/// Query parameters of `listProducts`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListProductsQuery {
    /// Returns only products in this category, a slug.
    #[param(value_type = Option<String>)]
    category: Option<Slug>,
    /// Returns only products with this status, or `any`.
    #[serde(default)]
    #[param(inline)]
    status: StatusFilter,
    /// Search terms, at most 8 words and 100 characters. Each word must be contained in the name, summary, vendor, tags,
    /// categories, option values, SKUs or GTINs. Case, accents and hyphens are ignored.
    #[serde(default)]
    #[param(value_type = Option<String>, max_length = 100)]
    q: SearchTerms,
    /// Returns only products with these slugs, at most 100 separated by commas. Unknown slugs are omitted.
    #[param(value_type = Option<String>)]
    slug: Option<CommaSeparated<Slug>>,
    /// The sort order: `name` is alphabetical, `newest` has the most recently created product first.
    #[serde(default)]
    #[param(inline)]
    sort: Sort,
    /// The fields to return: `full` is all of them, `basic` leaves `description` and `description_html` empty.
    #[serde(default)]
    #[param(inline)]
    view: ProductView,
    /// The maximum number of products to return.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100, default = 24)]
    limit: Limit<24, 100>,
    /// A cursor: the `next` of the previous page, which must have the same `sort`.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

/// Lists products.
#[utoipa::path(
    get,
    path = "/products",
    operation_id = "listProducts",
    params(ListProductsQuery),
    responses(
        (status = 200, description = "A page of products", body = ProductPage, example = json!({ "items": [example()], "next": null, "total": 1 })),
    ),
)]
pub async fn list(State(app): State<App>, Query(params): Query<ListProductsQuery>) -> Result<Json<ProductPage>, Error> {
    let query = ProductQuery {
        status: params.status,
        category: params.category,
        terms: params.q,
        slugs: params.slug.map(|CommaSeparated(slugs)| slugs),
        sort: params.sort,
    };
    if params.after.as_ref().is_some_and(|after| after.sort() != query.sort) {
        return Err(Error::CursorMismatch);
    }
    let mut page = store::listing::list(&app.db, &query, params.after, params.limit).await?;
    page.items = page
        .items
        .into_iter()
        .map(|product| params.view.apply(product))
        .collect();
    Ok(Json(page))
}

/// Gets a product, whatever its status.
#[utoipa::path(
    get,
    path = "/products/{slug}",
    operation_id = "getProduct",
    params(("slug" = String, Path, description = "The product's slug.")),
    responses(
        (status = 200, description = "The product", body = Product, example = json!(example())),
    ),
)]
pub async fn get(State(app): State<App>, Path(slug): Path<Slug>) -> Result<Json<Product>, Error> {
    let product = store::products::find(&app.db, &slug).await?;
    product.map(Json).ok_or(Error::NotFound("product"))
}

/// Creates a product or replaces it, including all its variants.
#[utoipa::path(
    put,
    path = "/products/{slug}",
    operation_id = "updateProduct",
    params(("slug" = String, Path, description = "The product's slug.")),
    request_body(content = Product, example = json!(example())),
    responses(
        (status = 200, description = "The product", body = Product, example = json!(example())),
    ),
    extensions(("x-problems" = json!(["sku-taken"]))),
)]
pub async fn update(
    State(app): State<App>,
    Path(slug): Path<Slug>,
    Json(product): Json<Product>,
) -> Result<Json<Product>, Error> {
    let mut violations = product.violations();
    if product.slug != slug {
        violations.push(Violation::new("/slug", "This must be the slug in the path."));
    }
    if !violations.is_empty() {
        return Err(Error::Invalid(violations));
    }
    let product = product.normalized();
    store::products::update(&app.db, &product, app.clock.now()).await?;
    Ok(Json(product))
}

/// The status of a product.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct UpdateProductStatus {
    /// The new status.
    status: ProductStatus,
}

/// Updates the status of a product.
#[utoipa::path(
    put,
    path = "/products/{slug}/status",
    operation_id = "updateProductStatus",
    params(("slug" = String, Path, description = "The product's slug.")),
    request_body(content = UpdateProductStatus, example = json!({ "status": "archived" })),
    responses(
        (status = 200, description = "The new status", body = UpdateProductStatus, example = json!({ "status": "archived" })),
    ),
)]
pub async fn update_status(
    State(app): State<App>,
    Path(slug): Path<Slug>,
    Json(body): Json<UpdateProductStatus>,
) -> Result<Json<UpdateProductStatus>, Error> {
    if store::products::update_status(&app.db, &slug, body.status).await? {
        Ok(Json(body))
    } else {
        Err(Error::NotFound("product"))
    }
}

/// Deletes a product and all its variants. Prices and stock of their SKUs are not deleted.
#[utoipa::path(
    delete,
    path = "/products/{slug}",
    operation_id = "deleteProduct",
    params(("slug" = String, Path, description = "The product's slug.")),
    responses(
        (status = 204, description = "The product was deleted"),
    ),
)]
pub async fn remove(State(app): State<App>, Path(slug): Path<Slug>) -> Result<StatusCode, Error> {
    deleted(store::products::delete(&app.db, &slug).await?, "product")
}

fn example() -> Value {
    json!({
        "slug": "onda-vase",
        "name": "Onda vase",
        "status": "active",
        "summary": "A tall vase with a wave in its shoulder.",
        "description_html": "<p>Thrown in one piece and turned <em>by hand</em> while the clay is still soft.</p>",
        "description": "Thrown in one piece and turned by hand while the clay is still soft.",
        "category": "vases",
        "categories": ["vases"],
        "vendor": "Studio Onda",
        "tags": ["stoneware"],
        "pictures": [
            { "name": "onda-vase-sand", "alt": "A tall vase in a sandy glaze, one dry branch in it." },
            { "name": "onda-vase-sea", "alt": "The same vase in a blue-green glaze." },
        ],
        "options": [{ "name": "Glaze", "values": ["Sand", "Sea"] }],
        "variants": [
            {
                "sku": "onda-vase-sand", "label": "Sand", "options": { "Glaze": "Sand" }, "picture": "onda-vase-sand",
                "gtin": "4006381333931", "weight": { "value": 1.4, "unit": "kg" },
            },
            {
                "sku": "onda-vase-sea", "label": "Sea", "options": { "Glaze": "Sea" }, "picture": "onda-vase-sea",
                "gtin": null, "weight": null,
            },
        ],
        "details": [{ "name": "Height", "value": "30 cm" }, { "name": "Care", "value": "Wipe with a damp cloth." }],
        "related": ["alba-bowl"],
    })
}
