//! `/health/live`: the process runs. `/health/ready`: it can do its work, has room for more, does what it has to do in the
//! background, and is not about to stop.

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use http::StatusCode;

use crate::log::causes;
use crate::request::Door;
use crate::{Part, Problem};

pub(crate) fn routes<P: Part>(part: Arc<P>, door: Arc<Door>) -> Router {
    let ready = move || async move {
        if background::is_stopping() {
            return Err(Problem::not_ready("The process is stopping."));
        }
        if door.is_full() {
            return Err(Problem::not_ready(
                "There is more to do than can be done at the same time.",
            ));
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
