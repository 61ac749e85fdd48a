#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod api;
mod cache;
mod client;
mod context;
mod extract;
mod forwarded;
mod header;
mod health;
mod idempotency;
mod list;
mod live;
mod log;
mod message;
mod metrics;
mod operators;
mod origin;
mod poll;
mod problem;
mod rate;
mod request;
mod server;
mod settings;
mod share;
mod socket;
mod target;
mod trace;

pub use api::Api;
pub use background::{self, Background};
pub use background::{Panic, caught};
pub use cache::cache_control;
pub use client::{
    Balancer, BaseUrl, CallError, Choice, Client, Hung, Request, Resilience, Tried, batches, http_client, unanswered,
};
pub use context::{Context, DEADLINE_HEADER};
pub use errors::{Cause, Unanswered};
pub use extract::{Json, Path, Query};
pub use header::pieces;
pub use idempotency::IdempotencyKey;
pub use list::{Limit, Repeated};
pub use live::Live;
pub use log::causes;
pub use message::consume;
pub use operators::contract;
pub use origin::is_foreign;
pub use poll::{Poll, Tag};
pub use problem::{FieldError, Problem};
pub use rate::Rate;
pub use server::{Server, listen, serve, serve_with};
pub use settings::{LogFormat, Settings, check_command_line};
pub use socket::{Place, Sockets};

use std::future::Future;
use std::process::ExitCode;

use tokio::runtime::{Builder, Runtime};

/// For what a thread has begun when the process ends.
const LAST_MOMENT: std::time::Duration = std::time::Duration::from_secs(1);

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
    /// Whether it answers those who watch it, at `/health/` and `/metrics`: a door for strangers beside a part's own does not.
    const IS_WATCHED: bool = true;
    /// Bytes that a request's body may have; more are answered with 413.
    const BODY_LIMIT: usize = 256 * 1024;
    /// The part's own settings.
    type Config: clap::Args + Send;

    /// Opens what the part needs: its store, its clients.
    fn start(config: Self::Config) -> impl Future<Output = Result<Self, BoxError>> + Send;

    /// The part's routes, ready to serve.
    fn router(self) -> axum::Router;

    /// The answer to a request that does not get as far as a route: there is too much to do, it came too slowly, it is
    /// too large, it comes from elsewhere. `is_for_eyes`: a browser asked for a page.
    fn refusal(&self, problem: Problem, is_for_eyes: bool) -> axum::response::Response {
        let _ = is_for_eyes;
        axum::response::IntoResponse::into_response(problem)
    }

    /// Whether the part can do its work now, asked by `/health/ready`. Only what the part owns
    /// counts: a dead neighbour must not take this part down too.
    fn ready(&self) -> impl Future<Output = Result<(), BoxError>> + Send {
        async { Ok(()) }
    }
}

/// The whole of a part's `main`: reads the settings, serves until told to stop.
#[must_use]
pub fn main<P: Part + Clone>() -> ExitCode {
    write_for_nobody_else();
    let (settings, config) = settings::parse::<P>();
    log::start(&settings);
    let runtime = match runtime(settings.threads) {
        Ok(runtime) => runtime,
        Err(error) => return fail::<P>(&error),
    };
    let outcome = runtime.block_on(server::run::<P>(&settings, config));
    // What blocks a thread even now is not waited for.
    runtime.shutdown_timeout(LAST_MOMENT);
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail::<P>(error.as_ref()),
    }
}

/// What a part writes down, other users of the machine cannot read.
fn write_for_nobody_else() {
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
}

/// One thread has nobody to wake and nothing to share: a request costs it a good deal less.
fn runtime(threads: usize) -> std::io::Result<Runtime> {
    let mut builder = match threads {
        1 => Builder::new_current_thread(),
        _ => Builder::new_multi_thread(),
    };
    builder.worker_threads(threads).enable_all().build()
}

fn fail<P: Part>(error: &(dyn std::error::Error + 'static)) -> ExitCode {
    tracing::error!(part = P::NAME, error = causes(error), "the part cannot run");
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn what_is_written_is_for_nobody_else() {
        super::write_for_nobody_else();
        let path = std::env::temp_dir().join(format!("stoa-umask-{}", std::process::id()));
        std::fs::write(&path, "private").unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(mode & 0o077, 0);
    }
}
