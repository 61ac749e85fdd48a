//! A unit of work: changes and the events they cause, committed in one transaction.

use serde_json::Value;
use storage::{Db, Error, Tx};
use values::Clock;

use crate::behaviour::Behaviour;
use crate::objects::{Event, Origin};
use crate::store::events;

/// An open transaction.
#[derive(Debug)]
pub struct UnitOfWork {
    pub tx: Tx,
    pub now_ms: i64,
    pub origin: Origin,
    pub behaviour: Behaviour,
    /// The numbers of the recorded events
    pub event_numbers: Vec<i64>,
}

impl UnitOfWork {
    pub async fn begin(db: &Db, origin: Origin, behaviour: Behaviour, clock: &Clock) -> Result<Self, Error> {
        let tx = db.begin().await?;
        Ok(Self {
            tx,
            now_ms: clock.now().timestamp_millis(),
            origin,
            behaviour,
            event_numbers: Vec::new(),
        })
    }

    /// The time of the transaction in seconds, as in Stripe's objects.
    pub fn now(&self) -> i64 {
        self.now_ms / 1000
    }

    /// Records an event, which is sent as a webhook after the commit.
    pub async fn record_event(&mut self, kind: &'static str, object: Value) -> Result<(), Error> {
        let event = Event::new(kind, &object, &self.origin, self.now());
        let number = events::insert(&mut self.tx, &event, self.now_ms).await?;
        self.event_numbers.push(number);
        Ok(())
    }

    /// Commits, and returns the numbers of the recorded events.
    pub async fn commit(self) -> Result<Vec<i64>, Error> {
        self.tx.commit().await?;
        Ok(self.event_numbers)
    }
}
