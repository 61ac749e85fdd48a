//! Forms posted by browsers. A form that cannot be read is answered with an error page.

use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use page::Html;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::{App, pages};

/// The fields of a posted form.
pub struct PostedForm<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for PostedForm<T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        match axum::Form::from_request(request, app).await {
            Ok(axum::Form(form)) => Ok(Self(form)),
            Err(rejection) => {
                let page = Html::new(pages::error::unreadable(&app.assets));
                Err(page.status(rejection.into_response().status()).into_response())
            }
        }
    }
}

/// The idempotency key in a form's field `key`. Our own pages always have one; an invalid key is replaced by a new one.
pub fn key_or_generated(text: &str) -> String {
    let is_key = (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if is_key {
        text.to_owned()
    } else {
        Uuid::new_v4().to_string()
    }
}
