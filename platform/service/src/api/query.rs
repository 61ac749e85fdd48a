//! Checks query strings against the contract: unknown and repeated parameters are refused.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::Method;
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::{OpenApi, RefOr, Schema};

use crate::Problem;

/// Characters of a parameter's name to quote in the response.
const MAX_QUOTED: usize = 64;

/// The query parameters of every operation, by path and method.
pub(super) struct Queries(HashMap<String, Vec<(Method, Vec<Parameter>)>>);

struct Parameter {
    name: String,
    /// A list may have one parameter per item
    may_repeat: bool,
}

impl Queries {
    pub(super) fn of(contract: &OpenApi) -> Self {
        let methods = |item| {
            let named = super::complete::operations(item);
            named
                .map(|(method, operation)| (method, parameters(operation)))
                .collect()
        };
        let paths = contract.paths.paths.iter();
        Self(paths.map(|(path, item)| (path.clone(), methods(item))).collect())
    }

    /// Returns what is wrong with a request's query.
    fn flaw(&self, request: &Request) -> Option<String> {
        let query = request.uri().query().filter(|query| !query.is_empty())?;
        let parameters = self.parameters(request)?;
        let Ok(pairs) = serde_urlencoded::from_str::<Vec<(Cow<str>, Cow<str>)>>(query) else {
            return Some("The query cannot be read.".to_owned());
        };
        let mut seen = BTreeSet::new();
        pairs.into_iter().find_map(|(name, _)| {
            let short: String = name.chars().take(MAX_QUOTED).collect();
            let Some(parameter) = parameters.iter().find(|parameter| parameter.name == name) else {
                return Some(format!("There is no parameter {short:?} here."));
            };
            let is_again = !seen.insert(name) && !parameter.may_repeat;
            is_again.then(|| format!("The parameter {short:?} is there more than once."))
        })
    }

    fn parameters(&self, request: &Request) -> Option<&[Parameter]> {
        let path = request.extensions().get::<MatchedPath>()?;
        let method = match request.method() {
            &Method::HEAD => &Method::GET,
            method => method,
        };
        let mut methods = self.0.get(path.as_str())?.iter();
        methods
            .find(|(known, _)| known == method)
            .map(|(_, parameters)| parameters.as_slice())
    }
}

fn parameters(operation: &Operation) -> Vec<Parameter> {
    let parameters = operation.parameters.iter().flatten();
    let named = parameters.filter_map(|parameter| match parameter {
        RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Query => Some(Parameter {
            name: parameter.name.clone(),
            may_repeat: matches!(parameter.schema, Some(RefOr::T(Schema::Array(_)))),
        }),
        _ => None,
    });
    named.collect()
}

/// The middleware.
pub(super) async fn check(State(queries): State<Arc<Queries>>, request: Request, next: Next) -> Response {
    match queries.flaw(&request) {
        None => next.run(request).await,
        Some(flaw) => Problem::invalid_query(flaw).into_response(),
    }
}
