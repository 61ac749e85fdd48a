use ::redb::{ReadableDatabase, ReadableTableMetadata};
use chrono::TimeDelta;

use super::redb::{BY_CHANGE, CARTS, SWEEP_BATCH};
use super::*;
use crate::domain::LIFETIME;

async fn open(url: &str) -> Store {
    Store::open(url.parse().unwrap()).await.unwrap()
}

async fn file() -> (Store, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("redb:{}", folder.path().join("new/cart.redb").display());
    (open(&url).await, folder)
}

/// The number of carts, and of entries by time of change.
fn sizes(store: &Store) -> (u64, u64) {
    let Backend::Redb(redb) = &*store.0 else {
        panic!("not a file")
    };
    let tx = redb.db.begin_read().unwrap();
    let (carts, by_change) = (tx.open_table(CARTS).unwrap(), tx.open_table(BY_CHANGE).unwrap());
    (carts.len().unwrap(), by_change.len().unwrap())
}

/// A change that leaves the lines as they are.
async fn touch(store: &Store, id: Uuid, now: DateTime<Utc>) {
    let done = store.update(id, now, CartChange::Clear, ExpectedVersions::default());
    done.await.unwrap();
}

#[tokio::test]
async fn only_expired_carts_are_swept() {
    let (store, _folder) = file().await;
    let begun = DateTime::from_timestamp(1_000_000, 0).unwrap();
    for number in 0..SWEEP_BATCH as u128 + 3 {
        store.insert(Cart::new(Uuid::from_u128(number), begun)).await.unwrap();
    }
    let used = Uuid::from_u128(7);
    let later = begun + TimeDelta::days(1);
    touch(&store, used, later).await;
    assert_eq!(
        store
            .sweep(begun + LIFETIME - TimeDelta::microseconds(1))
            .await
            .unwrap(),
        0
    );
    assert_eq!(store.sweep(begun + LIFETIME).await.unwrap(), SWEEP_BATCH + 2);
    assert!(store.find(used, begun + LIFETIME).await.unwrap().is_some());
    assert_eq!(sizes(&store), (1, 1));
    assert_eq!(store.sweep(later + LIFETIME).await.unwrap(), 1);
    assert_eq!(sizes(&store), (0, 0));
}

/// Changes that share a transaction see those before them, and a rejected one does not affect the others.
#[tokio::test]
async fn changes_that_share_a_commit_are_independent() {
    let (store, _folder) = file().await;
    let now = DateTime::from_timestamp(1_000_000, 0).unwrap();
    let (id, missing) = (Uuid::from_u128(7), Uuid::from_u128(8));
    store.insert(Cart::new(id, now)).await.unwrap();
    let mut changes = tokio::task::JoinSet::new();
    for number in 0..100 {
        let store = store.clone();
        let change = CartChange::Set(
            "mug".to_owned().try_into().unwrap(),
            serde_json::from_value((number / 2 + 1).into()).unwrap(),
        );
        let (id, is_good) = match number % 2 {
            0 => (id, true),
            _ => (missing, false),
        };
        changes.spawn(async move {
            let done = store.update(id, now, change, ExpectedVersions::default()).await;
            assert_eq!(done.is_ok(), is_good);
            done.ok().map(|cart| cart.version)
        });
    }
    let mut versions: Vec<_> = changes.join_all().await.into_iter().flatten().collect();
    versions.sort_unstable();
    versions.dedup();
    assert_eq!(versions.len(), 50);
}

/// A cart's time to live in Redis, in milliseconds.
async fn time_to_live(connection: &mut ::redis::aio::MultiplexedConnection, id: Uuid) -> i64 {
    let ask = ::redis::cmd("PTTL").arg(format!("cart:{id}")).to_owned();
    ask.query_async(connection).await.unwrap()
}

#[tokio::test]
async fn redis_expires_carts_and_a_change_extends_them() {
    let Some(redis) = testkit::Redis::start().await else {
        return;
    };
    let store = open(&redis.url()).await;
    let client = ::redis::Client::open(redis.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let (id, now) = (Uuid::from_u128(7), DateTime::from_timestamp(1_000_000, 0).unwrap());
    let life = LIFETIME.num_milliseconds();

    store.insert(Cart::new(id, now)).await.unwrap();
    assert!((life - 60_000..=life).contains(&time_to_live(&mut connection, id).await));
    let shorten = ::redis::cmd("PEXPIRE").arg(format!("cart:{id}")).arg(60_000).to_owned();
    shorten.exec_async(&mut connection).await.unwrap();
    touch(&store, id, now).await;
    assert!((life - 60_000..=life).contains(&time_to_live(&mut connection, id).await));
}

#[test]
fn store_urls_are_parsed_without_showing_passwords() {
    for valid in [
        "redb:cart.redb",
        "redis://127.0.0.1:6379/0",
        "valkey://host/3",
        "redis://:secret@host",
    ] {
        let url = valid.parse::<StoreUrl>().unwrap();
        assert!(!format!("{url:?}").contains("secret"), "{url:?}");
    }
    for malformed in [
        "",
        "redb:",
        "redis:",
        "redis://",
        "rediss://host",
        "redis://:secret@host/x",
        "/cart.redb",
    ] {
        let error = malformed.parse::<StoreUrl>().unwrap_err();
        assert!(!error.contains("secret"), "{error}");
    }
}
