//! Neighbours that give no answer, each in its way.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::free_port;

/// A neighbour that gives no answer.
#[derive(Debug)]
pub struct Lost {
    /// Its address
    pub url: String,
    /// Why there is no answer, in the word of a log line
    pub cause: &'static str,
    work: JoinSet<()>,
}

/// What it does with a connection, once it has heard something.
#[derive(Clone, Copy)]
enum Way {
    Reset,
    Close,
    Wait,
    /// Answers as a server does that does not speak the protocol.
    Refuse,
}

impl Lost {
    /// One of each kind.
    pub async fn all() -> [Self; 5] {
        [
            Self::refused(),
            Self::reset().await,
            Self::closed().await,
            Self::unknown(),
            Self::silent().await,
        ]
    }

    /// Nothing listens at its port.
    #[must_use]
    pub fn refused() -> Self {
        Self::at(format!("http://127.0.0.1:{}", free_port()), "refused")
    }

    /// Its name leads nowhere.
    #[must_use]
    pub fn unknown() -> Self {
        Self::at("http://nosuch.invalid".to_owned(), "dns")
    }

    /// Breaks each connection off.
    pub async fn reset() -> Self {
        Self::listen("http", "reset", Way::Reset).await
    }

    /// Closes each connection.
    pub async fn closed() -> Self {
        Self::listen("http", "closed", Way::Close).await
    }

    /// Hears and says nothing.
    pub async fn silent() -> Self {
        Self::listen("http", "timeout", Way::Wait).await
    }

    /// Does not speak TLS, though its address says so.
    pub async fn plain() -> Self {
        Self::listen("https", "tls", Way::Refuse).await
    }

    fn at(url: String, cause: &'static str) -> Self {
        Self {
            url,
            cause,
            work: JoinSet::new(),
        }
    }

    async fn listen(scheme: &str, cause: &'static str, way: Way) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound listener");
        let mut lost = Self::at(format!("{scheme}://{address}"), cause);
        lost.work.spawn(async move {
            let mut taken = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                taken.spawn(treat(stream, way));
            }
        });
        lost
    }
}

async fn treat(mut stream: TcpStream, way: Way) {
    let mut buffer = [0; 4096];
    if stream.read(&mut buffer).await.is_err() {
        return;
    }
    match way {
        Way::Reset => stream.set_zero_linger().expect("an open socket"),
        Way::Close => {}
        Way::Wait => std::future::pending().await,
        Way::Refuse => {
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.ok();
        }
    }
}
