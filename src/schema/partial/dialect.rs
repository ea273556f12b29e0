//! Which keywords the engine reads in which version of JSON Schema.

use serde_json::Value;

/// A version of JSON Schema, the oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Dialect {
    Four,
    Six,
    Seven,
    Nineteen,
    Twenty,
}

impl Dialect {
    /// The version that a schema names, if it names one.
    pub(super) fn named(schema: &Value) -> Option<Self> {
        let uri = schema.get("$schema")?.as_str()?.trim_end_matches('#');
        Some(match uri.rsplit("json-schema.org/").next()? {
            "draft-04/schema" => Self::Four,
            "draft-06/schema" => Self::Six,
            "draft-07/schema" => Self::Seven,
            "draft/2019-09/schema" => Self::Nineteen,
            _ => Self::Twenty,
        })
    }

    /// Whether a keyword means something in this version.
    pub(super) fn knows(self, keyword: &str) -> bool {
        match keyword {
            "const" | "contains" | "propertyNames" => self >= Self::Six,
            "if" | "then" | "else" => self >= Self::Seven,
            "dependentRequired" | "dependentSchemas" | "unevaluatedProperties" | "minContains" => {
                self >= Self::Nineteen
            }
            "$recursiveRef" => self == Self::Nineteen,
            "prefixItems" | "$dynamicRef" => self == Self::Twenty,
            _ => true,
        }
    }

    /// Whether what stands beside a `$ref` counts.
    pub(super) fn reads_beside_references(self) -> bool {
        self >= Self::Nineteen
    }
}
