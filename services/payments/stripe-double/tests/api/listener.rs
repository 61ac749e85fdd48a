//! Who hears webhooks.

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

/// It says no to the first ones, if it is told to.
#[derive(Debug)]
pub struct Listener {
    pub url: String,
    told: Mutex<mpsc::UnboundedReceiver<Value>>,
    refusals: Arc<AtomicUsize>,
}

#[derive(Clone)]
struct Ear {
    told: mpsc::UnboundedSender<Value>,
    refusals: Arc<AtomicUsize>,
}

impl Listener {
    pub async fn start() -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        let refusals = Arc::new(AtomicUsize::new(0));
        let ear = Ear {
            told: sender,
            refusals: Arc::clone(&refusals),
        };
        let router = axum::Router::new()
            .route("/webhooks/stripe", post(hear))
            .with_state(ear);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            url: format!("http://{address}/webhooks/stripe"),
            told: Mutex::new(receiver),
            refusals,
        }
    }

    /// Says no so many times.
    pub fn refuse(&self, times: usize) {
        self.refusals.store(times, Ordering::SeqCst);
    }

    /// The next webhook.
    pub async fn next(&self) -> Value {
        let mut told = self.told.lock().await;
        let next = tokio::time::timeout(Duration::from_secs(20), told.recv()).await;
        next.expect("a webhook").expect("a listener")
    }

    /// The types of the next ones.
    pub async fn types(&self, count: usize) -> Vec<String> {
        let mut types = Vec::new();
        for _ in 0..count {
            types.push(self.next().await["type"].as_str().expect("a type").to_owned());
        }
        types
    }

    /// One that is here by now.
    pub async fn heard(&self) -> Option<Value> {
        self.told.lock().await.try_recv().ok()
    }
}

async fn hear(State(ear): State<Ear>, headers: HeaderMap, body: Bytes) -> StatusCode {
    verify(headers["stripe-signature"].to_str().expect("a text"), &body);
    let left = ear.refusals.load(Ordering::SeqCst);
    if left > 0 {
        ear.refusals.store(left - 1, Ordering::SeqCst);
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    ear.told.send(serde_json::from_slice(&body).expect("JSON")).ok();
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
