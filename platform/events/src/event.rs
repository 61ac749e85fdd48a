//! One event, as [CloudEvents 1.0](https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md) in
//! [its JSON form](https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md).

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use service::Context;
use utoipa::ToSchema;
use uuid::Uuid;

/// Something that has happened. It never changes.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Event {
    specversion: Version,
    /// Names this event everywhere and for ever; whoever has taken it once skips it from then on
    pub id: Uuid,
    /// The part in which it happened, a URI reference: `things`
    pub source: String,
    /// What happened, in the past tense, with the version of `data`: `things.thing-made.v1`
    #[serde(rename = "type")]
    pub kind: String,
    /// What it happened to: `thing/7`. Events of one subject are taken in the order in which they happened
    pub subject: String,
    /// When, by the clock of the part in which it happened
    pub time: DateTime<Utc>,
    /// The span in which it happened, in [W3C Trace Context](https://www.w3.org/TR/trace-context/#traceparent-header) form
    /// ([an extension](https://github.com/cloudevents/spec/blob/main/cloudevents/extensions/distributed-tracing.md))
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    /// The facts
    pub data: Value,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
enum Version {
    #[serde(rename = "1.0")]
    V1,
}

impl Event {
    /// What `kind`, `<source>.<what-happened>.v<version>`, says of `subject`. `id` is a `UUIDv7`. It belongs to the trace
    /// that the current task works for.
    ///
    /// # Panics
    /// `data` has no JSON form: a map whose keys are not texts.
    #[must_use]
    pub fn new(
        kind: &'static str,
        subject: impl Into<String>,
        data: &impl Serialize,
        id: Uuid,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            specversion: Version::V1,
            id,
            source: kind.split('.').next().unwrap_or(kind).to_owned(),
            kind: kind.to_owned(),
            subject: subject.into(),
            time: now,
            traceparent: Context::of_task().map(|context| context.traceparent()),
            data: serde_json::to_value(data).expect("facts are plain data"),
        }
    }

    /// The facts as the consumer knows them: a small struct with the fields that it uses.
    ///
    /// # Errors
    /// They are not of that shape.
    pub fn data<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        T::deserialize(&self.data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn json_is_as_the_standard_has_it() {
        let now = "2026-03-01T08:30:00Z".parse().unwrap();
        let event = Event::new(
            "things.thing-made.v1",
            "thing/7",
            &json!({ "size": 3 }),
            Uuid::nil(),
            now,
        );
        let json = json!({
            "specversion": "1.0",
            "id": "00000000-0000-0000-0000-000000000000",
            "source": "things",
            "type": "things.thing-made.v1",
            "subject": "thing/7",
            "time": "2026-03-01T08:30:00Z",
            "data": { "size": 3 },
        });
        assert_eq!(serde_json::to_value(&event).unwrap(), json);
        assert_eq!(serde_json::from_value::<Event>(json).unwrap(), event);
    }

    #[tokio::test]
    async fn an_event_belongs_to_the_trace_in_which_it_happened() {
        let caller = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let event = async {
            Event::new(
                "things.thing-made.v1",
                "thing/7",
                &(),
                Uuid::nil(),
                storage::clock::now(),
            )
        };
        let event = Context::caused_by(Some(caller)).scope(event).await;
        assert_eq!(event.traceparent.as_deref(), Some(caller));
        let read: Event = serde_json::from_value(json!(event)).unwrap();
        assert_eq!(read, event);
    }

    #[test]
    fn data_is_read_tolerantly() {
        #[derive(Deserialize)]
        struct Size {
            size: u32,
        }
        let data = json!({ "size": 3, "what a later version adds": true });
        let event = Event::new(
            "things.thing-made.v1",
            "thing/7",
            &data,
            Uuid::nil(),
            storage::clock::now(),
        );
        assert_eq!(event.data::<Size>().unwrap().size, 3);
        assert!(event.data::<Vec<u32>>().is_err());
    }
}
