//! A listener for webhooks.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use ring::hmac;
use serde_json::Value;
use tokio::sync::{Mutex, mpsc};

use crate::SECRET;

/// Receives webhooks, verifies them, and can refuse some.
#[derive(Debug)]
pub struct Listener {
    pub url: String,
    received: Mutex<mpsc::UnboundedReceiver<Value>>,
    refusals: Arc<AtomicUsize>,
}

#[derive(Clone)]
struct Shared {
    received: mpsc::UnboundedSender<Value>,
    refusals: Arc<AtomicUsize>,
}

impl Listener {
    pub async fn start() -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        let refusals = Arc::new(AtomicUsize::new(0));
        let shared = Shared {
            received: sender,
            refusals: Arc::clone(&refusals),
        };
        let router = axum::Router::new()
            .route("/webhooks/stripe", post(receive))
            .with_state(shared);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            url: format!("http://{address}/webhooks/stripe"),
            received: Mutex::new(receiver),
            refusals,
        }
    }

    /// Refuses this many webhooks.
    pub fn refuse(&self, times: usize) {
        self.refusals.store(times, Ordering::SeqCst);
    }

    /// The next webhook.
    pub async fn next(&self) -> Value {
        let mut received = self.received.lock().await;
        let next = tokio::time::timeout(Duration::from_secs(20), received.recv()).await;
        next.expect("a webhook").expect("a listener")
    }

    /// The types of the next webhooks.
    pub async fn types(&self, count: usize) -> Vec<String> {
        let mut types = Vec::new();
        for _ in 0..count {
            types.push(self.next().await["type"].as_str().expect("a type").to_owned());
        }
        types
    }

    /// A webhook that has already been received.
    pub async fn try_next(&self) -> Option<Value> {
        self.received.lock().await.try_recv().ok()
    }
}

async fn receive(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> StatusCode {
    verify(headers["stripe-signature"].to_str().expect("a text"), &body);
    let remaining = shared.refusals.load(Ordering::SeqCst);
    if remaining > 0 {
        shared.refusals.store(remaining - 1, Ordering::SeqCst);
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    shared.received.send(serde_json::from_slice(&body).expect("JSON")).ok();
    StatusCode::OK
}

fn verify(header: &str, body: &[u8]) {
    let (time, tag) = header.split_once(',').expect("two parts");
    let time = time.strip_prefix("t=").expect("a time");
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let expected = hmac::sign(&key, &[time.as_bytes(), b".", body].concat());
    let bytes = expected.as_ref().iter();
    let hex = bytes.fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    assert_eq!(tag, format!("v1={hex}"));
}
