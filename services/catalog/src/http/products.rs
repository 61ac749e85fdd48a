//! `/products`

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service::{Json, Limit, Path, Query};
use storage::clock;
use utoipa::{IntoParams, ToSchema};

use super::{List, removed};
use crate::App;
use crate::domain::{Cursor, Product, Slug, Sort, Status, View, Violation, Wanted, Which, Words};
use crate::error::Error;
use crate::store;

/// Which products.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// Those of one category
    #[param(value_type = Option<String>)]
    category: Option<Slug>,
    /// Those on sale, or others
    #[serde(default)]
    #[param(inline)]
    status: Which,
    /// Those in which each of these words is found: in name, summary, vendor, tags, categories, an option's value, a SKU or
    /// a GTIN; without regard to case, accents and hyphens
    #[serde(default)]
    #[param(value_type = Option<String>, max_length = 100)]
    q: Words,
    /// Those with these slugs, at most 100 joined by commas; unknown ones are absent
    #[param(value_type = Option<String>)]
    slug: Option<List<Slug>>,
    /// In this order
    #[serde(default)]
    #[param(inline)]
    sort: Sort,
    /// So much of each
    #[serde(default)]
    #[param(inline)]
    view: View,
    /// How many at most
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100, default = 24)]
    limit: Limit<24, 100>,
    /// Those after this place: the `next` of the page before
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

/// A page of products.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page {
    items: Vec<Product>,
    /// Where the next page begins; null on the last
    #[schema(value_type = Option<String>)]
    next: Option<Cursor>,
    /// How many there are on all pages
    total: u64,
}

/// Lists products.
#[utoipa::path(
    get,
    path = "/products",
    operation_id = "listProducts",
    params(Filter),
    responses(
        (status = 200, description = "A page of them", body = Page, example = json!({ "items": [example()], "next": null, "total": 1 })),
    ),
)]
pub async fn list(State(app): State<App>, Query(filter): Query<Filter>) -> Result<Json<Page>, Error> {
    let wanted = Wanted {
        which: filter.status,
        category: filter.category,
        words: filter.q,
        slugs: filter.slug.map(|List(slugs)| slugs),
        sort: filter.sort,
    };
    if filter.after.as_ref().is_some_and(|after| after.sort() != wanted.sort) {
        return Err(Error::Misplaced);
    }
    let page = store::listing::list(&app.db, &wanted, filter.after, filter.limit).await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(|product| filter.view.of(product)).collect(),
        next: page.next,
        total: page.total,
    }))
}

/// Gets a product.
#[utoipa::path(
    get,
    path = "/products/{slug}",
    operation_id = "getProduct",
    params(("slug" = String, Path)),
    responses(
        (status = 200, description = "The product, on sale or not", body = Product, example = json!(example())),
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
        violations.push(Violation::new("/slug", "This must be the slug in the address."));
    }
    if !violations.is_empty() {
        return Err(Error::Invalid(violations));
    }
    let product = product.completed();
    store::products::update(&app.db, &product, clock::now()).await?;
    Ok(Json(product))
}

/// Whether a product is on sale.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct Sale {
    status: Status,
}

/// Puts a product on sale, or takes it off.
#[utoipa::path(
    put,
    path = "/products/{slug}/status",
    operation_id = "updateProductStatus",
    params(("slug" = String, Path)),
    request_body(content = Sale, example = json!({ "status": "archived" })),
    responses(
        (status = 200, description = "As it was said", body = Sale, example = json!({ "status": "archived" })),
    ),
)]
pub async fn update_status(
    State(app): State<App>,
    Path(slug): Path<Slug>,
    Json(sale): Json<Sale>,
) -> Result<Json<Sale>, Error> {
    if store::products::set_status(&app.db, &slug, sale.status).await? {
        Ok(Json(sale))
    } else {
        Err(Error::NotFound("product"))
    }
}

/// Takes a product out with all its variants. Prices and stock of their SKUs stay where they are.
#[utoipa::path(
    delete,
    path = "/products/{slug}",
    operation_id = "removeProduct",
    params(("slug" = String, Path)),
    responses(
        (status = 204, description = "It is gone"),
    ),
)]
pub async fn remove(State(app): State<App>, Path(slug): Path<Slug>) -> Result<StatusCode, Error> {
    removed(store::products::remove(&app.db, &slug).await?, "product")
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
        "goes_with": ["alba-bowl"],
    })
}
