//! Servers that give no response, each for another cause.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::free_port;

/// A server that gives no response.
#[derive(Debug)]
pub struct FaultyServer {
    /// Its URL
    pub url: String,
    /// The cause that clients log, see `errors::Cause`
    pub cause: &'static str,
    work: JoinSet<()>,
}

/// What the server does with a connection after the first bytes of a request.
#[derive(Clone, Copy)]
enum Fault {
    Reset,
    Close,
    Wait,
    /// Answers like a server that does not speak TLS.
    SpeakPlain,
}

impl FaultyServer {
    /// One of each kind except [`FaultyServer::without_tls`].
    pub async fn all() -> [Self; 5] {
        [
            Self::refused(),
            Self::reset().await,
            Self::closed().await,
            Self::unknown_host(),
            Self::silent().await,
        ]
    }

    /// Nothing listens on its port.
    #[must_use]
    pub fn refused() -> Self {
        Self::at(format!("http://127.0.0.1:{}", free_port()), "refused")
    }

    /// Its host name does not resolve.
    #[must_use]
    pub fn unknown_host() -> Self {
        Self::at("http://nosuch.invalid".to_owned(), "dns")
    }

    /// Resets each connection.
    pub async fn reset() -> Self {
        Self::listen("http", "reset", Fault::Reset).await
    }

    /// Closes each connection.
    pub async fn closed() -> Self {
        Self::listen("http", "closed", Fault::Close).await
    }

    /// Never answers.
    pub async fn silent() -> Self {
        Self::listen("http", "timeout", Fault::Wait).await
    }

    /// Does not speak TLS, although its URL is `https`.
    pub async fn without_tls() -> Self {
        Self::listen("https", "tls", Fault::SpeakPlain).await
    }

    fn at(url: String, cause: &'static str) -> Self {
        Self {
            url,
            cause,
            work: JoinSet::new(),
        }
    }

    async fn listen(scheme: &str, cause: &'static str, fault: Fault) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound listener");
        let mut server = Self::at(format!("{scheme}://{address}"), cause);
        server.work.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, fault));
            }
        });
        server
    }
}

async fn serve(mut stream: TcpStream, fault: Fault) {
    let mut buffer = [0; 4096];
    if stream.read(&mut buffer).await.is_err() {
        return;
    }
    match fault {
        Fault::Reset => stream.set_zero_linger().expect("an open socket"),
        Fault::Close => {}
        Fault::Wait => std::future::pending().await,
        Fault::SpeakPlain => {
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.ok();
        }
    }
}
