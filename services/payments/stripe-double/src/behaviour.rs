//! What tests want of the double.

use serde::{Deserialize, Serialize};
use storage::{Db, Error};
use tokio::sync::watch;

use crate::store::behaviour as store;

/// How it behaves. What is not said is normal.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Behaviour {
    pub answers: Answers,
    pub webhooks: Webhooks,
    pub refunds: Refunds,
    pub dies: Dies,
}

/// What becomes of the API's answers.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answers {
    /// They are given.
    #[default]
    Normal,
    /// Nothing is done, and none is given, until the behaviour changes.
    Hang,
    /// The work is done, and the connection closed without one.
    Lost,
}

/// How webhooks travel.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Webhooks {
    /// At once.
    #[default]
    Normal,
    /// Each two times.
    Twice,
    /// After five seconds, or when the behaviour changes.
    Late,
    /// Before the page sends the shopper back.
    Early,
    /// The newest first.
    Shuffled,
    /// Not until the behaviour changes.
    Never,
}

/// How a refund ends.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Refunds {
    /// At once, and well.
    #[default]
    Succeeded,
    /// Not before somebody settles it.
    Pending,
    /// Well at first; a second later it has failed.
    FailedLater,
}

/// When the process ends.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Dies {
    /// When it is told to.
    #[default]
    Never,
    /// Once, between the charge and the page's answer.
    AfterCharge,
}

/// The behaviour of now, and its changes.
#[derive(Debug)]
pub struct Desk(watch::Sender<Behaviour>);

impl Desk {
    /// As it was when the process ended.
    pub async fn open(db: &Db) -> Result<Self, Error> {
        Ok(Self(watch::Sender::new(store::find(db).await?)))
    }

    pub fn now(&self) -> Behaviour {
        *self.0.borrow()
    }

    /// Changes it, for later processes as well.
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
    pub async fn answering(&self) {
        let mut changes = self.0.subscribe();
        let is_answering = |behaviour: &Behaviour| behaviour.answers != Answers::Hang;
        drop(changes.wait_for(is_answering).await);
    }
}
