//! A server that hangs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

const ANSWER: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";

/// A server that accepts every connection and never answers, like a stopped process.
#[derive(Debug)]
pub struct HangingServer {
    /// `http://127.0.0.1:<port>`
    pub url: String,
    connections: Arc<AtomicUsize>,
    is_awake: Arc<AtomicBool>,
    _work: JoinSet<()>,
}

impl HangingServer {
    /// Starts the server.
    ///
    /// # Panics
    /// There is no free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound listener");
        let (connections, is_awake) = (Arc::<AtomicUsize>::default(), Arc::<AtomicBool>::default());
        let mut work = JoinSet::new();
        work.spawn(take(listener, Arc::clone(&connections), Arc::clone(&is_awake)));
        Self {
            url: format!("http://{address}"),
            connections,
            is_awake,
            _work: work,
        }
    }

    /// Number of connections so far, which is also the number of requests: each has a connection of its own.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// From now on, answers 200 and `{}` to new connections.
    pub fn wake(&self) {
        self.is_awake.store(true, Ordering::Relaxed);
    }
}

async fn take(listener: TcpListener, connections: Arc<AtomicUsize>, is_awake: Arc<AtomicBool>) {
    let mut taken = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.fetch_add(1, Ordering::Relaxed);
        taken.spawn(answer(stream, Arc::clone(&is_awake)));
    }
}

/// Requests that came before `wake` are never answered.
async fn answer(mut stream: TcpStream, is_awake: Arc<AtomicBool>) {
    let is_awake = is_awake.load(Ordering::Relaxed);
    let mut buffer = [0; 4096];
    while let Ok(1..) = stream.read(&mut buffer).await {
        if is_awake {
            stream.write_all(ANSWER).await.ok();
            return;
        }
    }
}
