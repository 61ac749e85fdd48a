//! The outermost layer of a part's routes. It opens the request's context, rejects what is not meant for this part, reads the
//! body, sheds load, and when the response has ended it writes one log line, counts, and records a span. It is one layer,
//! because a layer costs more than what these do.

mod body;
mod edge;
mod permits;
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

use crate::log::sanitize;
use crate::metrics::record;
use crate::target::{self, Hosts};
use crate::trace::{Span, Tracer};
use crate::{Context, Part, Problem, Settings, Sockets, header_items, operators};
use body::Limits;
use edge::Edge;
use permits::{RequestPermit, RequestPermits};
use routes::Routes;

/// The status that is logged if the client leaves before there is a response, as in nginx.
const CLIENT_LEFT: u16 = 499;

/// The state of the layer for one part.
#[derive(Debug)]
pub(crate) struct Ingress {
    permits: Arc<RequestPermits>,
    sockets: Sockets,
    hosts: Hosts,
    bodies: Limits,
    edge: Option<Edge>,
    routes: Routes,
    tracer: Tracer,
    error_response: ErrorResponse,
}

/// The part's `error_response`.
struct ErrorResponse(Box<dyn Fn(Problem, bool) -> Response + Send + Sync>);

impl std::fmt::Debug for ErrorResponse {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("ErrorResponse").finish_non_exhaustive()
    }
}

impl Ingress {
    /// The settings limit how many requests are answered at the same time.
    pub(crate) fn new<P: Part>(
        part: P,
        settings: &Settings,
        tracer: Tracer,
        is_stopping: watch::Receiver<bool>,
    ) -> Arc<Self> {
        record();
        Arc::new(Self {
            permits: RequestPermits::new(settings, P::IS_EDGE),
            sockets: Sockets::new(settings, is_stopping),
            hosts: Hosts::new(&settings.hosts, P::IS_EDGE),
            bodies: Limits::new(settings, P::BODY_LIMIT),
            edge: P::IS_EDGE.then(|| Edge::new(settings)),
            routes: Routes::default(),
            tracer,
            error_response: ErrorResponse(Box::new(move |problem, wants_html| {
                part.error_response(problem, wants_html)
            })),
        })
    }

    /// Returns whether the next request would be shed.
    pub(crate) fn is_full(&self) -> bool {
        self.permits.are_exhausted()
    }

    /// The caller's context, or a new one at the edge.
    fn context(&self, request: &mut Request) -> Context {
        match &self.edge {
            Some(edge) => edge.begin(request, &self.tracer),
            None => Context::of(request.headers(), &self.tracer),
        }
    }

    /// Checks a request, reads its body and takes a permit.
    async fn admit(&self, mut request: Request) -> Result<(Request, RequestPermit), Problem> {
        target::normalize(&mut request, &self.hosts)?;
        let request = self.bodies.read(request).await?;
        Ok((request, self.permits.acquire().await?))
    }

    /// Returns whether a request comes from an operator; behind the edge, whether it is not made for a client.
    fn is_operators(&self, request: &Request) -> bool {
        match &self.edge {
            Some(edge) => edge.is_operators(request),
            None => !request.headers().contains_key(header::FORWARDED),
        }
    }
}

/// The middleware for a part's routes.
pub(crate) async fn handle(State(ingress): State<Arc<Ingress>>, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(ingress.sockets.clone());
    let mut active = ActiveRequest::begin(ingress, &mut request);
    let context = active.context.clone();
    let ingress = Arc::clone(&active.ingress);
    let wants_html = prefers_html(request.headers());
    let answer = async {
        match ingress.admit(request).await {
            Ok((request, permit)) => {
                active.permit = Some(permit);
                next.run(request).await
            }
            Err(problem) => (ingress.error_response.0)(problem, wants_html),
        }
    };
    let answer = context.scope(answer).await;
    active.finish(answer)
}

/// Browsers send this when they load a page, and for nothing else.
fn prefers_html(headers: &HeaderMap) -> bool {
    header_items(headers, header::ACCEPT, b',').any(|accepted| accepted.starts_with("text/html"))
}

/// The middleware for health and metrics, which are requested often and answered under any load.
pub(crate) async fn handle_monitoring(
    State(ingress): State<Arc<Ingress>>,
    mut request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path().to_owned();
    let response = match target::normalize(&mut request, &ingress.hosts) {
        Err(problem) => problem.into_response(),
        Ok(()) if !ingress.is_operators(&request) => operators::not_found(),
        Ok(()) => next.run(request).await,
    };
    tracing::debug!(path, status = response.status().as_u16(), "request");
    response
}

/// A response without `Cache-Control` may be personal, so it must not be cached.
fn forbid_caching(response: &mut Response) {
    let headers = response.headers_mut();
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// A request, until its response has ended or its client has left.
struct ActiveRequest {
    ingress: Arc<Ingress>,
    context: Context,
    /// The caller's span.
    cause: u64,
    method: Method,
    uri: Uri,
    route: Option<MatchedPath>,
    begun: Instant,
    status: u16,
    permit: Option<RequestPermit>,
}

impl ActiveRequest {
    fn begin(ingress: Arc<Ingress>, request: &mut Request) -> Self {
        let caller = ingress.context(request);
        Self {
            context: caller.child(),
            cause: caller.parent().span,
            method: request.method().clone(),
            uri: request.uri().clone(),
            route: request.extensions().get().cloned(),
            begun: Instant::now(),
            status: CLIENT_LEFT,
            permit: None,
            ingress,
        }
    }

    /// A streamed response ends with its last byte, not with its headers.
    fn finish(mut self, mut response: Response) -> Response {
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            forbid_caching(&mut response);
        }
        self.status = response.status().as_u16();
        if HttpBody::size_hint(response.body()).exact().is_some() {
            return response;
        }
        response.map(|body| Body::new(StreamedBody { body, _request: self }))
    }

    fn span(&self) -> Span {
        let method = self.method.as_str();
        let route = self.route.as_ref().map(MatchedPath::as_str);
        let mut attributes = vec![
            KeyValue::new("http.request.method", method.to_owned()),
            KeyValue::new("url.path", sanitize(self.uri.path())),
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

impl Drop for ActiveRequest {
    fn drop(&mut self) {
        let route = self.route.as_ref().map(MatchedPath::as_str);
        let took = self.begun.elapsed();
        self.ingress.routes.count(&self.method, route, self.status, took);
        self.context.clone().enter(|| {
            let (method, path, status) = (self.method.as_str(), self.uri.path(), self.status);
            let ms = (took.as_secs_f64() * 10_000.0).round() / 10.0;
            let client = self.context.client().map(tracing::field::display);
            tracing::info!(method, route, path, status, ms, client, "request");
        });
        let is_sampled = self.context.parent().sampled;
        self.ingress.tracer.record(is_sampled, || self.span());
    }
}

/// A body that keeps its request until it has ended.
struct StreamedBody {
    body: Body,
    _request: ActiveRequest,
}

impl HttpBody for StreamedBody {
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
