//! Forms as browsers post them. One that cannot be read is answered with a page.

use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use page::Html;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::{App, pages};

/// A form.
pub struct Posted<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Posted<T> {
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

/// The key of a form's view, as the form has it. A page of ours always has one; whatever cannot be one is left out, and
/// what was sent with it is an intent of its own.
pub fn key(text: &str) -> String {
    let is_key = (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if is_key {
        text.to_owned()
    } else {
        Uuid::new_v4().to_string()
    }
}
