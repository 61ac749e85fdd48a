//! Health: `/health/live` answers while the process runs, `/health/ready` while the part can do its work, has capacity left,
//! its background work succeeds, and it is not stopping.

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use http::StatusCode;

use crate::log::causes;
use crate::request::Ingress;
use crate::{Part, Problem};

pub(crate) fn routes<P: Part>(part: Arc<P>, ingress: Arc<Ingress>) -> Router {
    let ready = move || async move {
        if background::is_stopping() {
            return Err(Problem::not_ready("The process is stopping."));
        }
        if ingress.is_full() {
            return Err(Problem::not_ready("The part is answering as many requests as it can."));
        }
        part.ready().await.map_err(|error| {
            tracing::warn!(error = causes(&*error), "the part is not ready");
            Problem::not_ready("The store does not answer.")
        })?;
        let failing = background::failing();
        if failing.is_empty() {
            return Ok(StatusCode::OK);
        }
        let names = failing.join(", ");
        Err(Problem::not_ready(format!(
            "Background work fails again and again: {names}."
        )))
    };
    Router::new()
        .route("/health/live", get(|| async { StatusCode::OK }))
        .route("/health/ready", get(ready))
}
