//! Data of an earlier version is kept, searchable and sorted.

use catalog::{App, Config};
use serde_json::json;
use service::Part;
use storage::Db;
use testkit::Running;

/// Rows as the version before `0003_goods` wrote them.
const BEFORE: [&str; 4] = [
    "insert into categories (slug, name, summary, position, picture, search_text)
        values ('kueche', 'Küche', 'Für alle Tage.', 1, null, 'kueche küche')",
    r#"insert into products (slug, name, summary, description, category, maker, pictures, options, details, goes_with,
        search_text, created_at)
        values ('apfel', 'Äpfel', 'Rund.', 'Rot & <grün>.
Und gelb.', 'kueche', 'Obstler', '[]', '[]', '[]', '["birne"]', 'äpfel', $1)"#,
    "insert into products (slug, name, summary, description, category, maker, pictures, options, details, goes_with,
        search_text, created_at)
        values ('birne', 'Birne', 'Lang.', 'Grün.', 'kueche', 'Obstler', '[]', '[]', '[]', '[]', 'birne', $1)",
    "insert into variants (sku, product, position, label, options, picture) values ('apfel', 'apfel', 0, 'Einer', '{}', null)",
];

#[tokio::test]
async fn products_of_an_earlier_version_are_kept() {
    for database in testkit::databases().await {
        let db = Db::open(database.url.clone()).await.unwrap();
        let earlier = storage::migrations!["0001_products", "0002_stories_and_shops"];
        storage::migrate(&db, earlier).await.unwrap();
        let mut tx = db.begin().await.unwrap();
        for statement in BEFORE {
            if statement.contains("$1") {
                storage::execute!(&mut tx, statement, values::Clock::system().now()).unwrap()
            } else {
                storage::execute!(&mut tx, statement).unwrap()
            };
        }
        tx.commit().await.unwrap();
        let config = Config {
            database_url: database.url.clone(),
        };
        let catalog = Running::start(App::start(config).await.unwrap()).await;
        let apfel = catalog.get("/products/apfel").await.1;
        assert_eq!(
            apfel["description_html"],
            "<p>Rot &amp; &lt;grün&gt;.</p><p>Und gelb.</p>"
        );
        assert_eq!(apfel["description"], "Rot & <grün>.\nUnd gelb.");
        let same = [
            &apfel["status"],
            &apfel["categories"],
            &apfel["vendor"],
            &apfel["related"],
        ];
        assert_eq!(
            same,
            [
                &json!("active"),
                &json!(["kueche"]),
                &json!("Obstler"),
                &json!(["birne"])
            ]
        );
        for (query, total) in [("q=apfel", 1), ("q=kuche%20birne", 1), ("category=kueche", 2)] {
            assert_eq!(
                catalog.get(&format!("/products?{query}")).await.1["total"],
                total,
                "{query}"
            );
        }
        let listed = catalog.get("/products?category=kueche").await.1;
        assert_eq!(listed["items"][0]["slug"], "apfel", "Ä before B");
    }
}
