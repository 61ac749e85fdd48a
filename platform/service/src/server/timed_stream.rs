//! Timeouts of one connection's stream: a client that begins a request has to send its head in time, and has to accept the
//! response.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// A client that accepts no bytes for this long is considered gone.
const STALLED: Duration = Duration::from_secs(30);

/// What a connection is doing.
#[derive(Clone, Debug)]
pub(super) struct Phase(Arc<AtomicU8>);

/// Between two requests.
const IDLE: u8 = 0;
/// The head of a request, or the connection itself, has begun.
const HEAD: u8 = 1;
/// A request is being answered, or the connection is no longer HTTP.
const BUSY: u8 = 2;

impl Phase {
    pub(super) fn new() -> Self {
        Self(Arc::new(AtomicU8::new(HEAD)))
    }

    /// The head has arrived.
    pub(super) fn answering(&self) {
        self.0.store(BUSY, Ordering::Relaxed);
    }

    /// The response is being sent.
    pub(super) fn answered(&self) {
        self.0.store(IDLE, Ordering::Relaxed);
    }

    fn begins_head(&self) -> bool {
        let begun = self
            .0
            .compare_exchange(IDLE, HEAD, Ordering::Relaxed, Ordering::Relaxed);
        begun.is_ok()
    }

    fn is_head(&self) -> bool {
        self.0.load(Ordering::Relaxed) == HEAD
    }
}

/// A stream with timeouts.
pub(super) struct TimedStream<T> {
    io: T,
    phase: Phase,
    head: Duration,
    reading: Timer,
    writing: Timer,
}

impl<T> TimedStream<T> {
    /// `head` is the time that each request's head may take, beginning now.
    pub(super) fn new(io: T, phase: Phase, head: Duration) -> Self {
        let mut reading = Timer::default();
        reading.set(head);
        Self {
            io,
            phase,
            head,
            reading,
            writing: Timer::default(),
        }
    }

    /// The stream itself.
    pub(super) fn into_inner(self) -> T {
        self.io
    }

    /// Restarts the timeout whenever the client accepts bytes.
    fn with_timeout<R>(&mut self, context: &mut Context<'_>, written: Poll<io::Result<R>>) -> Poll<io::Result<R>> {
        if written.is_ready() {
            self.writing.unset();
            return written;
        }
        if !self.writing.is_set() {
            self.writing.set(STALLED);
        }
        ready!(self.writing.poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for TimedStream<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.io).poll_read(context, buffer);
        if buffer.filled().len() > before && self.phase.begins_head() {
            let head = self.head;
            self.reading.set(head);
        }
        if read.is_pending() && self.phase.is_head() {
            ready!(self.reading.poll(context));
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        read
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for TimedStream<T> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write(context, bytes);
        self.with_timeout(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write_vectored(context, bytes);
        self.with_timeout(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.io).poll_flush(context);
        self.with_timeout(context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.io).poll_shutdown(context);
        self.with_timeout(context, shut)
    }
}

/// A timer that is allocated once and can be set again.
#[derive(Default)]
struct Timer {
    sleep: Option<Pin<Box<Sleep>>>,
    is_set: bool,
}

impl Timer {
    fn set(&mut self, after: Duration) {
        let at = Instant::now() + after;
        match &mut self.sleep {
            Some(sleep) => sleep.as_mut().reset(at),
            None => self.sleep = Some(Box::pin(sleep_until(at))),
        }
        self.is_set = true;
    }

    fn unset(&mut self) {
        self.is_set = false;
    }

    fn is_set(&self) -> bool {
        self.is_set
    }

    /// Ready when the time is over.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        match &mut self.sleep {
            Some(sleep) => sleep.as_mut().poll(context),
            None => Poll::Pending,
        }
    }
}
