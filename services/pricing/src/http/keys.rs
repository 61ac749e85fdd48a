//! `/keys`: what quotes are verified with.

use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use service::{Json, Path};
use storage::clock;
use utoipa::ToSchema;

use crate::App;
use crate::error::Error;
use crate::signing::Jwk;

/// A JWK set ([RFC 7517](https://www.rfc-editor.org/rfc/rfc7517)).
#[derive(Debug, Serialize, ToSchema)]
pub struct Keys {
    keys: Vec<Jwk>,
}

/// Lists the public keys of quotes.
#[utoipa::path(
    get,
    path = "/keys",
    operation_id = "listKeys",
    responses(
        (status = 200, description = "A JWK set", body = Keys, example = json!({ "keys": [{
            "kty": "OKP",
            "crv": "Ed25519",
            "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
            "use": "sig",
            "alg": "EdDSA",
        }] })),
    ),
)]
pub async fn list(State(app): State<App>) -> Result<Json<Keys>, Error> {
    let keys = app.keyring.list().await.map_err(Error::Internal)?;
    Ok(Json(Keys { keys }))
}

/// Makes a new key, which signs from a minute on. Those of before are published as long as quotes hold that they have
/// signed.
#[utoipa::path(
    post,
    path = "/keys",
    operation_id = "createKey",
    responses((status = 201, description = "All keys, the new one first", body = Keys, example = json!({ "keys": [{
        "kty": "OKP",
        "crv": "Ed25519",
        "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        "use": "sig",
        "alg": "EdDSA",
    }] }))),
)]
pub async fn create(State(app): State<App>) -> Result<(StatusCode, Json<Keys>), Error> {
    app.keyring.rotate(clock::now()).await.map_err(Error::Internal)?;
    Ok((StatusCode::CREATED, list(State(app)).await?))
}

/// Takes a key back at once, because others may know it: quotes that it has signed are refused within five minutes.
#[utoipa::path(
    delete,
    path = "/keys/{kid}",
    operation_id = "removeKey",
    params(("kid" = String, Path)),
    responses(
        (status = 204, description = "It is believed no longer"),
    ),
)]
pub async fn remove(State(app): State<App>, Path(kid): Path<String>) -> Result<StatusCode, Error> {
    // No key has such a name, and PostgreSQL no such text.
    let kid = Some(kid)
        .filter(|kid| !kid.contains('\0'))
        .ok_or(Error::NotFound("key"))?;
    if app.keyring.remove(&kid, clock::now()).await.map_err(Error::Internal)? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Error::NotFound("key"))
    }
}
