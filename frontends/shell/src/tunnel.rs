//! WebSockets: passes the handshake on, then all bytes in both directions, unread.

use std::io;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::Request as Incoming;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use reqwest::Upgraded;
use service::{BaseUrl, Context, Problem, SocketPermit, Sockets, causes, header_items, unanswered};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use crate::App;
use crate::upstream::{Error, UpstreamRequest};

const BUFFER: usize = 4096;

/// Bytes that a browser may send at once.
const BURST: u64 = 64 * 1024;
/// Bytes per second that a browser may send; more is delayed.
const RATE: u32 = 4096;

/// Headers of a handshake, beside those of every request. `Origin` is not among them: the shell has checked it, and BFFs do not
/// know the shop's name.
static HANDSHAKE: [HeaderName; 4] = [
    header::SEC_WEBSOCKET_EXTENSIONS,
    header::SEC_WEBSOCKET_KEY,
    header::SEC_WEBSOCKET_PROTOCOL,
    header::SEC_WEBSOCKET_VERSION,
];

/// Whether a request is the handshake of a [WebSocket](https://www.rfc-editor.org/rfc/rfc6455#section-4.2.1).
pub(crate) fn is_websocket(incoming: &Incoming) -> bool {
    let headers = incoming.headers();
    let has = |name, token: &str| header_items(headers, name, b',').any(|piece| piece.eq_ignore_ascii_case(token));
    incoming.method() == Method::GET && has(header::CONNECTION, "upgrade") && has(header::UPGRADE, "websocket")
}

/// Opens a WebSocket at a BFF, on `path`. If the BFF rejects it, its response is passed on.
pub(crate) async fn open(app: &App, base: &BaseUrl, path: String, mut incoming: Incoming) -> Response {
    let (Some(upgrade), Some(sockets)) = (
        incoming.extensions_mut().remove::<OnUpgrade>(),
        incoming.extensions().get::<Sockets>(),
    ) else {
        return Problem::new(StatusCode::UPGRADE_REQUIRED, "upgrade-required", "Upgrade required").into_response();
    };
    let permit = match sockets.acquire() {
        Ok(permit) => permit,
        Err(problem) => return problem.into_response(),
    };
    let request = handshake(&incoming, path.clone());
    let answer = match app.0.upstream.open_socket(base, &request, app.0.page_timeout).await {
        Ok(answer) if answer.status() == StatusCode::SWITCHING_PROTOCOLS => answer,
        Ok(answer) => return rejection(app, answer).await,
        Err(Error::Invalid) => {
            return Problem::new(StatusCode::BAD_REQUEST, "malformed-path", "Malformed path").into_response();
        }
        Err(error) => {
            tracing::warn!(path, upstream = %base, error = causes(&error), "a socket cannot be opened");
            return bad_gateway();
        }
    };
    let response = switching(answer.headers());
    let tunnel = Tunnel {
        path,
        idle: app.0.socket_idle,
        permit,
    };
    Context::current().spawn("socket", async move {
        match (upgrade.await, answer.upgrade().await) {
            (Ok(browser), Ok(api)) => tunnel.run(TokioIo::new(browser), api).await,
            (Err(error), _) => tracing::debug!(error = causes(&error), "a browser left before its socket was open"),
            (_, Err(error)) => {
                tracing::warn!(
                    path = tunnel.path,
                    error = causes(&unanswered(error)),
                    "a socket cannot be opened"
                );
            }
        }
    });
    response
}

fn handshake(incoming: &Incoming, path: String) -> UpstreamRequest {
    let browser = incoming.headers();
    let mut request = UpstreamRequest::new(incoming.method().clone(), path, browser, axum::body::Bytes::new());
    for name in &HANDSHAKE {
        if let Some(value) = browser.get(name) {
            request.headers.insert(name, value.clone());
        }
    }
    let value = HeaderValue::from_static;
    request.headers.insert(header::CONNECTION, value("upgrade"));
    request.headers.insert(header::UPGRADE, value("websocket"));
    request
}

