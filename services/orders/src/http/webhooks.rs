//! `/webhooks`

use ::events::Outbox;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};
use service::{Json, Path};
use utoipa::ToSchema;
use uuid::Uuid;
use values::Violation;

use crate::App;
use crate::domain::{Webhook, WebhookInput};
use crate::error::Error;
use crate::secret::WebhookSecret;
use crate::store::webhooks as store;

/// The list of webhooks.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookList {
    items: Vec<Webhook>,
}

/// A webhook with the secret that signs its events.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookWithSecret {
    #[serde(flatten)]
    webhook: Webhook,
    /// The secret that receivers verify signatures with: `whsec_` and a key in base64, as
    /// [Standard Webhooks](https://www.standardwebhooks.com) defines it.
    #[serde(serialize_with = "expose")]
    secret: WebhookSecret,
}

/// The only place where a secret is serialised.
fn expose<S: Serializer>(secret: &WebhookSecret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose())
}

/// Body of a request to send events to a webhook again.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ReplayWebhook {
    /// The id of the event after which to begin. Null: begin with the oldest event that is still kept.
    after: Option<Uuid>,
}

/// Lists all webhooks, the oldest first, without their secrets.
#[utoipa::path(
    get,
    path = "/webhooks",
    operation_id = "listWebhooks",
    responses((status = 200, description = "The webhooks", body = WebhookList, example = json!({ "items": [example()] }))),
)]
pub async fn list(State(app): State<App>) -> Result<Json<WebhookList>, Error> {
    let items = store::list(&app.db).await?;
    Ok(Json(WebhookList { items }))
}

/// Gets a webhook with its secret.
#[utoipa::path(
    get,
    path = "/webhooks/{id}",
    operation_id = "getWebhook",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, description = "The webhook", body = WebhookWithSecret, example = json!(example_with_secret())),
    ),
)]
pub async fn get(State(app): State<App>, Path(id): Path<Uuid>) -> Result<Json<WebhookWithSecret>, Error> {
    find_with_secret(&app, id).await.map(Json)
}

/// Creates a webhook, which is sent the events that happen from now on, or changes its URL and types. A webhook that was
/// disabled is enabled again. The secret is made when the webhook is created, and does not change.
#[utoipa::path(
    put,
    path = "/webhooks/{id}",
    operation_id = "updateWebhook",
    params(("id" = Uuid, Path)),
    request_body(content = WebhookInput, example = json!({ "url": "https://example.org/hooks/stoa", "types": ["orders.order-completed.v1"] })),
    responses(
        (status = 200, description = "The webhook", body = WebhookWithSecret, example = json!(example_with_secret())),
    ),
)]
pub async fn update(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    Json(input): Json<WebhookInput>,
) -> Result<Json<WebhookWithSecret>, Error> {
    let is_inside = input.url.host().is_none_or(|host| https::is_internal_host(&host));
    if app.webhook_reach == https::NetworkAccess::PublicOnly && is_inside {
        let detail = "This must not lead to this machine or a private network.";
        return Err(Violation::new("/url", detail).into());
    }
    let secret = WebhookSecret::generate().map_err(|error| Error::Internal(error.into()))?;
    let position = app.outbox.head().await?;
    store::update(&app.db, id, &input, &secret, position, app.clock.now()).await?;
    find_with_secret(&app, id).await.map(Json)
}

/// Deletes a webhook. Deleting one that does not exist has no effect.
#[utoipa::path(
    delete,
    path = "/webhooks/{id}",
    operation_id = "deleteWebhook",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "The webhook does not exist any more")),
)]
pub async fn remove(State(app): State<App>, Path(id): Path<Uuid>) -> Result<StatusCode, Error> {
    store::delete(&app.db, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends a webhook its events again, from any event that is still kept. A webhook that was disabled is enabled again.
#[utoipa::path(
    post,
    path = "/webhooks/{id}/replay",
    operation_id = "replayWebhook",
    params(("id" = Uuid, Path)),
    request_body(content = ReplayWebhook, example = json!({ "after": null })),
    responses(
        (status = 202, description = "The events will be sent"),
    ),
)]
pub async fn replay(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    Json(ReplayWebhook { after }): Json<ReplayWebhook>,
) -> Result<StatusCode, Error> {
    let position = position(&app.outbox, after).await?;
    if store::replay(&app.db, id, position, app.clock.now()).await? {
        Ok(StatusCode::ACCEPTED)
    } else {
        Err(Error::NotFound("webhook"))
    }
}

async fn position(outbox: &Outbox, after: Option<Uuid>) -> Result<i64, Error> {
    let Some(event) = after else { return Ok(0) };
    let unknown = || Violation::new("/after", "There is no event with this id, or it is no longer kept.");
    Ok(outbox.position(event).await?.ok_or_else(unknown)?)
}

async fn find_with_secret(app: &App, id: Uuid) -> Result<WebhookWithSecret, Error> {
    let delivery = store::find(&app.db, id).await?.ok_or(Error::NotFound("webhook"))?;
    Ok(WebhookWithSecret {
        webhook: delivery.webhook,
        secret: delivery.secret,
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

fn example_with_secret() -> Value {
    let mut example = example();
    example["secret"] = json!("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    example
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn webhook_secret_is_in_the_json_and_not_in_the_debug_text() {
        let text = example_with_secret()["secret"].as_str().unwrap().to_owned();
        let webhook = Webhook {
            id: Uuid::nil(),
            url: "https://example.org/hook".to_owned().try_into().unwrap(),
            types: Vec::new(),
            failing_since: None,
            disabled_at: None,
            created_at: DateTime::UNIX_EPOCH,
        };
        let secret = WebhookSecret::try_from(text.clone()).unwrap();
        let with_secret = WebhookWithSecret { webhook, secret };
        assert_eq!(serde_json::to_value(&with_secret).unwrap()["secret"], json!(text));
        let debug = format!("{with_secret:?}");
        assert!(debug.contains("example.org") && !debug.contains(&text[6..]), "{debug}");
    }
}
