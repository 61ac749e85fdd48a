//! The process is killed while it waits for the provider, and another one takes over.

use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use storage::DatabaseUrl;
use testkit::databases;
use testkit::wiremock::matchers::{method as is_method, path};
use testkit::wiremock::{Mock, MockServer, ResponseTemplate};
use uuid::Uuid;

/// The service in its own process, which is killed at the end.
struct Process {
    child: Child,
    url: String,
    http: reqwest::Client,
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn address(url: &DatabaseUrl) -> String {
    match url {
        DatabaseUrl::Sqlite(options) => format!("sqlite:{}", options.get_filename().display()),
        DatabaseUrl::Postgres(options) => {
            let (host, port) = (options.get_host(), options.get_port());
            let database = options.get_database().expect("a database");
            format!("postgres://stoa@{host}:{port}/{database}?sslmode=disable")
        }
    }
}

impl Process {
    async fn start(database: &DatabaseUrl, stripe: &str) -> Self {
        let listen = format!("127.0.0.1:{}", testkit::free_port());
        let mut command = testkit::command(env!("CARGO_BIN_EXE_payments"));
        command
            .env("STOA_LISTEN", &listen)
            .env("STOA_DATABASE_URL", address(database))
            .env("STOA_PUBLIC_LISTEN", "127.0.0.1:0")
            .env("STOA_PUBLIC_URL", "http://127.0.0.1:4107")
            .env("STOA_PAYMENT_PROVIDERS", "stripe")
            .env("STOA_STRIPE_URL", stripe)
            .env("STOA_STRIPE_KEY", "sk_test_stoa")
            .env("STOA_STRIPE_WEBHOOK_SECRET", "whsec_stoa")
            .env("STOA_PROVIDER_TIMEOUT_MS", "2000")
            .env("STOA_WORKER_MS", "50");
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("a process");
        let process = Self {
            child,
            url: format!("http://{listen}"),
            http: testkit::client(),
        };
        process.until("/health/ready", |_| true).await;
        process
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let request = self
            .http
            .post(format!("{}{path}", self.url))
            .header("idempotency-key", "key");
        request
            .json(body)
            .send()
            .await
            .expect("an answer")
            .json()
            .await
            .expect("JSON")
    }

    /// Waits until a path answers with what is expected.
    async fn until(&self, path: &str, what: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..2000 {
            if let Ok(response) = self.http.get(format!("{}{path}", self.url)).send().await
                && response.status().is_success()
            {
                let found = response.json().await.unwrap_or_default();
                if what(&found) {
                    return found;
                }
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{path} never has the expected answer");
    }
}

async fn answers(stripe: &MockServer, name: &str, at: &str, answer: ResponseTemplate) {
    Mock::given(is_method(name))
        .and(path(at))
        .respond_with(answer)
        .mount(stripe)
        .await;
}

#[tokio::test]
async fn capture_interrupted_by_a_kill_is_found_and_made_once() {
    for database in databases().await {
        let stripe = MockServer::start().await;
        let ok = |body: Value| ResponseTemplate::new(200).set_body_json(body);
        let intent = |status: &str| json!({ "id": "pi_1", "status": status, "amount_received": 4800 });
        let page = json!({ "id": "cs_1", "status": "open", "url": "https://checkout.stripe.com/c/pay/cs_1" });
        let paid = json!({ "id": "cs_1", "status": "complete", "payment_intent": intent("requires_capture") });
        answers(&stripe, "POST", "/v1/checkout/sessions", ok(page)).await;
        answers(&stripe, "GET", "/v1/checkout/sessions/cs_1", ok(paid)).await;
        // The money is captured at once, but this answer arrives too late.
        let late = ok(intent("succeeded")).set_delay(Duration::from_mins(10));
        answers(&stripe, "POST", "/v1/payment_intents/pi_1/capture", late).await;
        answers(&stripe, "GET", "/v1/payment_intents/pi_1", ok(intent("succeeded"))).await;

        let first = Process::start(&database.url, &stripe.uri()).await;
        let method = first.post("/payment-methods", &json!({ "provider": "stripe" })).await;
        let body = crate::payment_request(Uuid::new_v4(), method["id"].as_str().expect("an id"));
        let made = first.post("/payments", &body).await;
        assert_eq!(made["status"], "requires_action", "{made}");
        // The same request retrieves the status: the shopper has paid in the meantime.
        assert_eq!(first.post("/payments", &body).await["status"], "authorised");
        let payment = format!("/payments/{}", made["id"].as_str().expect("an id"));
        let asking = tokio::spawn({
            let (http, url) = (first.http.clone(), format!("{}{payment}/capture", first.url));
            async move { http.post(url).send().await.is_err() }
        });
        let asked = async || {
            let received = stripe.received_requests().await.expect("the recorded requests");
            let captures = received
                .iter()
                .filter(|request| request.url.path().ends_with("/capture"));
            captures.count()
        };
        while asked().await == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        drop(first);
        assert!(asking.await.expect("it ends"), "the answer came before the kill");

        let second = Process::start(&database.url, &stripe.uri()).await;
        second.until(&payment, |payment| payment["status"] == "captured").await;
        assert_eq!(asked().await, 1);
    }
}
