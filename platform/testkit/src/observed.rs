//! Checks that a part answers with documented problems only.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, OnceLock};

use axum::body::{Body, to_bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::{Router, http};
use serde_json::Value;
use service::{BoxError, Part, Problem};
use tower_service::Service;

use crate::Contract;
use crate::contract::PROBLEM;

const LIMIT: usize = 1024 * 1024;

/// A part whose problems are checked against its contract.
#[derive(Clone)]
pub(crate) struct Observed<P> {
    part: P,
    objections: Objections,
}

/// The undocumented problems that were answered so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Objections(Arc<Mutex<BTreeSet<String>>>);

#[derive(Clone)]
struct Observer {
    /// Used to get the contract
    router: Router,
    contract: Arc<OnceLock<Option<Contract>>>,
    objections: Objections,
}

impl<P> Observed<P> {
    pub(crate) fn new(part: P) -> (Self, Objections) {
        let objections = Objections::default();
        let observed = Self {
            part,
            objections: objections.clone(),
        };
        (observed, objections)
    }
}

impl Objections {
    pub(crate) fn check(&self) {
        let objections = self.0.lock().expect("no test panics while it holds this");
        let lines: Vec<_> = objections.iter().map(String::as_str).collect();
        assert!(lines.is_empty(), "{}", lines.join("\n"));
    }
}

impl<P: Part + Clone> Part for Observed<P> {
    const NAME: &'static str = P::NAME;
    const ABOUT: &'static str = P::ABOUT;
    const LISTEN: &'static str = P::LISTEN;
    const IS_EDGE: bool = P::IS_EDGE;
    const IS_MONITORED: bool = P::IS_MONITORED;
    const BODY_LIMIT: usize = P::BODY_LIMIT;
    type Config = P::Config;

    async fn start(config: P::Config) -> Result<Self, BoxError> {
        P::start(config).await.map(|part| Self::new(part).0)
    }

    fn router(self) -> Router {
        let router = self.part.router();
        let observer = Observer {
            router: router.clone(),
            contract: Arc::default(),
            objections: self.objections,
        };
        router.layer(middleware::from_fn_with_state(observer, observe))
    }

    fn error_response(&self, problem: Problem, wants_html: bool) -> Response {
        self.part.error_response(problem, wants_html)
    }

    async fn ready(&self) -> Result<(), BoxError> {
        self.part.ready().await
    }
}

async fn observe(State(observer): State<Observer>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().cloned();
    let method = request.method().clone();
    let response = next.run(request).await;
    let is_problem = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|value| value == PROBLEM);
    match path {
        Some(path) if is_problem => observer.hold(&method, path.as_str(), response).await,
        _ => response,
    }
}

impl Observer {
    async fn hold(&self, method: &http::Method, path: &str, response: Response) -> Response {
        let (head, body) = response.into_parts();
        let body = to_bytes(body, LIMIT).await.expect("a problem is short");
        let answer = serde_json::from_slice(&body).unwrap_or(Value::Null);
        // Internal errors are not documented.
        if head.status != http::StatusCode::INTERNAL_SERVER_ERROR
            && let Some(contract) = self.contract().await
            && let Some(objection) = contract.objection_to_problem(method.as_str(), path, head.status.as_u16(), &answer)
        {
            self.objections
                .0
                .lock()
                .expect("no test panics while it holds this")
                .insert(objection);
        }
        Response::from_parts(head, Body::from(body))
    }

    async fn contract(&self) -> Option<&Contract> {
        if self.contract.get().is_none() {
            let request = Request::get("/openapi.json").body(Body::empty()).expect("a request");
            let Ok(response) = self.router.clone().call(request).await;
            let body = to_bytes(response.into_body(), LIMIT).await.unwrap_or_default();
            let document = serde_json::from_slice::<Value>(&body).unwrap_or_default();
            let contract = document.get("paths").is_some().then(|| Contract::from(document));
            self.contract.get_or_init(|| contract);
        }
        self.contract.get().and_then(Option::as_ref)
    }
}
