//! `/events/parked`: listing, replaying and discarding parked events.

use serde_json::Value;
use testkit::{Database, Running};

use crate::index::{Index, Mood};
use crate::things::{self, Things};

struct Setup {
    things: Things,
    index: Index,
    door: Running,
    mood: Mood,
    _kept: (Running, Database, Database),
}

/// A publisher, and a consumer that fails at size 13.
async fn setups() -> Vec<Setup> {
    let mut setups = Vec::new();
    for ((things, database), own) in things::all().await.into_iter().zip(testkit::databases().await) {
        let mood = Mood::default();
        mood.fails.lock().unwrap().insert(13);
        let feed = things.serve().await;
        let index = Index::open(&own, &feed.url, &mood).await;
        let door = index.serve().await;
        setups.push(Setup {
            things,
            index,
            door,
            mood,
            _kept: (feed, database, own),
        });
    }
    setups
}

impl Setup {
    async fn parked(&self) -> Vec<Value> {
        let (status, list) = self.door.get("/events/parked").await;
        assert_eq!(status, 200, "{list}");
        list["items"].as_array().expect("a list").clone()
    }

    async fn replay(&self, event: &events::Event) -> (u16, Value) {
        let path = format!("/events/parked/{}/replay", event.id);
        let (status, answer) = self.door.post(&path, "unused", &Value::Null).await;
        (status.as_u16(), answer)
    }
}

#[tokio::test]
async fn event_that_keeps_failing_is_parked_with_its_subject_alone() {
    for setup in setups().await {
        let bad = setup.things.make("thing/bad", 13).await;
        let follower = setup.things.make("thing/bad", 2).await;
        setup.things.make("thing/good", 3).await;
        setup.index.has(1).await;
        assert_eq!(setup.index.sizes().await, [3]);

        let parked = setup.parked().await;
        assert_eq!(parked.len(), 2);
        assert_eq!(parked[0]["event"], serde_json::to_value(&bad).unwrap());
        assert_eq!(parked[0]["error"], "13 is a bad size");
        assert_eq!(parked[0]["attempts"], 3);
        assert_eq!(parked[0]["consumer"], "index");
        assert_eq!(parked[1]["event"]["id"], follower.id.to_string());
        assert_eq!(parked[1]["attempts"], 0);
        let tried: Vec<u32> = setup.mood.attempts.lock().unwrap().clone();
        assert!(!tried.contains(&2), "{tried:?}");
        assert_eq!(tried.iter().filter(|size| **size == 13).count(), 3);
    }
}

#[tokio::test]
async fn replay_handles_the_event_and_those_behind_it() {
    for setup in setups().await {
        let bad = setup.things.make("thing/bad", 13).await;
        let second = setup.things.make("thing/bad", 2).await;
        let third = setup.things.make("thing/bad", 4).await;
        setup.things.make("thing/good", 3).await;
        setup.index.has(1).await;

        let (status, problem) = setup.replay(&second).await;
        assert_eq!((status, problem["type"].as_str()), (409, Some("urn:problem:not-first")));
        let (status, problem) = setup.replay(&bad).await;
        assert_eq!(
            (status, problem["type"].as_str()),
            (409, Some("urn:problem:failed-again"))
        );
        assert_eq!(setup.parked().await.len(), 3);
        assert_eq!(setup.index.sizes().await, [3]);

        setup.mood.fails.lock().unwrap().clear();
        let (status, answer) = setup.replay(&bad).await;
        let ids = [bad.id, second.id, third.id].map(|id| id.to_string());
        assert_eq!((status, answer), (200, serde_json::json!({ "replayed": ids })));
        assert_eq!(setup.index.sizes().await, [3, 13, 2, 4]);
        assert!(setup.parked().await.is_empty());
        assert_eq!(setup.replay(&bad).await.0, 404);

        // After that the subject is handled like any other.
        setup.things.make("thing/bad", 5).await;
        setup.index.has(5).await;
    }
}

#[tokio::test]
async fn parked_event_is_discarded_only_with_a_reason() {
    for setup in setups().await {
        let bad = setup.things.make("thing/bad", 13).await;
        setup.things.make("thing/bad", 2).await;
        setup.things.make("thing/good", 3).await;
        setup.index.has(1).await;
        let path = format!("/events/parked/{}", bad.id);
        assert_eq!(setup.door.delete(&path).await.0, 400);
        assert_eq!(setup.door.delete(&format!("{path}?reason=%20")).await.0, 400);
        assert_eq!(setup.index.parked().await, 2);
        let (status, answer) = setup.door.delete(&format!("{path}?reason=a+test")).await;
        assert_eq!(status, 200, "{answer}");
        assert_eq!(setup.index.sizes().await, [3, 2]);
        assert!(setup.parked().await.is_empty());
        assert_eq!(setup.door.delete(&format!("{path}?reason=again")).await.0, 404);
        assert_eq!(setup.door.delete("/events/parked/x?reason=again").await.0, 404);
    }
}

#[tokio::test]
async fn event_whose_handler_panics_is_parked() {
    for setup in setups().await {
        setup.mood.panics.lock().unwrap().insert(7);
        setup.things.make("thing/bad", 7).await;
        setup.things.make("thing/good", 3).await;
        setup.index.has(1).await;
        assert_eq!(setup.parked().await[0]["error"], "the handler panicked, see the log");
    }
}

#[tokio::test]
async fn database_errors_are_not_revealed() {
    for setup in setups().await {
        let sql = "alter table total rename to elsewhere";
        let mut tx = setup.index.db.begin().await.unwrap();
        storage::execute!(&mut tx, sql).unwrap();
        tx.commit().await.unwrap();
        let event = setup.things.make("thing/1", 1).await;
        crate::index::eventually("parked", async || setup.index.parked().await == 1).await;
        let error = "the database returned an error, see the log";
        assert_eq!(setup.parked().await[0]["error"], error);
        let (status, problem) = setup.replay(&event).await;
        assert_eq!(status, 409);
        assert_eq!(problem["detail"], format!("It failed again: {error}."));
        assert_eq!(setup.parked().await[0]["attempts"], 4);
    }
}

/// Events that an older version has parked are listed with their attempts.
#[tokio::test]
async fn event_parked_before_the_renaming_of_attempts_is_listed() {
    use events::inbox::Inbox;
    for database in testkit::databases().await {
        let db = storage::Db::open(database.url.clone()).await.unwrap();
        storage::migrate(&db, storage::migrations![events::INBOX])
            .await
            .unwrap();
        let event = things::made("thing/1", 1);
        let sql = "insert into parked (id, consumer, subject, turn, event, error, tries, parked_at)
            values ($1, 'index', 'thing/1', 1, $2, 'an error', 3, $3)";
        let mut tx = db.begin().await.unwrap();
        storage::execute!(&mut tx, sql, event.id, storage::Json(&event), event.time).unwrap();
        tx.commit().await.unwrap();
        storage::migrate(&db, storage::migrations![events::INBOX, events::INBOX_ATTEMPTS])
            .await
            .unwrap();
        let parked = db.parked("index", 10).await.unwrap();
        assert_eq!((parked.len(), parked[0].attempts), (1, 3));
    }
}
