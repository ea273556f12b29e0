//! Evidence of rules over all targets of an environment.

use std::sync::Arc;

use jiff::tz::TimeZone;

use super::{Found, Question, origin};
use crate::check::{Fleet, Sites, Trace};
use crate::compliance::evidence::{Outcome, Tally, Verdict};
use crate::compliance::model::{Origin, Subject};
use crate::compliance::waiver::VALID;
use crate::diagnostic::{Diagnostics, Failed};
use crate::pipeline::{Finder, Wanted};
use crate::policy::{self, Grounds, Kept, Rule, Spot};
use crate::target::Target;

impl Question<'_> {
    /// What rules over all targets say.
    pub(super) fn among(
        &self,
        targets: &[Target],
        rules: &[Arc<Rule>],
        found: &mut [Found],
        diagnostics: &mut Diagnostics,
    ) -> Result<(Vec<Tally>, Vec<Verdict>), Failed> {
        let mark = diagnostics.mark();
        let (compiler, templates) = (self.compiler, self.templates);
        let mut fleet = Fleet::new(compiler.roster(targets)).under(policy::over_targets(rules));
        for found in found {
            for conflict in found.claims.take().map(|claims| fleet.admit(claims)).unwrap_or_default() {
                // What else two targets claim is a rule's to say.
                if conflict.is_object() {
                    diagnostics
                        .record(conflict.diagnostic(|party| compiler.site(templates, &Wanted::default(), party)));
                }
            }
        }
        diagnostics.since(mark)?;
        let (policy, sources) = (self.workspace.policy(), self.workspace.sources());
        let today = self.as_of.to_zoned(TimeZone::UTC).date().to_string();
        // Exceptions are judged with the findings that they cover.
        let grounds = policy.grounds(self.environment, &today, &fleet, templates.has_own());
        let settlement = fleet.among().settle(&Grounds { waivers: &[], ..grounds });
        let called = |position: usize| fleet.among().rules().get(position).map(|rule| rule.id.to_string());
        let tally = |kept: &Kept| {
            Some(Tally {
                rule: called(kept.rule)?,
                tenant: kept.part.and_then(|part| fleet.among().tenant(part)).map(ToString::to_string),
                pass: kept.pass as u64,
                not_applicable: kept.not_applicable as u64,
                why: None,
            })
        };
        let is_judged = self.waivers.iter().any(|waiver| waiver.environment == self.environment);
        let tallies = settlement.tallies.iter();
        let tallies = tallies.filter(|kept| !is_judged || called(kept.rule).as_deref() != Some(VALID));
        let tallies = tallies.filter_map(tally).collect();
        let mut finder = Finder::new(compiler, &fleet, templates);
        let mut verdicts = Vec::with_capacity(settlement.breaches.len());
        for breach in &settlement.breaches {
            let Some(rule) = called(breach.rule) else { continue };
            let Sites { own: located, others } = finder.sites(breach);
            let others = others.iter().filter_map(|(found, _)| found.as_ref()?.traces.first());
            let tenant = breach.tenant(fleet.among()).map(str::to_owned);
            let (reference, path, provenance) = match &breach.spot {
                Spot::File { reference, path, place, .. } => {
                    let trace = Trace { place: *place, layer: None, path: None };
                    let origin = Origin { layer: None, ..origin(&trace, sources) };
                    (reference.clone(), path.pointer(), vec![origin])
                }
                Spot::Target(..) => {
                    let traces = located.iter().flat_map(|found| &found.traces).chain(others);
                    let provenance = traces.map(|trace| origin(trace, sources)).collect();
                    let path = located.as_ref().map(|found| found.path.pointer()).unwrap_or_default();
                    let whole = || format!("configuration/{}", tenant.as_deref().unwrap_or(self.environment));
                    (located.map_or_else(whole, |found| found.reference), path, provenance)
                }
            };
            verdicts.push(Verdict {
                rule,
                subject: Subject { reference, tenant },
                path,
                outcome: Outcome::Fail,
                expected: breach.expected.clone(),
                actual: None,
                provenance,
            });
        }
        Ok((tallies, verdicts))
    }
}
