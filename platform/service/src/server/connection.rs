//! Connections: as many as there may be, each with a client's share, and HTTP/1.1 on each of them.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::response::Response;
use http::{HeaderValue, Request, StatusCode, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use metrics::{Counter, Gauge, counter, gauge};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tower_service::Service;

use super::wire::{Phase, Wire};
use crate::Settings;
use crate::forwarded::network;
use crate::log::causes;
use crate::metrics::{SERVER_CONNECTIONS, SERVER_CONNECTIONS_REFUSED};
use crate::share::{Share, Shares};

/// After an error that is the whole process', such as too many open files.
const BREATH: Duration = Duration::from_millis(100);

/// Bytes that a client of HTTP/2 may say before it has heard the answer.
const PREFACE: u64 = 64 * 1024;

/// When the part stops: for requests that are on their way already.
const LAST_REQUESTS: Duration = Duration::from_millis(100);

/// What whoever comes in is told where there is no room, which costs next to nothing to say.
const NO_ROOM: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
/// And where it speaks HTTP/2, which is spoken nowhere here.
const NO_HTTP2: &[u8] = b"HTTP/1.1 505 HTTP Version Not Supported\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// The open connections of one part.
pub(super) struct Connections {
    router: Router,
    http: http1::Builder,
    head: Duration,
    limit: usize,
    /// At the edge; behind it the clients are the other parts
    shares: Option<Shares>,
    open: Arc<AtomicUsize>,
    gauge: Gauge,
    refused: Counter,
    closing: watch::Sender<bool>,
}

/// The place of one connection; free again when this is dropped.
struct Seat {
    open: Arc<AtomicUsize>,
    gauge: Gauge,
    _share: Option<Share>,
}

impl Connections {
    /// None is open.
    pub(super) fn new(router: Router, settings: &Settings, is_edge: bool) -> Self {
        crate::metrics::record();
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(Duration::from_secs(settings.idle_seconds));
        Self {
            router,
            http,
            head: Duration::from_secs(settings.head_seconds),
            limit: settings.connections,
            shares: is_edge.then(|| Shares::new(settings.connections, settings.client_percent)),
            open: Arc::default(),
            gauge: gauge!(SERVER_CONNECTIONS),
            refused: counter!(SERVER_CONNECTIONS_REFUSED),
            closing: watch::Sender::new(false),
        }
    }

    /// Takes connections until `stopped`, then waits until the requests under way are answered.
    pub(super) async fn serve(self, listener: TcpListener, stopped: impl Future<Output = ()>) {
        let mut stopped = std::pin::pin!(stopped);
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = &mut stopped => break,
            };
            match accepted {
                Ok((stream, peer)) => self.welcome(stream, peer),
                Err(error) => pause(&error).await,
            }
        }
        // Who has knocked by now is still let in.
        if let Ok(listener) = listener.into_std() {
            while let Ok((stream, peer)) = listener.accept() {
                if let Ok(stream) = stream.set_nonblocking(true).and_then(|()| TcpStream::from_std(stream)) {
                    self.welcome(stream, peer);
                }
            }
        }
        self.closing.send_replace(true);
        self.closing.closed().await;
    }

    fn welcome(&self, stream: TcpStream, peer: SocketAddr) {
        // Without it, the second piece of a streamed answer waits for the first one's acknowledgement.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(error = causes(&error), "a connection stays without TCP_NODELAY");
        }
        let Some(seat) = self.seat(peer) else {
            self.refused.increment(1);
            // Whoever does not take it at once is not waited for.
            stream.try_write(NO_ROOM).ok();
            return;
        };
        let connection = Connection {
            router: self.router.clone(),
            peer,
            seat,
            plenty: self.limit / 2,
            closing: self.closing.subscribe(),
        };
        let phase = Phase::new();
        let wire = Wire::new(stream, phase.clone(), self.head);
        background::spawn("connection", connection.run(wire, phase, self.http.clone()));
    }

    fn seat(&self, peer: SocketAddr) -> Option<Seat> {
        if self.open.load(Ordering::Relaxed) >= self.limit {
            return None;
        }
        let share = match &self.shares {
            Some(shares) => Some(shares.take(network(peer.ip()))?),
            None => None,
        };
        self.open.fetch_add(1, Ordering::Relaxed);
        self.gauge.increment(1);
        Some(Seat {
            open: Arc::clone(&self.open),
            gauge: self.gauge.clone(),
            _share: share,
        })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
        self.gauge.decrement(1);
    }
}

/// One connection.
struct Connection {
    router: Router,
    peer: SocketAddr,
    seat: Seat,
    /// As long as no more than these are open, they are kept for the next request
    plenty: usize,
    closing: watch::Receiver<bool>,
}

impl Connection {
    async fn run<T: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
        self,
        wire: Wire<T>,
        phase: Phase,
        http: http1::Builder,
    ) {
        let service = service_fn(|request| self.answer(request, phase.clone()));
        let mut connection = http.serve_connection(TokioIo::new(wire), service).with_upgrades();
        let outcome = tokio::select! {
            outcome = &mut connection => outcome,
            () = self.closed() => {
                std::pin::Pin::new(&mut connection).graceful_shutdown();
                (&mut connection).await
            }
        };
        let Err(error) = outcome else { return };
        tracing::debug!(error = causes(&error), client = %self.peer.ip(), "a connection broke");
        if error.is_parse_version_h2()
            && let Some(parts) = connection.into_parts()
        {
            refuse(parts.io.into_inner().into_inner()).await;
        }
    }

    /// Until the part has stopped and the last requests have come.
    async fn closed(&self) {
        let mut closing = self.closing.clone();
        drop(closing.wait_for(|is_closing| *is_closing).await);
        tokio::time::sleep(LAST_REQUESTS).await;
    }

    fn answer(
        &self,
        mut request: Request<Incoming>,
        phase: Phase,
    ) -> impl Future<Output = Result<Response, Infallible>> + use<> {
        phase.answering();
        request.extensions_mut().insert(ConnectInfo(self.peer));
        let answer = self.router.clone().call(request);
        // Who says nothing more should not keep others out.
        let is_last = self.seat.open.load(Ordering::Relaxed) > self.plenty || *self.closing.borrow();
        async move {
            let mut answer = answer.await?;
            if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
                phase.answered();
                if is_last {
                    let close = HeaderValue::from_static("close");
                    answer.headers_mut().insert(header::CONNECTION, close);
                }
            }
            Ok(answer)
        }
    }
}

/// Says so, and hears the client out for a moment: who closes while it still speaks takes the answer back.
async fn refuse(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    let part = async {
        stream.write_all(NO_HTTP2).await?;
        stream.shutdown().await?;
        tokio::io::copy(&mut stream.take(PREFACE), &mut tokio::io::sink()).await
    };
    tokio::time::timeout(BREATH, part).await.ok();
}

/// A connection that broke while it waited concerns nobody; what concerns the process may be over in a moment.
async fn pause(error: &std::io::Error) {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::error!(error = causes(error), "no connection can be accepted for a moment");
        tokio::time::sleep(BREATH).await;
    }
}
