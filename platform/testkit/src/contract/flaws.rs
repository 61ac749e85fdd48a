//! Checks of a document by itself.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Contract;
use super::problems::PROBLEM;

impl Contract {
    /// All mistakes in the document, one per item.
    pub(super) fn flaws(&self) -> Vec<String> {
        let (mut flaws, mut names) = (self.dangling_references(), BTreeSet::new());
        for (method, path, operation) in self.operations() {
            let at = |what: &str| format!("{method} {path}: {what}");
            match operation["operationId"].as_str() {
                None => flaws.push(at("no operationId")),
                Some(name) if !names.insert(name) => flaws.push(at("another operation has this operationId")),
                Some(_) => {}
            }
            for (what, media, content) in self.contents(operation) {
                let is_needed = ["200", "201"].contains(&what) && media == "application/json";
                let is_problem = media == PROBLEM;
                flaws.extend(
                    self.flaw(is_needed || is_problem, content)
                        .map(|flaw| at(&format!("{what}: {flaw}"))),
                );
            }
        }
        flaws
    }

    /// References that lead nowhere.
    fn dangling_references(&self) -> Vec<String> {
        let mut references = BTreeSet::new();
        collect(&self.0, &mut references);
        let is_dangling = |reference: &&str| {
            let pointer = reference.strip_prefix('#').unwrap_or_default();
            self.0.pointer(pointer).is_none_or(|_| pointer.is_empty())
        };
        let dangling = references.into_iter().filter(is_dangling);
        dangling.map(|reference| format!("{reference} is not there")).collect()
    }

    /// Checks the examples, since consumers test with them.
    fn flaw(&self, is_needed: bool, content: &Value) -> Option<String> {
        let named = content["examples"].as_object().into_iter().flatten();
        let named = named.map(|(_, example)| &self.resolved(example)["value"]);
        let examples: Vec<_> = content.get("example").into_iter().chain(named).collect();
        if examples.is_empty() {
            return is_needed.then(|| "no example".to_owned());
        }
        let validator = self.validator(&content["schema"]);
        let error = examples.iter().find_map(|example| validator.validate(example).err())?;
        let place = error.instance_path().clone();
        Some(format!("an example does not fit: {error} at {place}"))
    }

    /// The bodies of an operation: `request` or the status, the media type, the content.
    fn contents<'a>(&'a self, operation: &'a Value) -> impl Iterator<Item = (&'a str, &'a str, &'a Value)> {
        let responses = operation["responses"].as_object().into_iter().flatten();
        let responses = responses.map(|(status, response)| (status.as_str(), self.resolved(response)));
        let request = [("request", &operation["requestBody"])];
        responses.chain(request).flat_map(|(what, body)| {
            let contents = body["content"].as_object().into_iter().flatten();
            contents.map(move |(media, content)| (what, media.as_str(), content))
        })
    }
}

fn collect<'a>(value: &'a Value, references: &mut BTreeSet<&'a str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, references)),
        Value::Object(fields) => {
            references.extend(fields.get("$ref").and_then(Value::as_str));
            fields.values().for_each(|field| collect(field, references));
        }
        _ => {}
    }
}
