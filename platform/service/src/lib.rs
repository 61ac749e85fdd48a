#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod api;
mod cache;
mod client;
mod client_limits;
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
mod socket;
mod target;
mod trace;

pub use api::Api;
pub use background::{self, Background};
pub use background::{Panic, catch_panic};
pub use cache::cache_control;
pub use client::{
    Balancer, BaseUrl, CallError, Client, ReplicaCall, Request, Resilience, TriedReplicas, UnresponsiveReplica,
    batches, http_client, unanswered,
};
pub use context::{Context, DEADLINE_HEADER};
pub use errors::{Cause, Unanswered};
pub use extract::{Json, Path, Query};
pub use header::header_items;
pub use idempotency::IdempotencyKey;
pub use list::{Limit, Repeated};
pub use live::LiveSocket;
pub use log::causes;
pub use message::consume;
pub use operators::contract;
pub use origin::is_cross_origin;
pub use poll::{ETag, LongPoll};
pub use problem::{FieldError, Problem};
pub use rate::RateLimiter;
pub use server::{Server, listen, serve, serve_with};
pub use settings::{LogFormat, Settings, check_command_line};
pub use socket::{SocketPermit, Sockets};

use std::future::Future;
use std::process::ExitCode;

use tokio::runtime::{Builder, Runtime};

/// How long to wait for blocked threads when the process ends.
const SHUTDOWN_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(1);

/// Any error that can be sent between threads.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A part of the shop: one deployable process.
pub trait Part: Send + Sync + Sized + 'static {
    /// The package's name, which is also the name in logs and in the topology.
    const NAME: &'static str;
    /// One line for `--help`.
    const ABOUT: &'static str;
    /// The default address to listen on, for example `127.0.0.1:4101`.
    const LISTEN: &'static str;
    /// Whether this is the edge, which clients outside connect to. Their deadline, trace and address are not trusted.
    const IS_EDGE: bool = false;
    /// Whether it serves `/health/` and `/metrics`. A second, public listener of a part does not.
    const IS_MONITORED: bool = true;
    /// Maximum size of a request's body in bytes; larger requests are answered with 413.
    const BODY_LIMIT: usize = 256 * 1024;
    /// The part's own settings.
    type Config: clap::Args + Send;

    /// Opens what the part needs, for example its database.
    fn start(config: Self::Config) -> impl Future<Output = Result<Self, BoxError>> + Send;

    /// The part's routes.
    fn router(self) -> axum::Router;

    /// The response to a request that is refused before it gets to a route: the part is overloaded, or the request is too
    /// slow, too large, or comes from another site. `wants_html` is set if a browser has requested a page.
    fn error_response(&self, problem: Problem, wants_html: bool) -> axum::response::Response {
        let _ = wants_html;
        axum::response::IntoResponse::into_response(problem)
    }

    /// Checks that the part can do its work, for `/health/ready`. Only what the part owns counts, such as its database: a
    /// failed neighbour must not take this part down, too.
    fn ready(&self) -> impl Future<Output = Result<(), BoxError>> + Send {
        async { Ok(()) }
    }
}

/// The whole `main` of a part: reads the settings and serves until it is told to stop.
#[must_use]
pub fn main<P: Part + Clone>() -> ExitCode {
    restrict_file_permissions();
    let (settings, config) = settings::parse::<P>();
    log::start(&settings);
    let runtime = match runtime(settings.threads) {
        Ok(runtime) => runtime,
        Err(error) => return fail::<P>(&error),
    };
    let outcome = runtime.block_on(server::run::<P>(&settings, config));
    // Threads that are still blocked are not waited for.
    runtime.shutdown_timeout(SHUTDOWN_TIMEOUT);
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail::<P>(error.as_ref()),
    }
}

/// Files that a part writes cannot be read by other users of the machine.
fn restrict_file_permissions() {
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
}

/// With one thread, a request is considerably cheaper: there are no other threads to wake and nothing to share.
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
    fn written_files_are_readable_by_their_owner_alone() {
        super::restrict_file_permissions();
        let path = std::env::temp_dir().join(format!("stoa-umask-{}", std::process::id()));
        std::fs::write(&path, "private").unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(mode & 0o077, 0);
    }
}
