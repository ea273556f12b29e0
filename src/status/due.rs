//! What ends or must be done soon: waivers and overrides that end, secrets that are to be drawn anew.

use jiff::Span;
use jiff::civil::Date;
use serde::Serialize;

use crate::compliance::waiver::Waiver;
use crate::diagnostic::{Diagnostics, Failed};
use crate::secrets::Vault;
use crate::workspace::Workspace;

/// Nanoseconds in a day.
const DAY: i128 = 24 * 60 * 60 * 1_000_000_000;

/// Hours in a day.
const HOURS: i64 = 24;

/// Something with a last day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Due {
    /// The last day.
    pub(crate) day: Date,
    /// What it is: `waiver W-2026-014`.
    pub(crate) what: String,
    /// Who is to see to it, or what it is about.
    pub(crate) who: String,
    /// Days that are left; less than none: it is over.
    pub(crate) days: i64,
}

impl Due {
    pub(crate) fn new(what: String, who: String, day: Date, today: Date) -> Self {
        Self { day, what, who, days: day.duration_since(today).as_hours() / HOURS }
    }

    /// What ends in an environment within so many days, the soonest first.
    pub(crate) fn of(
        workspace: &Workspace<'_>,
        environment: &str,
        tenant: Option<&str>,
        within: i64,
        diagnostics: &mut Diagnostics,
    ) -> Result<Vec<Self>, Failed> {
        let today = workspace.world().today();
        let waivers = workspace.waivers().iter().filter(|waiver| waiver.environment == environment);
        let waiver = |waiver: &Waiver| {
            let who = format!("{}, owned by {}", waiver.rule, waiver.owner);
            Self::new(format!("waiver {}", waiver.id), who, waiver.expires, today)
        };
        let mut due: Vec<Self> = waivers.map(waiver).collect();
        for name in workspace.overrides(environment, diagnostics)? {
            let about = workspace.about(environment, &name, diagnostics)?.unwrap_or_default();
            let Some((day, _)) = about.expires else { continue };
            let owner = about.owner.map(|owner| format!("owned by {owner}")).unwrap_or_default();
            due.push(Self::new(format!("override {name}"), owner, day, today));
        }
        let vault = Vault::of_workspace(workspace, diagnostics)?;
        for secret in vault.list(environment, tenant, diagnostics)? {
            let Some((rotate, age)) = secret.rotate.zip(secret.age) else { continue };
            // Whole days: what is due in the course of a day is due on that day.
            let left = i64::try_from(rotate.nanoseconds() / DAY).unwrap_or(i64::MAX).saturating_sub(i64::from(age));
            let left = Span::new().try_days(left).and_then(|left| today.checked_add(left));
            // What lies beyond the calendar is not due.
            let Ok(day) = left else { continue };
            due.push(Self::new(format!("secret {}", secret.name), secret.file, day, today));
        }
        due.retain(|due| due.days <= within);
        due.sort();
        Ok(due)
    }
}
