//! A [WebSocket](https://www.rfc-editor.org/rfc/rfc6455) on which a browser hears of every change of one thing.

use std::num::NonZeroU32;
use std::pin::pin;
use std::time::{Duration, Instant};

use axum::extract::FromRequestParts;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use http::StatusCode;
use http::request::Parts;
use serde::Serialize;
use tokio::time::{interval_at, timeout};

use crate::log::causes;
use crate::socket::upgrade_required;
use crate::{Context, Place, Problem, Sockets, is_foreign};

/// A client that answers none of two pings in a row has gone.
const PING: Duration = Duration::from_secs(20);
/// A client that takes nothing for so long has gone, too; also what saying goodbye may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// Clients have nothing to say.
const LONGEST_MESSAGE: usize = 1024;
/// And do not say it often: what they may say at once, and then each second again. An answer to a ping comes every 20.
const OFTEN: NonZeroU32 = NonZeroU32::new(60).expect("60 is not 0");

/// A request for a socket that may be granted: it comes from the shop's own page, and there is a place.
#[derive(Debug)]
pub struct Live {
    upgrade: WebSocketUpgrade,
    place: Place,
}

impl<S: Send + Sync> FromRequestParts<S> for Live {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        // A browser sends its cookies along with anybody's WebSocket.
        if is_foreign(&parts.headers) {
            let problem = Problem::new(StatusCode::FORBIDDEN, "cross-site", "Cross-site request refused");
            return Err(problem.into_response());
        }
        let upgrade = WebSocketUpgrade::from_request_parts(parts, state).await;
        let upgrade = upgrade.map_err(|_| upgrade_required())?;
        let Ok(sockets) = Sockets::from_request_parts(parts, state).await;
        let place = sockets.enter().map_err(IntoResponse::into_response)?;
        Ok(Self { upgrade, place })
    }
}

impl Live {
    /// Answers with a socket that sends each of `messages` that is another than the one before, as JSON, and closes
    /// after the last one. What makes them goes on without the request's deadline, and ends with its client.
    pub fn follow<T: Serialize + Send + 'static>(self, messages: impl Stream<Item = T> + Send + 'static) -> Response {
        let Self { upgrade, place } = self;
        let context = Context::current().without_deadline();
        let upgrade = upgrade
            .max_message_size(LONGEST_MESSAGE)
            .max_frame_size(LONGEST_MESSAGE);
        upgrade.on_upgrade(|socket| context.scope(run(socket, place, messages)))
    }
}

async fn run<T: Serialize + Send>(mut socket: WebSocket, mut place: Place, messages: impl Stream<Item = T> + Send) {
    let begun = Instant::now();
    let (sent, code) = send(&mut socket, &mut place, messages).await;
    if let Some(code) = code {
        let goodbye = Message::Close(Some(CloseFrame {
            code,
            reason: "".into(),
        }));
        let part = async {
            socket.send(goodbye).await.ok();
            while let Some(Ok(_)) = socket.recv().await {}
        };
        timeout(PATIENCE, part).await.ok();
    }
    let seconds = begun.elapsed().as_secs();
    tracing::info!(sent, code, seconds, "a socket is closed");
}

/// How many messages were sent; and the code to close with, where there is anybody left to tell.
async fn send<T: Serialize + Send>(
    socket: &mut WebSocket,
    place: &mut Place,
    messages: impl Stream<Item = T> + Send,
) -> (u64, Option<u16>) {
    let mut messages = pin!(messages);
    let mut pings = interval_at(tokio::time::Instant::now() + PING, PING);
    let heard: DefaultDirectRateLimiter = RateLimiter::direct(Quota::per_second(NonZeroU32::MIN).allow_burst(OFTEN));
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
                Some(Ok(_)) if heard.check().is_err() => return (sent, Some(close_code::POLICY)),
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
            () = place.stopping() => return (sent, Some(close_code::AWAY)),
        };
        if !matches!(timeout(PATIENCE, socket.send(message)).await, Ok(Ok(()))) {
            return (sent, None);
        }
    }
}
