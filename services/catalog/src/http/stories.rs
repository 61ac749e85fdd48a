//! `/stories`: what the shop tells on its home page.

use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};
use service::{Json, Path};
use utoipa::ToSchema;

use super::removed;
use crate::App;
use crate::domain::{Slug, Story, Violation};
use crate::error::Error;
use crate::store;

/// All stories by position.
#[derive(Debug, Serialize, ToSchema)]
pub struct Stories {
    items: Vec<Story>,
}

/// Lists the stories in their order.
#[utoipa::path(
    get,
    path = "/stories",
    operation_id = "listStories",
    responses(
        (status = 200, description = "All of them", body = Stories, example = json!({ "items": [example()] })),
    ),
)]
pub async fn list(State(app): State<App>) -> Result<Json<Stories>, Error> {
    let items = store::stories::list(&app.db).await?;
    Ok(Json(Stories { items }))
}

/// Gets a story.
#[utoipa::path(
    get,
    path = "/stories/{slug}",
    operation_id = "getStory",
    params(("slug" = String, Path)),
    responses(
        (status = 200, description = "The story", body = Story, example = json!(example())),
    ),
)]
pub async fn get(State(app): State<App>, Path(slug): Path<Slug>) -> Result<Json<Story>, Error> {
    let story = store::stories::find(&app.db, &slug).await?;
    story.map(Json).ok_or(Error::NotFound("story"))
}

/// Creates or replaces a story.
#[utoipa::path(
    put,
    path = "/stories/{slug}",
    operation_id = "updateStory",
    params(("slug" = String, Path)),
    request_body(content = Story, example = json!(example())),
    responses(
        (status = 200, description = "The story", body = Story, example = json!(example())),
    ),
)]
pub async fn update(
    State(app): State<App>,
    Path(slug): Path<Slug>,
    Json(story): Json<Story>,
) -> Result<Json<Story>, Error> {
    if story.slug != slug {
        return Err(Violation::new("/slug", "This must be the slug in the address.").into());
    }
    store::stories::update(&app.db, &story).await?;
    Ok(Json(story))
}

/// Takes a story away.
#[utoipa::path(
    delete,
    path = "/stories/{slug}",
    operation_id = "removeStory",
    params(("slug" = String, Path)),
    responses(
        (status = 204, description = "It is gone"),
    ),
)]
pub async fn remove(State(app): State<App>, Path(slug): Path<Slug>) -> Result<StatusCode, Error> {
    removed(store::stories::remove(&app.db, &slug).await?, "story")
}

fn example() -> Value {
    json!({
        "slug": "studio-onda",
        "title": "A morning at Studio Onda",
        "text": "The clay is still soft when the wave is pressed into its shoulder. There is one minute to do it.",
        "picture": "story-onda",
        "alt": "Vases on a window sill in low morning light.",
        "link": { "label": "See the vases", "href": "/category/vases" },
        "position": 1,
    })
}
