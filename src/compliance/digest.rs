//! Digests and names made from content: the same content, the same name.
//!
//! In goes a JSON value, out comes its canonical text (RFC 8785, the JSON Canonicalization Scheme) and what is made of
//! it. Reports hold whole numbers only, for which the scheme is plain.

use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// What the names of reports are made below: the UUID of version 5 of this address.
const NAMESPACE: &str = "https://tenantctl.dev/ns/report";

/// The SHA-256 of a text, in hexadecimal digits.
pub(super) fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A UUID of version 5 (RFC 9562) from parts, which may hold any character.
pub(super) fn uuid(parts: &[&str]) -> String {
    let namespace = Uuid::new_v5(&Uuid::NAMESPACE_URL, NAMESPACE.as_bytes());
    let name = canonical(&Value::from(parts.to_vec()));
    Uuid::new_v5(&namespace, name.as_bytes()).to_string()
}

/// The canonical text: no space, members by name.
pub(super) fn canonical(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (nth, item) in items.iter().enumerate() {
                if nth > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            // As ECMAScript compares strings: by units of UTF-16.
            members.sort_by(|one, other| one.0.encode_utf16().cmp(other.0.encode_utf16()));
            out.push('{');
            for (nth, (name, member)) in members.into_iter().enumerate() {
                if nth > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(name.as_str()).to_string());
                out.push(':');
                write(member, out);
            }
            out.push('}');
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_stand_by_units_of_utf_16() {
        // The example of RFC 8785, section 3.2.3, but for the property that is no whole JSON text here.
        let text = r#"{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}"#;
        let value: Value = serde_json::from_str(text).unwrap();
        assert_eq!(
            canonical(&value),
            "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"\u{f6}\":7,\"\u{20ac}\":1,\"\u{1f600}\":5,\"\u{fb33}\":3}"
        );
    }

    #[test]
    fn strings_are_escaped_as_little_as_can_be() {
        let value = Value::from("\u{20ac}$\u{f}\nA'\u{42}\"\\\\\"/");
        assert_eq!(canonical(&value), "\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"");
    }

    #[test]
    fn names_are_made_from_parts_not_from_their_joint() {
        assert_ne!(uuid(&["a", "b"]), uuid(&["ab"]));
        assert_eq!(uuid(&["a"]).as_bytes()[14], b'5');
    }
}
