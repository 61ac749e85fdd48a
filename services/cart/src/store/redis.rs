//! Carts in Redis or Valkey, one key for each cart. Any number of processes can share them.
//!
//! A change is a compare-and-swap: read the carts, apply the rules, and write only if the carts are unchanged, otherwise
//! try again. The comparison and the write are one Lua script: `WATCH` would need a connection for each request, and all
//! requests share one. The rules are in Rust only, so that there is no second copy of them in Lua. A failed attempt means
//! that another change succeeded, so there is always progress. Within a process, changes that failed once take turns:
//! otherwise two hundred concurrent changes of a cart would need twenty thousand attempts.

use std::sync::LazyLock;
use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{AsyncCommands, Client, ConnectionInfo, Script};
use tokio::sync::Mutex;
use uuid::Uuid;

use super::error::{ChangeError, StoreError};
use crate::domain::{LIFETIME, StoredCart};

/// How long Redis may take to answer. A request is rejected while its caller still waits.
const TIMEOUT: Duration = Duration::from_millis(500);

/// The number of retry locks. Carts that share one hardly delay each other.
const RETRY_LOCKS: usize = 64;

/// `KEYS` are the carts. `ARGV` are their lifetime in milliseconds, then for each cart its old and its new value. A
/// missing cart is an empty text.
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

/// The server. All requests share one connection, which reconnects by itself.
pub struct RedisStore {
    connection: ConnectionManager,
    retry_locks: Vec<Mutex<()>>,
}

impl std::fmt::Debug for RedisStore {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("RedisStore").finish_non_exhaustive()
    }
}

impl RedisStore {
    /// Connects to the server.
    pub async fn open(info: ConnectionInfo) -> Result<Self, StoreError> {
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(TIMEOUT))
            .set_response_timeout(Some(TIMEOUT))
            .set_number_of_retries(1);
        let store = Self {
            connection: ConnectionManager::new_with_config(Client::open(info)?, config).await?,
            retry_locks: (0..RETRY_LOCKS).map(|_| Mutex::new(())).collect(),
        };
        store.warn_if_not_durable().await;
        Ok(store)
    }

    /// Carts live for a month, and a server that keeps them in memory only may not.
    async fn warn_if_not_durable(&self) {
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

    /// Checks that the server answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.connection().ping().await?)
    }

    /// Finds a cart.
    pub async fn find(&self, id: Uuid) -> Result<Option<StoredCart>, StoreError> {
        let json: Option<Vec<u8>> = self.connection().get(key(id)).await?;
        json.map(|json| decode(&json)).transpose()
    }

    /// Inserts a cart.
    pub async fn insert(&self, stored: &StoredCart) -> Result<(), StoreError> {
        let json = serde_json::to_vec(stored)?;
        Ok(self
            .connection()
            .pset_ex(key(stored.cart.id), json, lifetime_ms())
            .await?)
    }

    /// Reads these carts and writes those that `work` returns, atomically.
    pub async fn transact<const N: usize, T>(
        &self,
        ids: [Uuid; N],
        work: impl Fn([Option<StoredCart>; N]) -> Result<(Vec<StoredCart>, T), ChangeError>,
    ) -> Result<T, ChangeError> {
        let mut turn = None;
        loop {
            let before = self.read(ids).await?;
            let mut found = [const { None }; N];
            for (found, json) in found.iter_mut().zip(&before) {
                *found = json.as_deref().map(decode).transpose()?;
            }
            let (changed, answer) = work(found)?;
            if changed.is_empty() || self.swap(&ids, &before, &changed).await? {
                return Ok(answer);
            }
            // Not before the first attempt: requests must not queue up while the server is away.
            if turn.is_none() {
                turn = Some(self.retry_locks[retry_lock(ids)].lock().await);
            }
        }
    }

    async fn read<const N: usize>(&self, ids: [Uuid; N]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        Ok(self.connection().mget(ids.map(key).as_slice()).await?)
    }

    /// Writes the changed carts, unless any of the carts differs from what was read.
    async fn swap(&self, ids: &[Uuid], before: &[Option<Vec<u8>>], changed: &[StoredCart]) -> Result<bool, StoreError> {
        let mut swap = SWAP.prepare_invoke();
        swap.arg(lifetime_ms());
        for (id, before) in ids.iter().zip(before) {
            let after = changed.iter().find(|stored| stored.cart.id == *id);
            let after = after.map(serde_json::to_vec).transpose()?;
            swap.key(key(*id));
            swap.arg(before.as_deref().unwrap_or_default());
            swap.arg(after.unwrap_or_default());
        }
        Ok(swap.invoke_async(&mut self.connection()).await?)
    }
}

/// The index of the first cart's lock. One is enough: the lock only spares attempts.
fn retry_lock<const N: usize>(ids: [Uuid; N]) -> usize {
    let first = ids.first().map_or(0, |id| id.as_fields().0);
    first as usize % RETRY_LOCKS
}

fn key(id: Uuid) -> String {
    format!("cart:{id}")
}

/// The time to live that Redis sets with every change, by its own clock.
fn lifetime_ms() -> u64 {
    LIFETIME.num_milliseconds().unsigned_abs()
}

fn decode(json: &[u8]) -> Result<StoredCart, StoreError> {
    Ok(serde_json::from_slice(json)?)
}
