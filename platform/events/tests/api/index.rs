//! A consumer: a part that keeps an index of the things of another part.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::extract::FromRef;
use events::{Consumer, Event, Handler, Settings, Subscription};
use serde::Deserialize;
use service::{BaseUrl, BoxError, Context, Part};
use storage::{DatabaseUrl, Db, Tx};
use testkit::{Database, Running};

const INDEX: (&str, &str) = (
    "index",
    "create table seen (place bigint not null, subject text not null, size bigint not null);
    create table total (id bigint primary key, size bigint not null);
    insert into total (id, size) values (1, 0);",
);

/// How the handler behaves.
#[derive(Clone, Debug, Default)]
pub struct Mood {
    /// Sizes at which it fails
    pub fails: Arc<Mutex<HashSet<u32>>>,
    /// Sizes at which it panics
    pub panics: Arc<Mutex<HashSet<u32>>>,
    /// Sizes at which it hangs after its writes, once each
    pub hangs: Arc<Mutex<HashSet<u32>>>,
    /// All attempts, in order
    pub attempts: Arc<Mutex<Vec<u32>>>,
    /// The traces of all attempts
    pub traces: Arc<Mutex<Vec<String>>>,
}

#[derive(Debug)]
struct Indexer(Mood);

/// The fields of an event that it uses.
#[derive(Deserialize)]
struct Made {
    size: u32,
}

impl Handler for Indexer {
    async fn handle(&self, tx: &mut Tx, event: &Event) -> Result<(), BoxError> {
        let Made { size } = event.data()?;
        self.0.attempts.lock().unwrap().push(size);
        self.0.traces.lock().unwrap().push(Context::current().trace_id());
        let sql = "insert into seen (place, subject, size) select count(*), $1, $2 from seen";
        storage::execute!(tx, sql, event.subject.as_str(), i64::from(size))?;
        storage::execute!(tx, "update total set size = size + $1 where id = 1", i64::from(size))?;
        assert!(!self.0.panics.lock().unwrap().contains(&size), "as told");
        if self.0.hangs.lock().unwrap().remove(&size) {
            std::future::pending::<()>().await;
        }
        if self.0.fails.lock().unwrap().contains(&size) {
            Err(format!("{size} is a bad size").into())
        } else {
            Ok(())
        }
    }
}

/// The consumer.
#[derive(Clone, Debug)]
pub struct Index {
    pub db: Db,
    pub consumer: Consumer,
}

#[derive(clap::Args, Debug)]
pub struct Config {
    #[arg(long, default_value = "sqlite:index.db")]
    pub database_url: DatabaseUrl,
    #[arg(long, default_value = "http://127.0.0.1:1")]
    pub things_url: BaseUrl,
    #[arg(skip)]
    pub mood: Mood,
    #[command(flatten)]
    pub events: Settings,
}

impl FromRef<Index> for Consumer {
    fn from_ref(index: &Index) -> Self {
        index.consumer.clone()
    }
}

impl Part for Index {
    const NAME: &'static str = "index";
    const ABOUT: &'static str = "Knows all things.";
    const LISTEN: &'static str = "127.0.0.1:0";
    type Config = Config;

    async fn start(config: Config) -> Result<Self, BoxError> {
        let db = Db::open(config.database_url).await?;
        storage::migrate(&db, storage::migrations![events::INBOX, INDEX, events::INBOX_ATTEMPTS]).await?;
        let consumer = Subscription::new(Self::NAME, db.clone(), Indexer(config.mood))
            .to("things", config.things_url, &["things.thing-made.v1"])
            .start(&config.events);
        Ok(Self { db, consumer })
    }

    fn router(self) -> axum::Router {
        events::consumer::routes::<Self>().into_router().with_state(self)
    }
}

/// Settings with short pauses.
pub fn settings() -> Settings {
    Settings {
        attempts: 3,
        pause_ms: 1,
        lease_seconds: 1,
        ..Settings::default()
    }
}

impl Index {
    pub async fn open(database: &Database, things: &str, mood: &Mood) -> Self {
        Self::open_with(database, things, mood, settings()).await
    }

    pub async fn open_with(database: &Database, things: &str, mood: &Mood, events: Settings) -> Self {
        let config = Config {
            database_url: database.url.clone(),
            things_url: things.parse().expect("an address"),
            mood: mood.clone(),
            events,
        };
        Self::start(config).await.expect("a consumer")
    }

    pub async fn serve(&self) -> Running {
        Running::start(self.clone()).await
    }

    /// The sizes of the events that took effect, in order.
    pub async fn sizes(&self) -> Vec<u32> {
        let sql = "select size from seen order by place";
        let rows: Vec<(i64,)> = storage::fetch_all!(&self.db, sql).expect("sizes");
        rows.into_iter().map(|(size,)| u32::try_from(size).unwrap()).collect()
    }

    pub async fn total(&self) -> i64 {
        let (total,): (i64,) = storage::fetch_one!(&self.db, "select size from total").expect("a total");
        total
    }

    /// Waits until this many events took effect.
    pub async fn has(&self, count: usize) {
        eventually(&format!("{count} effects"), async || self.sizes().await.len() >= count).await;
    }

    pub async fn parked(&self) -> i64 {
        let (count,): (i64,) = storage::fetch_one!(&self.db, "select count(*) from parked").expect("a count");
        count
    }
}

/// Waits until a condition is true.
pub async fn eventually(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !is_so().await {
        assert!(begun.elapsed() < Duration::from_mins(1), "never: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
