//! Carts in Redis or Valkey, each the value of one key, for as many processes as there are.
//!
//! A change is a compare-and-swap: read the carts, apply the rules, and write only if the carts are still what was
//! read, else begin again. The comparing and the writing are one Lua script, because `WATCH` belongs to a connection
//! and all requests share one; the rules stay in Rust, because a second copy of them in Lua would be another truth.
//! Whoever has to begin again has lost to somebody who got through, so there is always somebody who does; and those
//! of one process who have lost line up, or two hundred at once would take twenty thousand tries.

use std::sync::LazyLock;
use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{AsyncCommands, Client, ConnectionInfo, ErrorKind, RedisError, Script, ServerErrorKind};
use tokio::sync::Mutex;
use uuid::Uuid;

use super::Failure;
use crate::domain::{Entry, LIFE};
use crate::error::Error;

/// A server that takes longer is taken for away. A request that cannot be answered says so while its caller still
/// listens.
const PATIENCE: Duration = Duration::from_millis(500);

/// Lines to wait in; carts that share one hardly notice.
const LINES: usize = 64;

/// `KEYS` are the carts; `ARGV` are their life in milliseconds, then for each what it was and what it shall be.
/// A cart that is not there is an empty text.
static SWAP: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "for i, key in ipairs(KEYS) do
            if (redis.call('GET', key) or '') ~= ARGV[2 * i] then return 0 end
        end
        for i, key in ipairs(KEYS) do
            if ARGV[2 * i + 1] ~= '' then redis.call('SET', key, ARGV[2 * i + 1], 'PX', ARGV[1]) end
        end
        return 1",
    )
});

/// The server. All requests share one connection, which is made anew when it breaks.
pub struct Server {
    connection: ConnectionManager,
    losers: Vec<Mutex<()>>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Server").finish_non_exhaustive()
    }
}

impl Server {
    /// Reaches it.
    pub async fn open(info: ConnectionInfo) -> Result<Self, Failure> {
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE))
            .set_number_of_retries(1);
        let server = Self {
            connection: ConnectionManager::new_with_config(Client::open(info)?, config).await?,
            losers: (0..LINES).map(|_| Mutex::new(())).collect(),
        };
        server.look_at_durability().await;
        Ok(server)
    }

    /// Carts live for a month, and a server that keeps them in memory alone may not.
    async fn look_at_durability(&self) {
        let info: Result<String, _> = redis::cmd("INFO")
            .arg("persistence")
            .query_async(&mut self.connection())
            .await;
        if info.is_ok_and(|info| info.contains("aof_enabled:0")) {
            tracing::warn!("carts are lost when Redis restarts, it keeps no log of changes: set appendonly yes");
        }
    }

    fn connection(&self) -> ConnectionManager {
        self.connection.clone()
    }

    /// Whether it answers.
    pub async fn ping(&self) -> Result<(), Failure> {
        Ok(self.connection().ping().await?)
    }

    /// The cart with this id.
    pub async fn find(&self, id: Uuid) -> Result<Option<Entry>, Failure> {
        let json: Option<Vec<u8>> = self.connection().get(key(id)).await?;
        json.map(|json| read(&json)).transpose()
    }

    /// Adds a cart.
    pub async fn insert(&self, entry: &Entry) -> Result<(), Failure> {
        let json = serde_json::to_vec(entry)?;
        Ok(self.connection().pset_ex(key(entry.cart.id), json, life()).await?)
    }

    /// Reads carts and puts others in their places.
    pub async fn transact<const N: usize, T>(
        &self,
        ids: [Uuid; N],
        work: impl Fn([Option<Entry>; N]) -> Result<(Vec<Entry>, T), Error>,
    ) -> Result<T, Error> {
        let mut turn = None;
        loop {
            let before = self.read(ids).await?;
            let mut found = [const { None }; N];
            for (found, json) in found.iter_mut().zip(&before) {
                *found = json.as_deref().map(read).transpose()?;
            }
            let (entries, answer) = work(found)?;
            if entries.is_empty() || self.swap(&ids, &before, &entries).await? {
                return Ok(answer);
            }
            // Never before the first try: a server that is away must not make a queue.
            if turn.is_none() {
                turn = Some(self.losers[line(ids)].lock().await);
            }
        }
    }

    async fn read<const N: usize>(&self, ids: [Uuid; N]) -> Result<Vec<Option<Vec<u8>>>, Failure> {
        Ok(self.connection().mget(ids.map(key).as_slice()).await?)
    }

    /// Puts carts in the places of what was read, unless something else stands there by now.
    async fn swap(&self, ids: &[Uuid], before: &[Option<Vec<u8>>], entries: &[Entry]) -> Result<bool, Failure> {
        let mut swap = SWAP.prepare_invoke();
        swap.arg(life());
        for (id, before) in ids.iter().zip(before) {
            let after = entries.iter().find(|entry| entry.cart.id == *id);
            let after = after.map(serde_json::to_vec).transpose()?;
            swap.key(key(*id));
            swap.arg(before.as_deref().unwrap_or_default());
            swap.arg(after.unwrap_or_default());
        }
        Ok(swap.invoke_async(&mut self.connection()).await?)
    }
}

/// Whether it will pass: nobody there, or a server that is starting, or has stopped to be the one that writes.
pub fn is_outage(error: &RedisError) -> bool {
    use ServerErrorKind::{BusyLoading, ClusterDown, MasterDown, ReadOnly, TryAgain};

    matches!(
        error.kind(),
        ErrorKind::Io | ErrorKind::Server(BusyLoading | ClusterDown | MasterDown | ReadOnly | TryAgain)
    )
}

/// Whoever changes several carts waits with the first: a line keeps nobody else from trying.
fn line<const N: usize>(ids: [Uuid; N]) -> usize {
    let first = ids.first().map_or(0, |id| id.as_fields().0);
    first as usize % LINES
}

fn key(id: Uuid) -> String {
    format!("cart:{id}")
}

/// In milliseconds. It begins anew with every change, on the server's own clock.
fn life() -> u64 {
    LIFE.num_milliseconds().unsigned_abs()
}

fn read(json: &[u8]) -> Result<Entry, Failure> {
    Ok(serde_json::from_slice(json)?)
}
