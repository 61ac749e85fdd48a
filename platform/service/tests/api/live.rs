//! Sockets and long polls: who may open one, what is sent, and how it ends.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::{StreamExt, future, stream};
use service::{BoxError, LiveSocket, LongPoll, Part, Settings};
use testkit::Socket;
use tokio::sync::watch;

use crate::{NoConfig, serve};

/// A part that sends a number and its changes; 0 is the last one.
#[derive(Clone)]
struct Numbers(watch::Receiver<u32>);

impl Part for Numbers {
    const NAME: &'static str = "numbers";
    const ABOUT: &'static str = "sends a number";
    const LISTEN: &'static str = "127.0.0.1:0";
    type Config = NoConfig;

    async fn start(_: NoConfig) -> Result<Self, BoxError> {
        unreachable!("tests make it themselves")
    }

    fn router(self) -> Router {
        Router::new()
            .route("/number", get(ask))
            .route("/number/live", get(follow))
            .route(
                "/steps/live",
                get(async |live: LiveSocket| live.stream(stream::iter([1, 1, 2, 2, 1]))),
            )
            .with_state(self)
    }
}

async fn ask(State(Numbers(mut number)): State<Numbers>, mut poll: LongPoll) -> Result<Response, Infallible> {
    loop {
        let now = *number.borrow_and_update();
        if let Some(answer) = poll.answer(&now) {
            return Ok(answer);
        }
        poll.wait(async { drop(number.changed().await) }).await;
    }
}

async fn follow(State(Numbers(number)): State<Numbers>, live: LiveSocket) -> Response {
    let numbers = stream::unfold((number, true), |(mut number, is_first)| async move {
        if !is_first {
            number.changed().await.ok()?;
        }
        let now = *number.borrow_and_update();
        Some((now, (number, false)))
    });
    live.stream(numbers.take_while(|number| future::ready(*number != 0)))
        .into_response()
}

async fn numbers(settings: &Settings) -> (watch::Sender<u32>, service::Server, String) {
    let (sender, receiver) = watch::channel(1);
    let (server, url) = serve(Numbers(receiver), settings).await;
    (sender, server, url)
}

#[tokio::test]
async fn every_change_is_sent_until_the_last() {
    let (number, server, url) = numbers(&Settings::default()).await;
    let mut socket = Socket::open(&url, "/number/live", &[]).await.unwrap();
    assert_eq!(socket.next().await.unwrap(), 1);
    socket.say("who listens").await;
    number.send_replace(2);
    assert_eq!(socket.next().await.unwrap(), 2);
    number.send_replace(3);
    assert_eq!(socket.next().await.unwrap(), 3);
    number.send_replace(0);
    assert_eq!(socket.next().await, Err(Some(1000)));
    server.stop().await;
}

#[tokio::test]
async fn unchanged_state_is_not_sent_again() {
    let (_number, server, url) = numbers(&Settings::default()).await;
    let mut socket = Socket::open(&url, "/steps/live", &[]).await.unwrap();
    for number in [1, 2, 1] {
        assert_eq!(socket.next().await.unwrap(), number);
    }
    assert_eq!(socket.next().await, Err(Some(1000)));
    server.stop().await;
}

#[tokio::test]
async fn only_pages_of_the_same_origin_may_open_a_socket() {
    let (_number, server, url) = numbers(&Settings::default()).await;
    for foreign in [
        ("origin", "https://elsewhere.test"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
    ] {
        assert_eq!(
            Socket::open(&url, "/number/live", &[foreign]).await.err(),
            Some(403),
            "{foreign:?}"
        );
    }
    for own in [("origin", &*url), ("sec-fetch-site", "same-origin")] {
        assert!(Socket::open(&url, "/number/live", &[own]).await.is_ok(), "{own:?}");
    }
    let plain = testkit::get(format!("{url}/number/live")).await.unwrap();
    assert_eq!(
        (plain.status().as_u16(), &plain.headers()["upgrade"]),
        (426, &"websocket".parse().unwrap())
    );
    assert!(plain.text().await.unwrap().contains("urn:problem:upgrade-required"));
    server.stop().await;
}

/// A socket takes no permit of a request.
#[tokio::test]
async fn number_of_sockets_is_limited() {
    let settings = Settings {
        sockets: 2,
        concurrency: 1,
        ..Settings::default()
    };
    let (_number, server, url) = numbers(&settings).await;
    let mut one = Socket::open(&url, "/number/live", &[]).await.unwrap();
    let two = Socket::open(&url, "/number/live", &[]).await.unwrap();
    assert_eq!(one.next().await.unwrap(), 1);
    assert_eq!(Socket::open(&url, "/number/live", &[]).await.err(), Some(503));
    assert_eq!(testkit::get(format!("{url}/number")).await.unwrap().status(), 200);
    drop(two);
    let begun = Instant::now();
    while Socket::open(&url, "/number/live", &[]).await.is_err() {
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "the permit of a closed socket is not returned"
        );
        tokio::task::yield_now().await;
    }
    server.stop().await;
}

