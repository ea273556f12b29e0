//! Objects with the contents of their secrets: the one place where a secret becomes text.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::check::Form;
use crate::diagnostic::Diagnostics;
use crate::secrets::Contents;
use crate::sops::{self, Plain, Unsealable};
use crate::source::FileId;
use crate::target::Target;
use crate::tree::{Node, Secret, SecretName, SecretPart, Value};
use crate::yaml::{self, Limits, emit};

/// Why an object cannot be written with what its secrets hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Undelivered {
    /// A secret has no content.
    Missing(Arc<str>),
    /// The file says of a secret that it is another one than it holds: the object would have the name of that.
    Stale(Arc<str>),
    /// It cannot be encrypted.
    Unsealable(Unsealable),
}

/// An object with what its secrets hold.
pub(super) fn opened(node: &Node, contents: &Contents, form: Form) -> Result<String, Undelivered> {
    let mut filled = node.clone();
    for (path, secret, _) in node.secrets() {
        let content = joined(secret, contents)?;
        let is_data = path.keys().first() == Some(&"data");
        let text: Arc<str> = if is_data { STANDARD.encode(content.as_bytes()).into() } else { content.as_str().into() };
        filled.set(&path, Value::String(text));
    }
    let mut text = String::new();
    form.write(&filled, &mut text);
    Ok(text)
}

/// An object, encrypted to those who may open the secrets of its target.
pub(super) fn encrypted(node: &Node, contents: &Contents, target: &Target, form: Form) -> Result<String, Undelivered> {
    for (_, secret, _) in node.secrets() {
        joined(secret, contents)?;
    }
    // Its own file, where it has one: who may open that may open the object.
    let from = contents.files().last().ok_or(Undelivered::Unsealable(Unsealable::Form))?;
    let name = node.str_at(&["metadata", "name"]).unwrap_or_default();
    let content = |secret: &Secret| joined(secret, contents).ok().map(Plain::text);
    let text = sops::manifest(node, &content, from, &format!("{target} Secret/{name}"));
    let text = text.map_err(Undelivered::Unsealable)?;
    match form {
        Form::Yaml => Ok(format!("---\n{text}")),
        // Names are told without contents.
        Form::Json | Form::Name => json(&text).ok_or(Undelivered::Unsealable(Unsealable::Form)),
    }
}

/// Encrypted YAML as JSON: the values are the same texts.
fn json(text: &str) -> Option<String> {
    let written = yaml::read_document(FileId::NONE, text, &Limits::RENDERED, &mut Diagnostics::new()).ok()?;
    Some(emit::json(&written.to_node(), false))
}

/// The content of a secret, with the text around it.
fn joined(secret: &Secret, contents: &Contents) -> Result<Zeroizing<String>, Undelivered> {
    let mut text = Zeroizing::new(String::new());
    for part in secret.parts() {
        match part {
            SecretPart::Text(part) => text.push_str(part),
            SecretPart::Name(name) => text.push_str(content(name, contents)?.reveal()),
        }
    }
    Ok(text)
}

fn content<'c>(name: &SecretName, contents: &'c Contents) -> Result<&'c Plain, Undelivered> {
    let now = contents.get(&name.text).ok_or_else(|| Undelivered::Missing(Arc::clone(&name.text)))?;
    if !now.is_as_recorded(&name.text) {
        return Err(Undelivered::Stale(Arc::clone(&name.text)));
    }
    let previous = contents.previous(&name.text).filter(|_| name.previous);
    Ok(previous.unwrap_or(now).plain)
}
