//! Checks of target, host and origin, and routes for operators.

use axum::Router;
use axum::routing::get;
use http::{HeaderMap, Uri};
use service::{BoxError, Part, Settings, contract};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::{NoConfig, serve};

/// Returns the target and the host of a request. It is behind the edge, or the edge itself.
#[derive(Clone)]
struct Mirror<const IS_EDGE: bool>;

impl<const IS_EDGE: bool> Part for Mirror<IS_EDGE> {
    const NAME: &'static str = "mirror";
    const ABOUT: &'static str = "returns the request";
    const LISTEN: &'static str = "127.0.0.1:0";
    const IS_EDGE: bool = IS_EDGE;
    type Config = NoConfig;

    async fn start(_: NoConfig) -> Result<Self, BoxError> {
        unreachable!("tests make it themselves")
    }

    fn router(self) -> Router {
        let tell = async |uri: Uri, headers: HeaderMap| format!("{uri} at {}", headers["host"].to_str().unwrap());
        Router::new()
            .route("/things/{thing}", get(tell).post(tell))
            .merge(contract("{}"))
    }
}

async fn mirror<const IS_EDGE: bool>(settings: &Settings) -> (service::Server, String) {
    let (server, _) = serve(Mirror::<IS_EDGE>, settings).await;
    let address = server.address.to_string();
    (server, address)
}

/// Sends a raw request and returns the response.
async fn ask(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let (first, rest) = request.split_once('\n').unwrap_or((request, ""));
    let mut lines = vec![first];
    lines.extend(rest.split('\n').filter(|line| !line.is_empty()));
    let request = lines.join("\r\n") + "\r\nconnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn absolute_uri_determines_path_and_host() {
    let (_server, address) = mirror::<true>(&Settings::default()).await;
    for (request, seen) in [
        (
            "GET /things/1?a=b HTTP/1.1\nhost: shop.example",
            "/things/1?a=b at shop.example",
        ),
        (
            "GET http://shop.example/things/1?a=b HTTP/1.1\nhost: shop.example",
            "/things/1?a=b at shop.example",
        ),
        (
            "GET http://shop.example:8080/things/1 HTTP/1.1\nhost: elsewhere.example",
            "/things/1 at shop.example:8080",
        ),
    ] {
        let answer = ask(&address, request).await;
        assert!(answer.ends_with(&format!("\r\n\r\n{seen}")), "{request}: {answer}");
    }
}

#[tokio::test]
async fn invalid_target_or_host_is_refused() {
    let (_server, address) = mirror::<true>(&Settings::default()).await;
    for request in [
        "GET /things/1 HTTP/1.1",
        "GET /things/1 HTTP/1.1\nhost:",
        "GET /things/1 HTTP/1.1\nhost: a.example\nhost: b.example",
        "GET /things/1 HTTP/1.1\nhost: user@a.example",
        "GET /things/1 HTTP/1.1\nhost: a.example/x",
        "GET /things/1 HTTP/1.1\nhost: a.example:port",
        "GET ftp://a.example/things/1 HTTP/1.1\nhost: a.example",
        "GET http://user@a.example/things/1 HTTP/1.1\nhost: a.example",
        "OPTIONS * HTTP/1.1\nhost: a.example",
        "CONNECT a.example:80 HTTP/1.1\nhost: a.example",
    ] {
        let answer = ask(&address, request).await;
        assert_eq!(status(&answer), 400, "{request}: {answer}");
    }
}

#[tokio::test]
async fn part_behind_the_edge_refuses_unknown_hosts() {
    let (_server, address) = mirror::<false>(&Settings::default()).await;
    let of = async |path: &str, host: &str| status(&ask(&address, &format!("GET {path} HTTP/1.1\nhost: {host}")).await);
    for host in [&*address, "localhost:1", "127.0.0.1", "[::1]:4106", "LOCALHOST"] {
        assert_eq!(of("/things/1", host).await, 200, "{host}");
    }
    for path in ["/things/1", "/metrics", "/health/live", "/nothing"] {
        for host in ["rebound.example", "localhost.example", "127.0.0.1.example"] {
            assert_eq!(of(path, host).await, 421, "{path} {host}");
        }
    }
    let named = Settings {
        hosts: vec!["mirror.internal".to_owned()],
        ..Settings::default()
    };
    let (_inner, inner) = mirror::<false>(&named).await;
    let (_edge, edge) = mirror::<true>(&named).await;
    for address in [&inner, &edge] {
        for (host, expected) in [
            ("mirror.internal:80", 200),
            ("MIRROR.internal", 200),
            ("other.internal", 421),
        ] {
            let answer = ask(address, &format!("GET /things/1 HTTP/1.1\nhost: {host}")).await;
            assert_eq!(status(&answer), expected, "{host}");
        }
    }
}

