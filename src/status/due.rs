//! What ends or must be done soon: waivers, overrides and exceptions of locks.

use jiff::civil::Date;
use serde::Serialize;

use crate::compliance::waiver::Waiver;
use crate::diagnostic::{Diagnostics, Failed};
use crate::workspace::Workspace;

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
        due.retain(|due| due.days <= within);
        due.sort();
        Ok(due)
    }
}
