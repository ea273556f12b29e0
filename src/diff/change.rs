//! One thing that differs for one target.

use std::sync::Arc;

use super::content::Content;
use super::field::Field;
use crate::manifest::Manifest;

/// Stands for the tenant's id in texts that differ by nothing else. A private-use character: nobody writes it.
const TENANT: char = '\u{F8FD}';

/// What is shown for it.
const SHOWN: &str = "{tenant}";

/// How something differs.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// Only the newer side has it.
    Added(Content),
    /// Only the older side has it.
    Removed(Content),
    /// Both have it, with other values.
    Changed(Content, Content),
    /// The items of a list that both have, named in their older and in their newer order.
    Reordered(Vec<Arc<str>>, Vec<Arc<str>>),
    /// Nothing of the object differs but its `apiVersion`.
    ApiVersion(Content, Content),
}

/// What a field belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The configuration of the target.
    Configuration,
    /// One of its objects.
    Object(Object),
    /// One of its files that are no manifests, by path.
    Artifact(Arc<str>),
}

/// An object on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// The group of its `apiVersion`; empty for the core group.
    pub group: Arc<str>,
    /// `kind`
    pub kind: Arc<str>,
    /// `metadata.namespace`
    pub namespace: Option<Arc<str>>,
    /// `metadata.name`
    pub name: Arc<str>,
    /// The template, or the file, that the newer side has it from, else the older side.
    pub template: Arc<str>,
}

impl Object {
    pub(super) fn of(manifest: &Manifest) -> Self {
        let identity = manifest.identity();
        Self {
            group: identity.group().into(),
            kind: Arc::clone(identity.kind()),
            namespace: identity.namespace().cloned(),
            name: Arc::clone(identity.name()),
            template: Arc::clone(manifest.template()),
        }
    }
}

/// One thing that differs.
#[derive(Clone, Debug)]
pub struct Change {
    /// What it is a field of.
    pub subject: Subject,
    /// The field, and how it differs.
    pub field: Field,
}

impl Change {
    /// The same change with the tenant's id taken out of all its texts, so that it equals that of other tenants.
    #[must_use]
    pub(super) fn general(&self, tenant: &str) -> Self {
        self.with(&|text| if text.contains(tenant) { general(text, tenant).into() } else { Arc::clone(text) })
    }

    /// The same change with a tenant's id put back; `None` for the one that stands for several tenants.
    #[must_use]
    pub(crate) fn special(&self, tenant: Option<&str>) -> Self {
        let tenant = tenant.unwrap_or(SHOWN);
        let special = |text: &Arc<str>| {
            if text.contains(TENANT) { text.replace(TENANT, tenant).into() } else { Arc::clone(text) }
        };
        self.with(&special)
    }

    fn with(&self, text: &impl Fn(&Arc<str>) -> Arc<str>) -> Self {
        let subject = match &self.subject {
            Subject::Configuration => Subject::Configuration,
            Subject::Artifact(path) => Subject::Artifact(text(path)),
            Subject::Object(object) => Subject::Object(Object {
                namespace: object.namespace.as_ref().map(text),
                name: text(&object.name),
                ..object.clone()
            }),
        };
        let names = |names: &[Arc<str>]| names.iter().map(text).collect();
        let what = match &self.field.what {
            What::Added(content) => What::Added(content.with(text)),
            What::Removed(content) => What::Removed(content.with(text)),
            What::Changed(before, after) => What::Changed(before.with(text), after.with(text)),
            What::ApiVersion(before, after) => What::ApiVersion(before.with(text), after.with(text)),
            What::Reordered(before, after) => What::Reordered(names(before), names(after)),
        };
        Self { subject, field: Field { way: self.field.way.with(text), what, ..self.field } }
    }
}

/// A text with the tenant's id replaced where it stands as a word of its own.
fn general(text: &str, tenant: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for (at, _) in text.match_indices(tenant) {
        let end = at + tenant.len();
        let begins = !text[..at].ends_with(|before: char| before.is_alphanumeric());
        let ends = !text[end..].starts_with(|after: char| after.is_alphanumeric());
        if begins && ends {
            out.push_str(&text[from..at]);
            out.push(TENANT);
            from = end;
        }
    }
    out.push_str(&text[from..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_replaced_where_it_is_a_word() {
        let shown = |text, tenant| general(text, tenant).replace(TENANT, SHOWN);
        assert_eq!(shown("https://acme.example.com/acme", "acme"), "https://{tenant}.example.com/{tenant}");
        assert_eq!(shown("acmeist placme", "acme"), "acmeist placme");
        assert_eq!(shown("api-agent, agent", "agent"), "api-{tenant}, {tenant}");
    }
}
