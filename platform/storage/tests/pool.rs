//! The settings of connections.

use storage::Db;

#[tokio::test]
async fn jit_is_off() {
    for database in testkit::databases().await {
        let db = Db::open(database.url.clone()).await.unwrap();
        if let Db::Postgres(_) = db {
            let (jit,): (String,) = storage::fetch_one!(&db, "select current_setting('jit')").unwrap();
            assert_eq!(jit, "off");
        }
    }
}
