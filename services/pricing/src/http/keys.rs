//! `/keys`: the keys that verify quotes.

use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use service::{Json, Path};
use utoipa::ToSchema;

use crate::App;
use crate::error::Error;
use crate::signing::Jwk;

/// A JWK set ([RFC 7517](https://www.rfc-editor.org/rfc/rfc7517)).
#[derive(Debug, Serialize, ToSchema)]
pub struct JwkSet {
    /// The public keys, the newest first.
    keys: Vec<Jwk>,
}

/// Lists the public keys that verify quotes. A quote's token names its key in the header `kid`.
#[utoipa::path(
    get,
    path = "/keys",
    operation_id = "listKeys",
    responses(
        (status = 200, description = "The public keys", body = JwkSet, example = json!({ "keys": [{
            "kty": "OKP",
            "crv": "Ed25519",
            "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
            "use": "sig",
            "alg": "EdDSA",
        }] })),
    ),
)]
pub async fn list(State(app): State<App>) -> Result<Json<JwkSet>, Error> {
    let keys = app.keyring.list().await.map_err(Error::Internal)?;
    Ok(Json(JwkSet { keys }))
}

/// Creates a signing key. It signs new quotes after one minute. Earlier keys stay published until all quotes that they signed
/// have expired.
#[utoipa::path(
    post,
    path = "/keys",
    operation_id = "createKey",
    responses((status = 201, description = "All public keys, the new one first", body = JwkSet, example = json!({ "keys": [{
        "kty": "OKP",
        "crv": "Ed25519",
        "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        "use": "sig",
        "alg": "EdDSA",
    }] }))),
)]
pub async fn create(State(app): State<App>) -> Result<(StatusCode, Json<JwkSet>), Error> {
    app.keyring.rotate(app.clock.now()).await.map_err(Error::Internal)?;
    Ok((StatusCode::CREATED, list(State(app)).await?))
}

/// Revokes a key at once, for example because it was leaked. Quotes that it signed are rejected within five minutes. If it was
/// the last key, a new one is created.
#[utoipa::path(
    delete,
    path = "/keys/{kid}",
    operation_id = "deleteKey",
    params(("kid" = String, Path, description = "The key's ID.")),
    responses(
        (status = 204, description = "The key was revoked"),
    ),
)]
pub async fn remove(State(app): State<App>, Path(kid): Path<String>) -> Result<StatusCode, Error> {
    // PostgreSQL cannot store NUL in a text, so no key has such an ID.
    let kid = Some(kid)
        .filter(|kid| !kid.contains('\0'))
        .ok_or(Error::NotFound("key"))?;
    if app
        .keyring
        .revoke(&kid, app.clock.now())
        .await
        .map_err(Error::Internal)?
    {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Error::NotFound("key"))
    }
}
