//! What containers were seen to use: a file of peaks.
//!
//! ```yaml
//! acme-corp:
//!   ai-agent: {cpu: 310m, memory: 900Mi}
//! ```
//!
//! Each is the peak of one pod, by tenant and container. YAML or JSON.

use std::sync::Arc;

use indexmap::IndexMap;

use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code, nearest};
use crate::file;
use crate::integrity::quantity;
use crate::quantity::Quantity;
use crate::source::{Place, Sources};
use crate::world::World;
use crate::yaml::{Limits, Members, Written, read_document};

/// What containers use at their peak, by tenant.
#[derive(Debug, Default)]
pub struct Usage {
    tenants: IndexMap<Arc<str>, (Place, Peaks)>,
}

/// The peaks of a tenant, by container.
pub type Peaks = IndexMap<Arc<str>, Peak>;

/// What one pod's container uses at its peak.
#[derive(Clone, Debug)]
pub struct Peak {
    /// Where its name stands.
    pub place: Place,
    /// Cores.
    pub cpu: Option<Quantity>,
    /// Bytes.
    pub memory: Option<Quantity>,
}

impl Usage {
    /// Reads a file named on the command line; `-` is standard input. What is wrong with it is TC653.
    pub fn read(
        world: &dyn World,
        sources: &Sources,
        name: &str,
        diagnostics: &mut Diagnostics,
    ) -> Result<Self, Failed> {
        let id = file::load_argument(world, sources, name, diagnostics)?;
        let text = Arc::clone(sources.get(id).text());
        let written = read_document(id, &text, &Limits::RENDERED, diagnostics)?;
        let mark = diagnostics.mark();
        let mut usage = Self::default();
        for (tenant, member) in members(&written, "a file of usage", diagnostics).into_iter().flatten() {
            let mut containers = Peaks::new();
            let found = members(&member.value, "the usage of a tenant", diagnostics);
            for (container, member) in found.into_iter().flatten() {
                if let Some(peak) = peak(member.key, &member.value, diagnostics) {
                    containers.insert(Arc::clone(container), peak);
                }
            }
            usage.tenants.insert(Arc::clone(tenant), (member.key, containers));
        }
        diagnostics.since(mark)?;
        Ok(usage)
    }

    /// The containers of a tenant.
    pub(super) fn of(&self, tenant: &str) -> Option<&Peaks> {
        self.tenants.get(tenant).map(|(_, containers)| containers)
    }

    /// Warns of tenants that the environment does not have: nothing is said about them.
    pub(super) fn hold_against(&self, tenants: &[Arc<str>], diagnostics: &mut Diagnostics) {
        for (tenant, (place, _)) in &self.tenants {
            if tenants.binary_search(tenant).is_err() {
                let near = nearest(tenant, tenants.iter().map(AsRef::as_ref));
                diagnostics.record(
                    Diagnostic::new(code::UNUSED_USAGE, format!("there is no tenant `{tenant}` in this environment"))
                        .at(*place, "its usage is not looked at")
                        .maybe_help(near.map(|near| format!("did you mean `{near}`?"))),
                );
            }
        }
    }
}

fn members<'a>(written: &'a Written, what: &str, diagnostics: &mut Diagnostics) -> Option<&'a Members> {
    let members = written.members();
    if members.is_none() {
        let kind = written.kind().with_article();
        diagnostics.record(
            Diagnostic::new(code::USAGE, format!("{what} must be a mapping, but it is {kind}"))
                .at(written.place, kind)
                .help("write tenants, below them containers, below these `cpu` and `memory`"),
        );
    }
    members
}

fn peak(place: Place, written: &Written, diagnostics: &mut Diagnostics) -> Option<Peak> {
    let mut peak = Peak { place, cpu: None, memory: None };
    for (resource, member) in members(written, "the usage of a container", diagnostics)? {
        let amount = quantity(&member.value.to_node()).filter(|amount| *amount >= Quantity::ZERO);
        match (resource.as_ref(), amount) {
            ("cpu", Some(amount)) => peak.cpu = Some(amount),
            ("memory", Some(amount)) => peak.memory = Some(amount),
            ("cpu" | "memory", None) => diagnostics.record(
                Diagnostic::new(
                    code::USAGE,
                    format!("the usage of {resource} must be a quantity that is not negative"),
                )
                .at(member.value.place, member.value.kind().with_article())
                .help("write cores such as 310m, and memory such as 900Mi"),
            ),
            (other, _) => diagnostics.record(
                Diagnostic::new(code::USAGE, format!("`{other}` is no resource whose usage is known"))
                    .at(member.key, "")
                    .help("write `cpu` or `memory`"),
            ),
        }
    }
    Some(peak)
}
