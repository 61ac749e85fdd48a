//! The behaviour of the double, which tests set.

use serde::{Deserialize, Serialize};
use storage::{Db, Error};
use tokio::sync::watch;

use crate::store::behaviour as store;

/// The behaviour. Missing fields have their default.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Behaviour {
    pub answers: Answers,
    pub webhooks: Webhooks,
    pub refunds: Refunds,
    pub dies: Dies,
}

/// How the API answers.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answers {
    #[default]
    Normal,
    /// Requests wait until the behaviour changes, and do nothing before.
    Hang,
    /// Requests are carried out, and the connection is closed without an answer.
    Lost,
}

/// How webhooks are sent.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Webhooks {
    #[default]
    Normal,
    Twice,
    /// After five seconds, or when the behaviour changes.
    Late,
    /// Before the page redirects the shopper back.
    Early,
    /// The newest first, one at a time.
    Shuffled,
    /// Not sent before the behaviour changes.
    Never,
}

/// How a refund ends.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Refunds {
    #[default]
    Succeeded,
    /// Pending until it is settled at `/double/refunds/{id}`.
    Pending,
    /// Succeeded at first, and failed a second later.
    FailedLater,
}

/// When the process exits by itself.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Dies {
    #[default]
    Never,
    /// Once, between a charge and the page's response.
    AfterCharge,
}

/// Reads and changes the current behaviour.
#[derive(Debug)]
pub struct BehaviourControl(watch::Sender<Behaviour>);

impl BehaviourControl {
    /// Opens the stored behaviour.
    pub async fn open(db: &Db) -> Result<Self, Error> {
        Ok(Self(watch::Sender::new(store::find(db).await?)))
    }

    pub fn current(&self) -> Behaviour {
        *self.0.borrow()
    }

    /// Changes the behaviour, and stores it.
    pub async fn change(&self, db: &Db, behaviour: Behaviour) -> Result<(), Error> {
        let mut tx = db.begin().await?;
        store::save(&mut tx, &behaviour).await?;
        tx.commit().await?;
        self.0.send_replace(behaviour);
        Ok(())
    }

    pub fn changes(&self) -> watch::Receiver<Behaviour> {
        self.0.subscribe()
    }

    /// Waits while answers hang.
    pub async fn wait_while_hanging(&self) {
        let mut changes = self.0.subscribe();
        let is_not_hanging = |behaviour: &Behaviour| behaviour.answers != Answers::Hang;
        drop(changes.wait_for(is_not_hanging).await);
    }
}
