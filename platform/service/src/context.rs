//! What travels with a request through every hop: trace identity, deadline, and on whose behalf it is.

use std::cell::RefCell;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::net::IpAddr;
use std::time::{Duration, Instant};

use background::Task;
use http::{HeaderMap, HeaderValue, header};

use crate::forwarded::{self, Forwarded};
use crate::trace::Tracer;

/// Carries the time left for an answer, in milliseconds.
pub const DEADLINE_HEADER: &str = "x-deadline-ms";
const PARENT_HEADER: &str = "traceparent";
const STATE_HEADER: &str = "tracestate";

/// What only parts of the shop say to each other.
pub(crate) const INTERNAL_HEADERS: [&str; 3] = [DEADLINE_HEADER, PARENT_HEADER, STATE_HEADER];

/// What others put into `tracestate` is passed on up to this many bytes, which is what
/// [the standard](https://www.w3.org/TR/trace-context/#tracestate-limits) asks for.
const STATE_LIMIT: usize = 512;

tokio::task_local! {
    static CURRENT: Context;
}

/// The context of the request that the current task answers.
#[derive(Clone, Debug)]
pub struct Context {
    parent: Parent,
    /// Other systems' notes on the trace.
    state: Option<HeaderValue>,
    deadline: Option<Instant>,
    forwarded: Forwarded,
    pub(crate) tracer: Tracer,
}

/// A place in a trace, as `traceparent` says it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Parent {
    pub(crate) trace: u128,
    /// 0 where nothing was begun yet.
    pub(crate) span: u64,
    pub(crate) sampled: bool,
}

impl Context {
    /// The current request's context; a new one outside of a request.
    #[must_use]
    pub fn current() -> Self {
        Self::of_task().unwrap_or_else(|| Self::root(Tracer::of_process()))
    }

    /// The context that the current task works in, if it works in any.
    #[must_use]
    pub fn of_task() -> Option<Self> {
        CURRENT.try_with(Clone::clone).ok()
    }

    /// The context of what a message has caused: the trace that its `traceparent` speaks of, or a new one.
    #[must_use]
    pub fn caused_by(traceparent: Option<&str>) -> Self {
        let mut context = Self::current().without_deadline();
        match traceparent.and_then(Parent::parse) {
            Some(parent) => (context.parent, context.state) = (parent, None),
            None => context = Self::root(context.tracer),
        }
        // Whoever was behind it may be gone long since.
        context.forwarded = Forwarded::default();
        context
    }

    /// Runs a future in this context: needed where work moves to another task.
    pub async fn scope<F: Future>(self, future: F) -> F::Output {
        CURRENT.scope(self, future).await
    }

    /// Does work in this context in a task of its own, which goes on when the caller hangs up, and which a process that stops
    /// waits for. A panic is logged and counted under `name`, and told to who waits.
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

    /// The same trace with at most `limit` left.
    #[must_use]
    pub fn within(mut self, limit: Duration) -> Self {
        self.deadline = Some(Instant::now() + self.left(limit));
        self
    }

    /// The same trace with all the time it takes: for work that goes on when nobody waits any longer.
    #[must_use]
    pub fn without_deadline(mut self) -> Self {
        self.deadline = None;
        self
    }

    /// The time left, at most `limit`.
    #[must_use]
    pub fn left(&self, limit: Duration) -> Duration {
        self.deadline.map_or(limit, |deadline| {
            deadline.saturating_duration_since(Instant::now()).min(limit)
        })
    }

    /// The address of the client that asked the shop's edge; none where no client is behind it.
    #[must_use]
    pub fn client(&self) -> Option<IpAddr> {
        self.forwarded.client
    }

    /// The client as shares and rates count it: its address of IPv4, or the /64 network of its address of IPv6.
    #[must_use]
    pub fn client_network(&self) -> Option<IpAddr> {
        self.client().map(forwarded::network)
    }

