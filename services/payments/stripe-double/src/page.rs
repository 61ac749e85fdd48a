//! `/c/pay/{session}`: the hosted page on which shoppers pay.

mod bank;
mod card;
mod field_errors;
mod html;

use axum::extract::{Form, OriginalUri, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use secrecy::SecretString;
use serde::Deserialize;
use service::Path;

use crate::App;
use crate::behaviour::{Dies, Webhooks};
use crate::error::ApiError;
use crate::objects::{Origin, Session};
use crate::store::{behaviour, sessions};
use crate::sweep;
use crate::unit_of_work::UnitOfWork;
use bank::PaymentAttempt;
use field_errors::FieldErrors;

/// The fields of the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    number: SecretString,
    expiry: String,
    cvc: SecretString,
    email: String,
    /// The shopper's answer to their bank
    answer: Option<String>,
}

/// An error, as a page.
pub struct PageError(ApiError);

impl<E: Into<ApiError>> From<E> for PageError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        self.0.log();
        (
            self.0.status,
            html::message("Something went wrong", &self.0.message, None),
        )
            .into_response()
    }
}

/// Shows the form, or ends the visit if the session is not open.
pub async fn show(State(app): State<App>, Path(id): Path<String>) -> Result<Response, PageError> {
    let mut work = app.work(Origin::Shopper).await?;
    let Some(session) = current(&mut work, &id).await? else {
        return Ok(not_found());
    };
    app.commit(work).await?;
    let form = || Html(html::form(&session, &Fields::default(), &FieldErrors::default())).into_response();
    Ok(ended(&session).unwrap_or_else(form))
}

/// Submits the card, or the shopper's answer to their bank.
pub async fn pay(
    State(app): State<App>,
    Path(id): Path<String>,
    OriginalUri(uri): OriginalUri,
    Form(fields): Form<Fields>,
) -> Result<Response, PageError> {
    let mut work = app.work(Origin::Shopper).await?;
    let Some(mut session) = current(&mut work, &id).await? else {
        return Ok(not_found());
    };
    if let Some(response) = ended(&session) {
        app.commit(work).await?;
        return Ok(response);
    }
    let outcome = match fields.answer.as_deref() {
        Some(answer) => bank::answer(&mut work, &mut session, answer == "complete").await?,
        None => bank::pay_by_card(&mut work, &mut session, &fields, uri.path()).await?,
    };
    match outcome {
        PaymentAttempt::Paid => {
            finish(&app, work).await?;
            Ok(ended(&session).unwrap_or_else(not_found))
        }
        PaymentAttempt::AuthenticationRequired => {
            app.commit(work).await?;
            Ok(Html(html::bank(&session)).into_response())
        }
        PaymentAttempt::Failed(errors) => {
            app.commit(work).await?;
            let status = if errors.is_declined {
                StatusCode::PAYMENT_REQUIRED
            } else {
                StatusCode::UNPROCESSABLE_ENTITY
            };
            Ok((status, Html(html::form(&session, &fields, &errors))).into_response())
        }
    }
}

/// Finds the session, and expires it if its time has passed.
async fn current(work: &mut UnitOfWork, id: &str) -> Result<Option<Session>, ApiError> {
    let session = sessions::find(&mut work.tx, id).await?;
    match session {
        Some(session) if session.is_open() && session.expires_at <= work.now() => {
            sweep::expire_now(work, session).await.map(Some)
        }
        session => Ok(session),
    }
}

/// Commits the charge, and then applies the behaviour that tests have set.
async fn finish(app: &App, mut work: UnitOfWork) -> Result<(), ApiError> {
    let behaviour_now = work.behaviour;
    let dies = behaviour_now.dies == Dies::AfterCharge;
    if dies {
        let mut next = behaviour_now;
        next.dies = Dies::Never;
        behaviour::save(&mut work.tx, &next).await?;
    }
    let events = work.commit().await?;
    if dies {
        tracing::warn!("the process exits after a charge, as configured");
        std::process::exit(1);
    }
    if behaviour_now.webhooks == Webhooks::Early {
        app.dispatcher.deliver_first(&events).await;
    }
    app.dispatcher.wake();
    Ok(())
}

/// The response for a session that is not open.
fn ended(session: &Session) -> Option<Response> {
    match session.status.as_str() {
        "open" => None,
        "complete" => {
            let url = session.params.success_url.replace("{CHECKOUT_SESSION_ID}", &session.id);
            Some(Redirect::to(&url).into_response())
        }
        _ => {
            let text = "This checkout session has expired. Nothing was charged.";
            let page = html::message("Session expired", text, session.params.cancel_url.as_deref());
            Some((StatusCode::GONE, page).into_response())
        }
    }
}

fn not_found() -> Response {
    let page = html::message("Page not found", "There is no such checkout session.", None);
    let headers = [(header::CACHE_CONTROL, "no-store")];
    (StatusCode::NOT_FOUND, headers, page).into_response()
}
