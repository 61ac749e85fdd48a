//! A part's routes and its contract. One is made with the other, so that neither says what the other does not.

mod completion;
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

/// The routes of a part with their [OpenAPI](https://spec.openapis.org/oas/v3.1.0.html) document. There is no route
/// without its operation, and a query parameter that an operation does not name is refused.
pub struct Api<S = ()> {
    routes: OpenApiRouter<S>,
    problems: Vec<(Problem, &'static str)>,
    schemas: BTreeMap<String, RefOr<Schema>>,
}

impl<S: Clone + Send + Sync + 'static> Api<S> {
    /// No route yet; `info` has the title and the version.
    #[must_use]
    pub fn new(info: OpenApi) -> Self {
        Self {
            routes: OpenApiRouter::with_openapi(info),
            problems: Vec::new(),
            schemas: BTreeMap::new(),
        }
    }

    /// Adds the methods of one path: what `utoipa_axum::routes!` gives.
    ///
    /// # Panics
    /// Two schemas have the same name: one of them would stand for both in the document.
    #[must_use]
    pub fn routes(mut self, routes: UtoipaMethodRouter<S>) -> Self {
        self.name(routes.0.iter().cloned());
        self.routes = self.routes.routes(routes);
        self
    }

    /// Adds all routes of another.
    ///
    /// # Panics
    /// Two schemas have the same name.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.name(other.schemas);
        self.routes = self.routes.merge(other.routes);
        self.problems.extend(other.problems);
        self
    }

    /// Tells the kinds of problems that these routes answer with, each by an example and by when it is answered. Operations
    /// name them: `extensions(("x-problems" = json!(["out-of-stock"])))`. What the chassis answers by itself is known.
    #[must_use]
    pub fn problems<P: Into<Problem>>(mut self, kinds: impl IntoIterator<Item = (P, &'static str)>) -> Self {
        self.problems
            .extend(kinds.into_iter().map(|(problem, when)| (problem.into(), when)));
        self
    }

    /// Lets no client outside of the shop reach these routes.
    #[must_use]
    pub fn for_operators(mut self) -> Self {
        self.routes = self.routes.layer(middleware::from_fn(operators::for_operators));
        self
    }

    /// The document, with what the chassis itself may answer at every operation.
    ///
    /// # Panics
    /// An operation names a problem that is not told, or a problem is told that no operation names.
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
        completion::complete(&mut contract, Problems::new(&self.problems));
        (router, contract)
    }

    fn name(&mut self, schemas: impl IntoIterator<Item = (String, RefOr<Schema>)>) {
        for (name, schema) in schemas {
            let known = self.schemas.entry(name.clone()).or_insert_with(|| schema.clone());
            assert!(*known == schema, "two schemas are named {name}");
        }
    }
}

/// Routes for others to merge with theirs.
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
