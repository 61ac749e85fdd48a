//! `/health/live`: the process runs. `/health/ready`: it can do its work, has room for more, and is not about to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::routing::get;
use http::StatusCode;

use crate::log::causes;
use crate::request::Door;
use crate::{Part, Problem};

/// Set once, when the process begins to drain.
#[derive(Clone, Default)]
pub(crate) struct Draining(Arc<AtomicBool>);

impl Draining {
    pub(crate) fn begin(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn began(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

pub(crate) fn routes<P: Part>(part: Arc<P>, draining: Draining, door: Arc<Door>) -> Router {
    let ready = move || async move {
        if draining.began() {
            return Err(not_ready("The process is stopping."));
        }
        if door.is_full() {
            return Err(not_ready("There is more to do than can be done at the same time."));
        }
        part.ready().await.map(|()| StatusCode::OK).map_err(|error| {
            tracing::warn!(error = causes(&*error), "the part is not ready");
            not_ready("The store does not answer.")
        })
    };
    Router::new()
        .route("/health/live", get(|| async { StatusCode::OK }))
        .route("/health/ready", get(ready))
}

fn not_ready(why: &str) -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not-ready", "Not ready").detail(why)
}
