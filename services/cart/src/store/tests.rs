use ::redb::{ReadableDatabase, ReadableTableMetadata};
use chrono::TimeDelta;

use super::redb::{BY_CHANGE, CARTS, SWEPT_AT_ONCE};
use super::*;
use crate::domain::LIFE;

async fn open(url: &str) -> Store {
    Store::open(url.parse().unwrap()).await.unwrap()
}

async fn file() -> (Store, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("redb:{}", folder.path().join("new/cart.redb").display());
    (open(&url).await, folder)
}

/// Carts, and places in the order of change.
fn sizes(store: &Store) -> (u64, u64) {
    let Kind::File(file) = &*store.0 else {
        panic!("not a file")
    };
    let tx = file.db.begin_read().unwrap();
    let (carts, places) = (tx.open_table(CARTS).unwrap(), tx.open_table(BY_CHANGE).unwrap());
    (carts.len().unwrap(), places.len().unwrap())
}

/// A change, though of nothing.
async fn touch(store: &Store, id: Uuid, now: DateTime<Utc>) {
    let done = store.update(id, now, Change::Clear, Expected::default());
    done.await.unwrap();
}

#[tokio::test]
async fn only_what_has_expired_is_swept() {
    let (store, _folder) = file().await;
    let begun = DateTime::from_timestamp(1_000_000, 0).unwrap();
    for number in 0..SWEPT_AT_ONCE as u128 + 3 {
        store.insert(Cart::new(Uuid::from_u128(number), begun)).await.unwrap();
    }
    let used = Uuid::from_u128(7);
    let later = begun + TimeDelta::days(1);
    touch(&store, used, later).await;
    assert_eq!(store.sweep(begun + LIFE - TimeDelta::microseconds(1)).await.unwrap(), 0);
    assert_eq!(store.sweep(begun + LIFE).await.unwrap(), SWEPT_AT_ONCE + 2);
    assert!(store.find(used, begun + LIFE).await.unwrap().is_some());
    assert_eq!(sizes(&store), (1, 1));
    assert_eq!(store.sweep(later + LIFE).await.unwrap(), 1);
    assert_eq!(sizes(&store), (0, 0));
}

/// Changes that share a transaction: each sees those before it, and one that is refused takes nobody along.
#[tokio::test]
async fn changes_of_many_share_a_commit_and_nothing_else() {
    let (store, _folder) = file().await;
    let now = DateTime::from_timestamp(1_000_000, 0).unwrap();
    let (id, nobodys) = (Uuid::from_u128(7), Uuid::from_u128(8));
    store.insert(Cart::new(id, now)).await.unwrap();
    let mut changes = tokio::task::JoinSet::new();
    for number in 0..100 {
        let store = store.clone();
        let change = Change::Set(
            "mug".to_owned().try_into().unwrap(),
            serde_json::from_value((number / 2 + 1).into()).unwrap(),
        );
        let (id, is_good) = match number % 2 {
            0 => (id, true),
            _ => (nobodys, false),
        };
        changes.spawn(async move {
            let done = store.update(id, now, change, Expected::default()).await;
            assert_eq!(done.is_ok(), is_good);
            done.ok().map(|cart| cart.version)
        });
    }
    let mut versions: Vec<_> = changes.join_all().await.into_iter().flatten().collect();
    versions.sort_unstable();
    versions.dedup();
    assert_eq!(versions.len(), 50);
}

/// Milliseconds that Redis will still keep a cart.
async fn left(connection: &mut ::redis::aio::MultiplexedConnection, id: Uuid) -> i64 {
    let ask = ::redis::cmd("PTTL").arg(format!("cart:{id}")).to_owned();
    ask.query_async(connection).await.unwrap()
}

#[tokio::test]
async fn redis_lets_carts_go_by_itself() {
    let Some(redis) = testkit::Redis::start().await else {
        return;
    };
    let store = open(&redis.url()).await;
    let client = ::redis::Client::open(redis.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let (id, now) = (Uuid::from_u128(7), DateTime::from_timestamp(1_000_000, 0).unwrap());
    let life = LIFE.num_milliseconds();

    store.insert(Cart::new(id, now)).await.unwrap();
    assert!((life - 60_000..=life).contains(&left(&mut connection, id).await));
    let shorten = ::redis::cmd("PEXPIRE").arg(format!("cart:{id}")).arg(60_000).to_owned();
    shorten.exec_async(&mut connection).await.unwrap();
    touch(&store, id, now).await;
    assert!((life - 60_000..=life).contains(&left(&mut connection, id).await));
}

#[test]
fn addresses_are_checked() {
    for right in [
        "redb:cart.redb",
        "redis://127.0.0.1:6379/0",
        "valkey://host/3",
        "redis://:secret@host",
    ] {
        let url = right.parse::<StoreUrl>().unwrap();
        assert!(!format!("{url:?}").contains("secret"), "{url:?}");
    }
    for wrong in [
        "",
        "redb:",
        "redis:",
        "redis://",
        "rediss://host",
        "redis://:secret@host/x",
        "/cart.redb",
    ] {
        let error = wrong.parse::<StoreUrl>().unwrap_err();
        assert!(!error.contains("secret"), "{error}");
    }
}
