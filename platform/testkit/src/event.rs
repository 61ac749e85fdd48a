//! Events of neighbours: their examples, and a feed that tells what a test wants.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use crate::repository;

/// Events in one answer, at most.
const PAGE: usize = 100;
/// How long an answer without an event is held back.
const PATIENCE: Duration = Duration::from_millis(20);

/// The example that a part keeps of an event that it publishes:
/// `event("services/things", "things.thing-made.v1")` reads `services/things/events/thing-made.v1.json`.
///
/// # Panics
/// There is none, or it is not JSON.
#[must_use]
pub fn event(part: &str, kind: &str) -> Value {
    let (_, name) = kind.split_once('.').expect("a source before the first dot");
    let path = repository(part).join("events").join(format!("{name}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).expect("an example is JSON")
}

/// A double of a neighbour's feed, on a free port.
#[derive(Debug)]
pub struct Feed {
    server: MockServer,
    events: Events,
}

#[derive(Clone, Debug, Default)]
struct Events(Arc<Mutex<Vec<Value>>>);

impl Feed {
    /// An empty feed.
    pub async fn start() -> Self {
        let (server, events) = (MockServer::start().await, Events::default());
        let feed = Mock::given(method("GET"))
            .and(path("/events"))
            .respond_with(events.clone());
        feed.mount(&server).await;
        Self { server, events }
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.uri()
    }

    /// Tells an event, under an id of its own: an example can be told many times.
    ///
    /// # Panics
    /// It is no JSON object.
    pub fn publish(&self, mut event: Value) {
        event["id"] = json!(Uuid::now_v7());
        self.events.lock().push(event);
    }
}

impl Events {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Value>> {
        self.0.lock().expect("nobody panics with it in hand")
    }
}

impl Respond for Events {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let events = self.lock();
        let last = request.url.query_pairs().find(|(name, _)| name == "lastEventId");
        let place = match last {
            None => Some(0),
            Some((_, id)) => events
                .iter()
                .position(|event| event["id"] == *id)
                .map(|place| place + 1),
        };
        let Some(place) = place else {
            let problem = json!({ "type": "urn:problem:event-gone", "title": "Event gone", "status": 410 });
            return ResponseTemplate::new(410).set_body_json(problem);
        };
        let page: Vec<&Value> = events[place..].iter().take(PAGE).collect();
        let answer = ResponseTemplate::new(200).set_body_json(&page);
        if page.is_empty() {
            answer.set_delay(PATIENCE)
        } else {
            answer
        }
    }
}
