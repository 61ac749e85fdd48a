//! A part that runs inside of the test.

use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;
use service::{Part, Server};
use tokio::net::TcpListener;

use crate::observed::{Objections, Observed};

/// A running part, which is stopped when this is dropped. The test fails then if the part has answered with an undocumented
/// problem.
#[derive(Debug)]
pub struct Running {
    /// `http://127.0.0.1:<port>`
    pub url: String,
    http: reqwest::Client,
    objections: Objections,
    _server: Server,
}

impl Running {
    /// Starts a part on a free port.
    ///
    /// # Panics
    /// There is no free port.
    pub async fn start<P: Part + Clone>(part: P) -> Self {
        Self::start_on(Self::listener().await, part)
    }

    /// Listens on a free port, whose address can be passed on before the part starts.
    ///
    /// # Panics
    /// There is no free port.
    pub async fn listener() -> TcpListener {
        TcpListener::bind("127.0.0.1:0").await.expect("a free port")
    }

    /// Starts a part on a listener.
    ///
    /// # Panics
    /// The listener has no address.
    pub fn start_on<P: Part + Clone>(listener: TcpListener, part: P) -> Self {
        service::check_command_line::<P>();
        let (part, objections) = Observed::new(part);
        let server = service::serve(part, listener).expect("a bound listener");
        Self {
            url: format!("http://{}", server.address),
            http: crate::client(),
            objections,
            _server: server,
        }
    }

    /// Prepares a request.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url))
    }

    /// Sends `GET`; returns status and JSON (or a string if it is not JSON).
    pub async fn get(&self, path: &str) -> (StatusCode, Value) {
        answer(self.request(Method::GET, path)).await
    }

    /// Sends `PUT` with a JSON body.
    pub async fn put(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        answer(self.request(Method::PUT, path).json(body)).await
    }

    /// Sends `POST` with a JSON body and an idempotency key.
    pub async fn post(&self, path: &str, key: &str, body: &Value) -> (StatusCode, Value) {
        answer(
            self.request(Method::POST, path)
                .header("idempotency-key", key)
                .json(body),
        )
        .await
    }

    /// Sends `DELETE`.
    pub async fn delete(&self, path: &str) -> (StatusCode, Value) {
        answer(self.request(Method::DELETE, path)).await
    }

    /// Sends `GET` as a browser does; returns status and text.
    pub async fn page(&self, path: &str) -> (StatusCode, String) {
        let response = send(self.request(Method::GET, path)).await;
        (response.status(), response.text().await.expect("a body"))
    }

    /// Posts a URL-encoded form as a browser does.
    pub async fn submit(&self, path: &str, fields: &str) -> Response {
        let form = self
            .request(Method::POST, path)
            .header("content-type", "application/x-www-form-urlencoded");
        send(form.body(fields.to_owned())).await
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.objections.check();
        }
    }
}

async fn answer(request: RequestBuilder) -> (StatusCode, Value) {
    let response = send(request).await;
    let status = response.status();
    let text = response.text().await.expect("a body");
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

async fn send(request: RequestBuilder) -> Response {
    request.send().await.expect("the part answers")
}
