//! `/orders/{id}`

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use page::Html;
use service::{Path, Problem};
use uuid::Uuid;

use crate::bff::Outcome;

use super::{missing, unavailable};
use crate::{App, pages};

/// An order that is being placed is looked at again after so many seconds, with JavaScript or without.
const FOLLOW: HeaderValue = HeaderValue::from_static("2");

/// The order's page; it follows an order that is being placed.
pub async fn get(State(app): State<App>, id: Result<Path<Uuid>, Problem>) -> Response {
    let Ok(Path(id)) = id else {
        return missing(State(app)).await.into_response();
    };
    match app.bff.order(id).await {
        Ok(Some(order)) => {
            let is_underway = order.outcome == Outcome::Underway;
            let mut page = Html::new(pages::order::draw(order, &app.assets)).into_response();
            if is_underway {
                page.headers_mut().insert(header::REFRESH, FOLLOW);
            }
            page
        }
        Ok(None) => missing(State(app)).await.into_response(),
        Err(error) => unavailable(&app, &error),
    }
}
