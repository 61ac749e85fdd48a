//! A WebSocket client.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// How long to wait for a message.
const PATIENCE: Duration = Duration::from_secs(10);

/// An open WebSocket.
#[derive(Debug)]
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Opens a WebSocket at a part's URL (`http://127.0.0.1:<port>`), with additional headers.
    ///
    /// # Errors
    /// The status of the response, if it is not an upgrade.
    ///
    /// # Panics
    /// There is no response.
    pub async fn open(url: &str, path: &str, headers: &[(&str, &str)]) -> Result<Self, u16> {
        let url = format!("{}{path}", url.replacen("http", "ws", 1));
        let mut request = url.into_client_request().expect("an address");
        for (name, value) in headers {
            let name: HeaderName = name.parse().expect("a name");
            request
                .headers_mut()
                .insert(name, HeaderValue::from_str(value).expect("a value"));
        }
        match connect_async(request).await {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    /// Waits for the next message, which is JSON.
    ///
    /// # Errors
    /// The socket was closed, with this code if there is one.
    ///
    /// # Panics
    /// There is no message within ten seconds, or it is not JSON.
    pub async fn next(&mut self) -> Result<Value, Option<u16>> {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.0.next()).await;
            match message.expect("a message in time") {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).expect("JSON")),
                Some(Ok(Message::Close(frame))) => {
                    // Answers the close frame.
                    self.0.flush().await.ok();
                    return Err(frame.map(|frame| frame.code.into()));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(None),
            }
        }
    }

    /// Sends a ping, if the socket is still open.
    pub async fn ping(&mut self) {
        self.0.send(Message::Ping(Vec::new().into())).await.ok();
    }

    /// Sends a text message.
    ///
    /// # Panics
    /// The socket is closed.
    pub async fn say(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.expect("an open socket");
    }
}
