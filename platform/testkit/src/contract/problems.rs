//! Documented problems: each kind is a named example of a response.

use serde_json::Value;
use service::Problem;

use super::Contract;
use super::call::values;

pub(crate) const PROBLEM: &str = "application/problem+json";

impl Contract {
    /// The documented problem of an operation, as a consumer reads it: `("post", "/orders", "out-of-stock")`.
    ///
    /// # Panics
    /// The operation does not document this problem, so consumers must not rely on it.
    #[must_use]
    pub fn problem(&self, method: &str, path: &str, kind: &str) -> Problem {
        let value = self.problem_value(method, path, kind);
        serde_json::from_value(value).expect("a problem document")
    }

    /// The documented problem as JSON.
    pub(crate) fn problem_value(&self, method: &str, path: &str, kind: &str) -> Value {
        let operation = &self.0["paths"][path][method];
        let named = self.problems(operation).find(|(_, name, _)| *name == kind);
        let (_, _, problem) = named.unwrap_or_else(|| panic!("{method} {path} has no problem {kind}"));
        problem.clone()
    }

    /// Checks that an error is documented. `path` is a route or a path with values; returns what is wrong.
    pub(crate) fn objection_to_problem(&self, method: &str, path: &str, status: u16, answer: &Value) -> Option<String> {
        let path = self.path_of(method, path).unwrap_or(path);
        let operation = &self.0["paths"][path][method.to_lowercase()];
        let kind = answer["type"].as_str().unwrap_or_default();
        let kind = kind.strip_prefix("urn:problem:").unwrap_or(kind);
        let mut problems = self.problems(operation);
        let is_named = problems.any(|(named, name, _)| name == kind && named == status.to_string());
        (!is_named).then(|| format!("{method} {path} is not documented to answer {status} {kind:?}"))
    }

    /// The route in the document that matches a path with values.
    fn path_of(&self, method: &str, target: &str) -> Option<&str> {
        let is_it = |name: &str, path: &str| name.eq_ignore_ascii_case(method) && values(path, target).is_some();
        let mut operations = self.operations();
        operations
            .find(|(name, path, _)| is_it(name, path))
            .map(|(_, path, _)| path)
    }

    /// Status, kind and example of each documented problem of an operation.
    fn problems<'a>(&'a self, operation: &'a Value) -> impl Iterator<Item = (&'a str, &'a str, &'a Value)> {
        let responses = operation["responses"].as_object().into_iter().flatten();
        responses.flat_map(move |(status, response)| {
            let examples = &self.resolved(response)["content"][PROBLEM]["examples"];
            let examples = examples.as_object().into_iter().flatten();
            examples.map(move |(kind, example)| (status.as_str(), kind.as_str(), &self.resolved(example)["value"]))
        })
    }

    /// Follows a reference.
    pub(super) fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        let reference = value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
        reference.map_or(value, |pointer| self.0.pointer(pointer).unwrap_or(&Value::Null))
    }
}
