//! The door of a part: what every request passes first and last. It opens the request's context, sheds load, and
//! when the answer has ended writes one log line, counts, and records a span. All in one layer, because each costs more
//! in being a layer than in what it does.

mod routes;

use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Instant;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{Method, Uri};
use http_body::{Frame, SizeHint};
use ipnet::IpNet;
use metrics::{Counter, Gauge, counter, gauge};
use opentelemetry::KeyValue;
use opentelemetry::trace::SpanKind;
use tokio::sync::watch;

use crate::context::INTERNAL_HEADERS;
use crate::forwarded::{self, Forwarded};
use crate::metrics::{SERVER_IN_FLIGHT, SERVER_SHED, record};
use crate::trace::{Span, Tracer};
use crate::{Context, Problem, Settings, Sockets};
use routes::Routes;

/// What is counted where the client left before there was an answer; nginx's number for it.
const CLIENT_LEFT: u16 = 499;

/// One part's door.
#[derive(Debug)]
pub(crate) struct Door {
    limit: usize,
    inside: AtomicUsize,
    gauge: Gauge,
    shed: Counter,
    routes: Routes,
    tracer: Tracer,
    sockets: Sockets,
    /// At the edge: the proxies in front of it
    edge: Option<Vec<IpNet>>,
}

impl Door {
    /// A door that lets as many requests in at the same time as the settings say.
    pub(crate) fn new(
        settings: &Settings,
        tracer: Tracer,
        is_stopping: watch::Receiver<bool>,
        is_edge: bool,
    ) -> Arc<Self> {
        record();
        Arc::new(Self {
            limit: settings.concurrency,
            sockets: Sockets::new(settings, is_stopping),
            inside: AtomicUsize::new(0),
            gauge: gauge!(SERVER_IN_FLIGHT),
            shed: counter!(SERVER_SHED),
            routes: Routes::default(),
            tracer,
            edge: is_edge.then(|| settings.trusted_proxies.clone()),
        })
    }

    /// The caller's context. At the edge one begins, and what strangers say in the words of our own parts is gone.
    fn context(&self, request: &mut Request) -> Context {
        let Some(proxies) = &self.edge else {
            return Context::of(request.headers(), &self.tracer);
        };
        let peer = peer(request);
        let headers = request.headers_mut();
        let forwarded = Forwarded::at_the_edge(peer, headers, proxies);
        for name in INTERNAL_HEADERS {
            headers.remove(name);
        }
        for name in &forwarded::HEADERS {
            headers.remove(name);
        }
        Context::begin(forwarded, &self.tracer)
    }
}

/// Who is connected.
fn peer(request: &Request) -> IpAddr {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    peer.expect("the server says who is connected").ip()
}

/// The layer itself.
pub(crate) async fn pass(State(door): State<Arc<Door>>, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(door.sockets.clone());
    let visit = Visit::begin(door, &mut request);
    if visit.is_one_too_many {
        visit.door.shed.increment(1);
        return visit.end_with(overloaded());
    }
    let response = visit.context.clone().scope(next.run(request)).await;
    visit.end_with(response)
}

/// For health and metrics, which are asked all the time and need neither.
pub(crate) async fn pass_quietly(request: Request, next: Next) -> Response {
    let uri = request.uri().clone();
    let response = next.run(request).await;
    tracing::debug!(path = uri.path(), status = response.status().as_u16(), "request");
    response
}

fn overloaded() -> Response {
    Problem::overloaded("Too many requests at the same time. Please try again.").into_response()
}

/// One request, until its answer has ended or its client has left.
struct Visit {
    door: Arc<Door>,
    context: Context,
    /// The caller's span.
    cause: u64,
    method: Method,
    uri: Uri,
    route: Option<MatchedPath>,
    begun: Instant,
    status: u16,
    is_one_too_many: bool,
}

impl Visit {
    fn begin(door: Arc<Door>, request: &mut Request) -> Self {
        let caller = door.context(request);
        let is_one_too_many = door.inside.fetch_add(1, Ordering::Relaxed) >= door.limit;
        door.gauge.increment(1);
        Self {
            context: caller.child(),
            cause: caller.parent().span,
            method: request.method().clone(),
            uri: request.uri().clone(),
            route: request.extensions().get().cloned(),
            begun: Instant::now(),
            status: CLIENT_LEFT,
            is_one_too_many,
            door,
        }
    }

    /// An answer that is still being made ends with its last byte, not with its head.
    fn end_with(mut self, response: Response) -> Response {
        self.status = response.status().as_u16();
        if HttpBody::size_hint(response.body()).exact().is_some() {
            return response;
        }
        response.map(|body| Body::new(Answer { body, _visit: self }))
    }

    fn span(&self) -> Span {
        let method = self.method.as_str();
        let route = self.route.as_ref().map(MatchedPath::as_str);
        let mut attributes = vec![
            KeyValue::new("http.request.method", method.to_owned()),
            KeyValue::new("url.path", self.uri.path().to_owned()),
            KeyValue::new("url.scheme", "http"),
            KeyValue::new("http.response.status_code", i64::from(self.status)),
        ];
        attributes.extend(route.map(|route| KeyValue::new("http.route", route.to_owned())));
        Span {
            at: self.context.parent(),
            cause: self.cause,
            kind: SpanKind::Server,
            name: match route {
                Some(route) => format!("{method} {route}").into(),
                None => method.to_owned().into(),
            },
            begun: self.begun,
            attributes,
            is_error: self.status >= 500,
        }
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        self.door.inside.fetch_sub(1, Ordering::Relaxed);
        self.door.gauge.decrement(1);
        let route = self.route.as_ref().map(MatchedPath::as_str);
        let took = self.begun.elapsed();
        self.door.routes.count(&self.method, route, self.status, took);
        self.context.clone().enter(|| {
            let (method, path, status) = (self.method.as_str(), self.uri.path(), self.status);
            let ms = (took.as_secs_f64() * 10_000.0).round() / 10.0;
            let client = self.context.client().map(tracing::field::display);
            tracing::info!(method, route, path, status, ms, client, "request");
        });
        let is_sampled = self.context.parent().sampled;
        self.door.tracer.record(is_sampled, || self.span());
    }
}

/// A body that holds on to its request until it has ended.
struct Answer {
    body: Body,
    _visit: Visit,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
