//! Adds to the document what is the same for all operations of a kind.

use std::collections::BTreeSet;

use http::Method;
use utoipa::PartialSchema;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::schema::{AdditionalProperties, ArrayItems, Components, Schema};
use utoipa::openapi::{OpenApi, RefOr};

use super::problems::Problems;
use crate::{FieldError, Problem};

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

/// Adds the chassis' responses, and forbids additional properties in request bodies: requests with unknown fields are refused.
pub(super) fn complete(contract: &mut OpenApi, mut problems: Problems) {
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
            problems.complete(operation);
            sent.extend(bodies(operation));
        }
    }
    let components = contract.components.get_or_insert_default();
    for (name, schema) in [("Problem", Problem::schema()), ("FieldError", FieldError::schema())] {
        components.schemas.entry(name.to_owned()).or_insert(schema);
    }
    problems.add_to(components);
    close(components, sent);
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

/// Forbids additional properties in all objects of these schemas, at any depth.
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
        // `allOf` would have to be closed as a whole, which its parts cannot do one by one.
        _ => Vec::new(),
    }
}
