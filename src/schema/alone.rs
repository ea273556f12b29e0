//! A schema in one file: with all that it refers to, and the same meaning.

use serde_json::{Map, Value};

use super::{Schema, positions, reference};

impl Schema {
    /// The schema with the files it refers to inside, each under its name among the definitions.
    pub(crate) fn alone(&self) -> Value {
        let documents = &self.bundle.documents;
        let Some((root, others)) = documents.split_first().filter(|(_, others)| !others.is_empty()) else {
            return self.document().clone();
        };
        let dialect = |document: &super::document::Document| document.value.get("$schema").cloned();
        let mut plain = others.iter().all(|other| dialect(other).is_none_or(|own| Some(own) == dialect(root)));
        for document in documents {
            document.each_schema(&mut |_, schema| {
                plain &= schema.get("$dynamicRef").is_none() && schema.get("$recursiveRef").is_none();
            });
        }
        // Otherwise each file stays what it is, a resource of its own.
        let mut copies = if plain { self.pointed() } else { self.named() }.into_iter();
        let mut whole = copies.next().unwrap_or(Value::Null);
        if let Some(members) = whole.as_object_mut() {
            let keep = members.entry(kept(&root.value)).or_insert_with(|| Value::Object(Map::new()));
            if let Some(keep) = keep.as_object_mut() {
                keep.extend(others.iter().map(|other| other.name.to_string()).zip(copies));
            }
        }
        whole
    }

    /// The documents, each reference a pointer into the whole.
    fn pointed(&self) -> Vec<Value> {
        let documents = &self.bundle.documents;
        let keep = documents.first().map_or("$defs", |root| kept(&root.value));
        let mut copies: Vec<Value> = documents.iter().map(|document| document.value.clone()).collect();
        for (at, document) in documents.iter().enumerate() {
            document.each_schema(&mut |pointer, schema| {
                let Some(written) = schema.get("$ref").and_then(Value::as_str) else { return };
                let Some(spot) = self.bundle.follow(at, written) else { return };
                let file = documents.get(spot.document).filter(|_| spot.document > 0);
                let inside = file.map(|file| format!("/{keep}/{}", positions::escape(&file.name)));
                let to = percent_encoded(&format!("{}{}", inside.unwrap_or_default(), spot.pointer));
                let copy = copies.get_mut(at).and_then(|copy| copy.pointer_mut(pointer)?.get_mut("$ref"));
                if let Some(copy) = copy {
                    *copy = Value::from(format!("#{to}"));
                }
            });
        }
        for copy in copies.iter_mut().skip(1).filter_map(Value::as_object_mut) {
            for keyword in ["$schema", "$id", "id"] {
                copy.shift_remove(keyword);
            }
        }
        copies
    }

    /// The documents, each with a name of its own by which the others refer to it.
    fn named(&self) -> Vec<Value> {
        let mut copies = self.bundle.copies();
        for (index, copy) in copies.iter_mut().enumerate() {
            if let Some(copy) = copy.as_object_mut() {
                copy.shift_insert(0, "$id".to_owned(), Value::from(reference::uri(index)));
            }
        }
        copies
    }
}

/// Where a schema's version keeps schemas for others to refer to.
fn kept(root: &Value) -> &'static str {
    let old = |uri: &str| ["draft-04", "draft-06", "draft-07"].iter().any(|old| uri.contains(old));
    if root.get("$schema").and_then(Value::as_str).is_some_and(old) { "definitions" } else { "$defs" }
}

/// A pointer as the fragment of a URI (RFC 3986, 3.5).
fn percent_encoded(pointer: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=:@?".contains(&byte);
    pointer
        .bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
