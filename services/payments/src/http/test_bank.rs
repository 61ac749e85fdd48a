//! `/test-bank/{id}`: the test bank's page, where shoppers approve or refuse a payment. It is the `redirect_url` of payments
//! with the test provider; those with other providers have no such page.

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use money::Money;
use serde::Deserialize;
use service::Path;
use values::Violation;

use crate::App;
use crate::domain::{Payment, PaymentStatus, ProviderPaymentId, is_external_id};
use crate::error::Error;
use crate::provider::test;
use crate::store::payments as store;

/// The shopper's answer to the bank.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Answer {
    Approve,
    Refuse,
}

#[derive(Clone, Copy, Debug, Deserialize)]
pub struct ChallengeForm {
    answer: Answer,
}

/// Shows the page.
pub async fn get(State(app): State<App>, Path(id): Path<String>) -> Result<Html<String>, Error> {
    let payment = find(&app, &id).await?;
    Ok(match payment.status {
        PaymentStatus::Pending | PaymentStatus::RequiresAction => page(&format!(
            "<p>Do you want to pay <strong>{}</strong>?</p><form method=post>\
            <button name=answer value=approve>Approve</button> <button name=answer value=refuse>Refuse</button></form>\
            <small>This is not a real bank. Use this page to test payments that need the shopper’s approval.</small>",
            Money::from(payment.charge.amount)
        )),
        _ => done(),
    })
}

/// Delivers the shopper's answer as a webhook, and redirects the shopper back to the shop.
pub async fn create(
    State(app): State<App>,
    Path(id): Path<String>,
    answer: Result<Form<ChallengeForm>, FormRejection>,
) -> Result<Response, Error> {
    let payment = find(&app, &id).await?;
    let invalid = |_| Error::Invalid(Violation::new("/answer", "This must be approve or refuse."));
    let Form(ChallengeForm { answer }) = answer.map_err(invalid)?;
    let is_approved = matches!(answer, Answer::Approve);
    let provider = app.service.providers.get(test::NAME)?;
    let webhook = provider.authentication_webhook(&payment.provider_payment_id, is_approved, app.service.clock.now());
    let (headers, body) = webhook.ok_or(Error::NotFound("page"))?;
    app.service.receive_webhook(&**provider, &headers, &body).await?;
    Ok(match &payment.charge.return_url {
        Some(url) => Redirect::to(url.as_str()).into_response(),
        None => done().into_response(),
    })
}

async fn find(app: &App, id: &str) -> Result<Payment, Error> {
    let not_found = || Error::NotFound("page");
    if !is_external_id(id) {
        return Err(not_found());
    }
    let payment = store::find_by_provider_payment_id(&app.service.db, &ProviderPaymentId(id.to_owned())).await?;
    let payment = payment.filter(|payment| payment.method.provider == test::NAME);
    payment.ok_or_else(not_found)
}

fn done() -> Html<String> {
    page("<p>Thank you. You can go back to the shop.</p>")
}

/// Deliberately unlike the shop's own pages, because a bank is another site.
fn page(body: &str) -> Html<String> {
    Html(format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>\
        <title>Test bank</title><style>{STYLE}</style><main><h1>Test bank</h1>{body}</main>"
    ))
}

const STYLE: &str = ":root{color-scheme:light dark;font:1.125rem/1.5 system-ui,sans-serif}\
    main{display:grid;gap:1rem;max-width:24rem;margin:15vh auto;padding:0 1.5rem}h1,p{margin:0}\
    form{display:flex;gap:.75rem}button{font:inherit;padding:.6rem 1.5rem;cursor:pointer}small{opacity:.75}";
