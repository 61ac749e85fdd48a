//! Checks that a consumer's request is allowed by the document.

use percent_encoding::percent_decode_str;
use serde_json::Value;
use wiremock::Request;
use wiremock::http::HeaderName;

use super::Contract;

/// Headers that every part may send to every other: standard ones, and those of the chassis.
const ANYWHERE: [&str; 11] = [
    "accept",
    "accept-encoding",
    "connection",
    "content-length",
    "content-type",
    "forwarded",
    "host",
    "traceparent",
    "tracestate",
    "user-agent",
    "x-deadline-ms",
];

impl Contract {
    /// Returns why the document does not allow a request, if it does not.
    pub(crate) fn objection(&self, call: &Request) -> Option<String> {
        let (name, target) = (call.method.as_str(), call.url.path());
        let mut operations = self.operations();
        let found = operations.find_map(|(method, path, operation)| {
            let values = name.eq_ignore_ascii_case(method).then(|| values(path, target))??;
            Some((operation, values))
        });
        let Some((operation, values)) = found else {
            return Some(format!("{name} {target}: there is no such operation"));
        };
        let wrong = self
            .in_path(operation, &values)
            .or_else(|| self.in_query(operation, call))
            .or_else(|| self.in_headers(operation, call))
            .or_else(|| self.in_body(operation, call))?;
        Some(format!("{name} {target}: {wrong}"))
    }

    fn in_path(&self, operation: &Value, values: &[(String, String)]) -> Option<String> {
        let mut values = values.iter();
        values.find_map(|(name, value)| self.value(operation, "path", name, value))
    }

    fn in_query(&self, operation: &Value, call: &Request) -> Option<String> {
        let sent: Vec<_> = call.url.query_pairs().collect();
        let is_sent = |name: &str| sent.iter().any(|(sent, _)| sent == name);
        let mut pairs = sent.iter();
        missing(operation, "query", is_sent)
            .or_else(|| pairs.find_map(|(name, value)| self.value(operation, "query", name, value)))
    }

    fn in_headers(&self, operation: &Value, call: &Request) -> Option<String> {
        let mut sent = call.headers.iter();
        let is_own = |name: &HeaderName| ANYWHERE.contains(&name.as_str());
        missing(operation, "header", |name| call.headers.contains_key(name)).or_else(|| {
            sent.find_map(|(name, value)| {
                if is_own(name) {
                    None
                } else {
                    self.value(operation, "header", name.as_str(), value.to_str().unwrap_or_default())
                }
            })
        })
    }

    fn in_body(&self, operation: &Value, call: &Request) -> Option<String> {
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        match (schema.is_null(), call.body.is_empty()) {
            (true, true) => None,
            (true, false) => Some("it takes no body".to_owned()),
            (false, true) => (operation["requestBody"]["required"] == true).then(|| "it takes a body".to_owned()),
            (false, false) => {
                let body = serde_json::from_slice(&call.body).unwrap_or(Value::Null);
                let error = self.validator(schema).validate(&body).err()?;
                Some(format!("{error} at {} of the body", error.instance_path()))
            }
        }
    }

    fn value(&self, operation: &Value, place: &str, name: &str, value: &str) -> Option<String> {
        let mut parameters = parameters(operation, place);
        let Some(parameter) = parameters.find(|parameter| parameter["name"] == name) else {
            return Some(format!("there is no {place} parameter {name}"));
        };
        let validator = self.validator(&parameter["schema"]);
        // Parameters are text, whatever their type is.
        let read = serde_json::from_str(value).unwrap_or(Value::Null);
        // Each value of a list is a parameter of its own.
        let one_of_many = Value::from(vec![value]);
        let fits = [Value::from(value), read, one_of_many]
            .iter()
            .any(|value| validator.is_valid(value));
        (!fits).then(|| format!("the {place} parameter {name} cannot be {value:?}"))
    }
}

fn missing(operation: &Value, place: &str, is_sent: impl Fn(&str) -> bool) -> Option<String> {
    let names = parameters(operation, place).filter(|parameter| parameter["required"] == true);
    let mut names = names.filter_map(|parameter| parameter["name"].as_str());
    let name = names.find(|name| !is_sent(name))?;
    Some(format!("the {place} parameter {name} is missing"))
}

fn parameters<'a>(operation: &'a Value, place: &str) -> impl Iterator<Item = &'a Value> {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    parameters.filter(move |parameter| parameter["in"] == place)
}

/// The values of a route's parameters, if the path matches the route.
pub(super) fn values(path: &str, target: &str) -> Option<Vec<(String, String)>> {
    let (names, segments) = (path.split('/'), target.split('/'));
    let mut values = Vec::new();
    if names.clone().count() != segments.clone().count() {
        return None;
    }
    for (name, segment) in names.zip(segments) {
        match name.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) => values.push((
                name.to_owned(),
                percent_decode_str(segment).decode_utf8_lossy().into_owned(),
            )),
            None if name == segment => {}
            None => return None,
        }
    }
    Some(values)
}
