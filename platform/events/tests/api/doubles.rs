//! A consumer with the double of a feed.

use serde_json::json;
use testkit::Feed;

use crate::index::{Index, Mood};

#[tokio::test]
async fn double_of_a_feed_behaves_like_a_feed() {
    for database in testkit::databases().await {
        let feed = Feed::start().await;
        let example = json!({
            "specversion": "1.0",
            "id": "01890a5d-ac96-774b-bcce-b302099a8057",
            "source": "things",
            "type": "things.thing-made.v1",
            "subject": "thing/7",
            "time": "2026-03-01T08:30:00Z",
            "data": { "size": 3 },
        });
        feed.publish(example.clone());
        let index = Index::open(&database, &feed.url(), &Mood::default()).await;
        index.has(1).await;
        feed.publish(example);
        index.has(2).await;
        assert_eq!(index.sizes().await, [3, 3]);
    }
}
