//! `/stories`: editorial stories for the home page.

use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};
use service::{Json, Path};
use utoipa::ToSchema;
use values::{Slug, Violation};

use super::deleted;
use crate::App;
use crate::domain::Story;
use crate::error::Error;
use crate::store;

/// A list of stories.
#[derive(Debug, Serialize, ToSchema)]
pub struct StoryList {
    /// All stories, ordered by position.
    items: Vec<Story>,
}

/// Lists all stories, ordered by position.
#[utoipa::path(
    get,
    path = "/stories",
    operation_id = "listStories",
    responses(
        (status = 200, description = "The stories", body = StoryList, example = json!({ "items": [example()] })),
    ),
)]
pub async fn list(State(app): State<App>) -> Result<Json<StoryList>, Error> {
    let items = store::stories::list(&app.db).await?;
    Ok(Json(StoryList { items }))
}

/// Gets a story.
#[utoipa::path(
    get,
    path = "/stories/{slug}",
    operation_id = "getStory",
    params(("slug" = String, Path, description = "The story's slug.")),
    responses(
        (status = 200, description = "The story", body = Story, example = json!(example())),
    ),
)]
pub async fn get(State(app): State<App>, Path(slug): Path<Slug>) -> Result<Json<Story>, Error> {
    let story = store::stories::find(&app.db, &slug).await?;
    story.map(Json).ok_or(Error::NotFound("story"))
}

/// Creates a story or replaces it.
#[utoipa::path(
    put,
    path = "/stories/{slug}",
    operation_id = "updateStory",
    params(("slug" = String, Path, description = "The story's slug.")),
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
        return Err(Violation::new("/slug", "This must be the slug in the path.").into());
    }
    store::stories::update(&app.db, &story).await?;
    Ok(Json(story))
}

/// Deletes a story.
#[utoipa::path(
    delete,
    path = "/stories/{slug}",
    operation_id = "deleteStory",
    params(("slug" = String, Path, description = "The story's slug.")),
    responses(
        (status = 204, description = "The story was deleted"),
    ),
)]
pub async fn remove(State(app): State<App>, Path(slug): Path<Slug>) -> Result<StatusCode, Error> {
    deleted(store::stories::delete(&app.db, &slug).await?, "story")
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
