//! `/keys`: what quotes are verified with.

use axum::extract::State;
use serde::Serialize;
use service::Json;
use utoipa::ToSchema;

use crate::App;
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
pub async fn list(State(app): State<App>) -> Json<Keys> {
    Json(Keys {
        keys: vec![app.signer.jwk.clone()],
    })
}
