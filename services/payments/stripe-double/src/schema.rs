//! What a call takes, as Stripe declares it: anything else is refused by its name.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::error::Refusal;
use crate::form::Node;

/// A parameter of a call, or of another parameter.
#[derive(Debug)]
pub struct Field {
    pub name: &'static str,
    pub kind: Kind,
    pub is_required: bool,
}

/// What a parameter holds.
#[derive(Debug)]
pub enum Kind {
    /// As many characters at most.
    Text(usize),
    /// From this number on.
    Integer(i64),
    /// One of these.
    Choice(&'static [&'static str]),
    /// Where browsers can be sent.
    Url,
    /// An e-mail address.
    Email,
    /// Parameters.
    Object(&'static [Field]),
    /// As many at most.
    List(usize, &'static Kind),
    /// Whatever the caller wants to keep.
    Metadata,
}

/// A parameter that has to be there.
pub const fn required(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        is_required: true,
    }
}

/// One that may be left out.
pub const fn optional(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        is_required: false,
    }
}

/// The parameters in JSON, with numbers as numbers, and what is wrong first.
pub fn read(node: &Node, fields: &'static [Field]) -> (Value, Option<Refusal>) {
    let mut reader = Reader { wrong: None };
    let value = reader.object(node, fields, "");
    (value, reader.wrong)
}

struct Reader {
    wrong: Option<Refusal>,
}

impl Reader {
    fn refuse(&mut self, path: &str, code: &'static str, message: String) {
        let refusal = Refusal::invalid(message).param(path);
        let refusal = if code.is_empty() { refusal } else { refusal.code(code) };
        self.wrong.get_or_insert(refusal);
    }

    fn object(&mut self, node: &Node, fields: &'static [Field], path: &str) -> Value {
        let Node::Tree(children) = node else {
            self.refuse(path, "", "Invalid object".to_owned());
            return node.json();
        };
        for (name, _) in children {
            if !fields.iter().any(|field| field.name == name) {
                let unknown = below(path, name);
                self.refuse(
                    &unknown,
                    "parameter_unknown",
                    format!("Received unknown parameter: {unknown}"),
                );
            }
        }
        let mut object = Map::new();
        for field in fields {
            let path = below(path, field.name);
            match children.iter().find(|(name, _)| name == field.name) {
                Some((name, child)) => {
                    object.insert(name.clone(), self.value(child, &field.kind, &path));
                }
                None if field.is_required => {
                    self.refuse(&path, "parameter_missing", format!("Missing required param: {path}."));
                }
                None => {}
            }
        }
        let unknown = children.iter().filter(|(name, _)| !object.contains_key(name));
        let unknown: Vec<_> = unknown.map(|(name, child)| (name.clone(), child.json())).collect();
        object.extend(unknown);
        Value::Object(object)
    }

    fn value(&mut self, node: &Node, kind: &'static Kind, path: &str) -> Value {
        match (kind, node) {
            (Kind::Object(fields), _) => self.object(node, fields, path),
            (Kind::List(limit, kind), Node::Tree(items)) => {
                if items.len() > *limit {
                    self.refuse(path, "", format!("Array too long: {path} can have {limit} elements."));
                }
                let items = items.iter().enumerate();
                let items = items.map(|(place, (_, item))| self.value(item, kind, &below(path, &place.to_string())));
                Value::Array(items.collect())
            }
            (Kind::Metadata, Node::Tree(pairs)) => self.metadata(pairs, path),
            // An empty text takes away what was there, which is nothing.
            (Kind::Metadata, Node::Leaf(text)) if text.is_empty() => Value::Object(Map::new()),
            (Kind::List(..), _) => {
                self.refuse(path, "", "Invalid array".to_owned());
                node.json()
            }
            (Kind::Metadata, _) => {
                self.refuse(path, "", "Invalid object".to_owned());
                node.json()
            }
            (_, Node::Tree(_)) => {
                self.refuse(path, "", format!("Invalid string: {}", node.json()));
                node.json()
            }
            (kind, Node::Leaf(text)) => self.leaf(text, kind, path),
        }
    }

    fn leaf(&mut self, text: &str, kind: &Kind, path: &str) -> Value {
        if text.is_empty() {
            let message = format!(
                "You passed an empty string for '{path}'. We assume empty values are an attempt to unset a parameter; \
                 however '{path}' cannot be unset. You should remove '{path}' from your request or supply a non-empty value."
            );
            self.refuse(path, "parameter_invalid_empty", message);
            return text.into();
        }
        match kind {
            Kind::Integer(least) => return self.integer(text, *least, path),
            Kind::Choice(choices) if !choices.contains(&text) => {
                let message = format!("Invalid {path}: must be one of {}", choices.join(", "));
                self.refuse(path, "", message);
            }
            Kind::Url if !is_url(text) => self.refuse(path, "url_invalid", "Not a valid URL".to_owned()),
            Kind::Email if !is_email(text) => {
                self.refuse(path, "email_invalid", format!("Invalid email address: {text}"));
            }
            Kind::Text(limit) if text.chars().count() > *limit => {
                let count = text.chars().count();
                let message = format!("Invalid string: must be at most {limit} characters, and has {count}");
                self.refuse(path, "", message);
            }
            _ => {}
        }
        text.into()
    }

    fn integer(&mut self, text: &str, least: i64, path: &str) -> Value {
        let number: Option<i64> = text.parse().ok().filter(|_| !text.starts_with('+'));
        let Some(number) = number else {
            self.refuse(path, "parameter_invalid_integer", format!("Invalid integer: {text}"));
            return text.into();
        };
        if number < least {
            let message = format!("This value must be greater than or equal to {least}.");
            self.refuse(path, "parameter_invalid_integer", message);
        }
        number.into()
    }

    fn metadata(&mut self, pairs: &[(String, Node)], path: &str) -> Value {
        if pairs.len() > 50 {
            self.refuse(
                path,
                "",
                format!("Metadata can have up to 50 keys, but you passed in {}.", pairs.len()),
            );
        }
        let mut metadata = BTreeMap::new();
        for (name, node) in pairs {
            let Node::Leaf(text) = node else {
                self.refuse(path, "", format!("Metadata values must be strings: {name}"));
                continue;
            };
            let (key, value) = (name.chars().count(), text.chars().count());
            if key > 40 {
                let message = format!(
                    "Metadata keys can have up to 40 characters, but you passed in a key that is {key} characters."
                );
                self.refuse(path, "", message);
            }
            if value > 500 {
                let message = format!(
                    "Metadata values can have up to 500 characters, but you passed in a value that is {value} characters."
                );
                self.refuse(path, "", message);
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

fn below(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        path => format!("{path}[{name}]"),
    }
}

/// An address with scheme and host. Stripe puts the session's name in for a placeholder.
fn is_url(text: &str) -> bool {
    let uri: Result<axum::http::Uri, _> = text.replace("{CHECKOUT_SESSION_ID}", "x").parse();
    text.len() <= 5000
        && uri.is_ok_and(|uri| {
            matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|host| !host.is_empty())
        })
}

/// Whether mail could go there.
pub fn is_email(text: &str) -> bool {
    text::email(text).is_ok_and(|email| email == text)
}
