//! What an evaluation says: a tally for each rule, and every place where one is broken.

use crate::integrity::Site;
use crate::path::Path;
use crate::tree::{Node, Value};

/// How often a rule came to what, counted by subject.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) pass: usize,
    pub(crate) fail: usize,
    pub(crate) error: usize,
    pub(crate) not_applicable: usize,
}

/// Where a finding is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum At {
    /// A field of an object, which may be missing.
    Object(Site),
    /// A value of the configuration, which may be missing.
    Configuration(Path),
}

/// A subject that breaks a rule, or of which the rule could not be evaluated.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    /// Position of the rule in the catalogue.
    pub(crate) rule: usize,
    /// Position of its validation, where one is broken.
    pub(crate) validation: Option<usize>,
    pub(crate) at: At,
    /// Other places that matter.
    pub(crate) also: Vec<(At, String)>,
    /// What must be; of a rule that could not be evaluated, why.
    pub(crate) expected: String,
    /// What is there, if it may be shown.
    pub(crate) actual: Option<String>,
    /// Whether the rule could not be evaluated.
    pub(crate) error: bool,
    /// Whether not even the line may be shown that it stands in.
    pub(crate) hidden: bool,
}

/// What came of all rules.
#[derive(Clone, Debug, Default)]
pub(crate) struct Report {
    /// One for each rule of the catalogue.
    pub(crate) tallies: Vec<Tally>,
    /// In the order of objects, and for each in that of rules.
    pub(crate) findings: Vec<Finding>,
}

/// Longest text that is shown.
const LONGEST: usize = 120;

/// Keys below which a value may be a secret.
const PRIVATE: [&str; 8] = ["data", "stringData", "env", "args", "command", "annotations", "password", "token"];

/// A value in a few words, where it may be shown: never what could be a secret.
pub(super) fn shown(root: &Node, path: &Path) -> Option<String> {
    let Some(node) = root.get(path) else { return Some("absent".to_owned()) };
    if path.keys().iter().any(|key| PRIVATE.contains(key)) {
        return None;
    }
    match &node.value {
        Value::Null => Some("null".to_owned()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) if text.is_empty() => Some("an empty string".to_owned()),
        Value::String(text) if text.len() <= LONGEST && !text.chars().any(char::is_control) => {
            Some(format!("`{text}`"))
        }
        Value::List(items) if items.is_empty() => Some("an empty list".to_owned()),
        Value::Map(map) if map.is_empty() => Some("an empty mapping".to_owned()),
        _ => None,
    }
}
