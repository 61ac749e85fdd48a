//! `/products`

use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use service::{Json, Path, Query};
use utoipa::IntoParams;
use values::Slug;

use crate::App;
use crate::error::Error;
use crate::view::Product;

/// Which variant is selected.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct GetProductQuery {
    /// The SKU of the variant to select. Without it, or if the product has no such variant, the first variant that can be
    /// bought is selected.
    sku: Option<String>,
}

/// Gets the data of a product page.
#[utoipa::path(
    get,
    path = "/products/{slug}",
    operation_id = "getProduct",
    params(
        (
            "slug" = String, Path, description = "The product's slug, for example `onda-vase`.",
            pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", max_length = 64,
        ),
        GetProductQuery,
    ),
    responses(
        (status = 200, description = "The data of the page", body = Product, example = json!(example())),
    ),
    extensions(("x-problems" = json!(["unavailable"]))),
)]
pub async fn get(
    State(app): State<App>,
    Path(slug): Path<Slug>,
    Query(query): Query<GetProductQuery>,
) -> Result<Json<Product>, Error> {
    let product = app
        .catalog
        .product(slug.as_str())
        .await?
        .ok_or(Error::NotFound("product"))?;
    let skus: Vec<&str> = product.variants.iter().map(|variant| &*variant.sku).collect();
    let (category, prices, stock, rates) = tokio::join!(
        app.catalog.category(&product.category),
        app.pricing.prices(&skus),
        app.inventory.stock(&skus),
        app.pricing.shipping_rates(),
    );
    let sku = query.sku.as_deref();
    Ok(Json(Product::new(
        product,
        category,
        &prices,
        stock.as_ref(),
        rates,
        sku,
    )))
}

fn example() -> Value {
    json!({
        "slug": "onda-vase",
        "name": "Onda vase",
        "summary": "A tall vase with a wave in its shoulder.",
        "description_html": "<p>Thrown in one piece and turned <em>by hand</em> while the clay is still soft.</p>",
        "description": "Thrown in one piece and turned by hand while the clay is still soft.",
        "vendor": "Studio Onda",
        "pictures": [
            { "name": "onda-vase-sand", "alt": "A tall vase in a sandy glaze, one dry branch in it." },
            { "name": "onda-vase-sea", "alt": "The same vase in a blue-green glaze." },
        ],
        "details": [
            { "name": "Height", "value": "30 cm" },
            { "name": "Care", "value": "Wipe with a damp cloth." },
        ],
        "category": { "slug": "vases", "name": "Vases" },
        "options": [{ "name": "Glaze", "values": ["Sand", "Sea"] }],
        "selected": "onda-vase-sand",
        "variants": [
            {
                "sku": "onda-vase-sand",
                "label": "Sand",
                "options": { "Glaze": "Sand" },
                "picture": "onda-vase-sand",
                "price": euro(4800),
                "compare_at": null,
                "availability": "in_stock",
                "remaining": null,
            },
            {
                "sku": "onda-vase-sea",
                "label": "Sea",
                "options": { "Glaze": "Sea" },
                "picture": "onda-vase-sea",
                "price": euro(5200),
                "compare_at": null,
                "availability": "few_left",
                "remaining": 3,
            },
        ],
        "delivery": [
            { "method": "standard", "name": "Standard delivery", "days": "2–4 days", "price": euro(490) },
            { "method": "express", "name": "Express delivery", "days": "1–2 days", "price": euro(990) },
            { "method": "pickup", "name": "Pick up in a shop", "days": "Ready in 1–2 days", "price": euro(0) },
        ],
    })
}

fn euro(minor: i64) -> Value {
    json!({ "minor": minor, "currency": "EUR" })
}