/// Clients are named by the part in front.
#[tokio::test]
async fn one_client_leaves_sockets_to_others() {
    let settings = Settings {
        sockets: 4,
        client_percent: 50,
        ..Settings::default()
    };
    let (_number, server, url) = numbers(&settings).await;
    let one = [("forwarded", "for=192.0.2.1")];
    let _first = Socket::open(&url, "/number/live", &one).await.unwrap();
    let _second = Socket::open(&url, "/number/live", &one).await.unwrap();
    assert_eq!(Socket::open(&url, "/number/live", &one).await.err(), Some(429));
    let other = [("forwarded", "for=192.0.2.2")];
    assert!(Socket::open(&url, "/number/live", &other).await.is_ok());
    server.stop().await;
}

#[tokio::test]
async fn client_that_sends_too_much_is_closed() {
    let (_number, server, url) = numbers(&Settings::default()).await;
    let mut socket = Socket::open(&url, "/number/live", &[]).await.unwrap();
    assert_eq!(socket.next().await.unwrap(), 1);
    for _ in 0..200 {
        socket.ping().await;
    }
    assert_eq!(socket.next().await, Err(Some(1008)));
    server.stop().await;
}

#[tokio::test]
async fn sockets_are_closed_when_the_part_stops() {
    let (_number, server, url) = numbers(&Settings::default()).await;
    let mut socket = Socket::open(&url, "/number/live", &[]).await.unwrap();
    assert_eq!(socket.next().await.unwrap(), 1);
    let client = tokio::spawn(async move { socket.next().await });
    server.stop().await;
    assert_eq!(client.await.unwrap(), Err(Some(1001)));
}

async fn poll(url: &str, seen: &str, prefer: &str) -> reqwest::Response {
    let request = testkit::client().get(format!("{url}/number"));
    let request = request.header("if-none-match", seen).header("prefer", prefer);
    request.send().await.unwrap()
}

#[tokio::test]
async fn long_poll_waits_for_the_next_state() {
    let (number, server, url) = numbers(&Settings::default()).await;
    let first = testkit::get(format!("{url}/number")).await.unwrap();
    let tag = first.headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!(first.text().await.unwrap(), "1");

    let unchanged = poll(&url, &tag, "respond-async").await;
    assert_eq!(
        (
            unchanged.status().as_u16(),
            unchanged.headers().get("preference-applied")
        ),
        (304, None)
    );
    let begun = Instant::now();
    let unchanged = poll(&url, &tag, "wait=1").await;
    assert_eq!(
        (
            unchanged.status().as_u16(),
            unchanged.headers()["etag"].to_str().unwrap()
        ),
        (304, &*tag)
    );
    assert_eq!(unchanged.headers()["preference-applied"], "wait=1");
    assert!(begun.elapsed() >= Duration::from_secs(1));

    let (its_url, its_tag) = (url.clone(), tag.clone());
    let before = number.receiver_count();
    let waiting = tokio::spawn(async move { poll(&its_url, &its_tag, "wait=30").await });
    while number.receiver_count() == before {
        tokio::task::yield_now().await;
    }
    number.send_replace(2);
    let changed = waiting.await.unwrap();
    assert_eq!(changed.status(), 200);
    assert_ne!(changed.headers()["etag"], *tag);
    assert_eq!(changed.text().await.unwrap(), "2");
    assert_eq!(
        poll(&url, &tag, "wait=30").await.status(),
        200,
        "a client with an older state does not wait"
    );
    server.stop().await;
}

#[tokio::test]
async fn long_poll_does_not_delay_the_stop() {
    let (number, server, url) = numbers(&Settings::default()).await;
    let tag = testkit::get(format!("{url}/number")).await.unwrap().headers()["etag"].clone();
    let (begun, before) = (Instant::now(), number.receiver_count());
    let waiting = tokio::spawn(async move { poll(&url, tag.to_str().unwrap(), "wait=30").await.status() });
    while number.receiver_count() == before {
        tokio::task::yield_now().await;
    }
    server.stop().await;
    assert_eq!(waiting.await.unwrap(), 304);
    assert!(begun.elapsed() < Duration::from_secs(10));
}
