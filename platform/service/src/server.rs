//! Serving a part: the layers around its routes, and graceful shutdown.

mod connection;
mod timed_stream;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use background::{Task, catch_panic};
use http::StatusCode;
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{oneshot, watch};

use crate::log::causes;
use crate::request::{self, Ingress};
use crate::trace::Tracer;
use crate::{BoxError, Part, Problem, Settings, health, metrics};
use connection::Connections;

/// A part that is being served. Dropping it stops the part gracefully.
#[derive(Debug)]
pub struct Server {
    /// The address that it listens on.
    pub address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    done: Option<Task<()>>,
}

impl Server {
    /// Stops accepting connections, and waits until open requests are answered and sockets closed.
    pub async fn stop(mut self) {
        drop(self.stop.take());
        if let Some(done) = self.done.take() {
            done.await.ok();
        }
    }
}

/// Allows as many open files as the system permits: each connection is one, and the usual limit of 1,024 is a soft one.
fn raise_open_file_limit() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::debug!(error = causes(&error), "the limit of open files cannot be raised");
    }
}

/// The signals that stop a process.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// From now on the signals are handled here and do not end the process by themselves.
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Waits for a signal.
    async fn received(&mut self) {
        tokio::select! { _ = self.interrupt.recv() => {}, _ = self.terminate.recv() => {} }
    }
}

/// Listens on an address.
///
/// # Errors
/// The address is in use, or does not belong to this machine.
pub async fn listen(address: SocketAddr) -> Result<TcpListener, BoxError> {
    let listener = TcpListener::bind(address).await;
    Ok(listener.map_err(|source| ListenError { address, source })?)
}

#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}")]
struct ListenError {
    address: SocketAddr,
    source: std::io::Error,
}

pub(crate) async fn run<P: Part + Clone>(settings: &Settings, config: P::Config) -> Result<(), BoxError> {
    let mut signals = Signals::new()?;
    raise_open_file_limit();
    let listener = listen(settings.listen).await?;
    settings.set_for_process();
    settings.resilience.set_for_process();
    let tracer = Tracer::new(P::NAME, settings)?;
    tracer.set_for_process();
    let part = tokio::select! {
        part = P::start(config) => part?,
        () = signals.received() => return Ok(()),
    };
    let server = serve_traced(part, listener, settings, &tracer, None)?;
    tracing::info!(part = P::NAME, address = %server.address, "listening");

    signals.received().await;
    tracing::info!(part = P::NAME, "stopping");
    // All servers of this process and all background work are told.
    background::stop();
    let grace = Duration::from_secs(settings.drain_seconds);
    if tokio::time::timeout(grace, background::finished()).await.is_err() {
        let task = background::running().join(", ");
        tracing::warn!(part = P::NAME, task, "stopped with unfinished work");
    }
    tokio::task::spawn_blocking(move || tracer.shut_down()).await.ok();
    Ok(())
}

/// Serves a part inside of this process, on `listener`, with the settings of the process: for tests, and for a part's second
/// listener.
///
/// # Errors
/// The listener has no address.
pub fn serve<P: Part + Clone>(part: P, listener: TcpListener) -> Result<Server, BoxError> {
    serve_with(part, listener, &Settings::of_process())
}

/// Serves a part with other settings. The settings of a whole process are not changed: log, threads, resilience of clients.
///
/// # Errors
/// The listener has no address, or the collector's address is not valid.
pub fn serve_with<P: Part + Clone>(part: P, listener: TcpListener, settings: &Settings) -> Result<Server, BoxError> {
    let tracer = Tracer::new(P::NAME, settings)?;
    serve_traced(part, listener, settings, &tracer, Some(tracer.clone()))
}

/// Serves a part; `ending` is shut down with it.
fn serve_traced<P: Part + Clone>(
    part: P,
    listener: TcpListener,
    settings: &Settings,
    tracer: &Tracer,
    ending: Option<Tracer>,
) -> Result<Server, BoxError> {
    let (stopping, is_stopping) = watch::channel(false);
    let router = routes(part, settings, tracer, is_stopping);
    spawn(
        listener,
        Connections::new(router, settings, P::IS_EDGE),
        ending,
        stopping,
    )
}

fn routes<P: Part + Clone>(
    part: P,
    settings: &Settings,
    tracer: &Tracer,
    is_stopping: watch::Receiver<bool>,
) -> Router {
    let ingress = Ingress::new(part.clone(), settings, tracer.clone(), is_stopping);
    let routes = part
        .clone()
        .router()
        .method_not_allowed_fallback(async || {
            Problem::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "method-not-allowed",
                "Method not allowed",
            )
        })
        .layer(DefaultBodyLimit::max(P::BODY_LIMIT))
        .layer(middleware::from_fn(answer_panics))
        .layer(middleware::from_fn_with_state(Arc::clone(&ingress), request::handle));
    if !P::IS_MONITORED {
        return routes;
    }
    // Monitoring has to be answered especially under load.
    let monitoring = health::routes(Arc::new(part), Arc::clone(&ingress))
        .merge(metrics::routes())
        .layer(middleware::from_fn_with_state(ingress, request::handle_monitoring));
    // In this order, unknown paths go to the part's fallback and are counted.
    monitoring.merge(routes)
}

/// Answers 500 if a handler panics.
async fn answer_panics(request: Request, next: Next) -> Response {
    let answer = catch_panic(next.run(request)).await;
    answer.unwrap_or_else(|panic| Problem::internal(&panic).into_response())
}

fn spawn(
    listener: TcpListener,
    connections: Connections,
    tracer: Option<Tracer>,
    stopping: watch::Sender<bool>,
) -> Result<Server, BoxError> {
    let address = listener.local_addr()?;
    let (stop, stopped) = oneshot::channel::<()>();
    let done = background::spawn("server", async move {
        let _upkeep = metrics::upkeep();
        let tell = stopping.clone();
        let stopped = async move {
            tokio::select! { _ = stopped => {}, () = background::stopping() => {} }
            tell.send_replace(true);
        };
        connections.serve(listener, stopped).await;
        // A socket is not a request any more, so the server does not wait for it.
        stopping.closed().await;
        if let Some(tracer) = tracer {
            tokio::task::spawn_blocking(move || tracer.shut_down()).await.ok();
        }
    });
    Ok(Server {
        address,
        stop: Some(stop),
        done: Some(done),
    })
}
