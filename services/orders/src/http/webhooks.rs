//! `/webhooks`

use ::events::Outbox;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};
use service::{Json, Path};
use storage::clock;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::App;
use crate::domain::{Violation, Webhook, Wish};
use crate::error::Error;
use crate::secret::Secret;
use crate::store::webhooks as store;

/// All webhooks.
#[derive(Debug, Serialize, ToSchema)]
pub struct Webhooks {
    items: Vec<Webhook>,
}

/// A webhook and its secret, for who verifies what is sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct Revealed {
    #[serde(flatten)]
    webhook: Webhook,
    /// `whsec_…`, as [Standard Webhooks](https://www.standardwebhooks.com) have it
    #[serde(serialize_with = "revealed")]
    secret: Secret,
}

/// The one place where a secret is told.
fn revealed<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.reveal())
}

/// From where on to send again.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Replay {
    /// The last event that is not sent again; null: everything that is still kept is
    after: Option<Uuid>,
}

/// Lists all.
#[utoipa::path(
    get,
    path = "/webhooks",
    operation_id = "listWebhooks",
    responses((status = 200, description = "All of them", body = Webhooks, example = json!({ "items": [example()] }))),
)]
pub async fn list(State(app): State<App>) -> Result<Json<Webhooks>, Error> {
    let items = store::list(&app.db).await?;
    Ok(Json(Webhooks { items }))
}

/// Gets one, with its secret.
#[utoipa::path(
    get,
    path = "/webhooks/{id}",
    operation_id = "getWebhook",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, description = "The webhook", body = Revealed, example = json!(example_revealed())),
    ),
)]
pub async fn get(State(app): State<App>, Path(id): Path<Uuid>) -> Result<Json<Revealed>, Error> {
    reveal(&app, id).await.map(Json)
}

/// Makes one, which hears of everything from now on; or changes it, and gives it another chance where it was disabled.
#[utoipa::path(
    put,
    path = "/webhooks/{id}",
    operation_id = "updateWebhook",
    params(("id" = Uuid, Path)),
    request_body(content = Wish, example = json!({ "url": "https://example.org/hooks/stoa", "types": ["orders.order-completed.v1"] })),
    responses(
        (status = 200, description = "The webhook", body = Revealed, example = json!(example_revealed())),
    ),
)]
pub async fn update(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    Json(wish): Json<Wish>,
) -> Result<Json<Revealed>, Error> {
    let is_inside = wish.url.host().is_none_or(|host| https::is_inside(&host));
    if app.reach == https::Reach::Outside && is_inside {
        let detail = "This must not lead to this machine or a private network.";
        return Err(Violation::new("/url", detail).into());
    }
    let secret = Secret::generate().map_err(|error| Error::Internal(error.into()))?;
    let position = app.outbox.head().await?;
    store::update(&app.db, id, &wish, &secret, position, clock::now()).await?;
    reveal(&app, id).await.map(Json)
}

/// Forgets one.
#[utoipa::path(
    delete,
    path = "/webhooks/{id}",
    operation_id = "removeWebhook",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "There is none any more")),
)]
pub async fn remove(State(app): State<App>, Path(id): Path<Uuid>) -> Result<StatusCode, Error> {
    store::remove(&app.db, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends events again, the disabled included.
#[utoipa::path(
    post,
    path = "/webhooks/{id}/replay",
    operation_id = "replayWebhook",
    params(("id" = Uuid, Path)),
    request_body(content = Replay, example = json!({ "after": null })),
    responses(
        (status = 202, description = "They are on their way"),
    ),
)]
pub async fn replay(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    Json(replay): Json<Replay>,
) -> Result<StatusCode, Error> {
    let position = position(&app.outbox, replay.after).await?;
    if store::replay(&app.db, id, position, clock::now()).await? {
        Ok(StatusCode::ACCEPTED)
    } else {
        Err(Error::NotFound("webhook"))
    }
}

async fn position(outbox: &Outbox, after: Option<Uuid>) -> Result<i64, Error> {
    let Some(event) = after else { return Ok(0) };
    let unknown = || Violation::new("/after", "This is no event that is still kept.");
    Ok(outbox.position(event).await?.ok_or_else(unknown)?)
}

async fn reveal(app: &App, id: Uuid) -> Result<Revealed, Error> {
    let served = store::find(&app.db, id).await?.ok_or(Error::NotFound("webhook"))?;
    Ok(Revealed {
        webhook: served.webhook,
        secret: served.secret,
    })
}

fn example() -> Value {
    json!({
        "id": "01890a5d-ac96-774b-bcce-b302099a8057",
        "url": "https://example.org/hooks/stoa",
        "types": ["orders.order-completed.v1"],
        "failing_since": null,
        "disabled_at": null,
        "created_at": "2030-06-01T10:00:00Z",
    })
}

fn example_revealed() -> Value {
    let mut revealed = example();
    revealed["secret"] = json!("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    revealed
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn secret_is_told_and_not_shown() {
        let text = example_revealed()["secret"].as_str().unwrap().to_owned();
        let webhook = Webhook {
            id: Uuid::nil(),
            url: "https://example.org/hook".to_owned().try_into().unwrap(),
            types: Vec::new(),
            failing_since: None,
            disabled_at: None,
            created_at: DateTime::UNIX_EPOCH,
        };
        let secret = Secret::try_from(text.clone()).unwrap();
        let revealed = Revealed { webhook, secret };
        assert_eq!(serde_json::to_value(&revealed).unwrap()["secret"], json!(text));
        let shown = format!("{revealed:?}");
        assert!(shown.contains("example.org") && !shown.contains(&text[6..]), "{shown}");
    }
}
