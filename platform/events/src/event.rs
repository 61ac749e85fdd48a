//! One event, as [CloudEvents 1.0](https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md) in
//! [its JSON form](https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md).

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use service::Context;
use utoipa::ToSchema;
use uuid::Uuid;

/// Something that has happened. An event never changes.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Event {
    specversion: Version,
    /// Unique id of the event; consumers skip an id that they have processed
    pub id: Uuid,
    /// The part that publishes the event, a URI reference: `things`
    pub source: String,
    /// The type of event, in the past tense and with the version of `data`: `things.thing-made.v1`
    #[serde(rename = "type")]
    pub kind: String,
    /// What the event is about: `thing/7`. Events of one subject are processed in their order
    pub subject: String,
    /// Time of the event, by the clock of its source (RFC 3339)
    pub time: DateTime<Utc>,
    /// Trace context of the event's cause, in [W3C Trace Context](https://www.w3.org/TR/trace-context/#traceparent-header)
    /// form ([extension](https://github.com/cloudevents/spec/blob/main/cloudevents/extensions/distributed-tracing.md))
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    /// The event's data; its fields depend on `type`
    pub data: Value,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
enum Version {
    #[serde(rename = "1.0")]
    V1,
}

impl Event {
    /// Creates an event. `kind` is `<source>.<what-happened>.v<version>`, `id` a UUID of version 7. The trace is that of the
    /// current task.
    ///
    /// # Panics
    /// `data` cannot be serialized to JSON: it has a map whose keys are not strings.
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
            data: serde_json::to_value(data).expect("an event's data can be serialized"),
        }
    }

    /// Deserializes `data` into a small struct with the fields that the consumer uses.
    ///
    /// # Errors
    /// The data does not have these fields.
    pub fn data<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        T::deserialize(&self.data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn event_is_cloudevents_json() {
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
    async fn event_has_the_trace_of_its_cause() {
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
    fn unknown_fields_of_data_are_ignored() {
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
