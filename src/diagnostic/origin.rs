//! The command that tells where a value came from, for findings about a value that more than one place speaks about.

use std::sync::Arc;

use super::{Code, Diagnostic, code};
use crate::source::Sources;

/// Findings about a value that is there; of others there is nothing to explain.
const OF_VALUES: [Code; 6] =
    [code::TYPE, code::NOT_ALLOWED, code::RANGE, code::FORMAT, code::SCHEMA_RULE, code::LOCKED];

/// `to see where the value comes from: tenantctl explain prod acme-corp resources.replicas`, for the first target.
pub(super) fn hint(diagnostic: &Diagnostic, targets: &[Arc<str>], sources: &Sources) -> Option<String> {
    let path = diagnostic.path.as_ref().filter(|path| !path.is_root())?;
    let primary = diagnostic.primary.as_ref()?;
    // What the command line put on top would not be there again.
    let typed = sources.get(primary.place.file).name().starts_with('<');
    if !OF_VALUES.contains(&diagnostic.code) || diagnostic.related.is_empty() || typed {
        return None;
    }
    let target = targets.first()?;
    let (tenant, rest) = target.split_once('@').unwrap_or((crate::target::ENVIRONMENT, target));
    let mut names = rest.split('+');
    let environment = names.next()?;
    let overrides: String = names.map(|name| format!(" --override {name}")).collect();
    let path = quoted(&path.to_string())?;
    Some(format!("to see where the value comes from: tenantctl explain {environment} {tenant} {path}{overrides}"))
}

/// A word as a shell takes it; `None` for what no quotes make safe to copy.
fn quoted(word: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/');
    if word.chars().all(plain) {
        return Some(word.to_owned());
    }
    let safe = !word.contains(|c: char| c == '\'' || c.is_control());
    safe.then(|| format!("'{word}'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_a_shell_would_read_more_into_them() {
        assert_eq!(quoted("a.b-c"), Some("a.b-c".to_owned()));
        assert_eq!(quoted("hosts[0]"), Some("'hosts[0]'".to_owned()));
        assert_eq!(quoted("a.$(x)"), Some("'a.$(x)'".to_owned()));
        assert_eq!(quoted("it's"), None);
    }
}
