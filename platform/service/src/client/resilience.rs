//! Settings of how calls cope with failures.

use std::sync::OnceLock;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use clap::Args;

/// The first pause before a retry; each further one is twice as long, and jitter adds up to as much again.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const MAX_PAUSE: Duration = Duration::from_millis(200);

/// 8 MiB: some thousands of responses.
const CACHE_BYTES: u64 = 8 << 20;

static PROCESS: OnceLock<Resilience> = OnceLock::new();

/// Settings of the client, which apply to each upstream.
#[derive(Args, Clone, Copy, Debug, Eq, PartialEq)]
pub struct Resilience {
    /// Retries of one call, at most
    #[arg(long, env = "STOA_RETRIES", default_value_t = 2)]
    pub retries: usize,
    /// Retries as a percentage of all calls to an upstream, at most; ten more are always allowed
    #[arg(long, env = "STOA_RETRY_PERCENT", default_value_t = 10)]
    pub retry_percent: u32,
    /// Concurrent calls to one upstream; others wait
    #[arg(long, env = "STOA_UPSTREAM_CONCURRENCY", default_value_t = 256)]
    pub upstream_concurrency: usize,
    /// Calls within ten seconds of which half have to fail to open an upstream's circuit; 0 disables circuit breakers
    #[arg(long, env = "STOA_CIRCUIT_CALLS", default_value_t = 20)]
    pub circuit_calls: u32,
    /// Bytes of responses that each client may cache where its upstream allows it; 0 disables the cache
    #[arg(long, env = "STOA_CLIENT_CACHE_BYTES", default_value_t = CACHE_BYTES)]
    pub client_cache_bytes: u64,
    /// Milliseconds that a circuit stays open before one call tries the upstream again
    #[arg(long, env = "STOA_CIRCUIT_OPEN_MS", default_value_t = 1000)]
    pub circuit_open_ms: u64,
}

impl Default for Resilience {
    fn default() -> Self {
        Self {
            retries: 2,
            retry_percent: 10,
            upstream_concurrency: 256,
            circuit_calls: 20,
            client_cache_bytes: CACHE_BYTES,
            circuit_open_ms: 1000,
        }
    }
}

impl Resilience {
    /// Makes these the settings of every client that is created from now on.
    pub(crate) fn set_for_process(self) {
        PROCESS.set(self).ok();
    }

    /// The settings of this process.
    #[must_use]
    pub fn of_process() -> Self {
        PROCESS.get().copied().unwrap_or_default()
    }

    /// The pauses before the retries of one call.
    pub(super) fn pauses(&self) -> impl Iterator<Item = Duration> + Send + use<> {
        ExponentialBuilder::new()
            .with_min_delay(FIRST_PAUSE)
            .with_max_delay(MAX_PAUSE)
            .with_max_times(self.retries)
            .with_jitter()
            .build()
    }
}
