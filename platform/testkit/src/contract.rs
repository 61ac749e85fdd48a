//! Contracts: checked in the provider's tests, read in the consumers' tests.

mod call;
mod flaws;
mod problems;

use jsonschema::Validator;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::repository;
pub(crate) use problems::PROBLEM;

/// A provider's `openapi.json`.
#[derive(Debug)]
pub struct Contract(Value);

impl From<Value> for Contract {
    fn from(document: Value) -> Self {
        Self(document)
    }
}

impl Contract {
    /// Reads the contract of a part, for example `services/catalog`.
    ///
    /// # Panics
    /// The file does not exist, or it is not JSON.
    #[must_use]
    pub fn of(part: &str) -> Self {
        let path = repository(part).join("openapi.json");
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self(serde_json::from_str(&text).expect("a contract is JSON"))
    }

    /// The documented response of an operation: `("get", "/products/{slug}", 200)`.
    ///
    /// # Panics
    /// The contract has no such response, or no example of it.
    #[must_use]
    pub fn answer(&self, method: &str, path: &str, status: u16) -> Value {
        let content = &self.0["paths"][path][method]["responses"][status.to_string()]["content"];
        example(content).unwrap_or_else(|| panic!("{method} {path} has no example for {status}"))
    }

    /// The documented request body of an operation.
    ///
    /// # Panics
    /// The contract has no such operation, or no example of its request.
    #[must_use]
    pub fn request(&self, method: &str, path: &str) -> Value {
        let content = &self.0["paths"][path][method]["requestBody"]["content"];
        example(content).unwrap_or_else(|| panic!("{method} {path} has no example for its request"))
    }

    /// The documented response of an operation, deserialized like in the consumer.
    ///
    /// # Panics
    /// There is no such response, or the consumer cannot read it.
    #[must_use]
    pub fn read<T: DeserializeOwned>(&self, method: &str, path: &str, status: u16) -> T {
        serde_json::from_value(self.answer(method, path, status)).expect("the consumer can read the documented answer")
    }

    /// All operations: method, path, and description.
    fn operations(&self) -> impl Iterator<Item = (&str, &str, &Value)> {
        let paths = self.0["paths"].as_object().into_iter().flatten();
        paths.flat_map(|(path, operations)| {
            let operations = operations.as_object().into_iter().flatten();
            operations.map(move |(method, operation)| (method.as_str(), path.as_str(), operation))
        })
    }

    /// A validator for a schema of this document.
    fn validator(&self, schema: &Value) -> Validator {
        // References are resolved from the document's root.
        let whole = json!({ "components": self.0["components"], "allOf": [schema] });
        let options = jsonschema::options().should_validate_formats(true);
        options.build(&whole).expect("the contract's schemas can be read")
    }

    /// All documented successful responses: method, path, status, body.
    pub(crate) fn successes(&self) -> Vec<(String, String, u16, Value)> {
        let mut found = Vec::new();
        for (method, path, operation) in self.operations() {
            for (status, response) in operation["responses"].as_object().into_iter().flatten() {
                if let Some(status) = status.parse().ok().filter(|status| (200..300).contains(status)) {
                    let answer = example(&response["content"]).unwrap_or(Value::Null);
                    found.push((method.to_owned(), path.to_owned(), status, answer));
                }
            }
        }
        found
    }
}

fn example(content: &Value) -> Option<Value> {
    content.get("application/json")?.get("example").cloned()
}

/// Checks a provider's document: it has no dangling references, its examples match its schemas, and it equals `openapi.json`.
///
/// # Panics
/// Something is wrong.
pub fn check_contract(part: &str, document: &str) {
    let contract = Contract(serde_json::from_str(document).expect("a contract is JSON"));
    let flaws = contract.flaws();
    assert!(flaws.is_empty(), "{part}:\n{}", flaws.join("\n"));
    check_file(&format!("{part}/openapi.json"), &format!("{document}\n"));
}

/// Compares a text with a file of the part under test. `UPDATE_EXPECT=1` rewrites the file.
///
/// # Panics
/// They differ.
pub fn check_file(path: &str, text: &str) {
    let path = repository(path);
    let path = path.canonicalize().unwrap_or(path);
    expect_test::expect_file![path].assert_eq(text);
}
