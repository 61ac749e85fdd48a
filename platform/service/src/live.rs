//! A [WebSocket](https://www.rfc-editor.org/rfc/rfc6455) that sends each change of a state to a browser.

use std::num::NonZeroU32;
use std::pin::pin;
use std::time::{Duration, Instant};

use axum::extract::FromRequestParts;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::response::{IntoResponse, Response};
use background::isolate;
use futures_util::{Stream, StreamExt};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use http::StatusCode;
use http::request::Parts;
use serde::Serialize;
use tokio::time::{interval_at, timeout};

use crate::log::causes;
use crate::socket::upgrade_required;
use crate::{Context, Problem, SocketPermit, Sockets, is_cross_origin};

/// A client that has not answered two pings in a row is considered gone.
const PING_INTERVAL: Duration = Duration::from_secs(20);
/// The timeout of sending a message, and of closing.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Maximum size of a client's message: clients have nothing to send.
const MAX_MESSAGE_BYTES: usize = 1024;
/// Messages that a client may send at once; one more is allowed each second. It has to answer a ping every 20 seconds.
const BURST: NonZeroU32 = NonZeroU32::new(60).expect("60 is not 0");

/// Extracts a WebSocket request: it comes from a page of the shop, and there is a permit for another socket.
#[derive(Debug)]
pub struct LiveSocket {
    upgrade: WebSocketUpgrade,
    permit: SocketPermit,
}

impl<S: Send + Sync> FromRequestParts<S> for LiveSocket {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        // Browsers send cookies with WebSocket requests of any site.
        if is_cross_origin(&parts.headers) {
            return Err(cross_site().into_response());
        }
        let upgrade = WebSocketUpgrade::from_request_parts(parts, state).await;
        let upgrade = upgrade.map_err(|_| upgrade_required())?;
        let Ok(sockets) = Sockets::from_request_parts(parts, state).await;
        let permit = sockets.acquire().map_err(IntoResponse::into_response)?;
        Ok(Self { upgrade, permit })
    }
}

impl LiveSocket {
    /// Upgrades the request to a socket that sends each item of `messages` that differs from the one before, as JSON, and is
    /// closed after the last one. The stream has no deadline, and is dropped when the client leaves.
    pub fn stream<T: Serialize + Send + 'static>(self, messages: impl Stream<Item = T> + Send + 'static) -> Response {
        let Self { upgrade, permit } = self;
        let context = Context::current().without_deadline();
        let upgrade = upgrade
            .max_message_size(MAX_MESSAGE_BYTES)
            .max_frame_size(MAX_MESSAGE_BYTES);
        upgrade.on_upgrade(move |socket| async move {
            // The client reconnects.
            let streamed = isolate("socket", run(socket, permit, messages));
            context.scope(streamed).await.ok();
        })
    }
}

async fn run<T: Serialize + Send>(
    mut socket: WebSocket,
    mut permit: SocketPermit,
    messages: impl Stream<Item = T> + Send,
) {
    let begun = Instant::now();
    let (sent, code) = send(&mut socket, &mut permit, messages).await;
    if let Some(code) = code {
        let close_frame = Message::Close(Some(CloseFrame {
            code,
            reason: "".into(),
        }));
        let close = async {
            socket.send(close_frame).await.ok();
            while let Some(Ok(_)) = socket.recv().await {}
        };
        timeout(TIMEOUT, close).await.ok();
    }
    let seconds = begun.elapsed().as_secs();
    tracing::info!(sent, code, seconds, "a socket is closed");
}

/// Sends messages; returns their number, and the code to close with if the client is still there.
async fn send<T: Serialize + Send>(
    socket: &mut WebSocket,
    permit: &mut SocketPermit,
    messages: impl Stream<Item = T> + Send,
) -> (u64, Option<u16>) {
    let mut messages = pin!(messages);
    let mut pings = interval_at(tokio::time::Instant::now() + PING_INTERVAL, PING_INTERVAL);
    let inbound: DefaultDirectRateLimiter = RateLimiter::direct(Quota::per_second(NonZeroU32::MIN).allow_burst(BURST));
    let (mut sent, mut last, mut silent) = (0, String::new(), 0);
    loop {
        let message = tokio::select! {
            message = messages.next() => {
                let Some(message) = message else { return (sent, Some(close_code::NORMAL)) };
                let text = match serde_json::to_string(&message) {
                    Ok(text) => text,
                    Err(error) => {
                        tracing::error!(error = causes(&error), "a message cannot be written");
                        return (sent, Some(close_code::ERROR));
                    }
                };
                if text == last {
                    continue;
                }
                sent += 1;
                last.clone_from(&text);
                Message::Text(text.into())
            }
            message = socket.recv() => match message {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return (sent, None),
                Some(Ok(_)) if inbound.check().is_err() => return (sent, Some(close_code::POLICY)),
                Some(Ok(_)) => {
                    silent = 0;
                    continue;
                }
            },
            _ = pings.tick() => {
                silent += 1;
                if silent > 2 {
                    return (sent, None);
                }
                Message::Ping(axum::body::Bytes::new())
            }
            () = permit.stopping() => return (sent, Some(close_code::AWAY)),
        };
        if !matches!(timeout(TIMEOUT, socket.send(message)).await, Ok(Ok(()))) {
            return (sent, None);
        }
    }
}

pub(crate) fn cross_site() -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "cross-site", "Cross-site request refused")
        .detail("Only pages of this shop may open this socket.")
}
