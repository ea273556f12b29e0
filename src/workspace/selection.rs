//! What a command is asked to work on: an environment, which of its tenants, with which overrides.

use super::Shard;
use crate::diagnostic::{Diagnostic, Diagnostics, code};

/// What a command is asked to work on, as the user wrote it.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// The environment's name or alias.
    pub environment: String,
    /// Ids or globs; empty for all.
    pub tenants: Vec<String>,
    /// `key=value` and `key!=value`, all of which must hold: keys below `tenant`.
    pub selector: Vec<String>,
    /// Names of overrides, in order.
    pub overrides: Vec<String>,
    /// The part of what was chosen that is this worker's; `None` for the whole.
    pub shard: Option<Shard>,
}

impl Selection {
    /// Whether this is all that the environment has. A shard never is: what another one made is not its to remove.
    pub fn is_complete(&self) -> bool {
        self.takes_all_tenants() && self.shard.is_none()
    }

    /// Whether no tenant is left out by its id or its values.
    pub(super) fn takes_all_tenants(&self) -> bool {
        self.tenants.is_empty() && self.selector.is_empty()
    }
}

/// One condition of a selector.
pub(super) struct Condition<'a> {
    pub(super) keys: Vec<&'a str>,
    pub(super) value: &'a str,
    pub(super) equal: bool,
}

/// Reads `key=value` or `key!=value`.
pub(super) fn condition<'a>(text: &'a str, diagnostics: &mut Diagnostics) -> Option<Condition<'a>> {
    let (key, value, equal) = match text.split_once("!=") {
        Some((key, value)) => (key, value, false),
        None => match text.split_once('=') {
            Some((key, value)) => (key, value.trim_start_matches('='), true),
            None => ("", "", true),
        },
    };
    let key = key.trim();
    if key.is_empty() {
        diagnostics.record(
            Diagnostic::new(code::BAD_PATH, format!("`{text}` is not a condition"))
                .help("write key=value or key!=value, such as tier=premium"),
        );
        return None;
    }
    let keys = key.strip_prefix("tenant.").unwrap_or(key).split('.').collect();
    Some(Condition { keys, value: value.trim(), equal })
}
