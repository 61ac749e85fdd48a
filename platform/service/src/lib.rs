#![doc = include_str!("../README.md")]

mod api;
mod background;
mod cache;
mod client;
mod context;
mod extract;
mod forwarded;
mod health;
mod idempotency;
mod live;
mod log;
mod message;
mod metrics;
mod poll;
mod problem;
mod rate;
mod request;
mod server;
mod settings;
mod socket;
mod trace;

pub use api::Api;
pub use background::Background;
pub use cache::cache_control;
pub use client::{Balancer, BaseUrl, CallError, Choice, Client, Request, Resilience, Tried};
pub use context::{Context, DEADLINE_HEADER};
pub use extract::{Json, Path, Query};
pub use idempotency::IdempotencyKey;
pub use live::Live;
pub use message::consume;
pub use poll::{Poll, Tag};
pub use problem::{FieldError, Problem};
pub use rate::Rate;
pub use server::{Server, serve, serve_with};
pub use settings::{LogFormat, Settings, check_command_line};
pub use socket::{Place, Sockets, is_foreign};

use std::future::Future;
use std::process::ExitCode;

use tokio::runtime::{Builder, Runtime};

/// What may go wrong while a part starts or checks itself.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// One deployable process.
pub trait Part: Send + Sync + Sized + 'static {
    /// The package's name; also the name in logs and in the topology.
    const NAME: &'static str;
    /// One line for `--help`.
    const ABOUT: &'static str;
    /// Where it listens when nothing else is said.
    const LISTEN: &'static str;
    /// Whether it is the edge, where strangers speak. What they say of deadline, trace and client is not believed there.
    const IS_EDGE: bool = false;
    /// The part's own settings.
    type Config: clap::Args + Send;

    /// Opens what the part needs: its store, its clients.
    fn start(config: Self::Config) -> impl Future<Output = Result<Self, BoxError>> + Send;

    /// The part's routes, ready to serve.
    fn router(self) -> axum::Router;

    /// Whether the part can do its work now, asked by `/health/ready`. Only what the part owns
    /// counts: a dead neighbour must not take this part down too.
    fn ready(&self) -> impl Future<Output = Result<(), BoxError>> + Send {
        async { Ok(()) }
    }
}

/// The whole of a part's `main`: reads the settings, serves until told to stop.
#[must_use]
pub fn main<P: Part + Clone>() -> ExitCode {
    let (settings, config) = settings::parse::<P>();
    log::start(&settings);
    let runtime = match runtime(settings.threads) {
        Ok(runtime) => runtime,
        Err(error) => return fail::<P>(&error),
    };
    match runtime.block_on(server::run::<P>(&settings, config)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail::<P>(error.as_ref()),
    }
}

/// One thread has nobody to wake and nothing to share: a request costs it a good deal less.
fn runtime(threads: usize) -> std::io::Result<Runtime> {
    let mut builder = match threads {
        1 => Builder::new_current_thread(),
        _ => Builder::new_multi_thread(),
    };
    builder.worker_threads(threads).enable_all().build()
}

fn fail<P: Part>(error: &dyn std::error::Error) -> ExitCode {
    tracing::error!(part = P::NAME, %error, "cannot run");
    ExitCode::FAILURE
}
