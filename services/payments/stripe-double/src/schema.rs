//! The parameters of operations, as Stripe declares them. Any other parameter is rejected.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::error::ApiError;
use crate::form::Node;

/// A parameter of an operation, or of another parameter.
#[derive(Debug)]
pub struct Param {
    pub name: &'static str,
    pub kind: ParamType,
    pub is_required: bool,
}

/// The type of a parameter.
#[derive(Debug)]
pub enum ParamType {
    /// A text with at most this many characters.
    Text(usize),
    /// An integer of at least this value.
    Integer(i64),
    /// One of these.
    Enum(&'static [&'static str]),
    /// An absolute http or https URL.
    Url,
    Email,
    /// Nested parameters.
    Object(&'static [Param]),
    /// A list with at most this many items.
    List(usize, &'static ParamType),
    /// The caller's own values.
    Metadata,
}

/// A required parameter.
pub const fn required(name: &'static str, kind: ParamType) -> Param {
    Param {
        name,
        kind,
        is_required: true,
    }
}

/// An optional parameter.
pub const fn optional(name: &'static str, kind: ParamType) -> Param {
    Param {
        name,
        kind,
        is_required: false,
    }
}

/// Converts the parameters to JSON, with numbers as numbers, and returns the first error.
pub fn read(node: &Node, params: &'static [Param]) -> (Value, Option<ApiError>) {
    let mut reader = Reader { first_error: None };
    let value = reader.object(node, params, "");
    (value, reader.first_error)
}

struct Reader {
    first_error: Option<ApiError>,
}

impl Reader {
    fn reject(&mut self, path: &str, code: &'static str, message: String) {
        let error = ApiError::invalid(message).param(path);
        let error = if code.is_empty() { error } else { error.code(code) };
        self.first_error.get_or_insert(error);
    }

    fn object(&mut self, node: &Node, params: &'static [Param], path: &str) -> Value {
        let Node::Tree(children) = node else {
            self.reject(path, "", "Invalid object".to_owned());
            return node.json();
        };
        for (name, _) in children {
            if !params.iter().any(|param| param.name == name) {
                let unknown = nested(path, name);
                self.reject(
                    &unknown,
                    "parameter_unknown",
                    format!("Received unknown parameter: {unknown}"),
                );
            }
        }
        let mut object = Map::new();
        for param in params {
            let path = nested(path, param.name);
            match children.iter().find(|(name, _)| name == param.name) {
                Some((name, child)) => {
                    object.insert(name.clone(), self.value(child, &param.kind, &path));
                }
                None if param.is_required => {
                    self.reject(&path, "parameter_missing", format!("Missing required param: {path}."));
                }
                None => {}
            }
        }
        let unknown = children.iter().filter(|(name, _)| !object.contains_key(name));
        let unknown: Vec<_> = unknown.map(|(name, child)| (name.clone(), child.json())).collect();
        object.extend(unknown);
        Value::Object(object)
    }

    fn value(&mut self, node: &Node, kind: &'static ParamType, path: &str) -> Value {
        match (kind, node) {
            (ParamType::Object(params), _) => self.object(node, params, path),
            (ParamType::List(limit, kind), Node::Tree(items)) => {
                if items.len() > *limit {
                    self.reject(path, "", format!("Array too long: {path} can have {limit} elements."));
                }
                let items = items.iter().enumerate();
                let items = items.map(|(index, (_, item))| self.value(item, kind, &nested(path, &index.to_string())));
                Value::Array(items.collect())
            }
            (ParamType::Metadata, Node::Tree(pairs)) => self.metadata(pairs, path),
            // An empty text clears the metadata, and here there is none yet.
            (ParamType::Metadata, Node::Leaf(text)) if text.is_empty() => Value::Object(Map::new()),
            (ParamType::List(..), _) => {
                self.reject(path, "", "Invalid array".to_owned());
                node.json()
            }
            (ParamType::Metadata, _) => {
                self.reject(path, "", "Invalid object".to_owned());
                node.json()
            }
            (_, Node::Tree(_)) => {
                self.reject(path, "", format!("Invalid string: {}", node.json()));
                node.json()
            }
            (kind, Node::Leaf(text)) => self.leaf(text, kind, path),
        }
    }

    fn leaf(&mut self, text: &str, kind: &ParamType, path: &str) -> Value {
        if text.is_empty() {
            let message = format!(
                "You passed an empty string for '{path}'. We assume empty values are an attempt to unset a parameter; \
                 however '{path}' cannot be unset. You should remove '{path}' from your request or supply a non-empty value."
            );
            self.reject(path, "parameter_invalid_empty", message);
            return text.into();
        }
        match kind {
            ParamType::Integer(minimum) => return self.integer(text, *minimum, path),
            ParamType::Enum(choices) if !choices.contains(&text) => {
                let message = format!("Invalid {path}: must be one of {}", choices.join(", "));
                self.reject(path, "", message);
            }
            ParamType::Url if !is_url(text) => self.reject(path, "url_invalid", "Not a valid URL".to_owned()),
            ParamType::Email if !is_email(text) => {
                self.reject(path, "email_invalid", format!("Invalid email address: {text}"));
            }
            ParamType::Text(limit) if text.chars().count() > *limit => {
                let count = text.chars().count();
                let message = format!("Invalid string: must be at most {limit} characters, and has {count}");
                self.reject(path, "", message);
            }
            _ => {}
        }
        text.into()
    }

    fn integer(&mut self, text: &str, minimum: i64, path: &str) -> Value {
        let number: Option<i64> = text.parse().ok().filter(|_| !text.starts_with('+'));
        let Some(number) = number else {
            self.reject(path, "parameter_invalid_integer", format!("Invalid integer: {text}"));
            return text.into();
        };
        if number < minimum {
            let message = format!("This value must be greater than or equal to {minimum}.");
            self.reject(path, "parameter_invalid_integer", message);
        }
        number.into()
    }

    fn metadata(&mut self, pairs: &[(String, Node)], path: &str) -> Value {
        if pairs.len() > 50 {
            self.reject(
                path,
                "",
                format!("Metadata can have up to 50 keys, but you passed in {}.", pairs.len()),
            );
        }
        let mut metadata = BTreeMap::new();
        for (name, node) in pairs {
            let Node::Leaf(text) = node else {
                self.reject(path, "", format!("Metadata values must be strings: {name}"));
                continue;
            };
            let (key, value) = (name.chars().count(), text.chars().count());
            if key > 40 {
                let message = format!(
                    "Metadata keys can have up to 40 characters, but you passed in a key that is {key} characters."
                );
                self.reject(path, "", message);
            }
            if value > 500 {
                let message = format!(
                    "Metadata values can have up to 500 characters, but you passed in a value that is {value} characters."
                );
                self.reject(path, "", message);
            }
            if !text.is_empty() {
                metadata.insert(name.clone(), text.clone());
            }
        }
        Value::Object(
            metadata
                .into_iter()
                .map(|(name, text)| (name, Value::String(text)))
                .collect(),
        )
    }
}

fn nested(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        path => format!("{path}[{name}]"),
    }
}

/// Whether a text is an absolute URL. Stripe replaces the placeholder by the session's id.
fn is_url(text: &str) -> bool {
    let uri: Result<axum::http::Uri, _> = text.replace("{CHECKOUT_SESSION_ID}", "x").parse();
    text.len() <= 5000
        && uri.is_ok_and(|uri| {
            matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|host| !host.is_empty())
        })
}

pub fn is_email(text: &str) -> bool {
    values::grammar::email(text).is_ok_and(|email| email == text)
}
