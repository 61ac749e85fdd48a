//! Tests of the chassis through its public API: parts on free ports, doubles of their upstreams.

#![expect(clippy::disallowed_methods, reason = "a test awaits its tasks")]

mod background;
mod calls;
mod causes;
mod clients;
mod connections;
mod contract;
mod live;
mod load;
mod memory;
mod metrics;
mod process;
mod proxies;
mod replicas;
mod requests;
mod stop;
mod traces;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use service::{BoxError, Client, Part, Problem, Server, Settings};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// A part that calls another one.
#[derive(Clone)]
struct Front(Client);

impl Part for Front {
    const NAME: &'static str = "front";
    const ABOUT: &'static str = "asks back";
    const LISTEN: &'static str = "127.0.0.1:0";
    type Config = NoConfig;

    async fn start(_: NoConfig) -> Result<Self, BoxError> {
        unreachable!("tests make it themselves")
    }

    fn router(self) -> Router {
        let ask = async |State(Self(back)): State<Self>| -> Result<(), Problem> {
            Ok(back.get(&["things", "1"]).done().await?)
        };
        Router::new().route("/pages/{page}", get(ask)).with_state(self)
    }
}

/// A part whose responses can be held back.
#[derive(Clone)]
struct Back {
    /// One permit for each request that has arrived
    arrived: Arc<Semaphore>,
    /// One permit for each request that may be answered
    allowed: Arc<Semaphore>,
}

impl Part for Back {
    const NAME: &'static str = "back";
    const ABOUT: &'static str = "answers front";
    const LISTEN: &'static str = "127.0.0.1:0";
    type Config = NoConfig;

    async fn start(_: NoConfig) -> Result<Self, BoxError> {
        unreachable!("tests make it themselves")
    }

    fn router(self) -> Router {
        Router::new()
            .route("/things/{thing}", get(async || "thing"))
            .route("/slow", get(slow))
            .route("/stream", get(stream))
            .with_state(self)
    }
}

async fn slow(State(back): State<Back>) -> &'static str {
    back.arrived.add_permits(1);
    back.allowed.acquire().await.unwrap().forget();
    "done"
}

/// Sends the head at once and the body later.
async fn stream(State(back): State<Back>) -> Response {
    let body = async move { Ok::<_, std::io::Error>(slow(State(back)).await) };
    axum::body::Body::from_stream(futures_util::stream::once(body)).into_response()
}

#[derive(clap::Args)]
struct NoConfig {}

fn back() -> Back {
    Back {
        arrived: Arc::new(Semaphore::new(0)),
        allowed: Arc::new(Semaphore::new(0)),
    }
}

async fn serve<P: Part + Clone>(part: P, settings: &Settings) -> (Server, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = service::serve_with(part, listener, settings).unwrap();
    let url = format!("http://{}", server.address);
    (server, url)
}

fn client(part: &'static str, url: &str) -> Client {
    Client::new(part, url.parse().unwrap())
}
