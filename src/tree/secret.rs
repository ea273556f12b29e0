//! A reference to a secret, as `!secret NAME` writes it.

use std::fmt;
use std::sync::Arc;

/// The name of a secret. Not a string on purpose: it has no `Display`, so it cannot slip into text.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    name: Arc<str>,
}

impl Secret {
    /// A reference to the secret called `name`, such as `database.password`.
    pub fn named(name: &str) -> Self {
        Self { name: name.into() }
    }

    /// The name under which the content is kept.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}
