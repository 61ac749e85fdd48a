//! Serving a part: the layers around its routes, and a stop that drains.

mod connection;
mod wire;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use background::{Task, caught};
use http::StatusCode;
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{oneshot, watch};

use crate::log::causes;
use crate::request::{self, Door};
use crate::trace::Tracer;
use crate::{BoxError, Part, Problem, Settings, health, metrics};
use connection::Connections;

/// A part that is being served. Dropping it stops the part and drains it.
#[derive(Debug)]
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    done: Option<Task<()>>,
}

impl Server {
    /// Stops accepting and waits until the requests under way are answered and the sockets closed.
    pub async fn stop(mut self) {
        drop(self.stop.take());
        if let Some(done) = self.done.take() {
            done.await.ok();
        }
    }
}

/// As many open files as the system allows: each connection is one, and the usual limit of 1,024 is soft.
fn raise_open_files() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::debug!(error = causes(&error), "the limit of open files stays as it is");
    }
}

/// The signals that stop a process.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// From now on they are heard, and end nothing by themselves.
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Until one comes.
    async fn heard(&mut self) {
        tokio::select! { _ = self.interrupt.recv() => {}, _ = self.terminate.recv() => {} }
    }
}

/// Listens there.
///
/// # Errors
/// Something else does, or the address is not of this machine.
pub async fn listen(address: SocketAddr) -> Result<TcpListener, BoxError> {
    let listener = TcpListener::bind(address).await;
    Ok(listener.map_err(|source| Deaf { address, source })?)
}

#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}")]
struct Deaf {
    address: SocketAddr,
    source: std::io::Error,
}

pub(crate) async fn run<P: Part + Clone>(settings: &Settings, config: P::Config) -> Result<(), BoxError> {
    let mut signals = Signals::new()?;
    raise_open_files();
    let listener = listen(settings.listen).await?;
    settings.set_for_process();
    settings.resilience.set_for_process();
    let tracer = Tracer::new(P::NAME, settings)?;
    tracer.set_for_process();
    let part = tokio::select! {
        part = P::start(config) => part?,
        () = signals.heard() => return Ok(()),
    };
    let server = serve_traced(part, listener, settings, &tracer, None)?;
    tracing::info!(part = P::NAME, address = %server.address, "listening");

    signals.heard().await;
    tracing::info!(part = P::NAME, "stopping");
    // All servers of this process hear it, and whatever goes on in the background.
    background::stop();
    let grace = Duration::from_secs(settings.drain_seconds);
    if tokio::time::timeout(grace, background::ended()).await.is_err() {
        let task = background::under_way().join(", ");
        tracing::warn!(part = P::NAME, task, "stopped with work under way");
    }
    tokio::task::spawn_blocking(move || tracer.shut_down()).await.ok();
    Ok(())
}

/// Serves a part inside this process, on `listener`, with the settings of the process: what tests do, and parts that have a
/// second door.
///
/// # Errors
/// The listener has no address.
pub fn serve<P: Part + Clone>(part: P, listener: TcpListener) -> Result<Server, BoxError> {
    serve_with(part, listener, &Settings::of_process())
}

/// The same with other settings than the usual ones. What belongs to a whole process stays as it is: log, threads,
/// and how clients bear failure.
///
/// # Errors
/// The listener has no address, or the collector's address cannot be used.
pub fn serve_with<P: Part + Clone>(part: P, listener: TcpListener, settings: &Settings) -> Result<Server, BoxError> {
    let tracer = Tracer::new(P::NAME, settings)?;
    serve_traced(part, listener, settings, &tracer, Some(tracer.clone()))
}

/// The server itself; `ending` ends with it.
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
    let door = Door::new(part.clone(), settings, tracer.clone(), is_stopping);
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
        .layer(middleware::from_fn_with_state(Arc::clone(&door), request::pass));
    if !P::IS_WATCHED {
        return routes;
    }
    // Whoever watches has to be answered just when there is too much to do.
    let watched = health::routes(Arc::new(part), Arc::clone(&door))
        .merge(metrics::routes())
        .layer(middleware::from_fn_with_state(door, request::pass_quietly));
    // In this order, what is no route at all is the part's to answer, and is counted with it.
    watched.merge(routes)
}

/// A handler that panics has failed, and nothing else has.
async fn answer_panics(request: Request, next: Next) -> Response {
    let answer = caught(next.run(request)).await;
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
        // A socket is no request any more: the server does not wait for it.
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
