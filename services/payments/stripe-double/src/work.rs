//! One change, with all that it tells: committed as a whole, or not there.

use serde_json::Value;
use storage::{Db, Error, Tx, clock};

use crate::behaviour::Behaviour;
use crate::objects::{Event, Origin};
use crate::store::events;

/// A transaction under way.
#[derive(Debug)]
pub struct Work {
    pub tx: Tx,
    pub now_ms: i64,
    pub origin: Origin,
    pub behaviour: Behaviour,
    /// Numbers of the events that it tells.
    pub told: Vec<i64>,
}

impl Work {
    pub async fn begin(db: &Db, origin: Origin, behaviour: Behaviour) -> Result<Self, Error> {
        let tx = db.begin().await?;
        Ok(Self {
            tx,
            now_ms: clock::now().timestamp_millis(),
            origin,
            behaviour,
            told: Vec::new(),
        })
    }

    /// Seconds, as Stripe counts.
    pub fn now(&self) -> i64 {
        self.now_ms / 1000
    }

    /// Tells what has happened.
    pub async fn tell(&mut self, kind: &'static str, object: Value) -> Result<(), Error> {
        let event = Event::new(kind, &object, &self.origin, self.now());
        let number = events::insert(&mut self.tx, &event, self.now_ms).await?;
        self.told.push(number);
        Ok(())
    }

    /// Makes it so, and gives the numbers of what it has told.
    pub async fn commit(self) -> Result<Vec<i64>, Error> {
        self.tx.commit().await?;
        Ok(self.told)
    }
}
