//! Objects with the contents of their secrets: the one place where a secret becomes text.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::check::Form;
use crate::diagnostic::Diagnostics;
use crate::path::Path;
use crate::secrets::Contents;
use crate::sops::{self, Plain, Unsealable};
use crate::source::FileId;
use crate::target::Target;
use crate::tree::{Node, Secret, SecretName, SecretPart, Value};
use crate::yaml::{self, Limits, emit};

/// An object with what its secrets hold.
pub(super) fn opened(node: &Node, contents: &Contents, form: Form) -> Result<String, Unsealable> {
    let mut filled = node.clone();
    for (path, secret, _) in node.secrets() {
        let content = joined(secret, contents).ok_or_else(|| missing(&path, secret, contents))?;
        let is_data = path.keys().first() == Some(&"data");
        let text: Arc<str> = if is_data { STANDARD.encode(content.as_bytes()).into() } else { content.as_str().into() };
        filled.set(&path, Value::String(text));
    }
    let mut text = String::new();
    form.write(&filled, &mut text);
    Ok(text)
}

/// An object, encrypted to those who may open the secrets of its target.
pub(super) fn encrypted(node: &Node, contents: &Contents, target: &Target, form: Form) -> Result<String, Unsealable> {
    for (path, secret, _) in node.secrets() {
        joined(secret, contents).ok_or_else(|| missing(&path, secret, contents))?;
    }
    // Its own file, where it has one: who may open that may open the object.
    let from = contents.files().last().ok_or(Unsealable::Form)?;
    let name = node.str_at(&["metadata", "name"]).unwrap_or_default();
    let content = |secret: &Secret| joined(secret, contents).map(Plain::text);
    let text = sops::manifest(node, &content, from, &format!("{target} Secret/{name}"))?;
    match form {
        Form::Yaml => Ok(format!("---\n{text}")),
        Form::Json | Form::Name => json(&text).ok_or(Unsealable::Form),
    }
}

/// Encrypted YAML as JSON: the values are the same texts.
fn json(text: &str) -> Option<String> {
    let written = yaml::read_document(FileId::NONE, text, &Limits::RENDERED, &mut Diagnostics::new()).ok()?;
    Some(emit::json(&written.to_node(), false))
}

/// The content of a secret, with the text around it; `None` if a part has none.
fn joined(secret: &Secret, contents: &Contents) -> Option<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    for part in secret.parts() {
        match part {
            SecretPart::Text(part) => text.push_str(part),
            SecretPart::Name(name) => text.push_str(content(name, contents)?.reveal()),
        }
    }
    Some(text)
}

fn content<'c>(name: &SecretName, contents: &'c Contents) -> Option<&'c Plain> {
    let previous = || contents.previous(&name.text).filter(|_| name.previous);
    previous().or_else(|| contents.get(&name.text)).map(|content| content.plain)
}

fn missing(path: &Path, secret: &Secret, contents: &Contents) -> Unsealable {
    let name = secret.names().find(|name| content(name, contents).is_none());
    Unsealable::Missing { path: path.clone(), name: name.map_or_else(String::new, |name| name.text.to_string()) }
}