fn switching(answer: &HeaderMap) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    for name in [
        header::CONNECTION,
        header::UPGRADE,
        header::SEC_WEBSOCKET_ACCEPT,
        header::SEC_WEBSOCKET_EXTENSIONS,
        header::SEC_WEBSOCKET_PROTOCOL,
    ] {
        if let Some(value) = answer.get(&name) {
            response.headers_mut().insert(name, value.clone());
        }
    }
    response
}

/// The BFF's response to a handshake that it rejects.
async fn rejection(app: &App, answer: reqwest::Response) -> Response {
    match timeout(app.0.page_timeout, crate::upstream::read(answer)).await {
        Ok(Ok(answer)) => crate::response::unchanged(answer),
        Ok(Err(_)) | Err(_) => bad_gateway(),
    }
}

fn bad_gateway() -> Response {
    let problem = Problem::new(StatusCode::BAD_GATEWAY, "bad-gateway", "Bad gateway");
    problem
        .detail("This part of the shop does not answer right now. Please try again.")
        .into_response()
}

/// An open WebSocket.
struct Tunnel {
    path: String,
    idle: Duration,
    permit: SocketPermit,
}

impl Tunnel {
    /// Passes bytes until either end closes, is silent for too long, or the shell stops.
    async fn run(mut self, browser: impl AsyncRead + AsyncWrite, api: Upgraded) {
        let begun = Instant::now();
        let (mut from_browser, mut to_browser) = tokio::io::split(Box::pin(browser));
        let (mut from_api, mut to_api) = tokio::io::split(api);
        let (mut sent, mut received) = (0, 0);
        let end = {
            let up = pass(&mut from_browser, &mut to_api, self.idle, Some(RATE), &mut received);
            let down = pass(&mut from_api, &mut to_browser, self.idle, None, &mut sent);
            tokio::select! {
                both = async { tokio::try_join!(up, down) } => match both {
                    Ok(_) => "closed",
                    Err(error) if error.kind() == io::ErrorKind::TimedOut => "silent",
                    Err(_) => "broken",
                },
                () = self.permit.stopping() => "stopping",
            }
        };
        let shutdown = async { tokio::join!(to_browser.shutdown(), to_api.shutdown()) };
        timeout(Duration::from_secs(1), shutdown).await.ok();
        let (path, seconds) = (self.path, begun.elapsed().as_secs());
        tracing::info!(path, end, seconds, sent, received, "a socket is closed");
    }
}

/// Passes bytes in one direction, limited to `rate` bytes per second if given. The end of the stream is passed on, while the other
/// direction stays open.
async fn pass(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    idle: Duration,
    rate: Option<u32>,
    count: &mut u64,
) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER];
    let begun = Instant::now();
    loop {
        if let Some(rate) = rate {
            let due = Duration::from_secs(count.saturating_sub(BURST) / u64::from(rate));
            tokio::time::sleep(due.saturating_sub(begun.elapsed())).await;
        }
        let read = timeout(idle, from.read(&mut buffer)).await??;
        if read == 0 {
            return to.shutdown().await;
        }
        timeout(idle, to.write_all(&buffer[..read])).await??;
        *count += read as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of 128 KiB pass within 200 ms.
    async fn flood(rate: Option<u32>) -> u64 {
        let flood = vec![0; 128 * 1024];
        let (mut count, mut from, mut to) = (0, flood.as_slice(), tokio::io::sink());
        let pass = pass(&mut from, &mut to, Duration::from_mins(1), rate, &mut count);
        timeout(Duration::from_millis(200), pass).await.ok();
        count
    }

    #[tokio::test]
    async fn browser_that_floods_a_socket_is_slowed_down() {
        let passed = flood(Some(RATE)).await;
        assert!((BURST..100 * 1024).contains(&passed), "{passed}");
    }

    #[tokio::test]
    async fn bytes_to_the_browser_are_not_limited() {
        assert_eq!(flood(None).await, 128 * 1024);
    }
}
