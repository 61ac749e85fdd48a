//! The door of a part: what every request passes first and last. It opens the request's context, lets in what is meant
//! for this part and has come whole, sheds load, and when the answer has ended writes one log line, counts, and records a
//! span. All in one layer, because each costs more in being a layer than in what it does.

mod body;
mod edge;
mod places;
mod routes;

pub(crate) use body::{too_large, too_slow, unreadable};

use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Instant;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use http_body::{Frame, SizeHint};
use opentelemetry::KeyValue;
use opentelemetry::trace::SpanKind;
use tokio::sync::watch;

use crate::log::harmless;
use crate::metrics::record;
use crate::target::{self, Hosts};
use crate::trace::{Span, Tracer};
use crate::{Context, Part, Problem, Settings, Sockets, operators, pieces};
use body::Limits;
use edge::Edge;
use places::{Place, Places};
use routes::Routes;

/// What is counted where the client left before there was an answer; nginx's number for it.
const CLIENT_LEFT: u16 = 499;

/// One part's door.
#[derive(Debug)]
pub(crate) struct Door {
    places: Arc<Places>,
    sockets: Sockets,
    hosts: Hosts,
    bodies: Limits,
    edge: Option<Edge>,
    routes: Routes,
    tracer: Tracer,
    refusal: Refusal,
}

/// How the part says no.
struct Refusal(Box<dyn Fn(Problem, bool) -> Response + Send + Sync>);

impl std::fmt::Debug for Refusal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Refusal").finish_non_exhaustive()
    }
}

impl Door {
    /// A door that lets as many requests in at the same time as the settings say.
    pub(crate) fn new<P: Part>(
        part: P,
        settings: &Settings,
        tracer: Tracer,
        is_stopping: watch::Receiver<bool>,
    ) -> Arc<Self> {
        record();
        Arc::new(Self {
            places: Places::new(settings, P::IS_EDGE),
            sockets: Sockets::new(settings, is_stopping),
            hosts: Hosts::new(&settings.hosts, P::IS_EDGE),
            bodies: Limits::new(settings, P::BODY_LIMIT),
            edge: P::IS_EDGE.then(|| Edge::new(settings)),
            routes: Routes::default(),
            tracer,
            refusal: Refusal(Box::new(move |problem, is_for_eyes| part.refusal(problem, is_for_eyes))),
        })
    }

    /// Whether the next request would be shed.
    pub(crate) fn is_full(&self) -> bool {
        self.places.are_full()
    }

    /// The caller's context, or the one that begins here.
    fn context(&self, request: &mut Request) -> Context {
        match &self.edge {
            Some(edge) => edge.begin(request, &self.tracer),
            None => Context::of(request.headers(), &self.tracer),
        }
    }

    /// The request as it is to be answered, and its place.
    async fn admit(&self, mut request: Request) -> Result<(Request, Place), Problem> {
        target::settle(&mut request, &self.hosts)?;
        let request = self.bodies.read(request).await?;
        Ok((request, self.places.enter().await?))
    }

    /// Whether a request comes from whoever runs the shop; behind the edge, whether it is made for no client.
    fn is_operators(&self, request: &Request) -> bool {
        match &self.edge {
            Some(edge) => edge.is_operators(request),
            None => !request.headers().contains_key(header::FORWARDED),
        }
    }
}

/// The layer itself.
pub(crate) async fn pass(State(door): State<Arc<Door>>, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(door.sockets.clone());
    let mut visit = Visit::begin(door, &mut request);
    let context = visit.context.clone();
    let door = Arc::clone(&visit.door);
    let is_for_eyes = wants_page(request.headers());
    let answer = async {
        match door.admit(request).await {
            Ok((request, place)) => {
                visit.place = Some(place);
                next.run(request).await
            }
            Err(problem) => (door.refusal.0)(problem, is_for_eyes),
        }
    };
    let answer = context.scope(answer).await;
    visit.end_with(answer)
}

/// Browsers ask for pages so, and for nothing else.
fn wants_page(headers: &HeaderMap) -> bool {
    pieces(headers, header::ACCEPT, b',').any(|accepted| accepted.starts_with("text/html"))
}

/// For health and metrics, which are asked all the time, and answered however much there is to do.
pub(crate) async fn pass_quietly(State(door): State<Arc<Door>>, mut request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let response = match target::settle(&mut request, &door.hosts) {
        Err(problem) => problem.into_response(),
        Ok(()) if !door.is_operators(&request) => operators::nothing(),
        Ok(()) => next.run(request).await,
    };
    tracing::debug!(path, status = response.status().as_u16(), "request");
    response
}

/// What says nothing of it may not be kept: it may be somebody's.
fn keep_by_nobody(response: &mut Response) {
    let headers = response.headers_mut();
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
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
    place: Option<Place>,
}

impl Visit {
    fn begin(door: Arc<Door>, request: &mut Request) -> Self {
        let caller = door.context(request);
        Self {
            context: caller.child(),
            cause: caller.parent().span,
            method: request.method().clone(),
            uri: request.uri().clone(),
            route: request.extensions().get().cloned(),
            begun: Instant::now(),
            status: CLIENT_LEFT,
            place: None,
            door,
        }
    }

    /// An answer that is still being made ends with its last byte, not with its head.
    fn end_with(mut self, mut response: Response) -> Response {
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            keep_by_nobody(&mut response);
        }
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
            KeyValue::new("url.path", harmless(self.uri.path())),
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
