//! `/c/pay`: the hosted page, where shoppers pay.

mod bank;
mod card;
mod flaws;
mod html;

use axum::extract::{Form, OriginalUri, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use secrecy::SecretString;
use serde::Deserialize;
use service::Path;

use crate::App;
use crate::behaviour::{Dies, Webhooks};
use crate::error::Refusal;
use crate::objects::{Origin, Session};
use crate::store::{behaviour, sessions};
use crate::sweep;
use crate::work::Work;
use bank::Outcome;
use flaws::Flaws;

/// What the shopper has filled in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    number: SecretString,
    expiry: String,
    cvc: SecretString,
    email: String,
    /// What they say to their bank.
    answer: Option<String>,
}

/// What a shopper is told where nothing can be done.
pub struct Trouble(Refusal);

impl<E: Into<Refusal>> From<E> for Trouble {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        self.0.tell();
        (
            self.0.status,
            html::message("Something went wrong", &self.0.message, None),
        )
            .into_response()
    }
}

/// The form; or where the shopper goes once it is over.
pub async fn show(State(app): State<App>, Path(id): Path<String>) -> Result<Response, Trouble> {
    let mut work = app.work(Origin::Shopper).await?;
    let Some(session) = current(&mut work, &id).await? else {
        return Ok(nothing());
    };
    app.tell(work).await?;
    let form = || Html(html::form(&session, &Fields::default(), &Flaws::default())).into_response();
    Ok(over(&session).unwrap_or_else(form))
}

/// Pays, or says to the bank whether it was they.
pub async fn pay(
    State(app): State<App>,
    Path(id): Path<String>,
    OriginalUri(uri): OriginalUri,
    Form(fields): Form<Fields>,
) -> Result<Response, Trouble> {
    let mut work = app.work(Origin::Shopper).await?;
    let Some(mut session) = current(&mut work, &id).await? else {
        return Ok(nothing());
    };
    if let Some(response) = over(&session) {
        app.tell(work).await?;
        return Ok(response);
    }
    let outcome = match fields.answer.as_deref() {
        Some(answer) => bank::answer(&mut work, &mut session, answer == "complete").await?,
        None => bank::ask(&mut work, &mut session, &fields, uri.path()).await?,
    };
    match outcome {
        Outcome::Paid => {
            finish(&app, work).await?;
            Ok(over(&session).unwrap_or_else(nothing))
        }
        Outcome::Asked => {
            app.tell(work).await?;
            Ok(Html(html::bank(&session)).into_response())
        }
        Outcome::Wrong(flaws) => {
            app.tell(work).await?;
            let status = if flaws.is_declined {
                StatusCode::PAYMENT_REQUIRED
            } else {
                StatusCode::UNPROCESSABLE_ENTITY
            };
            Ok((status, Html(html::form(&session, &fields, &flaws))).into_response())
        }
    }
}

/// The session as it is now: its time may just be over.
async fn current(work: &mut Work, id: &str) -> Result<Option<Session>, Refusal> {
    let session = sessions::find(&mut work.tx, id).await?;
    match session {
        Some(session) if session.is_open() && session.expires_at <= work.now() => {
            sweep::lapse(work, session).await.map(Some)
        }
        session => Ok(session),
    }
}

/// Makes the charge durable, and then does what tests want.
async fn finish(app: &App, mut work: Work) -> Result<(), Refusal> {
    let wanted = work.behaviour;
    let dies = wanted.dies == Dies::AfterCharge;
    if dies {
        let mut tame = wanted;
        tame.dies = Dies::Never;
        behaviour::save(&mut work.tx, &tame).await?;
    }
    let told = work.commit().await?;
    if dies {
        tracing::warn!("the process ends after a charge, as it was told to");
        std::process::exit(1);
    }
    if wanted.webhooks == Webhooks::Early {
        app.postman.deliver_first(&told).await;
    }
    app.postman.ring();
    Ok(())
}

/// Where a shopper goes whose session is not open.
fn over(session: &Session) -> Option<Response> {
    match session.status.as_str() {
        "open" => None,
        "complete" => {
            let url = session.wish.success_url.replace("{CHECKOUT_SESSION_ID}", &session.id);
            Some(Redirect::to(&url).into_response())
        }
        _ => {
            let text = "This checkout session has expired. Nothing was charged.";
            let page = html::message("Session expired", text, session.wish.cancel_url.as_deref());
            Some((StatusCode::GONE, page).into_response())
        }
    }
}

fn nothing() -> Response {
    let page = html::message("Page not found", "There is no such checkout session.", None);
    let headers = [(header::CACHE_CONTROL, "no-store")];
    (StatusCode::NOT_FOUND, headers, page).into_response()
}
