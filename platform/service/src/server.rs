//! Serving a part: the layers around its routes, and a stop that drains.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::DefaultBodyLimit;
use axum::response::{IntoResponse, Response};
use axum::{Router, middleware};
use http::StatusCode;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use tower_http::catch_panic::CatchPanicLayer;

use crate::health::{self, Draining};
use crate::{BoxError, Part, Problem, Settings, context};

/// Bodies above this many bytes are answered with 413.
const BODY_LIMIT: usize = 256 * 1024;

/// A part that is being served. Dropping it stops the part and drains it.
#[derive(Debug)]
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    done: Option<tokio::task::JoinHandle<()>>,
}

impl Server {
    /// Stops accepting and waits until the requests under way are answered.
    pub async fn stop(mut self) {
        drop(self.stop.take());
        if let Some(done) = self.done.take() {
            done.await.ok();
        }
    }
}

pub(crate) async fn run<P: Part + Clone>(settings: &Settings, config: P::Config) -> Result<(), BoxError> {
    let listener = TcpListener::bind(settings.listen)
        .await
        .map_err(|error| format!("cannot listen on {}: {error}", settings.listen))?;
    let part = P::start(config).await?;
    let draining = Draining::default();
    let server = spawn(listener, routes(part, draining.clone()))?;
    tracing::info!(part = P::NAME, address = %server.address, "listening");

    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
    draining.begin();
    tracing::info!(part = P::NAME, "stopping");
    if tokio::time::timeout(Duration::from_secs(settings.drain_seconds), server.stop())
        .await
        .is_err()
    {
        tracing::warn!(part = P::NAME, "stopped with requests under way");
    }
    Ok(())
}

/// Serves a part inside this process, on `listener`: what tests do.
///
/// # Errors
/// The listener has no address.
pub fn serve<P: Part + Clone>(part: P, listener: TcpListener) -> Result<Server, BoxError> {
    spawn(listener, routes(part, Draining::default()))
}

fn routes<P: Part + Clone>(part: P, draining: Draining) -> Router {
    part.clone()
        .router()
        .method_not_allowed_fallback(async || {
            Problem::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "method-not-allowed",
                "Method not allowed",
            )
        })
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(CatchPanicLayer::custom(|_| panicked()))
        .merge(health::routes(Arc::new(part), draining))
        .layer(middleware::from_fn(context::middleware))
}

fn panicked() -> Response {
    Problem::internal("a handler panicked").into_response()
}

fn spawn(listener: TcpListener, router: Router) -> Result<Server, BoxError> {
    let address = listener.local_addr()?;
    let (stop, stopped) = oneshot::channel::<()>();
    let done = tokio::spawn(async move {
        let shutdown = async move {
            stopped.await.ok();
        };
        if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(shutdown).await {
            tracing::error!(%error, "cannot serve");
        }
    });
    Ok(Server {
        address,
        stop: Some(stop),
        done: Some(done),
    })
}
