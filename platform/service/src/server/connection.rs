//! Connections: limited in total and per client, with HTTP/1.1 on each of them.

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

use super::timed_stream::{Phase, TimedStream};
use crate::Settings;
use crate::client_limits::{ClientLimits, ClientPermit};
use crate::forwarded::network;
use crate::log::causes;
use crate::metrics::{SERVER_CONNECTIONS, SERVER_CONNECTIONS_REFUSED};

/// The pause after an error of the whole process, such as too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// Bytes to read from a client of HTTP/2 before its connection is closed.
const PREFACE: u64 = 64 * 1024;

/// After a stop, how long to wait for requests that are being sent.
const LAST_REQUESTS: Duration = Duration::from_millis(100);

/// The response to a connection beyond the limit, which costs next to nothing to send.
const UNAVAILABLE: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
/// The response to HTTP/2, which is not supported.
const NO_HTTP2: &[u8] = b"HTTP/1.1 505 HTTP Version Not Supported\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// The open connections of one part.
pub(super) struct Connections {
    router: Router,
    http: http1::Builder,
    head: Duration,
    limit: usize,
    /// At the edge only; behind it the clients are the other parts
    client_limits: Option<ClientLimits>,
    open: Arc<AtomicUsize>,
    gauge: Gauge,
    refused: Counter,
    closing: watch::Sender<bool>,
}

/// The permit of one connection, which is returned when this is dropped.
struct ConnectionPermit {
    open: Arc<AtomicUsize>,
    gauge: Gauge,
    _client_permit: Option<ClientPermit>,
}

impl Connections {
    /// No connection is open.
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
            client_limits: is_edge.then(|| ClientLimits::new(settings.connections, settings.client_percent)),
            open: Arc::default(),
            gauge: gauge!(SERVER_CONNECTIONS),
            refused: counter!(SERVER_CONNECTIONS_REFUSED),
            closing: watch::Sender::new(false),
        }
    }

    /// Accepts connections until `stopped`, and then waits until open requests are answered.
    pub(super) async fn serve(self, listener: TcpListener, stopped: impl Future<Output = ()>) {
        let mut stopped = std::pin::pin!(stopped);
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = &mut stopped => break,
            };
            match accepted {
                Ok((stream, peer)) => self.accept(stream, peer),
                Err(error) => pause(&error).await,
            }
        }
        // Connections that are established already are still accepted.
        if let Ok(listener) = listener.into_std() {
            while let Ok((stream, peer)) = listener.accept() {
                if let Ok(stream) = stream.set_nonblocking(true).and_then(|()| TcpStream::from_std(stream)) {
                    self.accept(stream, peer);
                }
            }
        }
        self.closing.send_replace(true);
        self.closing.closed().await;
    }

    fn accept(&self, stream: TcpStream, peer: SocketAddr) {
        // Without it, the second chunk of a streamed response waits for the acknowledgement of the first one.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(error = causes(&error), "a connection stays without TCP_NODELAY");
        }
        let Some(permit) = self.permit(peer) else {
            self.refused.increment(1);
            // A client that does not accept it at once is not waited for.
            stream.try_write(UNAVAILABLE).ok();
            return;
        };
        let connection = Connection {
            router: self.router.clone(),
            peer,
            permit,
            keep_alive_limit: self.limit / 2,
            closing: self.closing.subscribe(),
        };
        let phase = Phase::new();
        let stream = TimedStream::new(stream, phase.clone(), self.head);
        background::spawn("connection", connection.run(stream, phase, self.http.clone()));
    }

    fn permit(&self, peer: SocketAddr) -> Option<ConnectionPermit> {
        if self.open.load(Ordering::Relaxed) >= self.limit {
            return None;
        }
        let client_permit = match &self.client_limits {
            Some(client_limits) => Some(client_limits.take(network(peer.ip()))?),
            None => None,
        };
        self.open.fetch_add(1, Ordering::Relaxed);
        self.gauge.increment(1);
        Some(ConnectionPermit {
            open: Arc::clone(&self.open),
            gauge: self.gauge.clone(),
            _client_permit: client_permit,
        })
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
        self.gauge.decrement(1);
    }
}

/// One connection.
struct Connection {
    router: Router,
    peer: SocketAddr,
    permit: ConnectionPermit,
    /// With more open connections than this, they are closed after each response
    keep_alive_limit: usize,
    closing: watch::Receiver<bool>,
}

impl Connection {
    async fn run<T: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
        self,
        stream: TimedStream<T>,
        phase: Phase,
        http: http1::Builder,
    ) {
        let service = service_fn(|request| self.answer(request, phase.clone()));
        let mut connection = http.serve_connection(TokioIo::new(stream), service).with_upgrades();
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
            refuse_http2(parts.io.into_inner().into_inner()).await;
        }
    }

    /// Waits until the part has stopped and the last requests have arrived.
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
        // Idle connections should not keep other clients out.
        let is_last = self.permit.open.load(Ordering::Relaxed) > self.keep_alive_limit || *self.closing.borrow();
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

/// Answers HTTP/2, and keeps reading for a moment: if the connection were closed while the client sends, the answer would be
/// lost.
async fn refuse_http2(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    let part = async {
        stream.write_all(NO_HTTP2).await?;
        stream.shutdown().await?;
        tokio::io::copy(&mut stream.take(PREFACE), &mut tokio::io::sink()).await
    };
    tokio::time::timeout(PAUSE, part).await.ok();
}

/// Connections that break while they wait are ignored; after an error of the process, waits for a moment.
async fn pause(error: &std::io::Error) {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::error!(error = causes(error), "no connection can be accepted for a moment");
        tokio::time::sleep(PAUSE).await;
    }
}
