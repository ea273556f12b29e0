//! The forms that objects have in one stream.

use crate::tree::Node;
use crate::yaml::emit;

/// The form of objects in a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// YAML documents, each after `---`.
    Yaml,
    /// One `v1` List.
    Json,
    /// One line each: arguments with which kubectl finds the object.
    Name,
}

impl Form {
    /// The name of the form.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Yaml => "yaml",
            Self::Json => "json",
            Self::Name => "name",
        }
    }

    /// Writes an object; of names only the caller knows them.
    pub(crate) fn write(self, node: &Node, text: &mut String) {
        match self {
            Self::Yaml => {
                text.push_str("---\n");
                emit::document(node, text);
            }
            Self::Json | Self::Name => text.push_str(&emit::json(node, false)),
        }
    }

    /// What a stream begins with.
    pub fn begin(self) -> &'static str {
        if self == Self::Json { "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[\n" } else { "" }
    }

    /// What stands between two objects, or two targets' objects.
    pub fn between(self) -> &'static str {
        if self == Self::Json { ",\n" } else { "" }
    }

    /// What a stream ends with.
    pub fn end(self) -> &'static str {
        if self == Self::Json { "\n]}\n" } else { "" }
    }
}
