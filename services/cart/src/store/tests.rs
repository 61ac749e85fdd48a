use chrono::TimeDelta;
use redb::ReadableTableMetadata;

use super::*;

async fn empty() -> (Store, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("redb:{}", folder.path().join("new/cart.redb").display());
    (Store::open(url.parse().unwrap()).await.unwrap(), folder)
}

/// Carts, and places in the order of change.
fn sizes(store: &Store) -> (u64, u64) {
    let tx = store.0.begin_read().unwrap();
    let (carts, places) = (tx.open_table(CARTS).unwrap(), tx.open_table(BY_CHANGE).unwrap());
    (carts.len().unwrap(), places.len().unwrap())
}

#[tokio::test]
async fn only_what_has_expired_is_swept() {
    let (store, _folder) = empty().await;
    let begun = DateTime::from_timestamp(1_000_000, 0).unwrap();
    for number in 0..SWEPT_AT_ONCE as u128 + 3 {
        store.insert(Cart::new(Uuid::from_u128(number), begun)).await.unwrap();
    }
    let used = Uuid::from_u128(7);
    let later = begun + TimeDelta::days(1);
    store.update(used, later, |_| Ok(())).await.unwrap();
    assert_eq!(store.sweep(begun + LIFE - TimeDelta::microseconds(1)).await.unwrap(), 0);
    assert_eq!(store.sweep(begun + LIFE).await.unwrap(), SWEPT_AT_ONCE + 2);
    assert!(store.find(used, begun + LIFE).await.unwrap().is_some());
    assert_eq!(sizes(&store), (1, 1));
    assert_eq!(store.sweep(later + LIFE).await.unwrap(), 1);
    assert_eq!(sizes(&store), (0, 0));
}

#[test]
fn addresses_are_checked() {
    for wrong in ["", "redb:", "redis://localhost", "/cart.redb"] {
        assert!(wrong.parse::<StoreUrl>().is_err(), "{wrong}");
    }
}
