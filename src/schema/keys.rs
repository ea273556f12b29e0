//! Schemas that look at nothing but which keys a mapping has: whatever its values are, the verdict is the same.

use serde_json::Value;

/// Keywords that ask about keys, or nothing.
const ABOUT_KEYS: [&str; 7] =
    ["required", "minProperties", "maxProperties", "dependentRequired", "$comment", "description", "title"];

/// Whether a schema is one of those.
pub(super) fn are_all_it_looks_at(schema: &Value) -> bool {
    let Some(keywords) = schema.as_object() else { return schema.is_boolean() };
    keywords.iter().all(|(keyword, value)| match (keyword.as_str(), value) {
        ("not", below) => are_all_it_looks_at(below),
        ("allOf" | "anyOf" | "oneOf", Value::Array(all)) => all.iter().all(are_all_it_looks_at),
        (keyword, _) => ABOUT_KEYS.contains(&keyword),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_reads_a_value_is_told_from_what_does_not() {
        for schema in [json!({"required": ["a"]}), json!({"anyOf": [{"not": {"required": ["a"]}}, true]}), json!({})] {
            assert!(are_all_it_looks_at(&schema), "{schema}");
        }
        for schema in
            [json!({"properties": {"a": true}}), json!({"required": ["a"], "type": "object"}), json!({"$ref": "#/a"})]
        {
            assert!(!are_all_it_looks_at(&schema), "{schema}");
        }
    }
}
