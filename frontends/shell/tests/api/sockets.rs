//! WebSockets to BFFs.

use axum::Router;
use axum::extract::ws::{Message, WebSocketUpgrade};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use reqwest::Method;
use serde_json::json;
use service::{BoxError, Part, contract};
use testkit::{Running, Socket};

use crate::shop::{html, serve, shop, shop_with_api_at};

/// A BFF that sends back what it receives.
#[derive(Clone)]
struct Echo;

#[derive(clap::Args)]
struct NoConfig {}

impl Part for Echo {
    const NAME: &'static str = "echo";
    const ABOUT: &'static str = "sends back what it receives";
    const LISTEN: &'static str = "127.0.0.1:0";
    type Config = NoConfig;

    async fn start(_: NoConfig) -> Result<Self, BoxError> {
        Ok(Self)
    }

    fn router(self) -> Router {
        Router::new().route("/things/live", get(echo)).merge(contract("{}"))
    }
}

async fn echo(headers: HeaderMap, upgrade: WebSocketUpgrade) -> Response {
    let value = |name| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned)
    };
    let received = json!({ "cookie": value("cookie"), "host": value("host"), "origin": value("origin") });
    upgrade.on_upgrade(async move |mut socket| {
        socket.send(Message::text(received.to_string())).await.ok();
        while let Some(Ok(message)) = socket.recv().await {
            if matches!(message, Message::Text(_)) && socket.send(message).await.is_err() {
                return;
            }
        }
    })
}

const PATH: &str = "/pages/api/things/live";

#[tokio::test]
async fn messages_pass_in_both_directions() {
    let echo = Running::start(Echo).await;
    let shop = shop_with_api_at(&echo.url, 60).await;
    let headers = [("cookie", "cart=1"), ("origin", &*shop.shell.url)];
    let mut socket = Socket::open(&shop.shell.url, PATH, &headers).await.unwrap();
    let host = echo.url.strip_prefix("http://").unwrap();
    // The shell has checked `Host` and `Origin`: the BFF gets its own address, and no origin.
    let expected = json!({ "cookie": "cart=1", "host": host, "origin": null });
    assert_eq!(socket.next().await.unwrap(), expected);
    let long = "x".repeat(100_000);
    for message in ["1", &long] {
        socket.say(&json!(message).to_string()).await;
        assert_eq!(socket.next().await.unwrap(), message);
    }
}

#[tokio::test]
async fn sockets_from_other_sites_are_rejected() {
    let echo = Running::start(Echo).await;
    let shop = shop_with_api_at(&echo.url, 60).await;
    for foreign in [("origin", "https://elsewhere.test"), ("sec-fetch-site", "cross-site")] {
        assert_eq!(
            Socket::open(&shop.shell.url, PATH, &[foreign]).await.err(),
            Some(403),
            "{foreign:?}"
        );
    }
}

#[tokio::test]
async fn rejection_of_the_bff_is_passed_on() {
    let echo = Running::start(Echo).await;
    let shop = shop_with_api_at(&echo.url, 60).await;
    assert_eq!(
        Socket::open(&shop.shell.url, "/pages/api/nothing", &[]).await.err(),
        Some(404)
    );
    assert_eq!(
        Socket::open(&shop.shell.url, "/parts/api/nothing", &[]).await.err(),
        Some(404),
        "no BFF"
    );
}

/// Every BFF has them on the same listener.
#[tokio::test]
async fn endpoints_for_operators_are_not_reachable() {
    let echo = Running::start(Echo).await;
    let shop = shop_with_api_at(&echo.url, 60).await;
    for path in ["/metrics", "/health/live", "/health/ready", "/openapi.json"] {
        assert_eq!(echo.get(path).await.0, 200, "{path}");
        assert_eq!(shop.shell.get(&format!("/pages/api{path}")).await.0, 404, "{path}");
    }
}

#[tokio::test]
async fn dead_bff_is_a_bad_gateway() {
    let free = format!("http://127.0.0.1:{}", testkit::free_port());
    let shop = shop_with_api_at(&free, 60).await;
    let request = shop.shell.request(Method::GET, PATH);
    let request = request
        .header("connection", "keep-alive, Upgrade")
        .header("upgrade", "websocket");
    let answer = request.send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["content-type"]),
        (502, &"application/problem+json".parse().unwrap())
    );
}

#[tokio::test]
async fn silent_socket_is_closed() {
    let echo = Running::start(Echo).await;
    let shop = shop_with_api_at(&echo.url, 1).await;
    let mut socket = Socket::open(&shop.shell.url, PATH, &[]).await.unwrap();
    socket.next().await.unwrap();
    assert_eq!(socket.next().await, Err(None));
}

#[tokio::test]
async fn socket_is_closed_when_the_shell_stops() {
    let echo = Running::start(Echo).await;
    let shop = shop_with_api_at(&echo.url, 60).await;
    let mut socket = Socket::open(&shop.shell.url, PATH, &[]).await.unwrap();
    socket.next().await.unwrap();
    let shell = shop.shell;
    drop(shell);
    assert_eq!(socket.next().await, Err(None));
}

#[tokio::test]
async fn page_is_not_upgraded_to_a_socket() {
    let shop = shop().await;
    serve(&shop.pages, "/page/x", html("here")).await;
    let request = shop.shell.request(Method::GET, "/page/x");
    let request = request.header("connection", "upgrade").header("upgrade", "websocket");
    let answer = request.send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), answer.text().await.unwrap()),
        (200, "here".to_owned())
    );
}
