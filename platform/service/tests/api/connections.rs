//! Connections that are slow, silent, idle, too many, or do not speak HTTP/1.1. Timeouts are one second here.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use axum::routing::post;
use service::{BoxError, Part, Settings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{sleep, timeout};

use crate::{NoConfig, back, serve};

const REQUEST: &[u8] = b"GET /things/1 HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n";

/// An edge that returns bodies.
#[derive(Clone)]
struct Edge;

impl Part for Edge {
    const NAME: &'static str = "edge";
    const ABOUT: &'static str = "returns bodies";
    const LISTEN: &'static str = "127.0.0.1:0";
    const IS_EDGE: bool = true;
    type Config = NoConfig;

    async fn start(_: NoConfig) -> Result<Self, BoxError> {
        unreachable!("tests make it themselves")
    }

    fn router(self) -> Router {
        Router::new()
            .route("/things/1", axum::routing::get(async || "thing"))
            .route("/take", post(async |body: String| body))
    }
}

async fn connect(to: SocketAddr) -> TcpStream {
    TcpStream::connect(to).await.unwrap()
}

/// From another address of this machine.
async fn connect_from(last: u8, to: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((Ipv4Addr::new(127, 0, 0, last), 0).into()).unwrap();
    socket.connect(to).await.unwrap()
}

fn impatient() -> Settings {
    Settings {
        head_seconds: 1,
        body_seconds: 2,
        idle_seconds: 2,
        ..Settings::default()
    }
}

/// Everything that is received until the other end closes the connection.
async fn heard(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let end = timeout(Duration::from_secs(20), stream.read_to_end(&mut bytes)).await;
    end.expect("a connection that ends").unwrap_or_default();
    String::from_utf8(bytes).unwrap()
}

/// One answer on a connection that stays open.
async fn answer(stream: &mut TcpStream, request: &[u8]) -> String {
    stream.write_all(request).await.unwrap();
    let mut bytes = vec![0; 4096];
    let length = stream.read(&mut bytes).await.unwrap();
    String::from_utf8(bytes[..length].to_vec()).unwrap()
}

/// Sends bytes slowly until the other end closes the connection.
async fn trickle(stream: &mut TcpStream, bytes: &[u8]) {
    for byte in bytes {
        if stream.write_all(&[*byte]).await.is_err() {
            break;
        }
        sleep(Duration::from_millis(300)).await;
    }
}

#[tokio::test]
async fn slow_head_closes_the_connection() {
    let (server, _) = serve(back(), &impatient()).await;
    for begun in [&b""[..], b"G", b"GET /things/1 HTTP/1.1\r\nhost: 127.0.0.1\r\n"] {
        let mut stream = connect(server.address).await;
        stream.write_all(begun).await.unwrap();
        assert_eq!(heard(&mut stream).await, "", "{begun:?}");
    }
    let mut stream = connect(server.address).await;
    trickle(&mut stream, &REQUEST[..20]).await;
    assert_eq!(heard(&mut stream).await, "", "a byte now and then");
}

#[tokio::test]
async fn second_head_has_the_same_timeout() {
    let settings = Settings {
        idle_seconds: 3600,
        ..impatient()
    };
    let (server, _) = serve(back(), &settings).await;
    let mut stream = connect(server.address).await;
    for _ in 0..2 {
        assert!(answer(&mut stream, REQUEST).await.starts_with("HTTP/1.1 200 OK"));
    }
    stream.write_all(b"GET").await.unwrap();
    assert_eq!(heard(&mut stream).await, "");
}

#[tokio::test]
async fn idle_connection_is_closed() {
    let (server, _) = serve(back(), &impatient()).await;
    let mut stream = connect(server.address).await;
    for _ in 0..2 {
        assert!(answer(&mut stream, REQUEST).await.starts_with("HTTP/1.1 200 OK"));
    }
    assert_eq!(heard(&mut stream).await, "");
}

#[tokio::test]
async fn response_may_take_longer_than_a_head() {
    let back = back();
    let (server, _) = serve(back.clone(), &impatient()).await;
    let mut stream = connect(server.address).await;
    let slow = b"GET /slow HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n";
    stream.write_all(slow).await.unwrap();
    back.arrived.acquire().await.unwrap().forget();
    sleep(Duration::from_secs(3)).await;
    back.allowed.add_permits(1);
    assert!(answer(&mut stream, b"").await.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn slow_body_takes_no_permit() {
    let settings = Settings {
        concurrency: 1,
        ..impatient()
    };
    let (server, url) = serve(Edge, &settings).await;
    let head = b"POST /take HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 20\r\n\r\n";
    let (mut silent, mut slow) = (connect(server.address).await, connect(server.address).await);
    silent.write_all(head).await.unwrap();
    slow.write_all(head).await.unwrap();
    assert_eq!(testkit::get(format!("{url}/things/1")).await.unwrap().status(), 200);
    trickle(&mut slow, &[b'x'; 19]).await;
    for stream in [&mut silent, &mut slow] {
        let told = heard(stream).await;
        assert!(
            told.starts_with("HTTP/1.1 408") && told.contains("urn:problem:request-timeout"),
            "{told}"
        );
    }
}

#[tokio::test]
async fn body_is_complete_or_refused() {
    let (server, _) = serve(Edge, &Settings::default()).await;
    let post = async |rest: &str| {
        let mut stream = connect(server.address).await;
        let head = "POST /take HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n";
        stream.write_all(format!("{head}{rest}").as_bytes()).await.unwrap();
        heard(&mut stream).await
    };
    let whole = post("transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n").await;
    assert!(whole.starts_with("HTTP/1.1 200") && whole.ends_with("abcde"), "{whole}");
    let announced = post("content-length: 262145\r\n\r\n").await;
    assert!(
        announced.starts_with("HTTP/1.1 413") && announced.contains("urn:problem:too-large"),
        "{announced}"
    );
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    let longer = post(&format!("transfer-encoding: chunked\r\n\r\n{}", chunk.repeat(5))).await;
    assert!(longer.starts_with("HTTP/1.1 413"), "{longer}");
}

#[tokio::test]
async fn http2_is_refused_with_505() {
    let (server, _) = serve(back(), &Settings::default()).await;
    let mut stream = connect(server.address).await;
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
    assert!(heard(&mut stream).await.starts_with("HTTP/1.1 505 "));
    let mut stream = connect(server.address).await;
    let upgrade = b"GET /things/1 HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: upgrade, http2-settings\r\n\
        upgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n\r\n";
    assert!(answer(&mut stream, upgrade).await.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn one_client_leaves_connections_to_others() {
    let settings = Settings {
        connections: 8,
        client_percent: 25,
        ..Settings::default()
    };
    let (server, _) = serve(Edge, &settings).await;
    let (mut one, mut two) = (connect(server.address).await, connect(server.address).await);
    assert!(answer(&mut one, REQUEST).await.starts_with("HTTP/1.1 200 OK"));
    assert!(answer(&mut two, REQUEST).await.starts_with("HTTP/1.1 200 OK"));
    let refused = heard(&mut connect(server.address).await).await;
    assert!(
        refused.starts_with("HTTP/1.1 503") && refused.contains("retry-after: 1"),
        "{refused}"
    );
    let mut others = connect_from(2, server.address).await;
    assert!(answer(&mut others, REQUEST).await.starts_with("HTTP/1.1 200 OK"));
    drop(two);
    while !answer(&mut connect(server.address).await, REQUEST)
        .await
        .starts_with("HTTP/1.1 200 OK")
    {
        tokio::task::yield_now().await;
    }
}

/// A closed connection makes room for another one.
#[tokio::test]
async fn part_with_many_connections_closes_them_after_each_response() {
    let settings = Settings {
        connections: 4,
        client_percent: 100,
        ..Settings::default()
    };
    let (server, _) = serve(Edge, &settings).await;
    let mut kept = Vec::new();
    for is_kept in [true, true, false] {
        let mut stream = connect(server.address).await;
        let told = answer(&mut stream, REQUEST).await;
        assert_eq!(told.contains("connection: close"), !is_kept, "{told}");
        kept.push(stream);
    }
}

#[tokio::test]
async fn one_client_leaves_permits_to_others() {
    let back = back();
    let settings = Settings {
        concurrency: 2,
        client_percent: 50,
        ..Settings::default()
    };
    let (server, _) = serve(EdgeOf(back.clone()), &settings).await;
    let slow = b"GET /slow HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n";
    let mut one = connect(server.address).await;
    one.write_all(slow).await.unwrap();
    back.arrived.acquire().await.unwrap().forget();
    let mut next = connect(server.address).await;
    next.write_all(slow).await.unwrap();
    let mut others = connect_from(2, server.address).await;
    others.write_all(slow).await.unwrap();
    back.arrived.acquire().await.unwrap().forget();
    let refused = answer(&mut next, b"").await;
    assert!(
        refused.starts_with("HTTP/1.1 503") && refused.contains("You have too many"),
        "{refused}"
    );
    back.allowed.add_permits(2);
    for stream in [&mut one, &mut others] {
        assert!(answer(stream, b"").await.starts_with("HTTP/1.1 200 OK"));
    }
}

/// The back part as an edge.
#[derive(Clone)]
struct EdgeOf(crate::Back);

impl Part for EdgeOf {
    const NAME: &'static str = "edge-of-back";
    const ABOUT: &'static str = "answers clients outside";
    const LISTEN: &'static str = "127.0.0.1:0";
    const IS_EDGE: bool = true;
    type Config = NoConfig;

    async fn start(_: NoConfig) -> Result<Self, BoxError> {
        unreachable!("tests make it themselves")
    }

    fn router(self) -> Router {
        self.0.router()
    }
}

#[tokio::test]
async fn stopping_part_answers_established_connections() {
    let back = back();
    let (server, _) = serve(back.clone(), &Settings::default()).await;
    let address = server.address;
    let mut idle = connect(address).await;
    let mut silent = connect(address).await;
    for stream in [&mut idle, &mut silent] {
        assert!(answer(stream, REQUEST).await.starts_with("HTTP/1.1 200 OK"));
    }
    let mut under_way = connect(address).await;
    under_way
        .write_all(b"GET /slow HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
        .await
        .unwrap();
    back.arrived.acquire().await.unwrap().forget();
    // Established, but not accepted yet: nothing else runs on this thread.
    let mut knocks = std::net::TcpStream::connect(address).unwrap();
    std::io::Write::write_all(&mut knocks, REQUEST).unwrap();
    let stopping = tokio::spawn(server.stop());
    idle.write_all(REQUEST).await.unwrap();
    assert!(
        heard(&mut idle).await.starts_with("HTTP/1.1 200 OK"),
        "its request was sent before the stop"
    );
    assert_eq!(heard(&mut silent).await, "", "an idle connection is closed");
    back.allowed.add_permits(1);
    assert!(heard(&mut under_way).await.starts_with("HTTP/1.1 200 OK"));
    stopping.await.unwrap();
    knocks.set_nonblocking(true).unwrap();
    let mut knocks = TcpStream::from_std(knocks).unwrap();
    assert!(heard(&mut knocks).await.starts_with("HTTP/1.1 200 OK"));
}
