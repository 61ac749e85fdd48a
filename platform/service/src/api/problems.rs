//! The problems that a part answers with. Each kind is defined once, and is an example of the responses of all operations
//! that refer to it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use http::header;
use utoipa::PartialSchema;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::schema::Components;
use utoipa::openapi::{ContentBuilder, Header, Ref, RefOr, Response, ResponseBuilder};

use crate::{IdempotencyKey, Problem, extract, idempotency, live, request, socket};

/// The field of an operation that lists its problems: `extensions(("x-problems" = json!(["out-of-stock"])))`.
const FIELD: &str = "x-problems";
const MEDIA_TYPE: &str = "application/problem+json";

/// All kinds by name: an example of each, and when it occurs.
pub(super) struct Problems {
    kinds: BTreeMap<String, (Problem, &'static str)>,
    /// The part's own kinds that no operation has referred to so far
    own: BTreeSet<String>,
    /// Shared responses: status and kinds
    used: BTreeMap<String, (u16, Vec<String>)>,
}

impl Problems {
    /// The chassis' kinds and the part's own. If both have a kind, the part's example is used.
    pub(super) fn new(own: &[(Problem, &'static str)]) -> Self {
        let name = |(problem, when): &(Problem, &'static str)| (problem.kind().to_owned(), (problem.clone(), *when));
        let mut kinds: BTreeMap<_, _> = chassis().iter().map(name).collect();
        kinds.extend(own.iter().map(name));
        let own = own.iter().map(|(problem, _)| problem.kind().to_owned()).collect();
        let used = BTreeMap::new();
        Self { kinds, own, used }
    }

    /// Adds the problems of an operation to its responses: those that it refers to, and those of the chassis.
    ///
    /// # Panics
    /// The operation refers to an unknown kind, or describes a problem response by itself.
    pub(super) fn complete(&mut self, operation: &mut Operation) {
        let name = operation.operation_id.clone().unwrap_or_default();
        let has_some = |response: &RefOr<Response>| match response {
            RefOr::T(response) => response.content.contains_key(MEDIA_TYPE),
            RefOr::Ref(_) => false,
        };
        let responses = &mut operation.responses.responses;
        assert!(
            !responses.values().any(has_some),
            "{name}: name its problems in {FIELD}"
        );
        let mut by_status: BTreeMap<u16, Vec<String>> = BTreeMap::new();
        for kind in usual(operation).into_iter().chain(named(operation)) {
            let Some((problem, _)) = self.kinds.get(&kind) else {
                panic!("{name}: the problem {kind} is not defined");
            };
            self.own.remove(&kind);
            by_status.entry(problem.status).or_default().push(kind);
        }
        for (status, mut kinds) in by_status {
            kinds.sort();
            kinds.dedup();
            let name = kinds.join(".");
            let shared = Ref::from_response_name(name.as_str());
            operation.responses.responses.insert(status.to_string(), shared.into());
            self.used.entry(name).or_insert((status, kinds));
        }
    }

    /// Adds the shared responses and the examples to the document.
    ///
    /// # Panics
    /// A part defines a kind that no operation refers to.
    pub(super) fn add_to(self, components: &mut Components) {
        assert!(self.own.is_empty(), "no operation names these problems: {:?}", self.own);
        for (name, (status, kinds)) in self.used {
            components.responses.insert(name, response(status, &kinds).into());
            for kind in kinds {
                let (problem, when) = &self.kinds[&kind];
                let value = serde_json::to_value(problem).expect("a problem is JSON");
                let example = ExampleBuilder::new().summary(*when).value(Some(value)).build();
                components.examples.insert(kind, example.into());
            }
        }
    }
}

fn response(status: u16, kinds: &[String]) -> Response {
    let references = kinds.iter().map(|kind| {
        let reference = Ref::new(format!("#/components/examples/{kind}"));
        (kind.clone(), RefOr::Ref(reference))
    });
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem")));
    let content = content.examples_from_iter(references).build();
    let names: Vec<_> = kinds.iter().map(|kind| format!("`{kind}`")).collect();
    let response = ResponseBuilder::new().description(names.join(", "));
    let response = response.content(MEDIA_TYPE, content);
    if ![429, 503].contains(&status) {
        return response.build();
    }
    let mut retry = Header::new(String::schema());
    retry.description = Some("Seconds to wait before the same request is sent again".to_owned());
    response.header(header::RETRY_AFTER.as_str(), retry).build()
}

/// The kinds that an operation refers to; the field is removed from the document.
fn named(operation: &mut Operation) -> Vec<String> {
    let field = operation.extensions.as_mut().and_then(|fields| fields.remove(FIELD));
    if operation.extensions.as_ref().is_some_and(|fields| fields.is_empty()) {
        operation.extensions = None;
    }
    field.map_or_else(Vec::new, |kinds| {
        serde_json::from_value(kinds).expect("a list of kinds")
    })
}

/// The kinds that the chassis answers for such an operation.
fn usual(operation: &Operation) -> Vec<String> {
    let has = |place: ParameterIn, name: Option<&str>| {
        let mut parameters = operation.parameters.iter().flatten();
        parameters.any(|parameter| match parameter {
            RefOr::T(parameter) => parameter.parameter_in == place && name.is_none_or(|name| parameter.name == name),
            RefOr::Ref(_) => false,
        })
    };
    let takes_json = match &operation.request_body {
        Some(RefOr::T(body)) => body.content.contains_key("application/json"),
        _ => false,
    };
    let is_socket = operation.responses.responses.contains_key("101");
    let groups: [(bool, &[&str]); 5] = [
        (true, &["invalid-query", "overloaded"]),
        (has(ParameterIn::Path, None), &["not-found"]),
        (
            has(ParameterIn::Header, Some(IdempotencyKey::HEADER)),
            &["idempotency-key", "idempotency-key-reused"],
        ),
        (
            takes_json,
            &[
                "invalid",
                "malformed",
                "not-json",
                "request-timeout",
                "too-large",
                "unreadable",
            ],
        ),
        (is_socket, &["cross-site", "too-many-sockets", "upgrade-required"]),
    ];
    let kinds = groups
        .into_iter()
        .filter(|(is_so, _)| *is_so)
        .flat_map(|(_, kinds)| kinds);
    kinds.map(|kind| (*kind).to_owned()).collect()
}

/// The chassis' own problems.
fn chassis() -> Vec<(Problem, &'static str)> {
    let invalid = Problem::invalid("Some fields are not valid.").field("/quantity", "Must be between 1 and 99.");
    vec![
        (live::cross_site(), "the request comes from another site's page"),
        (
            idempotency::missing(),
            "the `Idempotency-Key` header is missing or not 1 to 128 visible ASCII characters",
        ),
        (Problem::key_reused(), "the key was used before for another request"),
        (invalid, "some fields are not valid; `errors` lists them"),
        (
            Problem::invalid_query("There is no parameter \"colour\" here."),
            "a query parameter is unknown, repeated or not valid",
        ),
        (extract::malformed("expected value", ""), "the body is not JSON"),
        (
            Problem::not_found("There is no such thing."),
            "there is no resource with this id or name",
        ),
        (extract::not_json(), "the body is not sent as `application/json`"),
        (
            Problem::overloaded("Too many requests are being answered. Please try again."),
            "the part is answering too many requests at the moment",
        ),
        (request::too_slow(), "the body did not arrive in time"),
        (request::too_large(256 * 1024), "the body is too large"),
        (
            Problem::too_many_requests(Duration::from_mins(1)),
            "the rate limit is exceeded",
        ),
        (socket::too_many(), "this client has too many sockets open"),
        (
            Problem::unavailable("A part"),
            "another part that is needed for the response did not answer: try again",
        ),
        (request::unreadable(), "the connection broke before the end of the body"),
        (
            socket::upgrade(),
            "this address is a WebSocket, and the request is not an upgrade",
        ),
        (
            Problem::not_ready("The database does not answer."),
            "the part cannot work at the moment: try again",
        ),
    ]
}
