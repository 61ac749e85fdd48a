//! The contracts of the parts that a new part calls.

use std::path::Path;

use machine::{Error, Result, fail, files};
use serde_json::Value;

use crate::name::Name;

/// The fields of an item that the templates read.
const FIELDS: [&str; 3] = ["slug", "name", "summary"];

/// A list in a contract, with the values of its example.
#[derive(Debug)]
pub struct List {
    /// `gift-cards`, as in `GET /gift-cards`
    pub resource: Name,
    /// `gift-card`
    pub item: Name,
    pub slug: String,
    pub name: String,
    pub summary: String,
}

/// Finds the list of this name, or the first one, that has pages and the fields that the templates read.
pub fn find(root: &Path, part: &str, resource: Option<&str>) -> Result<List> {
    let path = root.join(part).join("openapi.json");
    let document: Value = serde_json::from_str(&files::read(&path)?).map_err(|error| Error::at(&path, error))?;
    let paths = document["paths"].as_object().into_iter().flatten();
    let lists: Vec<_> = paths
        .filter_map(|(path, operations)| list(path.strip_prefix('/')?, &operations["get"], &document))
        .collect();
    let names: Vec<_> = lists.iter().map(|list| list.resource.kebab().to_owned()).collect();
    let mut lists = lists.into_iter();
    let found = match resource {
        Some(resource) => lists.find(|list| list.resource.kebab() == resource),
        None => lists.next(),
    };
    let there = match (names.as_slice(), resource) {
        ([], _) => "and it has none".to_owned(),
        (names, _) => format!("and it has: {}", names.join(", ")),
    };
    let wanted = resource.map_or_else(String::new, |resource| format!(" {resource}"));
    found.ok_or_else(|| {
        Error(format!(
            "{part} has no list{wanted} that can be read. Such a list has the parameters `after` and `limit`, answers with \
             `items` and `next`, and its items have `slug`, `name` and `summary`; {there}"
        ))
    })
}

fn list(resource: &str, operation: &Value, document: &Value) -> Option<List> {
    let parameters = operation["parameters"].as_array()?;
    let has = |name: &str| parameters.iter().any(|parameter| parameter["name"] == name);
    let needs_more = parameters.iter().any(|parameter| parameter["required"] == true);
    let content = &operation["responses"]["200"]["content"]["application/json"];
    let answer = content["example"].as_object()?;
    let [slug, name, summary] = FIELDS.map(|field| answer.get("items")?[0][field].as_str().map(str::to_owned));
    if needs_more || !has("after") || !has("limit") || !answer.contains_key("next") {
        return None;
    }
    let schema = resolve(&content["schema"], document);
    let items = &schema["properties"]["items"]["items"]["$ref"];
    let item = items.as_str()?.rsplit('/').next()?;
    Some(List {
        resource: Name::new(resource).ok()?,
        item: Name::from_camel(item).ok()?,
        slug: slug?,
        name: name?,
        summary: summary?,
    })
}

/// Follows a reference.
fn resolve<'a>(schema: &'a Value, document: &'a Value) -> &'a Value {
    let target = schema["$ref"].as_str().and_then(|target| target.strip_prefix('#'));
    target.and_then(|target| document.pointer(target)).unwrap_or(schema)
}

/// Escapes a text for a string literal.
pub fn literal(text: &str) -> String {
    text.escape_debug().to_string()
}

/// Checks that a part has a contract; the remedy is part of the error.
pub fn check(root: &Path, part: &str, remedy: &str) -> Result<()> {
    if root.join(part).join("openapi.json").is_file() {
        Ok(())
    } else {
        fail(format!("{part} is missing. {remedy}"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn with(document: &Value) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("part")).unwrap();
        std::fs::write(root.path().join("part/openapi.json"), document.to_string()).unwrap();
        root
    }

    fn document(parameters: &[&str], item: &Value) -> Value {
        let parameters: Vec<_> = parameters.iter().map(|name| json!({ "name": name })).collect();
        let content = json!({
            "schema": { "$ref": "#/components/schemas/GiftCardList" },
            "example": { "items": [item], "next": null },
        });
        let get =
            json!({ "parameters": parameters, "responses": { "200": { "content": { "application/json": content } } } });
        let list = json!({ "properties": { "items": { "items": { "$ref": "#/components/schemas/GiftCard" } } } });
        json!({ "paths": { "/gift-cards": { "get": get } }, "components": { "schemas": { "GiftCardList": list } } })
    }

    fn item() -> Value {
        json!({ "slug": "one", "name": "One \"1\"", "summary": "" })
    }

    #[test]
    fn list_is_found_with_its_item() {
        let root = with(&document(&["limit", "after"], &item()));
        for resource in [None, Some("gift-cards")] {
            let list = find(root.path(), "part", resource).unwrap();
            assert_eq!((list.resource.kebab(), list.item.kebab()), ("gift-cards", "gift-card"));
            assert_eq!((&*list.slug, &*literal(&list.name)), ("one", r#"One \"1\""#));
        }
    }

    #[test]
    fn list_that_cannot_be_read_is_refused_with_what_there_is() {
        let root = with(&document(&["limit", "after"], &item()));
        let refusal = find(root.path(), "part", Some("offers")).unwrap_err().to_string();
        assert!(
            refusal.contains("no list offers") && refusal.contains("it has: gift-cards"),
            "{refusal}"
        );
        for document in [
            document(&["limit"], &item()),
            document(&["limit", "after"], &json!({ "slug": "one", "title": "One" })),
            json!({}),
        ] {
            let refusal = find(with(&document).path(), "part", None).unwrap_err().to_string();
            assert!(refusal.contains("it has none"), "{refusal}");
        }
    }
}
