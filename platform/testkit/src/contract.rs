//! Contract files: checked on the provider's side, read on the consumer's.

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
    /// Reads the contract of a part: `services/catalog`.
    ///
    /// # Panics
    /// There is none, or it is not JSON.
    #[must_use]
    pub fn of(part: &str) -> Self {
        let path = repository(part).join("openapi.json");
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self(serde_json::from_str(&text).expect("a contract is JSON"))
    }

    /// The documented answer of an operation: `("get", "/products/{slug}", 200)`.
    ///
    /// # Panics
    /// The contract has no such answer, or it has no example.
    #[must_use]
    pub fn answer(&self, method: &str, path: &str, status: u16) -> Value {
        let content = &self.0["paths"][path][method]["responses"][status.to_string()]["content"];
        example(content).unwrap_or_else(|| panic!("{method} {path} has no example for {status}"))
    }

    /// The documented request body of an operation.
    ///
    /// # Panics
    /// The contract has no such operation, or it has no example.
    #[must_use]
    pub fn request(&self, method: &str, path: &str) -> Value {
        let content = &self.0["paths"][path][method]["requestBody"]["content"];
        example(content).unwrap_or_else(|| panic!("{method} {path} has no example for its request"))
    }

    /// The documented answer, read as a consumer reads it.
    ///
    /// # Panics
    /// There is no such answer, or the consumer cannot read it: the contract is broken.
    #[must_use]
    pub fn read<T: DeserializeOwned>(&self, method: &str, path: &str, status: u16) -> T {
        serde_json::from_value(self.answer(method, path, status)).expect("the consumer can read the documented answer")
    }

    /// Every operation: method, path, and what the document has of it.
    fn operations(&self) -> impl Iterator<Item = (&str, &str, &Value)> {
        let paths = self.0["paths"].as_object().into_iter().flatten();
        paths.flat_map(|(path, operations)| {
            let operations = operations.as_object().into_iter().flatten();
            operations.map(move |(method, operation)| (method.as_str(), path.as_str(), operation))
        })
    }

    /// What tells whether a value fits a schema of this document.
    fn validator(&self, schema: &Value) -> Validator {
        // References begin at the document's root.
        let whole = json!({ "components": self.0["components"], "allOf": [schema] });
        let options = jsonschema::options().should_validate_formats(true);
        options.build(&whole).expect("the contract's schemas can be read")
    }

    /// Every operation with a documented success: method, path, status, answer.
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

/// Checks a provider's document: that it is of one piece, its examples fit its schemas, and the file has it.
///
/// # Panics
/// Something is wrong with it.
pub fn check_contract(part: &str, document: &str) {
    let contract = Contract(serde_json::from_str(document).expect("a contract is JSON"));
    let flaws = contract.flaws();
    assert!(flaws.is_empty(), "{part}:\n{}", flaws.join("\n"));
    check_file(&format!("{part}/openapi.json"), &format!("{document}\n"));
}

/// Compares text with a file of the part under test; with `UPDATE_EXPECT=1` rewrites the file.
///
/// # Panics
/// They differ.
pub fn check_file(path: &str, text: &str) {
    let path = repository(path);
    let path = path.canonicalize().unwrap_or(path);
    expect_test::expect_file![path].assert_eq(text);
}
