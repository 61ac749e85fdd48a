//! What every hop of a request passes on: the trace, the deadline, and the client it is made for.

use std::cell::RefCell;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::net::IpAddr;
use std::time::{Duration, Instant};

use background::Task;
use http::{HeaderMap, HeaderValue, header};

use crate::forwarded::{self, Forwarded};
use crate::trace::{TraceParent, Tracer};

/// The header with the time left for a response, in milliseconds.
pub const DEADLINE_HEADER: &str = "x-deadline-ms";
const PARENT_HEADER: &str = "traceparent";
const STATE_HEADER: &str = "tracestate";

/// Headers that only parts of the shop may send to each other.
pub(crate) const INTERNAL_HEADERS: [&str; 3] = [DEADLINE_HEADER, PARENT_HEADER, STATE_HEADER];

/// `tracestate` is passed on up to this many bytes, as the
/// [standard](https://www.w3.org/TR/trace-context/#tracestate-limits) recommends.
const STATE_LIMIT: usize = 512;

tokio::task_local! {
    static CURRENT: Context;
}

/// The context of a request or of other work: trace, deadline and client.
#[derive(Clone, Debug)]
pub struct Context {
    parent: TraceParent,
    /// `tracestate`: notes of other systems on the trace
    state: Option<HeaderValue>,
    deadline: Option<Instant>,
    forwarded: Forwarded,
    pub(crate) tracer: Tracer,
}

impl Context {
    /// The context of the current task, or a new one.
    #[must_use]
    pub fn current() -> Self {
        Self::of_task().unwrap_or_else(|| Self::root(Tracer::of_process()))
    }

    /// The context of the current task, if it has one.
    #[must_use]
    pub fn of_task() -> Option<Self> {
        CURRENT.try_with(Clone::clone).ok()
    }

    /// A context for work that a message has caused: in the trace of its `traceparent`, or in a new one.
    #[must_use]
    pub fn caused_by(traceparent: Option<&str>) -> Self {
        let mut context = Self::current().without_deadline();
        match traceparent.and_then(TraceParent::parse) {
            Some(parent) => (context.parent, context.state) = (parent, None),
            None => context = Self::root(context.tracer),
        }
        // The client that caused it is not waiting any more.
        context.forwarded = Forwarded::default();
        context
    }

    /// Runs a future in this context: necessary where work moves to another task.
    pub async fn scope<F: Future>(self, future: F) -> F::Output {
        CURRENT.scope(self, future).await
    }

    /// Runs work in this context in a task of its own, which continues when the caller goes away, and which a process that
    /// stops waits for. A panic is logged and counted under `name`, and returned to whoever awaits the task.
    pub fn spawn<T: Send + 'static>(
        self,
        name: &'static str,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Task<T> {
        background::spawn(name, self.scope(work))
    }

    /// Runs a function in this context.
    pub(crate) fn enter<T>(self, work: impl FnOnce() -> T) -> T {
        CURRENT.sync_scope(self, work)
    }

    /// The same context with a deadline of at most `limit` from now.
    #[must_use]
    pub fn within(mut self, limit: Duration) -> Self {
        self.deadline = Some(Instant::now() + self.time_left(limit));
        self
    }

    /// The same context without a deadline: for work that continues when no caller waits any longer.
    #[must_use]
    pub fn without_deadline(mut self) -> Self {
        self.deadline = None;
        self
    }

    /// The time left until the deadline, at most `limit`.
    #[must_use]
    pub fn time_left(&self, limit: Duration) -> Duration {
        self.deadline.map_or(limit, |deadline| {
            deadline.saturating_duration_since(Instant::now()).min(limit)
        })
    }

    /// The address of the client outside of the shop; `None` if the request is not made for a client.
    #[must_use]
    pub fn client(&self) -> Option<IpAddr> {
        self.forwarded.client
    }

    /// The client's network, by which limits are counted: an IPv4 address, or the /64 of an IPv6 address.
    #[must_use]
    pub fn client_network(&self) -> Option<IpAddr> {
        self.client().map(forwarded::network)
    }

    /// Returns whether the client uses TLS, so that its cookies can be `Secure`.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.forwarded.is_secure
    }

    /// The id of the trace in [W3C Trace Context](https://www.w3.org/TR/trace-context/) form: 32 hex digits.
    #[must_use]
    pub fn trace_id(&self) -> String {
        format!("{:032x}", self.parent.trace)
    }

    /// The value of `traceparent` for a call made in this context.
    #[must_use]
    pub fn traceparent(&self) -> String {
        let span = match self.parent.span {
            0 => span_id(),
            span => span,
        };
        TraceParent { span, ..self.parent }.to_string()
    }

    /// The headers of a call made in this context, except for the deadline: `traceparent`, and `tracestate` and `forwarded`
    /// where they have a value. For calls to parts of the shop only.
    #[must_use]
    pub fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(3);
        headers.insert(PARENT_HEADER, ascii(self.traceparent()));
        if let Some(state) = &self.state {
            headers.insert(STATE_HEADER, state.clone());
        }
        if let Some(forwarded) = self.forwarded.header() {
            headers.insert(header::FORWARDED, forwarded);
        }
        headers
    }

    /// The same trace with a new span.
    pub(crate) fn child(&self) -> Self {
        let mut child = self.clone();
        child.parent.span = span_id();
        child
    }

    pub(crate) fn parent(&self) -> TraceParent {
        self.parent
    }

    /// The trace of the current task, if it has one.
    pub(crate) fn trace_of_task() -> Option<u128> {
        CURRENT.try_with(|context| context.parent.trace).ok()
    }

    /// Reads a context from a caller's headers; starts a new trace if there is none, or none that is valid.
    pub(crate) fn of(headers: &HeaderMap, tracer: &Tracer) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let mut context = match text(PARENT_HEADER).and_then(TraceParent::parse) {
            Some(parent) => Self {
                parent,
                state: state(headers),
                deadline: None,
                forwarded: Forwarded::default(),
                tracer: tracer.clone(),
            },
            None => Self::root(tracer.clone()),
        };
        context.forwarded = Forwarded::of_caller(headers);
        let left = text(DEADLINE_HEADER).and_then(|value| value.parse().ok());
        // A number that is too large is ignored.
        context.deadline = left.and_then(|left| Instant::now().checked_add(Duration::from_millis(left)));
        context
    }

    /// Starts a context at the edge, for a client outside.
    pub(crate) fn begin(forwarded: Forwarded, tracer: &Tracer) -> Self {
        Self {
            forwarded,
            ..Self::root(tracer.clone())
        }
    }

    fn root(tracer: Tracer) -> Self {
        let trace = random(|random| random.u128(1..));
        let parent = TraceParent {
            trace,
            span: 0,
            sampled: tracer.samples(trace),
        };
        Self {
            parent,
            state: None,
            deadline: None,
            forwarded: Forwarded::default(),
            tracer,
        }
    }
}

