//! Request bodies: read completely before anything is done for them, with limits of time and size.

use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use bytes::BytesMut;
use http::StatusCode;
use http_body_util::BodyExt;
use tokio::time::{Instant, timeout, timeout_at};

use crate::{Problem, Settings};

/// Limits of a body.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    bytes: usize,
    whole: Duration,
    pause: Duration,
}

impl Limits {
    pub(super) fn new(settings: &Settings, bytes: usize) -> Self {
        Self {
            bytes,
            whole: Duration::from_secs(settings.body_seconds),
            pause: Duration::from_secs(settings.head_seconds),
        }
    }

    /// Reads the whole body. Until then the request has cost nothing but memory.
    pub(super) async fn read(self, request: Request) -> Result<Request, Problem> {
        if request.body().is_end_stream() {
            return Ok(request);
        }
        let (parts, body) = request.into_parts();
        let bytes = timeout_at(Instant::now() + self.whole, self.collect(body));
        let bytes = bytes.await.unwrap_or_else(|_| Err(too_slow()))?;
        Ok(Request::from_parts(parts, Body::from(bytes)))
    }

    async fn collect(self, mut body: Body) -> Result<Bytes, Problem> {
        let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
        if announced > self.bytes {
            return Err(too_large(self.bytes));
        }
        let mut bytes = BytesMut::new();
        while let Some(frame) = timeout(self.pause, body.frame()).await.map_err(|_| too_slow())? {
            let Ok(data) = frame.map_err(|_| unreadable())?.into_data() else {
                continue;
            };
            if bytes.len() + data.len() > self.bytes {
                return Err(too_large(self.bytes));
            }
            bytes.extend_from_slice(&data);
        }
        Ok(bytes.freeze())
    }
}

pub(crate) fn too_large(limit: usize) -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "Body too large")
        .detail(format!("A body may have {limit} bytes."))
}

pub(crate) fn too_slow() -> Problem {
    Problem::new(StatusCode::REQUEST_TIMEOUT, "request-timeout", "Request timeout")
        .detail("The rest of the request did not come in time.")
}

pub(crate) fn unreadable() -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "unreadable", "Unreadable body").detail("The body broke off before its end.")
}
