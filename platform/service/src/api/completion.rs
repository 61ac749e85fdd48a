//! What is the same at every operation of a kind is written into the document here, and nowhere else.

use std::collections::BTreeSet;

use http::{Method, header};
use utoipa::PartialSchema;
use utoipa::openapi::path::{Operation, ParameterIn, PathItem};
use utoipa::openapi::schema::{AdditionalProperties, ArrayItems, Components, Schema};
use utoipa::openapi::{ContentBuilder, Header, OpenApi, Ref, RefOr, Response, ResponseBuilder};

use crate::{FieldError, Problem};

const JSON: &str = "application/json";
const REFERENCE: &str = "#/components/schemas/";

/// The operations of a path.
pub(super) fn operations(item: &PathItem) -> impl Iterator<Item = (Method, &Operation)> {
    let operations = [
        (Method::GET, &item.get),
        (Method::PUT, &item.put),
        (Method::POST, &item.post),
        (Method::DELETE, &item.delete),
        (Method::PATCH, &item.patch),
    ];
    operations
        .into_iter()
        .filter_map(|(method, operation)| Some((method, operation.as_ref()?)))
}

/// Adds what the chassis may answer, and closes what is sent: a field that the document does not name is refused.
pub(super) fn complete(contract: &mut OpenApi) {
    let mut sent = Vec::new();
    for item in contract.paths.paths.values_mut() {
        let methods = [
            &mut item.get,
            &mut item.put,
            &mut item.post,
            &mut item.delete,
            &mut item.patch,
        ];
        for operation in methods.into_iter().flatten() {
            add_responses(operation);
            sent.extend(bodies(operation));
        }
    }
    let components = contract.components.get_or_insert_default();
    for (name, schema) in [("Problem", Problem::schema()), ("FieldError", FieldError::schema())] {
        components.schemas.entry(name.to_owned()).or_insert(schema);
    }
    close(components, sent);
}

fn add_responses(operation: &mut Operation) {
    let has = |place: &ParameterIn| {
        let mut parameters = operation.parameters.iter().flatten();
        parameters.any(|parameter| matches!(parameter, RefOr::T(parameter) if parameter.parameter_in == *place))
    };
    let in_path = has(&ParameterIn::Path);
    let takes_json = operation
        .request_body
        .as_ref()
        .is_some_and(|body| matches!(body, RefOr::T(body) if body.content.contains_key(JSON)));
    let always = [
        (400, "What was sent cannot be read, or there is a parameter too many"),
        (503, "`overloaded`: too much to do right now"),
    ];
    let with_path = [(404, "There is no such thing")];
    let with_json = [
        (413, "The body is too large"),
        (415, "The body is not `application/json`"),
        (422, "Fields are not valid"),
    ];
    let added = always.into_iter();
    let added = added.chain(with_path.into_iter().filter(|_| in_path));
    for (status, description) in added.chain(with_json.into_iter().filter(|_| takes_json)) {
        let responses = &mut operation.responses.responses;
        responses
            .entry(status.to_string())
            .or_insert_with(|| problem(status, description).into());
    }
}

fn problem(status: u16, description: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem")));
    let response = ResponseBuilder::new()
        .description(description)
        .content("application/problem+json", content.build());
    if status != 503 {
        return response.build();
    }
    let mut retry = Header::new(String::schema());
    retry.description = Some("Seconds after which the same request is welcome again".to_owned());
    response.header(header::RETRY_AFTER.as_str(), retry).build()
}

fn bodies(operation: &Operation) -> Vec<RefOr<Schema>> {
    let Some(RefOr::T(body)) = &operation.request_body else {
        return Vec::new();
    };
    let contents = body.content.values().filter_map(|content| match content {
        RefOr::T(content) => content.schema.clone(),
        RefOr::Ref(_) => None,
    });
    contents.collect()
}

/// No object in these, at any depth, has other properties than those named.
fn close(components: &mut Components, mut open: Vec<RefOr<Schema>>) {
    let mut closed = BTreeSet::new();
    while let Some(next) = open.pop() {
        let schema = match next {
            RefOr::T(schema) => schema,
            RefOr::Ref(reference) => {
                let name = reference.ref_location.trim_start_matches(REFERENCE).to_owned();
                if !closed.insert(name.clone()) {
                    continue;
                }
                let Some(RefOr::T(schema)) = components.schemas.get_mut(&name) else {
                    continue;
                };
                if let Schema::Object(object) = schema
                    && !object.properties.is_empty()
                    && object.additional_properties.is_none()
                {
                    object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
                }
                schema.clone()
            }
        };
        open.extend(inside(schema));
    }
}

fn inside(schema: Schema) -> Vec<RefOr<Schema>> {
    match schema {
        Schema::Object(object) => object.properties.into_values().collect(),
        Schema::OneOf(choice) => choice.items,
        Schema::AnyOf(choice) => choice.items,
        Schema::Array(array) => match array.items {
            ArrayItems::RefOrSchema(items) => vec![*items],
            ArrayItems::False => Vec::new(),
        },
        // Of these, `allOf` has to be closed as a whole, which its parts cannot be one by one.
        _ => Vec::new(),
    }
}
