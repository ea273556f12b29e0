//! What exists on the cluster without being rendered, as the workspace declares it.

use std::sync::Arc;

use globset::GlobMatcher;

use super::walk;
use crate::tree::Node;

/// Objects of a kind that others make.
#[derive(Clone, Debug)]
pub(crate) struct External {
    pub(crate) kind: Arc<str>,
    pub(crate) called: Called,
    /// Only in namespaces that fit.
    pub(crate) namespace: Option<GlobMatcher>,
}

/// How external objects are called.
#[derive(Clone, Debug)]
pub(crate) enum Called {
    /// By a name that fits a pattern.
    Like(GlobMatcher),
    /// As the configuration says at a way into it, where `*` is any key or item.
    Value(Arc<str>),
}

impl External {
    /// Whether an object is one of these, for a target of this configuration.
    pub(super) fn is(&self, kind: &str, namespace: &str, name: &str, configuration: Option<&Node>) -> bool {
        if self.kind.as_ref() != kind || !self.namespace.as_ref().is_none_or(|pattern| pattern.is_match(namespace)) {
            return false;
        }
        match &self.called {
            Called::Like(pattern) => pattern.is_match(name),
            Called::Value(way) => {
                let mut is = false;
                if let Some(root) = configuration {
                    walk::each(root, way, &mut |node, _| is |= node.value.as_str() == Some(name));
                }
                is
            }
        }
    }
}
