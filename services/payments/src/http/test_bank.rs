//! `/test-bank`: the page of the built-in provider's bank, where shoppers say whether it was they. A payment's
//! `action.url` leads here; payments of other providers have no such page.

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use money::Money;
use serde::Deserialize;
use service::Path;
use storage::clock;

use super::webhooks;
use crate::App;
use crate::domain::{Account, ProviderPaymentId, Status, Violation, is_name};
use crate::error::Error;
use crate::provider::test;
use crate::store::payments as store;

/// What the shopper says.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    Approve,
    Refuse,
}

/// The form.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Answer {
    /// What the shopper says
    answer: Word,
}

/// Asks the shopper.
pub async fn get(State(app): State<App>, Path(name): Path<String>) -> Result<Html<String>, Error> {
    let account = find(&app, &name).await?;
    Ok(match account.status {
        Status::Pending | Status::RequiresAction => page(&format!(
            "<p>Do you want to pay <strong>{}</strong>?</p><form method=post>\
            <button name=answer value=approve>Approve</button> <button name=answer value=refuse>Refuse</button></form>\
            <small>No bank at all: a page to try payments with that ask the shopper.</small>",
            Money::from(account.charge.amount)
        )),
        _ => farewell(),
    })
}

/// Hears the shopper, tells payments by webhook, and sends the shopper back.
pub async fn create(
    State(app): State<App>,
    Path(name): Path<String>,
    answer: Result<Form<Answer>, FormRejection>,
) -> Result<Response, Error> {
    let account = find(&app, &name).await?;
    let Form(Answer { answer }) = answer.map_err(|_| {
        Error::Invalid(Violation {
            pointer: "/answer",
            detail: "This must be approve or refuse.",
        })
    })?;
    let approves = matches!(answer, Word::Approve);
    let provider = app.desk.providers.of(test::NAME)?;
    let told = provider.answered(&account.provider_payment, approves, clock::now());
    let (headers, body) = told.ok_or(Error::NotFound("page"))?;
    webhooks::receive(&app.desk, &**provider, &headers, &body).await?;
    Ok(match &account.charge.return_url {
        Some(url) => Redirect::to(url.as_str()).into_response(),
        None => farewell().into_response(),
    })
}

async fn find(app: &App, name: &str) -> Result<Account, Error> {
    let nothing = || Error::NotFound("page");
    if !is_name(name) {
        return Err(nothing());
    }
    let account = store::find_by_name(&app.desk.db, &ProviderPaymentId(name.to_owned())).await?;
    let account = account.filter(|account| account.method.provider == test::NAME);
    account.ok_or_else(nothing)
}

fn farewell() -> Html<String> {
    page("<p>Thank you. You can go back to the shop.</p>")
}

/// Looks like somebody else's house, which a bank is.
fn page(body: &str) -> Html<String> {
    Html(format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>\
        <title>Test bank</title><style>{STYLE}</style><main><h1>Test bank</h1>{body}</main>"
    ))
}

const STYLE: &str = ":root{color-scheme:light dark;font:1.125rem/1.5 system-ui,sans-serif}\
    main{display:grid;gap:1rem;max-width:24rem;margin:15vh auto;padding:0 1.5rem}h1,p{margin:0}\
    form{display:flex;gap:.75rem}button{font:inherit;padding:.6rem 1.5rem;cursor:pointer}small{opacity:.75}";
