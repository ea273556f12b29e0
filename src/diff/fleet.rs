//! Two fleets of targets, compared in parallel and told in target order.

use std::sync::Arc;

use rayon::prelude::*;

use super::artifact::artifacts;
use super::change::{Change, Subject};
use super::field::fields;
use super::group::{Found, Groups};
use super::object::objects;
use super::report::Report;
use super::risk::{Risk, risk};
use super::side::Side;
use crate::diagnostic::{Diagnostics, Failed};
use crate::pipeline::{self, Watch};
use crate::target::ENVIRONMENT;

/// Targets that are compared before their changes are put together: only so many are in memory at once.
const BATCH: usize = 128;

/// What is to be compared.
pub struct Fleets<'a> {
    /// The older side.
    pub before: Side<'a>,
    /// The newer side.
    pub after: Side<'a>,
    /// What the older side is called.
    pub before_name: String,
    /// What the newer side is called.
    pub after_name: String,
    /// Whether targets are the same if they are made from the same files: the sides are one environment at two times.
    pub same_if_same_files: bool,
    /// Whether it is asked what the changes put at risk.
    pub judged: bool,
}

/// Findings of both sides, whose places are in sources of their own.
#[derive(Default)]
struct Sided {
    before: Diagnostics,
    after: Diagnostics,
}

/// Compares two fleets. Findings of the sides go to collections of their own, in target order; an error on either side
/// leaves no report.
pub fn compare(
    fleets: &Fleets<'_>,
    watch: Option<&dyn Watch>,
    before: &mut Diagnostics,
    after: &mut Diagnostics,
) -> Result<Report, Failed> {
    let Fleets { before: older, after: newer, .. } = fleets;
    let (olds, news) = (older.tenants(), newer.tenants());
    let only = |mine: &[Option<Arc<str>>], others: &[Option<Arc<str>>]| -> Vec<Arc<str>> {
        mine.iter().filter(|tenant| others.binary_search(tenant).is_err()).flatten().cloned().collect()
    };
    let own = older.has_own() || newer.has_own();
    let both: Vec<&Option<Arc<str>>> =
        news.iter().filter(|tenant| (own || tenant.is_some()) && olds.binary_search(tenant).is_ok()).collect();
    let targets: Vec<Arc<str>> =
        both.iter().map(|tenant| Option::clone(tenant).unwrap_or_else(|| ENVIRONMENT.into())).collect();
    let common = fleets.same_if_same_files && older.common().is_some_and(|files| newer.common() == Some(files));
    let (begin_before, begin_after) = (before.mark(), after.mark());
    let mut groups = Groups::new(older.sources(), newer.sources());
    let mut done = 0;
    let pool = (both.len() > 1).then(|| pipeline::pool(false)).flatten();
    for batch in both.chunks(BATCH) {
        let blank = || Sided { before: before.untargeted(), after: after.untargeted() };
        let compare = |tenant: &&Option<Arc<str>>| {
            let mut said = blank();
            let found = target(fleets, tenant.as_ref(), common, &mut said).unwrap_or_default();
            older.release(tenant.as_ref());
            newer.release(tenant.as_ref());
            (found, said)
        };
        let compared: Vec<(Vec<Found>, Sided)> = match &pool {
            Some(pool) => pool.install(|| batch.par_iter().map(compare).collect()),
            None => batch.iter().map(compare).collect(),
        };
        for (found, said) in compared {
            before.extend(said.before);
            after.extend(said.after);
            for found in found {
                groups.admit(found, done);
            }
            done += 1;
        }
        if let Some(watch) = watch {
            watch.reached(&fleets.after_name, done, both.len());
        }
    }
    before.since(begin_before)?;
    after.since(begin_after)?;
    Ok(Report {
        before: fleets.before_name.clone(),
        after: fleets.after_name.clone(),
        only_before: only(&olds, &news),
        only_after: only(&news, &olds),
        sections: groups.sections(&targets),
        targets,
    })
}

/// The changes of one target. `common` is whether all that targets share is the same on both sides.
fn target(
    fleets: &Fleets<'_>,
    tenant: Option<&Arc<str>>,
    common: bool,
    said: &mut Sided,
) -> Result<Vec<Found>, Failed> {
    let Fleets { before, after, .. } = fleets;
    // What is wrong with one side does not hide what is wrong with the other.
    let (old_layers, new_layers) = (before.layers(tenant, &mut said.before), after.layers(tenant, &mut said.after));
    if let (true, Ok(Some(old)), Ok(Some(new))) = (common, &old_layers, &new_layers)
        && before.own(old) == after.own(new)
    {
        return Ok(Vec::new());
    }
    let old = old_layers.and_then(|layers| before.held(tenant, layers.as_ref(), &mut said.before));
    let new = new_layers.and_then(|layers| after.held(tenant, layers.as_ref(), &mut said.after));
    let (old, new) = (old?, new?);
    let mut changes = Vec::new();
    if let (Some(old), Some(new)) = (&old.configuration, &new.configuration) {
        let configuration = |field| Change { subject: Subject::Configuration, field };
        changes.extend(fields(old, new, |_| false).into_iter().map(configuration));
    }
    changes.extend(objects(&old.objects, &new.objects));
    changes.extend(artifacts(&old.artifacts, &new.artifacts));
    let risk = |change| if fleets.judged { risk(change, &new.objects) } else { Risk::None };
    Ok(changes.iter().map(|change| Found::new(change, risk(change), tenant)).collect())
}
