//! A part's routes together with their contract, so that the two cannot differ.

mod complete;
mod problems;
mod query;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::{Router, middleware};
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{OpenApi, RefOr};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use crate::{Problem, operators};
use problems::Problems;
use query::Queries;

/// The routes of a part with their [OpenAPI](https://spec.openapis.org/oas/v3.1.0.html) document. Every route has an
/// operation in the document, and requests with undocumented query parameters are refused.
pub struct Api<S = ()> {
    routes: OpenApiRouter<S>,
    problems: Vec<(Problem, &'static str)>,
    schemas: BTreeMap<String, RefOr<Schema>>,
}

impl<S: Clone + Send + Sync + 'static> Api<S> {
    /// Creates an API without routes; `info` has the title and the version.
    #[must_use]
    pub fn new(info: OpenApi) -> Self {
        Self {
            routes: OpenApiRouter::with_openapi(info),
            problems: Vec::new(),
            schemas: BTreeMap::new(),
        }
    }

    /// Adds the methods of one path, as returned by `utoipa_axum::routes!`.
    ///
    /// # Panics
    /// Two different schemas have the same name.
    #[must_use]
    pub fn routes(mut self, routes: UtoipaMethodRouter<S>) -> Self {
        self.name(routes.0.iter().cloned());
        self.routes = self.routes.routes(routes);
        self
    }

    /// Adds all routes of another API.
    ///
    /// # Panics
    /// Two different schemas have the same name.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.name(other.schemas);
        self.routes = self.routes.merge(other.routes);
        self.problems.extend(other.problems);
        self
    }

    /// Adds the problems that these routes answer with: an example of each, and when it occurs. Operations refer to them by
    /// kind: `extensions(("x-problems" = json!(["out-of-stock"])))`. The chassis' own problems are added automatically.
    #[must_use]
    pub fn problems<P: Into<Problem>>(mut self, kinds: impl IntoIterator<Item = (P, &'static str)>) -> Self {
        self.problems
            .extend(kinds.into_iter().map(|(problem, when)| (problem.into(), when)));
        self
    }

    /// Restricts these routes to operators and other parts: clients outside of the shop get 404.
    #[must_use]
    pub fn for_operators(mut self) -> Self {
        self.routes = self.routes.layer(middleware::from_fn(operators::for_operators));
        self
    }

    /// The OpenAPI document, including the responses of the chassis.
    ///
    /// # Panics
    /// An operation refers to a problem that was not added, or no operation refers to one that was.
    #[must_use]
    pub fn contract(self) -> OpenApi {
        self.split().1
    }

    /// Serves the routes, the document at `/openapi.json`, and 404 elsewhere.
    ///
    /// # Panics
    /// See [`Self::contract`].
    pub fn into_router(self) -> Router<S> {
        let (router, contract) = self.split();
        let queries = Arc::new(Queries::of(&contract));
        router
            .layer(middleware::from_fn_with_state(queries, query::check))
            .merge(operators::contract(contract))
            .fallback(async || Problem::not_found("There is nothing at this address."))
    }

    fn split(self) -> (Router<S>, OpenApi) {
        let (router, mut contract) = self.routes.split_for_parts();
        complete::complete(&mut contract, Problems::new(&self.problems));
        (router, contract)
    }

    fn name(&mut self, schemas: impl IntoIterator<Item = (String, RefOr<Schema>)>) {
        for (name, schema) in schemas {
            let known = self.schemas.entry(name.clone()).or_insert_with(|| schema.clone());
            assert!(*known == schema, "two schemas are named {name}");
        }
    }
}

/// An API without a title, to be merged into another one.
impl<S: Clone + Send + Sync + 'static> Default for Api<S> {
    fn default() -> Self {
        Self {
            routes: OpenApiRouter::new(),
            problems: Vec::new(),
            schemas: BTreeMap::new(),
        }
    }
}

impl<S> std::fmt::Debug for Api<S> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Api").finish_non_exhaustive()
    }
}