/// Ids need to differ, not to be secret. fastrand seeds itself by the time since the machine started, which replicas
/// that start together share; this seed is the operating system's.
fn random<T>(draw: impl FnOnce(&mut fastrand::Rng) -> T) -> T {
    thread_local! {
        static RANDOM: RefCell<fastrand::Rng> =
            RefCell::new(fastrand::Rng::with_seed(RandomState::new().build_hasher().finish()));
    }
    RANDOM.with_borrow_mut(draw)
}

fn span_id() -> u64 {
    random(|random| random.u64(1..))
}

fn ascii(text: String) -> HeaderValue {
    HeaderValue::try_from(text).expect("hex digits and dashes")
}

fn state(headers: &HeaderMap) -> Option<HeaderValue> {
    let mut values = headers.get_all(STATE_HEADER).iter();
    let first = values.next()?;
    let whole = match values.next() {
        None => first.clone(),
        // Several headers are equivalent to one list.
        Some(second) => {
            let all = [first, second].into_iter().chain(values);
            let all: Vec<&[u8]> = all.map(HeaderValue::as_bytes).collect();
            HeaderValue::from_bytes(&all.join(&b',')).ok()?
        }
    };
    (whole.len() <= STATE_LIMIT).then_some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn context(headers: &[(&'static str, &str)]) -> Context {
        let headers = headers.iter().map(|(name, value)| {
            let name = http::HeaderName::from_static(name);
            (name, value.parse().unwrap())
        });
        let mut all = HeaderMap::new();
        headers.for_each(|(name, value)| {
            all.append(name, value);
        });
        Context::of(&all, &Tracer::default())
    }

    #[test]
    fn call_continues_the_trace_and_its_tracestate() {
        let context = context(&[(PARENT_HEADER, PARENT), (STATE_HEADER, "a=1"), (STATE_HEADER, "b=2")]);
        let headers = context.child().headers();
        let parent = headers[PARENT_HEADER].to_str().unwrap();
        assert!(parent.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"), "{parent}");
        assert!(parent.ends_with("-01") && parent != PARENT, "{parent}");
        assert_eq!(headers[STATE_HEADER], "a=1,b=2");
    }

    #[test]
    fn sampling_decision_of_the_caller_is_kept() {
        let not_sampled = PARENT.replace("-01", "-00");
        assert!(context(&[(PARENT_HEADER, &not_sampled)]).traceparent().ends_with("-00"));
        assert!(context(&[]).traceparent().ends_with("-01"));
    }

    #[test]
    fn deadline_only_shrinks() {
        let context = context(&[]).within(Duration::from_millis(50));
        assert!(context.time_left(Duration::from_secs(9)) <= Duration::from_millis(50));
        let limit = Duration::from_secs(9);
        assert!(context.clone().within(limit).time_left(limit) <= Duration::from_millis(50));
        assert_eq!(context.without_deadline().time_left(limit), limit);
    }

    #[test]
    fn too_large_deadline_is_ignored() {
        let limit = Duration::from_secs(1);
        let left = context(&[(DEADLINE_HEADER, &u64::MAX.to_string())]).time_left(limit);
        assert_eq!(left, limit);
    }
}
