//! JSON as people keep it in a repository: what is short stands on one line, all else on lines of its own.

use serde_json::Value;

/// Most characters of a line that holds more than one value.
const WIDTH: usize = 110;

/// A value as the text of a file.
pub(crate) fn text(value: &Value) -> String {
    let mut text = String::new();
    write(value, 0, 0, &mut text);
    text.push('\n');
    text
}

/// Writes a value after `before` characters of a line that is indented by `indent`.
fn write(value: &Value, indent: usize, before: usize, text: &mut String) {
    let mut line = String::new();
    if short(value, WIDTH.saturating_sub(indent + before), &mut line) {
        text.push_str(&line);
        return;
    }
    let inner = " ".repeat(indent + 2);
    let end = " ".repeat(indent);
    match value {
        Value::Object(members) => {
            text.push_str("{\n");
            for (at, (key, value)) in members.iter().enumerate() {
                let key = Value::from(key.as_str()).to_string();
                text.push_str(&format!("{}{inner}{key}: ", if at == 0 { "" } else { ",\n" }));
                write(value, indent + 2, key.chars().count() + 2, text);
            }
            text.push_str(&format!("\n{end}}}"));
        }
        Value::Array(items) => {
            text.push_str("[\n");
            for (at, item) in items.iter().enumerate() {
                text.push_str(&format!("{}{inner}", if at == 0 { "" } else { ",\n" }));
                write(item, indent + 2, 0, text);
            }
            text.push_str(&format!("\n{end}]"));
        }
        scalar => text.push_str(&scalar.to_string()),
    }
}

/// Writes a value on one line; whether it has no more than `most` characters. A scalar always fits.
fn short(value: &Value, most: usize, line: &mut String) -> bool {
    let scalar = !value.is_object() && !value.is_array();
    match value {
        Value::Object(members) => {
            for (at, (key, value)) in members.iter().enumerate() {
                line.push_str(&format!("{}{}: ", if at == 0 { "{" } else { ", " }, Value::from(key.as_str())));
                if !short(value, most, line) || line.len() > most {
                    return false;
                }
            }
            line.push_str(if members.is_empty() { "{}" } else { "}" });
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                line.push_str(if at == 0 { "[" } else { ", " });
                if !short(item, most, line) || line.len() > most {
                    return false;
                }
            }
            line.push_str(if items.is_empty() { "[]" } else { "]" });
        }
        scalar => line.push_str(&scalar.to_string()),
    }
    scalar || line.len() <= most
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_short_stands_on_one_line() {
        let long = "x".repeat(60);
        let value = json!({"a": {"b": [1, "c", {}]}, "d": [long, long], "e": []});
        let lines = format!(
            "{{\n  \"a\": {{\"b\": [1, \"c\", {{}}]}},\n  \"d\": [\n    \"{long}\",\n    \"{long}\"\n  ],\n  \"e\": []\n}}\n"
        );
        assert_eq!(text(&value), lines);
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![Just(Value::Null), any::<i32>().prop_map(Value::from), ".{0,40}".prop_map(Value::from)];
        leaf.prop_recursive(5, 60, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec((".{0,20}", inner), 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn it_reads_back_as_it_was(value in values()) {
            prop_assert_eq!(serde_json::from_str::<Value>(&text(&value)).unwrap(), value);
        }
    }
}
