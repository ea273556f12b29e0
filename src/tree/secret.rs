//! A reference to secrets, as `!secret NAME` writes it, or text with such references in it.

use std::fmt;
use std::sync::Arc;

/// A secret value: the name under which its content is kept, or text that such contents are put into. Not a string on
/// purpose: it has no `Display` and is not serialized, so it cannot slip into text.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secret {
    parts: Arc<[Part]>,
}

/// A part of a secret value.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Part {
    /// Text around the secrets. It stands in the configuration or in a template, and is none itself.
    Text(Arc<str>),
    /// The name of a secret.
    Name(Name),
}

/// The name of a secret.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Name {
    /// Labels joined by dots: `database.password`.
    pub text: Arc<str>,
    /// Whether it may only be one of the tenant's own: a tenant's file named it.
    pub own: bool,
    /// Whether the content before the last change is meant, where there is one.
    pub previous: bool,
}

impl Secret {
    /// A reference to the secret called `name`, such as `database.password`.
    pub fn named(name: &str) -> Self {
        Self { parts: Arc::new([Part::Name(Name { text: name.into(), own: false, previous: false })]) }
    }

    /// Parts one after the other.
    pub(crate) fn joined(parts: Vec<Part>) -> Self {
        Self { parts: parts.into() }
    }

    /// Text that only stands where a secret could.
    pub(crate) fn text(text: &str) -> Self {
        Self { parts: Arc::new([Part::Text(text.into())]) }
    }

    /// The same, which may only be one of the tenant's own.
    pub(crate) fn own(&self) -> Self {
        self.with(|name| Name { own: true, ..name.clone() })
    }

    /// The same, with the contents before the last change.
    pub(crate) fn previous(&self) -> Self {
        self.with(|name| Name { previous: true, ..name.clone() })
    }

    fn with(&self, change: impl Fn(&Name) -> Name) -> Self {
        let part = |part: &Part| match part {
            Part::Text(text) => Part::Text(Arc::clone(text)),
            Part::Name(name) => Part::Name(change(name)),
        };
        Self { parts: self.parts.iter().map(part).collect() }
    }

    /// Its parts, in order.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The names of the secrets in it, in order.
    pub fn names(&self) -> impl Iterator<Item = &Name> {
        self.parts.iter().filter_map(|part| match part {
            Part::Name(name) => Some(name),
            Part::Text(_) => None,
        })
    }

    /// The name under which the content is kept; of several the first.
    pub fn name(&self) -> &str {
        self.names().next().map_or("", |name| &name.text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}
