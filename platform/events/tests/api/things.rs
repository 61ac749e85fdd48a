//! A publisher: a part that makes things and publishes events about them.

use axum::extract::FromRef;
use events::{Event, Outbox, Settings};
use serde_json::json;
use service::{BoxError, Part};
use storage::{DatabaseUrl, Db, clock};
use testkit::{Database, Running};
use uuid::Uuid;

/// The publisher.
#[derive(Clone, Debug)]
pub struct Things {
    pub db: Db,
    pub outbox: Outbox,
}

#[derive(clap::Args, Debug)]
pub struct Config {
    #[arg(long, default_value = "sqlite:things.db")]
    pub database_url: DatabaseUrl,
    #[command(flatten)]
    pub events: Settings,
}

impl FromRef<Things> for Outbox {
    fn from_ref(things: &Things) -> Self {
        things.outbox.clone()
    }
}

impl Part for Things {
    const NAME: &'static str = "things";
    const ABOUT: &'static str = "Makes things.";
    const LISTEN: &'static str = "127.0.0.1:0";
    type Config = Config;

    async fn start(config: Config) -> Result<Self, BoxError> {
        let db = Db::open(config.database_url).await?;
        storage::migrate(&db, storage::migrations![events::OUTBOX]).await?;
        let outbox = Outbox::start(db.clone(), &config.events);
        Ok(Self { db, outbox })
    }

    fn router(self) -> axum::Router {
        events::outbox::routes::<Self>().into_router().with_state(self)
    }
}

impl Things {
    pub async fn open(database: &Database) -> Self {
        Self::open_with(database, Settings::default()).await
    }

    pub async fn open_with(database: &Database, events: Settings) -> Self {
        let database_url = database.url.clone();
        Self::start(Config { database_url, events }).await.expect("a publisher")
    }

    pub async fn serve(&self) -> Running {
        Running::start(self.clone()).await
    }

    /// Publishes that a thing was made.
    pub async fn make(&self, subject: &str, size: u32) -> Event {
        let event = made(subject, size);
        let mut tx = self.db.begin().await.expect("a transaction");
        events::outbox::insert(&mut tx, &event).await.expect("written");
        tx.commit().await.expect("committed");
        event
    }
}

/// The event about a thing that was made.
pub fn made(subject: &str, size: u32) -> Event {
    let data = json!({ "size": size });
    Event::new("things.thing-made.v1", subject, &data, Uuid::now_v7(), clock::now())
}

/// A publisher on each database.
pub async fn all() -> Vec<(Things, Database)> {
    let mut all = Vec::new();
    for database in testkit::databases().await {
        all.push((Things::open(&database).await, database));
    }
    all
}