    /// Whether the client speaks TLS: then its cookies can be `Secure`.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.forwarded.is_secure
    }

    /// The trace's id in [W3C Trace Context](https://www.w3.org/TR/trace-context/) form: 32 hex digits.
    #[must_use]
    pub fn trace_id(&self) -> String {
        format!("{:032x}", self.parent.trace)
    }

    /// A `traceparent` for a call made from here.
    #[must_use]
    pub fn traceparent(&self) -> String {
        let span = match self.parent.span {
            0 => span_id(),
            span => span,
        };
        Parent { span, ..self.parent }.to_string()
    }

    /// The headers that carry all but the deadline to a call made from here: `traceparent`, and `tracestate` and
    /// `forwarded` where there is something to say. For parts of the shop alone.
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

    /// The same trace, one span deeper.
    pub(crate) fn child(&self) -> Self {
        let mut child = self.clone();
        child.parent.span = span_id();
        child
    }

    pub(crate) fn parent(&self) -> Parent {
        self.parent
    }

    /// The trace that the current task works for, if any.
    pub(crate) fn trace_of_task() -> Option<u128> {
        CURRENT.try_with(|context| context.parent.trace).ok()
    }

    /// What the caller said; a new trace where it said nothing that can be read.
    pub(crate) fn of(headers: &HeaderMap, tracer: &Tracer) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let mut context = match text(PARENT_HEADER).and_then(Parent::parse) {
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
        // An absurd number of milliseconds is as good as none.
        context.deadline = left.and_then(|left| Instant::now().checked_add(Duration::from_millis(left)));
        context
    }

    /// A new one at the edge, for a client outside.
    pub(crate) fn begin(forwarded: Forwarded, tracer: &Tracer) -> Self {
        Self {
            forwarded,
            ..Self::root(tracer.clone())
        }
    }

    fn root(tracer: Tracer) -> Self {
        let trace = random(|random| random.u128(1..));
        let parent = Parent {
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
        // Several headers mean the same as one list.
        Some(second) => {
            let all = [first, second].into_iter().chain(values);
            let all: Vec<&[u8]> = all.map(HeaderValue::as_bytes).collect();
            HeaderValue::from_bytes(&all.join(&b',')).ok()?
        }
    };
    (whole.len() <= STATE_LIMIT).then_some(whole)
}

impl Parent {
    /// Reads `version-trace-span-flags`. A version of the future may say more after these.
    fn parse(text: &str) -> Option<Self> {
        let mut fields = text.split('-');
        let version = hex(fields.next()?, 2).filter(|version| *version != 0xff)?;
        let trace = hex(fields.next()?, 32).filter(|trace| *trace != 0)?;
        let span = hex(fields.next()?, 16).filter(|span| *span != 0)?;
        let flags = hex(fields.next()?, 2)?;
        if version == 0 && fields.next().is_some() {
            return None;
        }
        Some(Self {
            trace,
            span: u64::try_from(span).ok()?,
            sampled: flags & 1 == 1,
        })
    }
}

impl std::fmt::Display for Parent {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { trace, span, sampled } = self;
        write!(formatter, "00-{trace:032x}-{span:016x}-{:02x}", u8::from(*sampled))
    }
}

/// Lower case alone, as the standard says.
fn hex(text: &str, length: usize) -> Option<u128> {
    let fits = text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    u128::from_str_radix(text, 16).ok().filter(|_| fits)
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
    fn a_call_keeps_the_trace_and_what_others_say_of_it() {
        let context = context(&[(PARENT_HEADER, PARENT), (STATE_HEADER, "a=1"), (STATE_HEADER, "b=2")]);
        let headers = context.child().headers();
        let parent = headers[PARENT_HEADER].to_str().unwrap();
        assert!(parent.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"), "{parent}");
        assert!(parent.ends_with("-01") && parent != PARENT, "{parent}");
        assert_eq!(headers[STATE_HEADER], "a=1,b=2");
    }

    #[test]
    fn what_the_caller_decided_is_kept() {
        let not_sampled = PARENT.replace("-01", "-00");
        assert!(context(&[(PARENT_HEADER, &not_sampled)]).traceparent().ends_with("-00"));
        assert!(context(&[]).traceparent().ends_with("-01"));
    }

    #[test]
    fn a_broken_trace_is_replaced() {
        for broken in [
            "",
            "00",
            "00-zz-00-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            assert_eq!(Parent::parse(broken), None, "{broken}");
        }
        assert!(Parent::parse("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more").is_some());
    }

    #[test]
    fn the_deadline_only_shrinks() {
        let context = context(&[]).within(Duration::from_millis(50));
        assert!(context.left(Duration::from_secs(9)) <= Duration::from_millis(50));
        let limit = Duration::from_secs(9);
        assert!(context.clone().within(limit).left(limit) <= Duration::from_millis(50));
        assert_eq!(context.without_deadline().left(limit), limit);
    }

    #[test]
    fn an_absurd_deadline_is_none() {
        let limit = Duration::from_secs(1);
        let left = context(&[(DEADLINE_HEADER, &u64::MAX.to_string())]).left(limit);
        assert_eq!(left, limit);
    }
}
