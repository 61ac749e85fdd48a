//! The double through its HTTP interfaces.

#![expect(
    clippy::disallowed_methods,
    reason = "a test waits for its tasks, and sees what becomes of them"
)]

mod access;
mod behaviour;
mod check;
mod idempotency;
mod intents;
mod listener;
mod page;
mod process;
mod refunds;
mod sessions;
mod sweep;
mod webhooks;

use std::ops::Deref;
use std::time::Duration;

use reqwest::{Method, Response};
use serde_json::{Value, json};
use service::Part;
use storage::Db;
use stripe_double::{App, Config};
use tempfile::TempDir;
use testkit::Running;

use listener::Listener;

const KEY: &str = "sk_test_stoa";
const SECRET: &str = "whsec_stoa";
const GOOD: &str = "4242424242424242";
const DECLINED: &str = "4000000000000002";
const INSUFFICIENT_FUNDS: &str = "4000000000009995";
const CHALLENGED: &str = "4000002500003155";

/// The form of a session for 52.90 €, with manual capture.
const SESSION_FORM: &str = "mode=payment&line_items[0][price_data][currency]=eur&line_items[0][price_data][unit_amount]=5290\
    &line_items[0][price_data][product_data][name]=Onda+vase&line_items[0][quantity]=1\
    &success_url=http%3A%2F%2Fshop.test%2Fdone%3Fsession%3D%7BCHECKOUT_SESSION_ID%7D&cancel_url=http%3A%2F%2Fshop.test%2Fback\
    &client_reference_id=order-1&metadata[order]=1&payment_intent_data[capture_method]=manual\
    &payment_intent_data[metadata][payment]=p-1";

/// A double, its database, and a listener for its webhooks.
struct Double {
    running: Running,
    listener: Listener,
    folder: TempDir,
}

impl Deref for Double {
    type Target = Running;

    fn deref(&self) -> &Running {
        &self.running
    }
}

fn config(folder: &TempDir, webhook_url: &str) -> Config {
    let database = format!("sqlite:{}", folder.path().join("double.db").display());
    Config {
        database_url: database.parse().expect("an address"),
        stripe_key: KEY.into(),
        webhook_secret: SECRET.into(),
        webhook_url: webhook_url.to_owned(),
        public_url: None,
        webhook_retry_ms: 10,
    }
}

impl Double {
    async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let listener = Listener::start().await;
        let app = App::start(config(&folder, &listener.url)).await.expect("the double");
        Self {
            running: Running::start(app).await,
            listener,
            folder,
        }
    }

    async fn db(&self) -> Db {
        let config = config(&self.folder, &self.listener.url);
        Db::open(config.database_url).await.expect("a database")
    }

    /// Calls the API, and returns status and body.
    async fn call(&self, method: Method, path: &str, form: &str) -> (u16, Value) {
        let response = self.asked(method, path, form, None).await;
        let status = response.status().as_u16();
        (status, response.json().await.expect("JSON"))
    }

    async fn asked(&self, method: Method, path: &str, form: &str, key: Option<&str>) -> Response {
        self.ask(method, path, form, key).await.expect("an answer")
    }

    async fn ask(&self, method: Method, path: &str, form: &str, key: Option<&str>) -> reqwest::Result<Response> {
        let mut request = self.request(method.clone(), path).bearer_auth(KEY);
        if method == Method::POST {
            request = request
                .header("content-type", "application/x-www-form-urlencoded")
                .body(form.to_owned());
        }
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        request.send().await
    }

    async fn find(&self, path: &str) -> Value {
        let (status, found) = self.call(Method::GET, path, "").await;
        assert_eq!(status, 200, "{found}");
        found
    }

    async fn create(&self, path: &str, form: &str) -> Value {
        let (status, created) = self.call(Method::POST, path, form).await;
        assert_eq!(status, 200, "{created}");
        created
    }

    /// Status, code and parameter of an error.
    async fn refused(&self, path: &str, form: &str) -> (u16, Value, Value) {
        let (status, answer) = self.call(Method::POST, path, form).await;
        let error = &answer["error"];
        assert!(error["message"].is_string(), "{answer}");
        (status, error["code"].clone(), error["param"].clone())
    }

    /// Creates a session, and returns its id.
    async fn session(&self) -> String {
        id(&self.create("/v1/checkout/sessions", SESSION_FORM).await)
    }

    /// Submits a card on the page.
    async fn fill_in(&self, session: &str, number: &str) -> Response {
        let fields = format!("email=ada%40example.org&number={number}&expiry=12%2F49&cvc=123");
        self.submit(&format!("/c/pay/{session}"), &fields).await
    }

    /// Creates an authorised intent, and returns its id.
    async fn paid(&self) -> String {
        let session = self.session().await;
        assert_eq!(self.fill_in(&session, GOOD).await.status(), 303);
        let session = self.find(&format!("/v1/checkout/sessions/{session}")).await;
        session["payment_intent"].as_str().expect("paid").to_owned()
    }

    /// Creates a captured intent, and returns its id.
    async fn captured(&self) -> String {
        let intent = self.paid().await;
        self.create(&format!("/v1/payment_intents/{intent}/capture"), "").await;
        intent
    }

    async fn set_behaviour(&self, behaviour: Value) {
        let (status, now) = self.put("/double/behaviour", &behaviour).await;
        assert_eq!(status, 200, "{now}");
    }

    /// The types of all events, the oldest first.
    async fn events(&self) -> Vec<String> {
        let events = self.find("/v1/events?limit=100").await;
        let events = events["data"].as_array().expect("a list").iter().rev();
        events
            .map(|event| event["type"].as_str().expect("a type").to_owned())
            .collect()
    }

    /// Waits until an object is as expected.
    async fn until(&self, path: &str, what: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..1000 {
            let found = self.find(path).await;
            if what(&found) {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{path} stays {}", self.find(path).await);
    }
}

fn id(object: &Value) -> String {
    object["id"].as_str().expect("an id").to_owned()
}

/// The status, code and parameter of an expected error.
fn error(status: u16, code: &str, param: &str) -> (u16, Value, Value) {
    let text = |text: &str| if text.is_empty() { Value::Null } else { json!(text) };
    (status, text(code), text(param))
}
