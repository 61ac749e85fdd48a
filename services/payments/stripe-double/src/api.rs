//! Stripe's API: authentication, parameters, operations, and responses, which are stored by idempotency key.

mod active_keys;
mod call;
pub mod events;
mod gate;
pub mod intents;
mod list;
mod operation;
pub mod refunds;
pub mod sessions;

use axum::body::{Body, Bytes};
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use service::causes;

use crate::App;
use crate::behaviour::Answers;
use crate::error::ApiError;
use crate::form::Node;
use crate::objects::Origin;
use crate::schema;
use crate::store::calls;
use crate::unit_of_work::UnitOfWork;
use call::Call;
use operation::Operation;

pub use active_keys::ActiveKeys;

/// The only supported API version.
pub const VERSION: &str = "2026-10-28.endive";

#[derive(Debug)]
struct ApiResponse {
    status: StatusCode,
    body: Value,
    /// The `Request-Id` of the original request, if this response is a replay
    original: Option<String>,
}

impl From<&ApiError> for ApiResponse {
    fn from(error: &ApiError) -> Self {
        Self {
            status: error.status,
            body: error.body(),
            original: None,
        }
    }
}

/// Handles all paths of the API.
pub async fn answer(
    State(app): State<App>,
    method: Method,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    app.behaviour.wait_while_hanging().await;
    let call = Call::new(method, &uri, headers, body);
    let mut params = Value::Object(serde_json::Map::new());
    let answer = match settle(&app, &call, &mut params).await {
        Ok(answer) => answer,
        Err(error) => {
            error.log();
            let answer = ApiResponse::from(&error);
            record(&app, &call, &params, &answer).await;
            answer
        }
    };
    app.dispatcher.wake();
    match app.behaviour.current().answers {
        Answers::Lost => lost(),
        _ => respond(&call, answer),
    }
}

async fn settle(app: &App, call: &Call, params: &mut Value) -> Result<ApiResponse, ApiError> {
    gate::check(call, &app.key)?;
    let node = Node::parse(&call.form).map_err(|error| ApiError::invalid(format!("Invalid request: {error}")))?;
    let operation = Operation::find(call, &node)?;
    let wrong;
    (*params, wrong) = schema::read(&node, operation.params());
    let _guard = app.active_keys.lock(call.key())?;
    let mut work = app.work(call.origin()).await?;
    if let Some(answer) = replay(&mut work, call, params).await? {
        finish(work, call, params, &answer).await?;
        return Ok(answer);
    }
    if let Some(error) = wrong {
        return Err(error);
    }
    let answer = match operation.run(&mut work, call, app, params).await {
        Ok(body) => ApiResponse {
            status: StatusCode::OK,
            body,
            original: None,
        },
        Err(error) if error.is_stored => ApiResponse::from(&error),
        Err(error) => return Err(error),
    };
    if let Some(key) = call.key() {
        let now = work.now();
        calls::insert(&mut work.tx, key, &call.stored_response(params, &answer), now).await?;
    }
    finish(work, call, params, &answer).await?;
    Ok(answer)
}

async fn finish(mut work: UnitOfWork, call: &Call, params: &Value, answer: &ApiResponse) -> Result<(), ApiError> {
    if call.is_post() {
        let status = i64::from(answer.status.as_u16());
        calls::record(&mut work.tx, &call.path, params, status, &answer.body).await?;
    }
    work.commit().await?;
    Ok(())
}

async fn record(app: &App, call: &Call, params: &Value, answer: &ApiResponse) {
    let recorded = async { finish(app.work(Origin::Time).await?, call, params, answer).await };
    if let Err(error) = recorded.await {
        tracing::error!(error = causes(&error), "a call cannot be recorded");
    }
}

/// The stored response of the idempotency key.
async fn replay(work: &mut UnitOfWork, call: &Call, params: &Value) -> Result<Option<ApiResponse>, ApiError> {
    let Some(key) = call.key() else { return Ok(None) };
    let Some(stored) = calls::find(&mut work.tx, key).await? else {
        return Ok(None);
    };
    if stored.path != call.path {
        return Err(ApiError::idempotency(format!(
            "Keys for idempotent requests can only be used for the same endpoint they were first used for ('{}' vs '{}'). \
             Try using a key other than '{key}' if you meant to execute a different request.",
            call.path, stored.path
        )));
    }
    if stored.params != *params {
        return Err(ApiError::idempotency(format!(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using \
             a key other than '{key}' if you meant to execute a different request."
        )));
    }
    let status = u16::try_from(stored.status)
        .ok()
        .and_then(|status| StatusCode::from_u16(status).ok());
    Ok(Some(ApiResponse {
        status: status.unwrap_or(StatusCode::OK),
        body: stored.answer,
        original: Some(stored.request),
    }))
}

fn respond(call: &Call, answer: ApiResponse) -> Response {
    let mut response = (answer.status, axum::Json(answer.body)).into_response();
    let headers = response.headers_mut();
    let mut put = |name, text: &str| {
        if let Ok(value) = HeaderValue::from_str(text) {
            headers.insert(name, value);
        }
    };
    put("request-id", &call.id);
    put("stripe-version", VERSION);
    if let Some(key) = call.key() {
        put("idempotency-key", key);
    }
    if let Some(original) = &answer.original {
        put("idempotent-replayed", "true");
        put("original-request", original);
    }
    response
}

/// No response: a body that fails before its first byte closes the connection before the headers are sent.
fn lost() -> Response {
    let broken = futures_util::stream::once(async { Err::<Bytes, _>(std::io::Error::other("the answer is lost")) });
    let mut response = Response::new(Body::from_stream(broken));
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, close);
    response
}

/// Handles all other paths.
pub async fn unrecognized(method: Method, OriginalUri(uri): OriginalUri) -> Response {
    let error = ApiError::unrecognized(method.as_str(), uri.path());
    (error.status, axum::Json(error.body())).into_response()
}
