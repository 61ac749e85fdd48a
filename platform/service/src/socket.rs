//! What lasts longer than a request: sockets, and answers that are held back. They have places of their own, and end
//! when the part is told to stop.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};
use metrics::{Gauge, gauge};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::metrics::SERVER_SOCKETS;
use crate::share::{Share, Shares};
use crate::{Context, Problem, Settings};

/// The places of one part for what lasts. Every request has it in its extensions.
#[derive(Clone, Debug)]
pub struct Sockets(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    sockets: Arc<Semaphore>,
    shares: Shares,
    waiters: Arc<Semaphore>,
    stopping: watch::Receiver<bool>,
    gauge: Gauge,
}

/// A place for something that lasts; it is free again when this is dropped.
#[derive(Debug)]
pub struct Place {
    _permit: OwnedSemaphorePermit,
    _share: Option<Share>,
    /// Of those that are counted
    gauge: Option<Gauge>,
    stopping: watch::Receiver<bool>,
}

impl Sockets {
    /// None is taken. Answers that are held back take places of ordinary requests: a quarter of these at most.
    pub(crate) fn new(settings: &Settings, stopping: watch::Receiver<bool>) -> Self {
        let places = |count: usize| Arc::new(Semaphore::new(count.min(Semaphore::MAX_PERMITS)));
        Self(Arc::new(Inner {
            sockets: places(settings.sockets),
            shares: Shares::new(settings.sockets, settings.client_percent),
            waiters: places(settings.concurrency / 4),
            stopping,
            gauge: gauge!(SERVER_SOCKETS),
        }))
    }

    /// A place for a socket.
    ///
    /// # Errors
    /// There are as many as there may be, 503 `overloaded`; or the request's client has all that it may have, 429
    /// `too-many-sockets`.
    pub fn enter(&self) -> Result<Place, Problem> {
        let share = match Context::current().client_network() {
            Some(client) => Some(self.0.shares.take(client).ok_or_else(too_many)?),
            None => None,
        };
        let permit = Arc::clone(&self.0.sockets).try_acquire_owned();
        let permit = permit.map_err(|_| Problem::overloaded("Too many sockets are open. Please try again."))?;
        self.0.gauge.increment(1);
        Ok(self.place(permit, share, Some(self.0.gauge.clone())))
    }

    /// A place for an answer that is held back; none where there are many, or where it would only hold up the end.
    pub(crate) fn wait(&self) -> Option<Place> {
        let permit = Arc::clone(&self.0.waiters).try_acquire_owned().ok();
        permit.map(|permit| self.place(permit, None, None))
    }

    fn place(&self, permit: OwnedSemaphorePermit, share: Option<Share>, gauge: Option<Gauge>) -> Place {
        Place {
            _permit: permit,
            _share: share,
            gauge,
            stopping: self.0.stopping.clone(),
        }
    }
}

impl Place {
    /// Until the part is told to stop.
    pub async fn stopping(&mut self) {
        // Its sender goes with the server.
        self.stopping.wait_for(|is_stopping| *is_stopping).await.ok();
    }
}

impl Drop for Place {
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
        Ok(sockets.expect("the door puts it into every request"))
    }
}

pub(crate) fn too_many() -> Problem {
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-sockets", "Too many sockets")
        .detail("Too many pages of yours listen at the same time. Please close some.")
        .retry_after(5)
}

pub(crate) fn upgrade() -> Problem {
    Problem::new(StatusCode::UPGRADE_REQUIRED, "upgrade-required", "Upgrade required")
        .detail("This address is for WebSockets.")
}

/// The answer where somebody asks for an upgrade in a plain way: 426, which names what it takes.
pub(crate) fn upgrade_required() -> Response {
    let mut response = upgrade().into_response();
    let headers = response.headers_mut();
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    response
}
