//! Several replicas of one frontend: requests are spread over them, and a dead one costs nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use testkit::HangingServer;
use testkit::wiremock::MockServer;
use tokio::net::TcpListener;

use crate::shop::{html, serve, shop_with_pages_at};

async fn replica() -> MockServer {
    let server = MockServer::start().await;
    serve(&server, "/page/x", html("here")).await;
    server
}

async fn asked(server: &MockServer) -> usize {
    server.received_requests().await.unwrap().len()
}

#[tokio::test]
async fn requests_are_spread_over_replicas() {
    let (one, two) = (replica().await, replica().await);
    let shop = shop_with_pages_at(&[&one.uri(), &two.uri()]).await;
    for _ in 0..10 {
        assert_eq!(shop.shell.page("/page/x").await.0, 200);
    }
    assert_eq!((asked(&one).await, asked(&two).await), (5, 5));
}

#[tokio::test]
async fn no_request_fails_with_one_dead_replica() {
    let alive = replica().await;
    let dead = testkit::free_port();
    let shop = shop_with_pages_at(&[&format!("http://127.0.0.1:{dead}"), &alive.uri()]).await;
    for _ in 0..30 {
        assert_eq!(shop.shell.page("/page/x").await.0, 200);
        assert_eq!(shop.shell.submit("/page/x", "a=b").await.status(), 200);
    }
    assert_eq!(asked(&alive).await, 60);
}

#[tokio::test]
async fn replica_that_breaks_connections_is_avoided() {
    let alive = replica().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let broken = format!("http://{}", listener.local_addr().unwrap());
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&connections);
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    });
    let shop = shop_with_pages_at(&[&broken, &alive.uri()]).await;
    let mut forms = 0;
    for _ in 0..40 {
        assert_eq!(shop.shell.page("/page/x").await.0, 200);
        for _ in 0..2 {
            // A form that may have been processed is not sent again.
            forms += usize::from(shop.shell.submit("/page/x", "a=b").await.status() == 200);
        }
    }
    assert!(connections.load(Ordering::Relaxed) < 10);
    assert!((70..80).contains(&forms), "{forms}");
}

#[tokio::test]
async fn only_replica_is_tried_again_after_timeouts() {
    let only = MockServer::start().await;
    serve(&only, "/page/x", html("never").set_delay(Duration::from_secs(30))).await;
    let shop = shop_with_pages_at(&[&only.uri()]).await;
    let pages = join_all((0..25).map(|_| shop.shell.page("/page/x"))).await;
    assert!(pages.iter().all(|(status, _)| *status == 504));
    only.reset().await;
    serve(&only, "/page/x", html("here")).await;
    assert_eq!(shop.shell.page("/page/x").await.0, 200);
}

/// Three requests wait for it, and none after them: probes do not delay any request.
#[tokio::test]
async fn hanging_replica_is_not_waited_for() {
    let silent = HangingServer::start().await;
    let shop = shop_with_pages_at(&[&silent.url]).await;
    for _ in 0..3 {
        assert_eq!(shop.shell.page("/page/x").await.0, 504);
    }
    while silent.connections() < 5 {
        assert_eq!(shop.shell.page("/page/x").await.0, 503);
        assert_eq!(shop.shell.submit("/page/x", "a=b").await.status(), 503);
    }
}

/// A fragment has a shorter timeout than a page, so late fragments say nothing about pages.
#[tokio::test]
async fn late_fragments_do_not_affect_the_frontends_pages() {
    let slow = MockServer::start().await;
    serve(
        &slow,
        "/pages/fragments/x",
        html("late").set_delay(Duration::from_millis(400)),
    )
    .await;
    let with = "<html><esi:try><esi:attempt><esi:include src=\"/pages/fragments/x\"/></esi:attempt>\
        <esi:except>gone</esi:except></esi:try></html>";
    serve(&slow, "/page/x", html(with).set_delay(Duration::from_millis(400))).await;
    let shop = shop_with_pages_at(&[&slow.uri()]).await;
    for _ in 0..8 {
        let (status, page) = shop.shell.page("/page/x").await;
        assert_eq!((status.as_u16(), &*page), (200, "<html>gone</html>"));
    }
}

#[tokio::test]
async fn oversized_address_is_the_clients_fault() {
    let only = replica().await;
    let shop = shop_with_pages_at(&[&only.uri()]).await;
    for _ in 0..40 {
        let (page, _) = shop.shell.page(&format!("/page/x?{}", "y".repeat(9_000))).await;
        let api = format!("/pages/api/x?{}", "y".repeat(9_000));
        let (api, _) = shop.shell.get(&api).await;
        assert!(page.is_client_error() && api.is_client_error(), "{page} {api}");
    }
    assert_eq!(asked(&only).await, 0);
    assert_eq!(shop.shell.page("/page/x").await.0, 200);
}
