//! Objects whose secrets are still names: what they are, and where they belong in the text of the others.
//!
//! They are not in a text before somebody puts them there, with contents or encrypted: who does nothing leaves them out.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Form;
use crate::path::Path;
use crate::tree::{Node, Secret, SecretName, SecretPart, Value};
use crate::yaml::{Written, emit};

/// An object with secrets in it.
#[derive(Clone, Debug)]
pub(crate) struct Sealed {
    /// The byte of the text before which it belongs.
    pub(crate) at: usize,
    pub(crate) node: Node,
}

/// The same, as it is kept between runs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Kept {
    at: usize,
    /// The object as JSON, with nothing in the place of secrets.
    object: String,
    /// The secrets, by the keys on the way to them.
    secrets: Vec<(Vec<String>, Vec<Part>)>,
}

/// A part of a secret value. No content of a secret is in it.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum Part {
    Text(Arc<str>),
    Name { name: Arc<str>, own: bool, previous: bool },
}

impl Sealed {
    pub(crate) fn keep(&self) -> Kept {
        let mut node = self.node.clone();
        let mut secrets = Vec::new();
        for (path, secret, _) in self.node.secrets() {
            secrets.push((
                path.keys().into_iter().map(str::to_owned).collect(),
                secret.parts().iter().map(part).collect(),
            ));
            node.set(&path, Value::Null);
        }
        Kept { at: self.at, object: emit::json(&node, false), secrets }
    }
}

impl Kept {
    /// The object again; `None` if it is none of ours.
    pub(crate) fn sealed(self) -> Option<Sealed> {
        let json: serde_json::Value = serde_json::from_str(&self.object).ok()?;
        let mut node = Written::from(&json).to_node();
        for (keys, parts) in self.secrets {
            let path = Path::from_keys(keys.iter().map(String::as_str));
            node.get(&path)?;
            node.set(&path, Value::Secret(Secret::joined(parts.into_iter().map(Into::into).collect())));
        }
        Some(Sealed { at: self.at, node })
    }
}

fn part(part: &SecretPart) -> Part {
    match part {
        SecretPart::Text(text) => Part::Text(Arc::clone(text)),
        SecretPart::Name(SecretName { text, own, previous }) => {
            Part::Name { name: Arc::clone(text), own: *own, previous: *previous }
        }
    }
}

impl From<Part> for SecretPart {
    fn from(part: Part) -> Self {
        match part {
            Part::Text(text) => Self::Text(text),
            Part::Name { name, own, previous } => Self::Name(SecretName { text: name, own, previous }),
        }
    }
}

/// A text with objects put where they belong, each as `text` writes it; one that it does not write stays out.
pub(crate) fn put_into(
    written: &str,
    form: Form,
    sealed: &[Sealed],
    mut text: impl FnMut(&Node) -> Option<String>,
) -> String {
    let mut whole = String::with_capacity(written.len() + sealed.len() * 1024);
    let mut done = 0;
    for object in sealed {
        let Some((before, object)) = written.get(done..object.at).zip(text(&object.node)) else { continue };
        whole.push_str(before);
        done += before.len();
        if !whole.is_empty() {
            whole.push_str(form.between());
        }
        whole.push_str(&object);
    }
    let rest = written.get(done..).unwrap_or_default();
    if done == 0 && !whole.is_empty() && !rest.is_empty() {
        whole.push_str(form.between());
    }
    whole.push_str(rest);
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(at: usize) -> Sealed {
        let json = serde_json::json!({"kind": "Secret", "stringData": {"a": "plain", "b": null}});
        let mut node = Written::from(&json).to_node();
        let secret = Secret::named("db.password").own().previous();
        node.set(&Path::from_keys(["stringData", "b"]), Value::Secret(secret));
        Sealed { at, node }
    }

    #[test]
    fn what_is_kept_comes_back_and_holds_no_more_than_names() {
        let object = sealed(7);
        let kept = serde_json::to_string(&object.keep()).unwrap();
        let again = serde_json::from_str::<Kept>(&kept).unwrap().sealed().unwrap();
        assert_eq!((again.at, &again.node.value), (7, &object.node.value));
        assert!(serde_json::from_str::<Kept>(&kept.replace("\"b\"]", "\"c\"]")).unwrap().sealed().is_none());
    }

    #[test]
    fn objects_are_put_where_they_belong_in_either_form() {
        let text = |_: &Node| Some("S".to_owned());
        let place = |written: &str, form, at: &[usize]| {
            let objects: Vec<Sealed> = at.iter().map(|at| sealed(*at)).collect();
            put_into(written, form, &objects, text)
        };
        assert_eq!(place("A,\nB", Form::Json, &[1]), "A,\nS,\nB");
        assert_eq!(place("A,\nB", Form::Json, &[0, 0]), "S,\nS,\nA,\nB");
        assert_eq!(place("A", Form::Json, &[1, 1]), "A,\nS,\nS");
        assert_eq!(place("", Form::Json, &[0]), "S");
        assert_eq!(place("AB", Form::Yaml, &[1, 2]), "ASBS");
        assert_eq!(put_into("A", Form::Json, &[sealed(0)], |_| None), "A");
    }
}
