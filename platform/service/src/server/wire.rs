//! The bytes of one connection, in their time: who begins a request sends the whole of its head soon, and who is sent
//! an answer takes it.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// A client that takes nothing for so long has gone.
const STALLED: Duration = Duration::from_secs(30);

/// What a connection is busy with.
#[derive(Clone, Debug)]
pub(super) struct Phase(Arc<AtomicU8>);

/// Between two requests
const IDLE: u8 = 0;
/// A request's head has begun, or the connection itself
const HEAD: u8 = 1;
/// A request is being answered, or the connection is no longer HTTP
const BUSY: u8 = 2;

impl Phase {
    pub(super) fn new() -> Self {
        Self(Arc::new(AtomicU8::new(HEAD)))
    }

    /// A whole head has come.
    pub(super) fn answering(&self) {
        self.0.store(BUSY, Ordering::Relaxed);
    }

    /// Its answer goes out.
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

/// A connection whose client keeps to the times.
pub(super) struct Wire<T> {
    io: T,
    phase: Phase,
    head: Duration,
    reading: Alarm,
    writing: Alarm,
}

impl<T> Wire<T> {
    /// One that begins now: `head` is the time for each request's head.
    pub(super) fn new(io: T, phase: Phase, head: Duration) -> Self {
        let mut reading = Alarm::default();
        reading.set(head);
        Self {
            io,
            phase,
            head,
            reading,
            writing: Alarm::default(),
        }
    }

    /// The connection itself, when all is said.
    pub(super) fn into_inner(self) -> T {
        self.io
    }

    /// What is written makes the client's time begin anew.
    fn paced<R>(&mut self, context: &mut Context<'_>, written: Poll<io::Result<R>>) -> Poll<io::Result<R>> {
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

impl<T: AsyncRead + Unpin> AsyncRead for Wire<T> {
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

impl<T: AsyncWrite + Unpin> AsyncWrite for Wire<T> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write(context, bytes);
        self.paced(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write_vectored(context, bytes);
        self.paced(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.io).poll_flush(context);
        self.paced(context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.io).poll_shutdown(context);
        self.paced(context, shut)
    }
}

/// A time that may run; made once, set again and again.
#[derive(Default)]
struct Alarm {
    sleep: Option<Pin<Box<Sleep>>>,
    is_set: bool,
}

impl Alarm {
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
