//! Stripe's API: who asks, what for, and the answer, which is kept for its idempotency key.

mod call;
pub mod events;
mod gate;
pub mod intents;
mod keys;
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
use storage::clock;

use crate::App;
use crate::behaviour::Answers;
use crate::error::Refusal;
use crate::form::Node;
use crate::objects::Origin;
use crate::schema;
use crate::store::calls;
use crate::work::Work;
use call::Call;
use operation::Operation;

pub use keys::Keys;

/// The only version that the double speaks.
pub const VERSION: &str = "2026-10-28.endive";

/// What is answered.
#[derive(Debug)]
struct Answer {
    status: StatusCode,
    body: Value,
    /// The first request's `Request-Id`, where this is its answer once more.
    original: Option<String>,
}

impl From<&Refusal> for Answer {
    fn from(refusal: &Refusal) -> Self {
        Self {
            status: refusal.status,
            body: refusal.body(),
            original: None,
        }
    }
}

/// Any address of the API.
pub async fn answer(
    State(app): State<App>,
    method: Method,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    app.desk.answering().await;
    let call = Call::new(method, &uri, headers, body);
    let mut params = Value::Object(serde_json::Map::new());
    let answer = match settle(&app, &call, &mut params).await {
        Ok(answer) => answer,
        Err(refusal) => {
            refusal.tell();
            let answer = Answer::from(&refusal);
            record(&app, &call, &params, &answer).await;
            answer
        }
    };
    app.postman.ring();
    match app.desk.now().answers {
        Answers::Lost => lost(),
        _ => respond(&call, answer),
    }
}

async fn settle(app: &App, call: &Call, params: &mut Value) -> Result<Answer, Refusal> {
    gate::check(call, &app.key)?;
    let node = Node::parse(&call.form).map_err(|error| Refusal::invalid(format!("Invalid request: {error}")))?;
    let operation = Operation::find(call, &node)?;
    let wrong;
    (*params, wrong) = schema::read(&node, operation.fields());
    let _place = app.keys.take(call.key())?;
    let mut work = app.work(call.origin()).await?;
    if let Some(answer) = replay(&mut work, call, params).await? {
        finish(work, call, params, &answer).await?;
        return Ok(answer);
    }
    if let Some(refusal) = wrong {
        return Err(refusal);
    }
    let answer = match operation.run(&mut work, call, app, params).await {
        Ok(body) => Answer {
            status: StatusCode::OK,
            body,
            original: None,
        },
        Err(refusal) if refusal.has_begun => Answer::from(&refusal),
        Err(refusal) => return Err(refusal),
    };
    if let Some(key) = call.key() {
        let now = work.now();
        calls::keep(&mut work.tx, key, &call.kept(params, &answer), now).await?;
    }
    finish(work, call, params, &answer).await?;
    Ok(answer)
}

async fn finish(mut work: Work, call: &Call, params: &Value, answer: &Answer) -> Result<(), Refusal> {
    if call.is_post() {
        let status = i64::from(answer.status.as_u16());
        calls::record(&mut work.tx, &call.path, params, status, &answer.body).await?;
    }
    work.commit().await?;
    Ok(())
}

async fn record(app: &App, call: &Call, params: &Value, answer: &Answer) {
    let recorded = async { finish(app.work(Origin::Time).await?, call, params, answer).await };
    if let Err(error) = recorded.await {
        tracing::error!(error = causes(&error), "a call is not recorded");
    }
}

/// The answer that the key was given before.
async fn replay(work: &mut Work, call: &Call, params: &Value) -> Result<Option<Answer>, Refusal> {
    let Some(key) = call.key() else { return Ok(None) };
    let Some(kept) = calls::find(&mut work.tx, key).await? else {
        return Ok(None);
    };
    if kept.path != call.path {
        return Err(Refusal::idempotency(format!(
            "Keys for idempotent requests can only be used for the same endpoint they were first used for ('{}' vs '{}'). \
             Try using a key other than '{key}' if you meant to execute a different request.",
            call.path, kept.path
        )));
    }
    if kept.params != *params {
        return Err(Refusal::idempotency(format!(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using \
             a key other than '{key}' if you meant to execute a different request."
        )));
    }
    let status = u16::try_from(kept.status)
        .ok()
        .and_then(|status| StatusCode::from_u16(status).ok());
    Ok(Some(Answer {
        status: status.unwrap_or(StatusCode::OK),
        body: kept.answer,
        original: Some(kept.request),
    }))
}

fn respond(call: &Call, answer: Answer) -> Response {
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

/// No answer at all: a body that breaks before its first byte takes the head with it, and closes the connection.
fn lost() -> Response {
    let broken = futures_util::stream::once(async { Err::<Bytes, _>(std::io::Error::other("the answer is lost")) });
    let mut response = Response::new(Body::from_stream(broken));
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, close);
    response
}

/// What is at no address.
pub async fn unrecognized(method: Method, OriginalUri(uri): OriginalUri) -> Response {
    let refusal = Refusal::unrecognized(method.as_str(), uri.path());
    (refusal.status, axum::Json(refusal.body())).into_response()
}

/// Seconds of now.
pub fn now() -> i64 {
    clock::now().timestamp()
}
