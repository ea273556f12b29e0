//! The tags of layer files, as the YAML extension of editors wants to be told of them.

use serde_json::{Value, json};

use crate::yaml::Tag;

/// The value of the setting `yaml.customTags`: each tag with the sort of values that may follow it.
pub(crate) fn custom_tags() -> Value {
    let entries = |tag: Tag| -> &[&str] {
        match tag {
            Tag::Append | Tag::Prepend | Tag::Remove | Tag::Merge => &["sequence"],
            Tag::Replace => &["scalar", "sequence", "mapping"],
            Tag::Unset | Tag::AtLeast | Tag::AtMost | Tag::Raw => &["scalar"],
        }
    };
    let merge = Tag::ALL.into_iter().flat_map(|tag| entries(tag).iter().map(move |sort| format!("{tag} {sort}")));
    json!(merge.chain(["!secret scalar".to_owned()]).collect::<Vec<_>>())
}
