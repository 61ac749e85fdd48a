//! Examples of events, and a double of a feed.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use crate::repository;

/// Events in one response, at most.
const PAGE: usize = 100;
/// How long a response without events is held back.
const PATIENCE: Duration = Duration::from_millis(20);

/// Reads the example of an event that a part publishes:
/// `event("services/things", "things.thing-made.v1")` reads `services/things/events/thing-made.v1.json`.
///
/// # Panics
/// The file does not exist, or it is not JSON.
#[must_use]
pub fn event(part: &str, kind: &str) -> Value {
    let (_, name) = kind.split_once('.').expect("a source before the first dot");
    let path = repository(part).join("events").join(format!("{name}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).expect("an example is JSON")
}

/// A double of a neighbour's feed of events, on a free port.
#[derive(Debug)]
pub struct Feed {
    server: MockServer,
    events: Events,
}

#[derive(Clone, Debug, Default)]
struct Events(Arc<Mutex<Vec<Value>>>);

impl Feed {
    /// Starts an empty feed.
    pub async fn start() -> Self {
        let (server, events) = (MockServer::start().await, Events::default());
        let feed = Mock::given(method("GET"))
            .and(path("/events"))
            .respond_with(events.clone());
        feed.mount(&server).await;
        Self { server, events }
    }

    /// Its URL.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.uri()
    }

    /// Publishes an event under a new id, so that an example can be published several times.
    ///
    /// # Panics
    /// It is not a JSON object.
    pub fn publish(&self, mut event: Value) {
        event["id"] = json!(Uuid::now_v7());
        self.events.lock().push(event);
    }
}

impl Events {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Value>> {
        self.0.lock().expect("no thread panics while it holds this")
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
