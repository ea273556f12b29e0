//! What is compiled: one tenant in one environment with its overrides.

use std::fmt;
use std::sync::Arc;

/// What stands for the tenant where an environment's own objects are filed; no tenant's id begins with `_`.
pub(crate) const ENVIRONMENT: &str = "_environment";

/// One tenant, or what an environment has once, with the overrides in the order given.
/// Written `acme-corp@prod+high_availability`, or `prod+high_availability` without a tenant.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Target {
    environment: Arc<str>,
    tenant: Option<Arc<str>>,
    overrides: Vec<Arc<str>>,
}

impl Target {
    /// The target of a tenant, or of the environment itself.
    pub(crate) fn new(environment: Arc<str>, tenant: Option<Arc<str>>, overrides: Vec<Arc<str>>) -> Self {
        Self { environment, tenant, overrides }
    }

    /// Name of the environment.
    pub fn environment(&self) -> &Arc<str> {
        &self.environment
    }

    /// The tenant's id; `None` for what an environment has once.
    pub fn tenant(&self) -> Option<&Arc<str>> {
        self.tenant.as_ref()
    }

    /// Names of the active overrides, in order.
    pub fn overrides(&self) -> &[Arc<str>] {
        &self.overrides
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(tenant) = &self.tenant {
            write!(f, "{tenant}@")?;
        }
        f.write_str(&self.environment)?;
        self.overrides.iter().try_for_each(|name| write!(f, "+{name}"))
    }
}
