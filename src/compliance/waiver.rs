//! Waivers: accepted exceptions of a rule, for so long and for so little.
//!
//! In go YAML documents of the configuration's own repository, where their review is kept:
//!
//! ```yaml
//! apiVersion: tenantctl.dev/v1
//! kind: Waiver
//! metadata: {id: W-2026-014}
//! spec:
//!   rule: TC-POD-101
//!   scope: {env: prod, tenant: acme, object: apps/v1/Deployment/acme/driver, path: /spec/template/spec/containers/0}
//!   reason: the driver of the dongle needs privileged mode until 4.2
//!   compensatingControls: ["own node pool"]
//!   risk: {likelihood: low, impact: high, accepted: true}
//!   owner: jane.doe@example.com
//!   approvedBy: ciso@example.com
//!   ticket: https://tracker.example.com/SEC-4711
//!   created: "2026-11-20"
//!   expires: "2026-12-15"
//!   frameworks: [cis-k8s]
//! ```
//!
//! Out come [`Waiver`]s. What is wrong with one by itself is TC660. What the rules or the findings say against it is for
//! `judge` to tell, and every report tells it again: a waiver never hides that there is something to waive.

mod judge;
mod reading;

use jiff::civil::Date;

use super::model::{Finding, Origin, Risk};
use crate::diagnostic::{Diagnostics, Failed};
use crate::file::{self, Reason};
use crate::manifest::Identity;
use crate::source::{FileId, Place, Sources};
use crate::world::World;

pub use judge::{Severities, Verdict, hold_against, judged, severities};

/// The rule about waivers themselves.
pub const VALID: &str = "TC-INT-953";
/// The folder of waivers in a workspace.
const FOLDER: &str = "waivers";
/// Fewest characters of a reason.
const REASON: usize = 20;
/// Days before the last one on which a waiver is said to end soon.
const SOON: i64 = 14;

/// An accepted exception.
#[derive(Clone, Debug)]
pub struct Waiver {
    /// `W-2026-014`
    pub id: String,
    /// The rule.
    pub rule: String,
    /// The environment.
    pub environment: String,
    /// The tenant.
    pub tenant: Option<String>,
    /// The object: `apps/v1/Deployment/acme/driver`.
    pub object: Option<String>,
    /// The field and what is below it, as a JSON pointer.
    pub path: Option<String>,
    /// Why.
    pub reason: String,
    /// What is done instead.
    pub compensating_controls: Vec<String>,
    /// As accepted.
    pub risk: Option<Risk>,
    /// Who is to remove it.
    pub owner: String,
    /// Who accepted it; another one.
    pub approved_by: String,
    /// Where it is discussed.
    pub ticket: Option<String>,
    /// The day.
    pub created: Date,
    /// The last day.
    pub expires: Date,
    /// Where it may be shown as accepted; nothing: everywhere.
    pub frameworks: Vec<String>,
    /// Where it is written, for reports.
    pub origin: Origin,
    /// Where its parts are written, for diagnostics.
    pub places: Places,
}

/// Where parts of a waiver are written.
#[derive(Clone, Copy, Debug)]
pub struct Places {
    /// Its id.
    pub id: Place,
    /// The rule.
    pub rule: Place,
    /// The scope.
    pub scope: Place,
    /// The last day.
    pub expires: Place,
}

impl Waiver {
    /// Whether it is about a finding, whatever the day.
    pub fn covers(&self, environment: &str, finding: &Finding) -> bool {
        let Finding { rule, subject, path, .. } = finding;
        self.is_about(environment, rule, subject.tenant.as_deref(), &subject.reference, path)
    }

    /// Whether it is about what breaks a rule: an object or a configuration of a tenant, by its reference, and a field of
    /// it, as a JSON pointer.
    pub(crate) fn is_about(
        &self,
        environment: &str,
        rule: &str,
        tenant: Option<&str>,
        reference: &str,
        path: &str,
    ) -> bool {
        let below =
            |own: &String| path.strip_prefix(own.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        self.environment == environment
            && self.rule == rule
            && self.tenant.as_ref().is_none_or(|own| tenant == Some(own))
            && self.object.as_ref().is_none_or(|object| object == reference)
            && self.path.as_ref().is_none_or(below)
    }

    /// Those of a workspace: the files in `waivers/`.
    pub(crate) fn of_workspace(
        world: &dyn World,
        sources: &Sources,
        diagnostics: &mut Diagnostics,
    ) -> Result<(Vec<Self>, Vec<FileId>), Failed> {
        let reason = Reason { place: None, what: "waivers".to_owned() };
        let names = world.list(FOLDER).map_err(|why| diagnostics.fail(file::unreadable(FOLDER, &why, &reason)))?;
        let mark = diagnostics.mark();
        let (mut waivers, mut files) = (Vec::new(), Vec::new());
        let is_yaml = |name: &&String| matches!(name.rsplit_once('.'), Some((_, "yaml" | "yml")));
        for name in names.iter().filter(is_yaml) {
            let Ok(file) = file::load(world, sources, name, &reason, diagnostics) else { continue };
            waivers.extend(Self::read(sources, file, diagnostics).unwrap_or_default());
            files.push(file);
        }
        diagnostics.since(mark)?;
        Ok((waivers, files))
    }
}

/// `apps/v1/Deployment/acme/api`: what a waiver calls an object.
pub(crate) fn reference(identity: &Identity) -> String {
    let namespace = identity.namespace().map(|name| format!("{name}/")).unwrap_or_default();
    format!("{}/{}/{namespace}{}", identity.api_version(), identity.kind(), identity.name())
}
