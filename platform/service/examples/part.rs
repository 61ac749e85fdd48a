//! A part with everything that a process has to stop in order: a second listener, rounds, a loop, and work that continues
//! after its request. Tests start it and make it fail.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::routing::{get, post, put};
use service::background::{Failure, Progress, Work};
use service::{Background, BoxError, Context, Part, Query, Server};
use tokio::net::TcpListener;
use tokio::time::sleep;

/// Between two rounds.
const PAUSE: Duration = Duration::from_millis(10);

#[derive(clap::Args)]
struct Config {
    /// Address of the second listener
    #[arg(long, env = "STOA_DOOR", default_value = "127.0.0.1:0")]
    door: SocketAddr,
    /// Milliseconds that a round takes
    #[arg(long, env = "STOA_ROUND_MS", default_value_t = 0)]
    round_ms: u64,
}

/// How the next rounds end: successfully, with an error (`fails`), or with a panic (`panics`).
type Mood = Arc<Mutex<String>>;

#[derive(Clone)]
struct App {
    mood: Mood,
    _rounds: Background,
    _reader: Background,
    _door: Option<Arc<Server>>,
}

impl Part for App {
    const NAME: &'static str = "part";
    const ABOUT: &'static str = "Does what a test tells it";
    const LISTEN: &'static str = "127.0.0.1:0";
    type Config = Config;

    async fn start(config: Config) -> Result<Self, BoxError> {
        let mood = Mood::default();
        let (its_mood, takes) = (Arc::clone(&mood), Duration::from_millis(config.round_ms));
        let app = Self {
            mood,
            _rounds: Background::every("rounds", PAUSE, move || round(Arc::clone(&its_mood), takes)),
            _reader: Background::start("reader", Reader),
            _door: None,
        };
        let listener = TcpListener::bind(config.door).await?;
        let door = service::serve(Door(app.clone()), listener)?;
        Ok(Self {
            _door: Some(Arc::new(door)),
            ..app
        })
    }

    fn router(self) -> Router {
        Router::new()
            .route("/slow", get(slow))
            .route("/outlive", post(outlive))
            .route("/mood", put(feel))
            .with_state(self)
    }
}

/// The same part on the second listener.
#[derive(Clone)]
struct Door(App);

#[derive(clap::Args)]
struct Nothing {}

impl Part for Door {
    const NAME: &'static str = "door";
    const ABOUT: &'static str = "The second door";
    const LISTEN: &'static str = "127.0.0.1:0";
    const IS_MONITORED: bool = false;
    type Config = Nothing;

    async fn start(_: Nothing) -> Result<Self, BoxError> {
        Err("the part opens it".into())
    }

    fn router(self) -> Router {
        self.0.router()
    }
}

#[derive(Debug, thiserror::Error)]
#[error("a round failed")]
struct Failed(#[source] std::io::Error);

async fn round(mood: Mood, takes: Duration) -> Result<(), Failed> {
    tracing::info!("round begun");
    sleep(takes).await;
    let mood = mood.lock().unwrap_or_else(PoisonError::into_inner).clone();
    assert_ne!(mood, "panics", "as told");
    if mood == "fails" {
        return Err(Failed(std::io::Error::other("as told")));
    }
    tracing::info!("round ended");
    Ok(())
}

/// Waits for what never comes.
struct Reader;

impl Work for Reader {
    async fn run(&mut self, _: &Progress) -> Result<(), Failure> {
        std::future::pending().await
    }

    async fn release(&mut self) {
        tracing::info!("released");
    }
}

#[derive(serde::Deserialize)]
struct Time {
    ms: u64,
}

async fn slow(Query(Time { ms }): Query<Time>) -> &'static str {
    sleep(Duration::from_millis(ms)).await;
    "done"
}

async fn outlive(Query(Time { ms }): Query<Time>) {
    Context::current().spawn("outlives", async move {
        sleep(Duration::from_millis(ms)).await;
        tracing::info!("outlived");
    });
}

async fn feel(State(app): State<App>, mood: String) {
    *app.mood.lock().unwrap_or_else(PoisonError::into_inner) = mood;
}

fn main() -> ExitCode {
    service::main::<App>()
}
