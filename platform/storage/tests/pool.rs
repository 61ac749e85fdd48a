//! How connections are set up.

use storage::Db;

#[tokio::test]
async fn nothing_is_compiled() {
    for database in testkit::databases().await {
        let db = Db::open(database.url.clone()).await.unwrap();
        if let Db::Postgres(_) = db {
            let (jit,): (String,) = storage::fetch_one!(&db, "select current_setting('jit')").unwrap();
            assert_eq!(jit, "off");
        }
    }
}
