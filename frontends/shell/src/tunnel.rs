//! Sockets: the handshake is passed on, then bytes, both ways, whatever they mean.

use std::io;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::Request as Incoming;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use reqwest::Upgraded;
use service::{BaseUrl, Context, Place, Problem, Sockets, causes, pieces, unanswered};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use crate::App;
use crate::upstream::{Error, Request};

/// Messages are short.
const BUFFER: usize = 4096;

/// What a browser may say at once, which has next to nothing to say,
const AT_ONCE: u64 = 64 * 1024;
/// and what each second from the beginning: more waits.
const PACE: u32 = 4096;

/// What a handshake says beside what every request may. Not whose page it comes from: that has been looked at, and a BFF
/// knows the shop by no name.
static HANDSHAKE: [HeaderName; 4] = [
    header::SEC_WEBSOCKET_EXTENSIONS,
    header::SEC_WEBSOCKET_KEY,
    header::SEC_WEBSOCKET_PROTOCOL,
    header::SEC_WEBSOCKET_VERSION,
];

/// Whether a request wants to go on as a [WebSocket](https://www.rfc-editor.org/rfc/rfc6455#section-4.2.1).
pub(crate) fn is_wanted(incoming: &Incoming) -> bool {
    let headers = incoming.headers();
    let says = |name, word: &str| pieces(headers, name, b',').any(|said| said.eq_ignore_ascii_case(word));
    incoming.method() == Method::GET && says(header::CONNECTION, "upgrade") && says(header::UPGRADE, "websocket")
}

/// Opens a socket at an API, on `path`; where that is refused, its refusal is the answer.
pub(crate) async fn open(app: &App, base: &BaseUrl, path: String, mut incoming: Incoming) -> Response {
    let (Some(upgrade), Some(sockets)) = (
        incoming.extensions_mut().remove::<OnUpgrade>(),
        incoming.extensions().get::<Sockets>(),
    ) else {
        return Problem::new(StatusCode::UPGRADE_REQUIRED, "upgrade-required", "Upgrade required").into_response();
    };
    let place = match sockets.enter() {
        Ok(place) => place,
        Err(problem) => return problem.into_response(),
    };
    let request = handshake(&incoming, path.clone());
    let answer = match app.0.upstream.shake(base, &request, app.0.page_timeout).await {
        Ok(answer) if answer.status() == StatusCode::SWITCHING_PROTOCOLS => answer,
        Ok(answer) => return refusal(app, answer).await,
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
        place,
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

fn handshake(incoming: &Incoming, path: String) -> Request {
    let browser = incoming.headers();
    let mut request = Request::new(incoming.method().clone(), path, browser, axum::body::Bytes::new());
    for name in &HANDSHAKE {
        if let Some(value) = browser.get(name) {
            request.headers.insert(name, value.clone());
        }
    }
    let word = HeaderValue::from_static;
    request.headers.insert(header::CONNECTION, word("upgrade"));
    request.headers.insert(header::UPGRADE, word("websocket"));
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

/// What is no socket is a short answer.
async fn refusal(app: &App, answer: reqwest::Response) -> Response {
    match timeout(app.0.page_timeout, crate::upstream::read(answer)).await {
        Ok(Ok(answer)) => crate::http::whole_answer(answer),
        Ok(Err(_)) | Err(_) => bad_gateway(),
    }
}

fn bad_gateway() -> Response {
    let problem = Problem::new(StatusCode::BAD_GATEWAY, "bad-gateway", "Bad gateway");
    problem
        .detail("This part of the shop does not answer right now. Please try again.")
        .into_response()
}

/// An open socket.
struct Tunnel {
    path: String,
    idle: Duration,
    place: Place,
}

impl Tunnel {
    /// Passes bytes until either end closes, is silent for too long, or the shell stops.
    async fn run(mut self, browser: impl AsyncRead + AsyncWrite, api: Upgraded) {
        let begun = Instant::now();
        let (mut from_browser, mut to_browser) = tokio::io::split(Box::pin(browser));
        let (mut from_api, mut to_api) = tokio::io::split(api);
        let (mut sent, mut received) = (0, 0);
        let end = {
            let up = pass(&mut from_browser, &mut to_api, self.idle, Some(PACE), &mut received);
            let down = pass(&mut from_api, &mut to_browser, self.idle, None, &mut sent);
            tokio::select! {
                both = async { tokio::try_join!(up, down) } => match both {
                    Ok(_) => "closed",
                    Err(error) if error.kind() == io::ErrorKind::TimedOut => "silent",
                    Err(_) => "broken",
                },
                () = self.place.stopping() => "stopping",
            }
        };
        let goodbyes = async { tokio::join!(to_browser.shutdown(), to_api.shutdown()) };
        timeout(Duration::from_secs(1), goodbyes).await.ok();
        let (path, seconds) = (self.path, begun.elapsed().as_secs());
        tracing::info!(path, end, seconds, sent, received, "a socket is closed");
    }
}

/// One way, at a `pace` of bytes a second where there is one. An end that has said all is passed on; the other may still have something to say.
async fn pass(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    idle: Duration,
    pace: Option<u32>,
    count: &mut u64,
) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER];
    let begun = Instant::now();
    loop {
        if let Some(pace) = pace {
            let due = Duration::from_secs(count.saturating_sub(AT_ONCE) / u64::from(pace));
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

    /// How much of 128 KiB that are said at once passes in a moment.
    async fn flood(pace: Option<u32>) -> u64 {
        let flood = vec![0; 128 * 1024];
        let (mut count, mut from, mut to) = (0, flood.as_slice(), tokio::io::sink());
        let pass = pass(&mut from, &mut to, Duration::from_mins(1), pace, &mut count);
        timeout(Duration::from_millis(200), pass).await.ok();
        count
    }

    #[tokio::test]
    async fn a_browser_that_talks_without_end_is_heard_at_a_pace() {
        let heard = flood(Some(PACE)).await;
        assert!((AT_ONCE..100 * 1024).contains(&heard), "{heard}");
    }

    #[tokio::test]
    async fn what_a_browser_is_told_has_none() {
        assert_eq!(flood(None).await, 128 * 1024);
    }
}
