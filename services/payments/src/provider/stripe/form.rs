//! Parameters as Stripe reads them: a form whose names say where a value stands, `line_items[0][quantity]=1`.

use serde_json::Value;

/// The body of a request with these parameters.
pub fn encode(params: &Value) -> Result<String, serde_urlencoded::ser::Error> {
    let mut pairs = Vec::new();
    collect(String::new(), params, &mut pairs);
    serde_urlencoded::to_string(pairs)
}

fn collect(name: String, value: &Value, pairs: &mut Vec<(String, String)>) {
    let below = |part: &str| {
        if name.is_empty() {
            part.to_owned()
        } else {
            format!("{name}[{part}]")
        }
    };
    match value {
        Value::Object(fields) => {
            for (field, value) in fields {
                collect(below(field), value, pairs);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                collect(below(&index.to_string()), value, pairs);
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
    fn names_say_where_a_value_stands() {
        let params = json!({ "mode": "payment", "line_items": [{ "quantity": 1 }], "email": null, "a": { "b": true } });
        let encoded = encode(&params).unwrap();
        assert_eq!(encoded, "a%5Bb%5D=true&line_items%5B0%5D%5Bquantity%5D=1&mode=payment");
    }
}
