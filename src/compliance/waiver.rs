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
use crate::source::Place;

pub use judge::{Severities, Verdict, hold_against, judged, severities};

/// The rule about waivers themselves.
pub const VALID: &str = "TC-INT-953";
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
        let below = |path: &String| {
            finding.path.strip_prefix(path.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.environment == environment
            && self.rule == finding.rule
            && self.tenant.as_ref().is_none_or(|tenant| finding.subject.tenant.as_ref() == Some(tenant))
            && self.object.as_ref().is_none_or(|object| *object == finding.subject.reference)
            && self.path.as_ref().is_none_or(below)
    }
}
