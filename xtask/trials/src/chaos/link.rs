//! A link between two parts: a TCP proxy that can be slow or cut.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use machine::{Error, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::sleep;

use super::Plant;

/// The state of a link.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Weather {
    /// Data arrive.
    Fair,
    /// Data arrive with this delay.
    Slow(Duration),
    /// Connections break, and new ones do too.
    Cut,
}

/// A link; closed when dropped.
pub struct Link {
    /// The address for the caller.
    pub address: SocketAddr,
    weather: watch::Sender<Weather>,
    task: AbortHandle,
}

impl Link {
    /// Opens one to `to`.
    pub fn open(from: &str, to: SocketAddr, plant: Option<Plant>) -> Result<Self> {
        let failed = |error: std::io::Error| Error(format!("no link from {from} to {to}: {error}"));
        let listener = TcpListener::bind((to.ip(), 0)).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let listener = tokio::net::TcpListener::from_std(listener).map_err(failed)?;
        let (weather, seen) = watch::channel(Weather::Fair);
        let task = tokio::spawn(serve(listener, to, seen, plant)).abort_handle();
        Ok(Self { address, weather, task })
    }

    /// Changes its state.
    pub fn turn(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    listener: tokio::net::TcpListener,
    to: SocketAddr,
    weather: watch::Receiver<Weather>,
    plant: Option<Plant>,
) {
    // A failure to accept is a failure of the link, which is what it is for.
    while let Ok((caller, _)) = listener.accept().await {
        let mut cut = weather.clone();
        let weather = weather.clone();
        tokio::spawn(async move {
            tokio::select! {
                // Cut in the middle of a message.
                _ = cut.wait_for(|weather| *weather == Weather::Cut) => {}
                _ = carry(caller, to, weather, plant) => {}
            }
        });
    }
}

/// Carries bytes both ways until one side ends.
async fn carry(
    mut caller: TcpStream,
    to: SocketAddr,
    weather: watch::Receiver<Weather>,
    plant: Option<Plant>,
) -> std::io::Result<()> {
    let mut other = TcpStream::connect(to).await?;
    caller.set_nodelay(true)?;
    other.set_nodelay(true)?;
    let (mut asked, mut answered) = (vec![0; 16 * 1024], vec![0; 16 * 1024]);
    loop {
        tokio::select! {
            size = caller.read(&mut asked) => {
                let bytes = &asked[..size?];
                hold_up(&weather).await;
                match plant.and_then(|plant| plant.lie(bytes)) {
                    _ if bytes.is_empty() => return Ok(()),
                    Some(lie) => caller.write_all(lie).await?,
                    None => other.write_all(bytes).await?,
                }
            }
            size = other.read(&mut answered) => {
                let bytes = &answered[..size?];
                hold_up(&weather).await;
                match bytes {
                    [] => return Ok(()),
                    _ => caller.write_all(bytes).await?,
                }
            }
        }
    }
}

async fn hold_up(weather: &watch::Receiver<Weather>) {
    let weather = *weather.borrow();
    if let Weather::Slow(time) = weather {
        sleep(time).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An echo server.
    async fn echo() -> SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut read, mut write) = stream.split();
                    tokio::io::copy(&mut read, &mut write).await
                });
            }
        });
        address
    }

    async fn said(link: &Link, words: &[u8]) -> std::io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect(link.address).await?;
        stream.write_all(words).await?;
        let mut heard = vec![0; words.len()];
        stream.read_exact(&mut heard).await?;
        Ok(heard)
    }

    #[tokio::test]
    async fn what_is_sent_arrives_until_the_link_is_cut() {
        let link = Link::open("a", echo().await, None).unwrap();
        assert_eq!(said(&link, b"hello").await.unwrap(), b"hello");
        let mut open = TcpStream::connect(link.address).await.unwrap();
        link.turn(Weather::Cut);
        assert_eq!(open.read(&mut [0; 8]).await.unwrap_or(0), 0);
        assert!(said(&link, b"hello").await.is_err());
        link.turn(Weather::Slow(Duration::from_millis(1)));
        assert_eq!(said(&link, b"hello").await.unwrap(), b"hello");
    }

    #[tokio::test]
    async fn a_planted_lie_never_arrives() {
        for (plant, line) in [
            (Plant::LostRelease, "DELETE /reservations/1"),
            (Plant::LostVoid, "POST /payments/1/void"),
            (Plant::OpenPage, "POST /v1/checkout/sessions/cs_1/expire"),
        ] {
            let link = Link::open("a", echo().await, Some(plant)).unwrap();
            let client = shop::http::client().build().unwrap();
            let (method, path) = line.split_once(' ').unwrap();
            let url = format!("http://{}{path}", link.address);
            let answer = client.request(method.parse().unwrap(), url).send().await.unwrap();
            assert_eq!(answer.status(), 200, "{line}");
            let _: serde_json::Value = answer.json().await.unwrap();
        }
    }
}
