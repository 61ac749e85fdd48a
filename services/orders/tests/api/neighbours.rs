//! One double for pricing, inventory, payments and cart. It remembers reservations, payments and the answer to each
//! idempotency key. A test can set the faults of a step's next calls.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::{Value, json};
use testkit::Contract;
use testkit::wiremock::matchers::any;
use testkit::wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};
use uuid::Uuid;

/// Longer than `STEP_TIMEOUT`.
const LATE: Duration = Duration::from_secs(2);

/// How a call fails.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// The answer is the problem of this kind in the contract, also when the call is repeated.
    Rejects(&'static str),
    /// The answer is a problem that is not in the contract, also when the call is repeated.
    UndocumentedProblem(u16, &'static str),
    /// The call has its effect, but the answer comes too late.
    LateAnswer,
    /// The call has no effect, and there is no answer in time.
    NoAnswer,
    /// The call has no effect, and the answer is 500.
    ServerError,
    /// The call has its effect, and the answer comes in time but slowly.
    SlowAnswer,
}

/// What the double remembers.
#[derive(Debug, Default)]
struct Books {
    /// By idempotency key
    answers: BTreeMap<String, (u16, Value)>,
    reservations: BTreeMap<Uuid, &'static str>,
    payments: BTreeMap<Uuid, &'static str>,
    cleared_carts: usize,
    faults: BTreeMap<&'static str, VecDeque<Fault>>,
    calls: Vec<(&'static str, Value)>,
    held_seconds: Option<i64>,
    waiting_seconds: Option<i64>,
    /// Whether new payments require the shopper's action
    requires_action: bool,
    /// The fingerprint of the cards of new payments
    card: Option<&'static str>,
    /// The type of new payments; `card` if not set
    paid_by: Option<&'static str>,
    /// Events of payments
    events: Vec<Value>,
}

/// The double.
pub struct Neighbours {
    server: MockServer,
    books: Arc<Mutex<Books>>,
}

impl Neighbours {
    pub async fn start() -> Self {
        let books = Arc::<Mutex<Books>>::default();
        let server = MockServer::start().await;
        Mock::given(any())
            .respond_with(Responder(Arc::clone(&books)))
            .mount(&server)
            .await;
        Self { server, books }
    }

    pub fn url(&self) -> String {
        self.server.uri()
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().expect("no test has panicked with the lock")
    }

    /// Sets the faults of a step's next calls, in sequence.
    pub fn set_faults(&self, step: &'static str, faults: &[Fault]) {
        self.books().faults.insert(step, faults.iter().copied().collect());
    }

    /// Sets how long new reservations last.
    pub fn hold_for(&self, seconds: i64) {
        self.books().held_seconds = Some(seconds);
    }

    /// Sets how long reservations of orders that await payment last.
    pub fn hold_unpaid_for(&self, seconds: i64) {
        self.books().waiting_seconds = Some(seconds);
    }

    /// Lets new payments require the shopper's action.
    pub fn require_action(&self) {
        self.books().requires_action = true;
    }

    /// Sets the fingerprint of the cards of new payments.
    pub fn set_card(&self, fingerprint: &'static str) {
        self.books().card = Some(fingerprint);
    }

    /// Sets the type of new payments.
    pub fn set_paid_by(&self, paid_by: &'static str) {
        self.books().paid_by = Some(paid_by);
    }

    /// Lets new payments be authorised at once.
    pub fn require_no_action(&self) {
        self.books().requires_action = false;
    }

    /// Sets the status of all payments that require action.
    pub fn set_pending_payments(&self, status: &'static str) {
        let mut books = self.books();
        let asked = books
            .payments
            .values_mut()
            .filter(|payment| **payment == "requires_action");
        asked.for_each(|payment| *payment = status);
    }

    /// Publishes an event of an order's payment.
    pub fn publish(&self, event_type: &str, order: &str) {
        let mut event = testkit::event("services/payments", event_type);
        event["id"] = json!(Uuid::now_v7());
        event["data"]["order"] = json!(order);
        self.books().events.push(event);
    }

    /// The statuses of all reservations and of all payments, and how often a cart was cleared.
    pub fn state(&self) -> (Vec<&'static str>, Vec<&'static str>, usize) {
        let books = self.books();
        (
            books.reservations.values().copied().collect(),
            books.payments.values().copied().collect(),
            books.cleared_carts,
        )
    }

    /// The bodies of all calls of a step.
    pub fn calls(&self, step: &str) -> Vec<Value> {
        let books = self.books();
        let of_step = books.calls.iter().filter(|(name, _)| *name == step);
        of_step.map(|(_, body)| body.clone()).collect()
    }

    /// The steps of all calls, in sequence.
    pub fn steps(&self) -> Vec<&'static str> {
        self.books().calls.iter().map(|(step, _)| *step).collect()
    }

    /// Waits until a step has been called this many times.
    pub async fn called(&self, step: &str, times: usize) {
        while self.calls(step).len() < times {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// The id of the order of the last reservation.
    pub fn last_order(&self) -> String {
        let calls = self.calls("reserve");
        calls.last().expect("a reservation")["order"]
            .as_str()
            .expect("an id")
            .to_owned()
    }
}

struct Responder(Arc<Mutex<Books>>);

impl Respond for Responder {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut books = self.0.lock().expect("sound books");
        let path: Vec<&str> = request.url.path().trim_matches('/').split('/').collect();
        if path == ["events"] {
            return books.feed(request);
        }
        let step = match (request.method.as_str(), path.as_slice()) {
            ("GET", ["keys"]) => "keys",
            ("POST", ["reservations"]) => "reserve",
            ("POST", ["reservations", _, "wait"]) => "wait",
            ("POST", ["reservations", _, "commit"]) => "commit",
            ("DELETE", ["reservations", _]) => "release",
            ("POST", ["restocks"]) => "restock",
            ("POST", ["payments"]) => "authorise",
            ("GET", ["payments", _]) => "payment",
            ("POST", ["payments", _, "capture"]) => "capture",
            ("POST", ["payments", _, "void"]) => "void",
            ("POST", ["payments", _, "expire"]) => "expire",
            ("PUT", ["carts", _, "orders", _]) => "clear",
            other => panic!("orders must not call {other:?}"),
        };
        books
            .calls
            .push((step, serde_json::from_slice(&request.body).unwrap_or_default()));
        let fault = books.faults.get_mut(step).and_then(VecDeque::pop_front);
        match fault {
            Some(Fault::ServerError) => return ResponseTemplate::new(500),
            Some(Fault::NoAnswer) => return ResponseTemplate::new(200).set_delay(LATE),
            _ => {}
        }
        let key = request.headers.get("idempotency-key").and_then(|key| key.to_str().ok());
        let known = key.and_then(|key| books.answers.get(key).cloned());
        let (status, body) = known.unwrap_or_else(|| match fault {
            Some(Fault::Rejects(kind)) => documented_problem(step, kind),
            Some(Fault::UndocumentedProblem(status, kind)) => (status, undocumented_problem(status, kind)),
            _ => books.act(step, path.get(1).copied()),
        });
        if let Some(key) = key {
            books.answers.insert(key.to_owned(), (status, body.clone()));
        }
        let answer = ResponseTemplate::new(status).set_body_json(body);
        match fault {
            Some(Fault::LateAnswer) => answer.set_delay(LATE),
            Some(Fault::SlowAnswer) => answer.set_delay(Duration::from_millis(100)),
            _ => answer,
        }
    }
}

fn undocumented_problem(status: u16, kind: &str) -> Value {
    json!({ "type": format!("urn:problem:{kind}"), "title": kind, "status": status, "detail": "No." })
}

/// The problem in the neighbour's contract.
fn documented_problem(step: &str, kind: &str) -> (u16, Value) {
    let (part, method, path) = match step {
        "reserve" => ("services/inventory", "post", "/reservations"),
        "commit" => ("services/inventory", "post", "/reservations/{id}/commit"),
        "release" => ("services/inventory", "delete", "/reservations/{id}"),
        "authorise" => ("services/payments", "post", "/payments"),
        "capture" => ("services/payments", "post", "/payments/{id}/capture"),
        "void" => ("services/payments", "post", "/payments/{id}/void"),
        "expire" => ("services/payments", "post", "/payments/{id}/expire"),
        "clear" => ("services/cart", "put", "/carts/{id}/orders/{order}"),
        other => panic!("no contract for {other}"),
    };
    let problem = Contract::of(part).problem(method, path, kind);
    (problem.status, json!(problem))
}

impl Books {
    /// The events after the last one that was read, or an empty list after a while.
    fn feed(&self, request: &Request) -> ResponseTemplate {
        let last = request.url.query_pairs().find(|(name, _)| name == "lastEventId");
        let after = last.and_then(|(_, id)| self.events.iter().position(|event| event["id"] == *id));
        let events = &self.events[after.map_or(0, |index| index + 1)..];
        let pause = if events.is_empty() { 200 } else { 0 };
        let batch = ResponseTemplate::new(200).set_body_json(events);
        batch.set_delay(Duration::from_millis(pause))
    }

    fn payment(&self, id: Uuid) -> Value {
        let status = self.payments[&id];
        let redirect_url = (status == "requires_action").then_some("http://bank.example/confirm");
        let paid_by = self.paid_by.unwrap_or("card");
        json!({ "id": id, "type": paid_by, "status": status, "redirect_url": redirect_url, "card_fingerprint": self.card })
    }

    fn act(&mut self, step: &str, id: Option<&str>) -> (u16, Value) {
        let id = id.and_then(|id| id.parse().ok()).unwrap_or_else(Uuid::new_v4);
        match step {
            "keys" => (
                200,
                json!({ "keys": [{ "kid": crate::KID, "x": crate::quotes::public_key() }] }),
            ),
            "reserve" => {
                self.reservations.insert(id, "held");
                let held = chrono::TimeDelta::seconds(self.held_seconds.unwrap_or(900));
                (
                    201,
                    json!({ "id": id, "expires_at": values::Clock::system().now() + held }),
                )
            }
            "wait" => {
                let held = chrono::TimeDelta::seconds(self.waiting_seconds.unwrap_or(180));
                (
                    200,
                    json!({ "id": id, "expires_at": values::Clock::system().now() + held }),
                )
            }
            "authorise" => {
                let status = if self.requires_action {
                    "requires_action"
                } else {
                    "authorised"
                };
                self.payments.insert(id, status);
                (201, self.payment(id))
            }
            "payment" => (200, self.payment(id)),
            "expire" => {
                let status = self.payments.get_mut(&id).expect("a payment");
                if *status == "requires_action" {
                    *status = "expired";
                }
                (200, self.payment(id))
            }
            "restock" => (201, json!({})),
            "commit" => change(step, &mut self.reservations, id, "committed", &["held", "committed"]),
            "release" => change(step, &mut self.reservations, id, "released", &["held", "released"]),
            "capture" => change(step, &mut self.payments, id, "captured", &["authorised", "captured"]),
            // Nothing is to be voided.
            "void" if matches!(self.payments.get(&id), Some(&("declined" | "expired"))) => (200, json!({ "id": id })),
            "void" => change(
                step,
                &mut self.payments,
                id,
                "voided",
                &["authorised", "requires_action", "voided"],
            ),
            _ => {
                self.cleared_carts += 1;
                (200, json!({}))
            }
        }
    }
}

fn change(
    step: &str,
    statuses: &mut BTreeMap<Uuid, &'static str>,
    id: Uuid,
    to: &'static str,
    from: &[&str],
) -> (u16, Value) {
    match statuses.get_mut(&id) {
        Some(status) if from.contains(status) => {
            *status = to;
            (200, json!({ "id": id }))
        }
        Some(&mut "committed") => documented_problem(step, "committed"),
        Some(_) if step == "commit" => documented_problem(step, "expired"),
        Some(_) => documented_problem(step, "wrong-state"),
        None => documented_problem(step, "not-found"),
    }
}
