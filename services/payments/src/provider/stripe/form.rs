//! Stripe's form encoding, in which names have the path of a value: `line_items[0][quantity]=1`.

use serde_json::Value;

/// Encodes the parameters of a request.
pub fn encode(params: &Value) -> Result<String, serde_urlencoded::ser::Error> {
    let mut pairs = Vec::new();
    collect(String::new(), params, &mut pairs);
    serde_urlencoded::to_string(pairs)
}

fn collect(name: String, value: &Value, pairs: &mut Vec<(String, String)>) {
    let nested = |part: &str| {
        if name.is_empty() {
            part.to_owned()
        } else {
            format!("{name}[{part}]")
        }
    };
    match value {
        Value::Object(fields) => {
            for (field, value) in fields {
                collect(nested(field), value, pairs);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                collect(nested(&index.to_string()), value, pairs);
            }
        }
        Value::Null => {}
        Value::String(text) => pairs.push((name, text.clone())),
        other => pairs.push((name, other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nested_values_are_encoded_with_their_path() {
        let params = json!({ "mode": "payment", "line_items": [{ "quantity": 1 }], "email": null, "a": { "b": true } });
        let encoded = encode(&params).unwrap();
        assert_eq!(encoded, "a%5Bb%5D=true&line_items%5B0%5D%5Bquantity%5D=1&mode=payment");
    }
}
