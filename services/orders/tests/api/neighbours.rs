//! Pricing, inventory, payments and cart in one double that keeps books: what is held, what is paid, and
//! that a key has one answer. A step can be told to misbehave.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::{Value, json};
use testkit::Contract;
use testkit::wiremock::matchers::any;
use testkit::wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};
use uuid::Uuid;

/// Later than any orders here would wait.
const LATE: Duration = Duration::from_secs(2);

/// How a step misbehaves.
#[derive(Clone, Copy, Debug)]
pub enum Mood {
    /// It says no with the problem of this kind that its contract has, and sticks to it.
    Refuses(&'static str),
    /// It says no with a problem that its contract does not have, and sticks to it.
    Surprises(u16, &'static str),
    /// It does what it is asked, and its answer comes too late.
    Lost,
    /// It does nothing, and its answer comes too late.
    Deaf,
    /// It does nothing, and fails.
    Broken,
    /// It does what it is asked, but takes a while.
    Slow,
}

/// What the neighbours know.
#[derive(Debug, Default)]
struct Books {
    /// By key: the answer that was given, which is the answer to everyone who asks again.
    answers: BTreeMap<String, (u16, Value)>,
    reservations: BTreeMap<Uuid, &'static str>,
    payments: BTreeMap<Uuid, &'static str>,
    cleared: usize,
    moods: BTreeMap<&'static str, VecDeque<Mood>>,
    calls: Vec<(&'static str, Value)>,
    held_seconds: Option<i64>,
    waiting_seconds: Option<i64>,
    /// Whether the bank wants to hear from the shopper
    asks: bool,
    /// The fingerprint of the card that pays
    card: Option<&'static str>,
    /// How shoppers pay, if not by card
    paid_by: Option<&'static str>,
    told: Vec<Value>,
}

/// The neighbours.
pub struct Neighbours {
    server: MockServer,
    books: Arc<Mutex<Books>>,
}

impl Neighbours {
    pub async fn start() -> Self {
        let books = Arc::<Mutex<Books>>::default();
        let server = MockServer::start().await;
        Mock::given(any())
            .respond_with(Desk(Arc::clone(&books)))
            .mount(&server)
            .await;
        Self { server, books }
    }

    pub fn url(&self) -> String {
        self.server.uri()
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().expect("sound books")
    }

    /// Has the next calls of a step misbehave, one after the other.
    pub fn moods(&self, step: &'static str, moods: &[Mood]) {
        self.books().moods.insert(step, moods.iter().copied().collect());
    }

    /// Has reservations hold for so long.
    pub fn hold_for(&self, seconds: i64) {
        self.books().held_seconds = Some(seconds);
    }

    /// Has units be held for so long while a bank asks.
    pub fn hold_while_asked(&self, seconds: i64) {
        self.books().waiting_seconds = Some(seconds);
    }

    /// Has the bank ask shoppers from now on.
    pub fn ask(&self) {
        self.books().asks = true;
    }

    /// This card pays from now on.
    pub fn card(&self, fingerprint: &'static str) {
        self.books().card = Some(fingerprint);
    }

    /// Shoppers pay so from now on.
    pub fn pay_by(&self, paid_by: &'static str) {
        self.books().paid_by = Some(paid_by);
    }

    /// Has the bank ask nobody any longer.
    pub fn ask_no_more(&self) {
        self.books().asks = false;
    }

    /// What shoppers answer their bank; of what was voided it wants to hear no more.
    pub fn shoppers_answer(&self, status: &'static str) {
        let mut books = self.books();
        let asked = books
            .payments
            .values_mut()
            .filter(|payment| **payment == "requires_action");
        asked.for_each(|payment| *payment = status);
    }

    /// Tells the world what payments tells of an order.
    pub fn tell(&self, kind: &str, order: &str) {
        let mut event = testkit::event("services/payments", kind);
        event["id"] = json!(Uuid::now_v7());
        event["data"]["order"] = json!(order);
        self.books().told.push(event);
    }

    /// What has become of all reservations and payments, and how often a cart was cleared of what was bought.
    pub fn state(&self) -> (Vec<&'static str>, Vec<&'static str>, usize) {
        let books = self.books();
        (
            books.reservations.values().copied().collect(),
            books.payments.values().copied().collect(),
            books.cleared,
        )
    }

    /// The bodies that a step was called with.
    pub fn calls(&self, step: &str) -> Vec<Value> {
        let books = self.books();
        let meant = books.calls.iter().filter(|(name, _)| *name == step);
        meant.map(|(_, body)| body.clone()).collect()
    }

    /// The steps that were called, in order.
    pub fn steps(&self) -> Vec<&'static str> {
        self.books().calls.iter().map(|(step, _)| *step).collect()
    }

    /// Waits until a step was called so often.
    pub async fn called(&self, step: &str, times: usize) {
        while self.calls(step).len() < times {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// The order that units were last wanted for.
    pub fn last_order(&self) -> String {
        let calls = self.calls("reserve");
        calls.last().expect("a reservation")["order"]
            .as_str()
            .expect("an id")
            .to_owned()
    }
}

/// Where the calls arrive.
struct Desk(Arc<Mutex<Books>>);

impl Respond for Desk {
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
            other => panic!("nobody should ask for {other:?}"),
        };
        books
            .calls
            .push((step, serde_json::from_slice(&request.body).unwrap_or_default()));
        let mood = books.moods.get_mut(step).and_then(VecDeque::pop_front);
        match mood {
            Some(Mood::Broken) => return ResponseTemplate::new(500),
            Some(Mood::Deaf) => return ResponseTemplate::new(200).set_delay(LATE),
            _ => {}
        }
        let key = request.headers.get("idempotency-key").and_then(|key| key.to_str().ok());
        let known = key.and_then(|key| books.answers.get(key).cloned());
        let (status, body) = known.unwrap_or_else(|| match mood {
            Some(Mood::Refuses(kind)) => refusal(step, kind),
            Some(Mood::Surprises(status, kind)) => (status, surprise(status, kind)),
            _ => books.act(step, path.get(1).copied()),
        });
        if let Some(key) = key {
            books.answers.insert(key.to_owned(), (status, body.clone()));
        }
        let answer = ResponseTemplate::new(status).set_body_json(body);
        match mood {
            Some(Mood::Lost) => answer.set_delay(LATE),
            Some(Mood::Slow) => answer.set_delay(Duration::from_millis(100)),
            _ => answer,
        }
    }
}

fn surprise(status: u16, kind: &str) -> Value {
    json!({ "type": format!("urn:problem:{kind}"), "title": kind, "status": status, "detail": "No." })
}

/// As the neighbour's contract has it.
fn refusal(step: &str, kind: &str) -> (u16, Value) {
    let (part, method, path) = match step {
        "reserve" => ("services/inventory", "post", "/reservations"),
        "commit" => ("services/inventory", "post", "/reservations/{id}/commit"),
        "release" => ("services/inventory", "delete", "/reservations/{id}"),
        "authorise" => ("services/payments", "post", "/payments"),
        "capture" => ("services/payments", "post", "/payments/{id}/capture"),
        "void" => ("services/payments", "post", "/payments/{id}/void"),
        "expire" => ("services/payments", "post", "/payments/{id}/expire"),
        "clear" => ("services/cart", "put", "/carts/{id}/orders/{order}"),
        other => panic!("{other} is not refused here"),
    };
    let problem = Contract::of(part).problem(method, path, kind);
    (problem.status, json!(problem))
}

impl Books {
    /// Everything after the last event, or, a little later, nothing.
    fn feed(&self, request: &Request) -> ResponseTemplate {
        let last = request.url.query_pairs().find(|(name, _)| name == "lastEventId");
        let after = last.and_then(|(_, id)| self.told.iter().position(|event| event["id"] == *id));
        let events = &self.told[after.map_or(0, |place| place + 1)..];
        let pause = if events.is_empty() { 200 } else { 0 };
        let batch = ResponseTemplate::new(200).set_body_json(events);
        batch.set_delay(Duration::from_millis(pause))
    }

    fn payment(&self, id: Uuid) -> Value {
        let status = self.payments[&id];
        let action = (status == "requires_action").then(|| json!({ "url": "http://bank.example/ask" }));
        let paid_by = self.paid_by.unwrap_or("card");
        json!({ "id": id, "type": paid_by, "status": status, "action": action, "card_fingerprint": self.card })
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
                (201, json!({ "id": id, "expires_at": storage::clock::now() + held }))
            }
            "wait" => {
                let held = chrono::TimeDelta::seconds(self.waiting_seconds.unwrap_or(180));
                (200, json!({ "id": id, "expires_at": storage::clock::now() + held }))
            }
            "authorise" => {
                let status = if self.asks { "requires_action" } else { "authorised" };
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
            // There is nothing to let go.
            "void" if matches!(self.payments.get(&id), Some(&("declined" | "expired"))) => (200, json!({ "id": id })),
            "void" => change(
                step,
                &mut self.payments,
                id,
                "voided",
                &["authorised", "requires_action", "voided"],
            ),
            _ => {
                self.cleared += 1;
                (200, json!({}))
            }
        }
    }
}

fn change(
    step: &str,
    things: &mut BTreeMap<Uuid, &'static str>,
    id: Uuid,
    to: &'static str,
    from: &[&str],
) -> (u16, Value) {
    match things.get_mut(&id) {
        Some(state) if from.contains(state) => {
            *state = to;
            (200, json!({ "id": id }))
        }
        Some(&mut "committed") => refusal(step, "committed"),
        Some(_) if step == "commit" => refusal(step, "expired"),
        Some(_) => refusal(step, "wrong-state"),
        None => refusal(step, "not-found"),
    }
}
