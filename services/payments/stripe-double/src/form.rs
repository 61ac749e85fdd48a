//! Form encoding with nested names: `line_items[0][price_data][unit_amount]=5290`.

use serde_json::{Map, Value};

/// A parameter: a text, or nested parameters by name or, in a list, by index.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Node {
    Leaf(String),
    Tree(Vec<(String, Node)>),
}

impl Default for Node {
    fn default() -> Self {
        Self::Tree(Vec::new())
    }
}

impl Node {
    /// Parses a form or a query.
    pub fn parse(form: &[u8]) -> Result<Self, String> {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(form).map_err(|error| error.to_string())?;
        let mut root = Self::default();
        for (name, value) in pairs {
            root.put(&segments(&name), value);
        }
        Ok(root)
    }

    fn put(&mut self, segments: &[&str], value: String) {
        let Some((first, rest)) = segments.split_first() else {
            *self = Self::Leaf(value);
            return;
        };
        if let Self::Leaf(_) = self {
            *self = Self::default();
        }
        let Self::Tree(children) = self else { return };
        let name = match *first {
            "" => children.len().to_string(),
            name => name.to_owned(),
        };
        let index = children.iter().position(|(known, _)| *known == name);
        let index = index.unwrap_or_else(|| {
            children.push((name, Self::default()));
            children.len() - 1
        });
        children[index].1.put(rest, value);
    }

    /// Converts to JSON. All values are strings.
    pub fn json(&self) -> Value {
        match self {
            Self::Leaf(text) => text.as_str().into(),
            Self::Tree(children) => {
                let children = children.iter().map(|(name, child)| (name.clone(), child.json()));
                Value::Object(children.collect::<Map<_, _>>())
            }
        }
    }
}

/// `a[b][]` → `a`, `b`, and an empty text.
fn segments(name: &str) -> Vec<&str> {
    let Some((first, rest)) = name.split_once('[') else {
        return vec![name];
    };
    let rest = rest.strip_suffix(']').unwrap_or(rest);
    std::iter::once(first).chain(rest.split("][")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn brackets_are_parsed_into_nested_parameters() {
        let form = b"a[0][b][c]=1&a[0][d]=2&a[1][b]=x%20y&expand[]=p&expand[]=q&m[k]=v";
        let expected = json!({
            "a": { "0": { "b": { "c": "1" }, "d": "2" }, "1": { "b": "x y" } },
            "expand": { "0": "p", "1": "q" },
            "m": { "k": "v" },
        });
        assert_eq!(Node::parse(form).unwrap().json(), expected);
    }
}
