//! A double of a neighbour: answers each operation of its contract with the documented example.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use wiremock::matchers::{method, path_regex};
use wiremock::{Mock, MockBuilder, MockServer, Request, ResponseTemplate};

use crate::Contract;

/// A neighbour's double on a free port. If the part under test makes a request that the contract does not allow, the test
/// fails when the double is dropped.
#[derive(Debug)]
pub struct Double {
    server: MockServer,
    contract: Contract,
    /// Checked against the contract at the end
    calls: Arc<Mutex<Vec<Request>>>,
    /// Priority of the next mock; of two mocks for an operation, the one with the smaller number answers
    priority: AtomicU8,
}

impl Double {
    /// Starts a double of a part, for example `services/catalog`.
    pub async fn of(part: &str) -> Self {
        let server = MockServer::start().await;
        let (contract, calls) = (Contract::of(part), Arc::default());
        watch(&server, Arc::clone(&calls)).await;
        for (method, path, status, answer) in contract.successes() {
            mount(&server, &method, &path, answered(status, &answer), u8::MAX).await;
        }
        Self {
            server,
            contract,
            calls,
            priority: AtomicU8::new(u8::MAX - 1),
        }
    }

    /// Its URL.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.uri()
    }

    /// From now on, answers an operation with this status and body.
    ///
    /// # Panics
    /// The body is a problem that the contract does not document.
    pub async fn answers(&self, method: &str, path: &str, status: u16, body: &Value) {
        self.check(method, path, status, body);
        self.responds_with(method, path, answered(status, body)).await;
    }

    /// From now on, answers an operation with this status and body if the query has the parameter.
    ///
    /// # Panics
    /// The body is a problem that the contract does not document.
    pub async fn answers_with_parameter(
        &self,
        method: &str,
        path: &str,
        parameter: &'static str,
        status: u16,
        body: &Value,
    ) {
        self.check(method, path, status, body);
        let priority = self.next_priority();
        let has_parameter = move |request: &Request| request.url.query_pairs().any(|(name, _)| name == parameter);
        let mock = mock(method, path)
            .and(has_parameter)
            .respond_with(answered(status, body));
        mock.with_priority(priority).mount(&self.server).await;
    }

    /// From now on, refuses an operation with the problem of this kind that its contract documents.
    ///
    /// # Panics
    /// The contract does not document it.
    pub async fn refuses(&self, method: &str, path: &str, kind: &str) {
        let problem = self.contract.problem_value(method, path, kind);
        let status = problem["status"].as_u64().and_then(|status| u16::try_from(status).ok());
        let status = status.expect("a problem has its status");
        self.responds_with(method, path, answered(status, &problem)).await;
    }

    /// From now on, refuses an operation with a problem that its contract does not document, as a newer version may do.
    pub async fn refuses_undocumented(&self, method: &str, path: &str, status: u16, kind: &str) {
        let problem = json!({
            "type": format!("urn:problem:{kind}"), "title": kind, "status": status, "detail": "It was this.",
        });
        self.responds_with(method, path, answered(status, &problem)).await;
    }

    /// An error without a problem document is not checked: a proxy between two parts may send it.
    fn check(&self, method: &str, path: &str, status: u16, body: &Value) {
        if status >= 400 && body.get("type").is_some() {
            let objection = self.contract.objection_to_problem(method, path, status, body);
            assert!(objection.is_none(), "{objection:?}");
        }
    }

    /// From now on, delays an operation by this many seconds, like a neighbour that hangs.
    pub async fn hangs(&self, method: &str, path: &str, seconds: u64) {
        let response = ResponseTemplate::new(200).set_delay(std::time::Duration::from_secs(seconds));
        self.responds_with(method, path, response).await;
    }

    /// From now on, answers an operation with this response, which may have headers.
    pub async fn responds_with(&self, method: &str, path: &str, response: ResponseTemplate) {
        mount(&self.server, method, path, response, self.next_priority()).await;
    }

    fn next_priority(&self) -> u8 {
        let priority = self.priority.fetch_sub(1, Ordering::Relaxed);
        assert_ne!(priority, 1, "a double that changes its mind so often is another double");
        priority
    }

    /// The bodies of all requests for an operation so far, parsed as JSON.
    pub async fn received(&self, name: &str, path: &str) -> Vec<Value> {
        let requests = self.requests(name, path).await.into_iter();
        requests
            .map(|request| serde_json::from_slice(&request.body).unwrap_or_default())
            .collect()
    }

    /// The value of a header in all requests for an operation so far; empty where it is missing.
    pub async fn header(&self, name: &str, path: &str, header: &str) -> Vec<String> {
        let requests = self.requests(name, path).await.into_iter();
        requests
            .map(|request| {
                let value = request.headers.get(header).and_then(|value| value.to_str().ok());
                value.unwrap_or_default().to_owned()
            })
            .collect()
    }

    async fn requests(&self, name: &str, path: &str) -> Vec<Request> {
        let mut requests = self.server.received_requests().await.unwrap_or_default();
        requests.retain(|request| request.method.as_str().eq_ignore_ascii_case(name) && request.url.path() == path);
        requests
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let calls = self.calls.lock().expect("no thread panicked");
        let objections: BTreeSet<_> = calls.iter().filter_map(|call| self.contract.objection(call)).collect();
        assert!(objections.is_empty(), "not allowed by the contract: {objections:#?}");
    }
}

/// Records every request, and answers none.
async fn watch(server: &MockServer, calls: Arc<Mutex<Vec<Request>>>) {
    let note = move |call: &Request| {
        calls.lock().expect("no thread panicked").push(call.clone());
        false
    };
    let nothing = Mock::given(note).respond_with(ResponseTemplate::new(404));
    nothing.with_priority(1).mount(server).await;
}

fn answered(status: u16, body: &Value) -> ResponseTemplate {
    match body {
        Value::Null => ResponseTemplate::new(status),
        _ => ResponseTemplate::new(status).set_body_json(body),
    }
}

async fn mount(server: &MockServer, name: &str, path: &str, response: ResponseTemplate, priority: u8) {
    mock(name, path)
        .respond_with(response)
        .with_priority(priority)
        .mount(server)
        .await;
}

fn mock(name: &str, path: &str) -> MockBuilder {
    Mock::given(method(name.to_uppercase().as_str())).and(path_regex(pattern(path)))
}

/// `/products/{slug}` → `^/products/[^/]+$`.
fn pattern(path: &str) -> String {
    let segments = path
        .split('/')
        .map(|segment| if segment.starts_with('{') { "[^/]+" } else { segment });
    format!("^{}$", segments.collect::<Vec<_>>().join("/"))
}
