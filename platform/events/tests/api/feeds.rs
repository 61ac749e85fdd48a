//! `GET /events`

use std::time::{Duration, Instant};

use crate::things::all;

#[tokio::test]
async fn feed_is_a_batch_of_cloudevents() {
    for (things, _database) in all().await {
        let feed = things.serve().await;
        let made = things.make("thing/7", 3).await;
        let response = feed
            .request(reqwest::Method::GET, "/events?timeout=5000")
            .send()
            .await
            .unwrap();
        let header = |name| response.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), "application/cloudevents-batch+json");
        assert_eq!(header("cache-control"), "no-store");
        assert_eq!(header("x-events-behind"), "0");
        let events: serde_json::Value = response.json().await.unwrap();
        assert_eq!(events, serde_json::json!([made]));
        assert_eq!(events[0]["specversion"], "1.0");
        assert_eq!(events[0]["source"], "things");
    }
}

#[tokio::test]
async fn page_has_a_limit_and_the_number_of_further_events() {
    for (things, _database) in all().await {
        let feed = things.serve().await;
        for size in 0..5 {
            things.make("thing/1", size).await;
        }
        let last = things.make("thing/2", 0).await;
        // Until all six have their numbers.
        let six = async || {
            feed.get("/events?timeout=5000&limit=1000")
                .await
                .1
                .as_array()
                .map(Vec::len)
                == Some(6)
        };
        while !six().await {}
        let response = feed
            .request(reqwest::Method::GET, "/events?limit=2")
            .send()
            .await
            .unwrap();
        assert_eq!(response.headers()["x-events-behind"], "4");
        let page: Vec<events::Event> = response.json().await.unwrap();
        assert_eq!(page.len(), 2);
        let rest = feed
            .get(&format!("/events?limit=1000&lastEventId={}", page[1].id))
            .await
            .1;
        assert_eq!(rest.as_array().unwrap().len(), 4);
        assert_eq!(rest[3]["id"], last.id.to_string());
    }
}

#[tokio::test]
async fn waiting_request_is_answered_soon_after_the_commit() {
    for (things, _database) in all().await {
        let feed = things.serve().await;
        let waiting = feed.get("/events?timeout=20000");
        let cause = async {
            // Long enough for the outbox to return to its idle interval.
            tokio::time::sleep(Duration::from_millis(700)).await;
            things.make("thing/1", 1).await;
            Instant::now()
        };
        let ((status, events), committed) = tokio::join!(waiting, cause);
        assert_eq!((status.as_u16(), events.as_array().unwrap().len()), (200, 1));
        let late = committed.elapsed();
        assert!(late < Duration::from_millis(500), "{late:?}");
    }
}

#[tokio::test]
async fn waiting_request_gets_an_empty_page_after_its_timeout() {
    for (things, _database) in all().await {
        let feed = things.serve().await;
        let begun = Instant::now();
        let (status, events) = feed.get("/events?timeout=150").await;
        assert_eq!((status.as_u16(), events), (200, serde_json::json!([])));
        assert!(begun.elapsed() >= Duration::from_millis(150));
    }
}

#[tokio::test]
async fn invalid_query_is_refused() {
    for (things, _database) in all().await {
        let feed = things.serve().await;
        for (query, status) in [
            ("lastEventId=x", 400),
            ("limit=0", 400),
            ("limit=-1", 400),
            ("limit=1001", 400),
            ("timeout=30001", 400),
            ("timeout=1&timeout=2", 400),
            ("lasteventid=x", 400),
            ("timeout=soon", 400),
            ("lastEventId=01890a5d-ac96-774b-bcce-b302099a8057", 410),
        ] {
            let (answered, problem) = feed.get(&format!("/events?{query}")).await;
            assert_eq!(answered, status, "{query}: {problem}");
            assert!(problem["type"].is_string(), "{problem}");
        }
    }
}