#[tokio::test]
async fn other_sites_pages_are_refused() {
    let (_inner, inner) = mirror::<false>(&Settings::default()).await;
    let (_edge, edge) = mirror::<true>(&Settings::default()).await;
    let of = async |address: &str, method: &str, header: &str| {
        status(
            &ask(
                address,
                &format!("{method} /things/1 HTTP/1.1\nhost: {address}\n{header}"),
            )
            .await,
        )
    };
    for header in ["origin: https://elsewhere.example", "origin: null"] {
        assert_eq!(of(&inner, "GET", header).await, 403, "{header}");
        assert_eq!(of(&inner, "POST", header).await, 403, "{header}");
        assert_eq!(of(&edge, "GET", header).await, 200, "{header}");
        assert_eq!(of(&edge, "POST", header).await, 403, "{header}");
    }
    assert_eq!(of(&inner, "GET", "sec-fetch-site: cross-site").await, 200, "a link");
    assert_eq!(of(&inner, "POST", "sec-fetch-site: cross-site").await, 403);
    for address in [&inner, &edge] {
        assert_eq!(of(address, "POST", &format!("origin: http://{address}")).await, 200);
        assert_eq!(of(address, "POST", "accept: */*").await, 200, "a program");
    }
}

#[tokio::test]
async fn operators_routes_are_not_found_by_clients() {
    let (_inner, inner) = mirror::<false>(&Settings::default()).await;
    let of = async |address: &str, path: &str, header: &str| {
        status(&ask(address, &format!("GET {path} HTTP/1.1\nhost: {address}\n{header}")).await)
    };
    let client = "forwarded: for=127.0.0.1";
    for path in ["/health/live", "/health/ready", "/metrics", "/openapi.json"] {
        assert_eq!(of(&inner, path, "").await, 200, "{path}");
        assert_eq!(of(&inner, path, client).await, 404, "{path}");
    }
    assert_eq!(of(&inner, "/things/1", client).await, 200);

    let (_edge, edge) = mirror::<true>(&Settings::default()).await;
    let elsewhere = Settings {
        operators: vec!["192.0.2.0/24".parse().unwrap()],
        ..Settings::default()
    };
    let (_strange, strange) = mirror::<true>(&elsewhere).await;
    let proxied = Settings {
        trusted_proxies: vec!["127.0.0.1/32".parse().unwrap()],
        ..elsewhere
    };
    let (_proxied, proxied) = mirror::<true>(&proxied).await;
    for path in ["/health/live", "/health/ready", "/metrics"] {
        assert_eq!(of(&edge, path, "").await, 200, "{path}");
        assert_eq!(of(&edge, path, client).await, 404, "{path}: an unknown proxy");
        assert_eq!(of(&strange, path, "").await, 404, "{path}");
        assert_eq!(of(&strange, path, "x-forwarded-for: 192.0.2.1").await, 404, "{path}");
        assert_eq!(of(&proxied, path, "x-forwarded-for: 192.0.2.1").await, 200, "{path}");
        assert_eq!(of(&proxied, path, "x-forwarded-for: 198.51.100.1").await, 404, "{path}");
    }
    assert_eq!(
        of(&edge, "/openapi.json", "").await,
        404,
        "the edge is asked by clients alone"
    );
}

#[tokio::test]
async fn response_without_cache_control_is_not_cached() {
    let (_server, address) = mirror::<false>(&Settings::default()).await;
    for path in ["/things/1", "/nothing"] {
        let answer = ask(&address, &format!("GET {path} HTTP/1.1\nhost: {address}")).await;
        assert!(answer.contains("cache-control: no-store\r\n"), "{answer}");
    }
}
