//! Permits for what lasts longer than a request: sockets, and responses that are held back. They are separate from the
//! permits of requests, and tell their holders when the part stops.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};
use metrics::{Gauge, gauge};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::client_limits::{ClientLimits, ClientPermit};
use crate::metrics::SERVER_SOCKETS;
use crate::{Context, Problem, Settings};

/// The permits of one part. Every request has them in its extensions.
#[derive(Clone, Debug)]
pub struct Sockets(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    sockets: Arc<Semaphore>,
    client_limits: ClientLimits,
    waiters: Arc<Semaphore>,
    stopping: watch::Receiver<bool>,
    gauge: Gauge,
}

/// A permit for a socket or a response that is held back; it is returned when this is dropped.
#[derive(Debug)]
pub struct SocketPermit {
    _permit: OwnedSemaphorePermit,
    _client_permit: Option<ClientPermit>,
    /// Counts sockets, not responses that are held back
    gauge: Option<Gauge>,
    stopping: watch::Receiver<bool>,
}

impl Sockets {
    /// Responses that are held back count as requests: they take at most a quarter of their permits.
    pub(crate) fn new(settings: &Settings, stopping: watch::Receiver<bool>) -> Self {
        let semaphore = |count: usize| Arc::new(Semaphore::new(count.min(Semaphore::MAX_PERMITS)));
        Self(Arc::new(Inner {
            sockets: semaphore(settings.sockets),
            client_limits: ClientLimits::new(settings.sockets, settings.client_percent),
            waiters: semaphore(settings.concurrency / 4),
            stopping,
            gauge: gauge!(SERVER_SOCKETS),
        }))
    }

    /// Takes a permit for a socket.
    ///
    /// # Errors
    /// All permits are taken: 503 `overloaded`; or the request's client holds as many as it may: 429 `too-many-sockets`.
    pub fn acquire(&self) -> Result<SocketPermit, Problem> {
        let client_permit = match Context::current().client_network() {
            Some(client) => Some(self.0.client_limits.take(client).ok_or_else(too_many)?),
            None => None,
        };
        let permit = Arc::clone(&self.0.sockets).try_acquire_owned();
        let permit = permit.map_err(|_| Problem::overloaded("Too many sockets are open. Please try again."))?;
        self.0.gauge.increment(1);
        Ok(self.permit(permit, client_permit, Some(self.0.gauge.clone())))
    }

    /// Takes a permit for a response that is held back, if there is one.
    pub(crate) fn acquire_wait(&self) -> Option<SocketPermit> {
        let permit = Arc::clone(&self.0.waiters).try_acquire_owned().ok();
        permit.map(|permit| self.permit(permit, None, None))
    }

    fn permit(
        &self,
        permit: OwnedSemaphorePermit,
        client_permit: Option<ClientPermit>,
        gauge: Option<Gauge>,
    ) -> SocketPermit {
        SocketPermit {
            _permit: permit,
            _client_permit: client_permit,
            gauge,
            stopping: self.0.stopping.clone(),
        }
    }
}

impl SocketPermit {
    /// Waits until the part is told to stop.
    pub async fn stopping(&mut self) {
        // The channel is closed with the server.
        self.stopping.wait_for(|is_stopping| *is_stopping).await.ok();
    }
}

impl Drop for SocketPermit {
    fn drop(&mut self) {
        if let Some(gauge) = &self.gauge {
            gauge.decrement(1);
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Sockets {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let sockets = parts.extensions.get().cloned();
        Ok(sockets.expect("the outermost layer puts it into every request"))
    }
}

pub(crate) fn too_many() -> Problem {
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-sockets", "Too many sockets")
        .detail("Too many pages are open at the same time. Please close some of them.")
        .retry_after(5)
}

pub(crate) fn upgrade() -> Problem {
    Problem::new(StatusCode::UPGRADE_REQUIRED, "upgrade-required", "Upgrade required")
        .detail("This address is for WebSockets.")
}

/// The response to a request without an upgrade: 426, with the header that names the protocol.
pub(crate) fn upgrade_required() -> Response {
    let mut response = upgrade().into_response();
    let headers = response.headers_mut();
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    response
}
