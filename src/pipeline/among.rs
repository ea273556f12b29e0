//! Rules over all targets, when all targets of a run are in.

use indexmap::IndexMap;

use super::Compiler;
use crate::check::{Fleet, Located, Sites, locate};
use crate::diagnostic::Diagnostics;
use crate::policy::{Breach, Identifier, Mark, Spot};
use crate::render::Rendered;
use crate::template::Templates;

/// Tenants that are named where the same is to be said of more.
const NAMED: usize = 3;

impl Compiler<'_> {
    /// Records what rules over all targets say of those that a fleet has taken in.
    pub(super) fn among(&self, fleet: &Fleet, templates: &Templates, diagnostics: &mut Diagnostics) {
        let among = fleet.among();
        let Some(target) = fleet.admitted().first().filter(|_| !among.rules().is_empty()) else { return };
        let policy = self.workspace.policy();
        let today = policy.today.to_string();
        let environment = target.environment();
        let mut finder = Finder::new(self, fleet, templates);
        let breaches = among.settle(&policy.grounds(environment, &today, fleet, templates.has_own())).breaches;
        for (breach, others) in grouped(breaches, |rule| policy.has_waivers_of(among.rules().get(rule))) {
            let Some(rule) = among.rules().get(breach.rule) else { continue };
            let sites = finder.sites(&breach);
            let tenant = breach.tenant(among);
            let sources = self.workspace.sources();
            let Some(mut diagnostic) = policy.said(environment, rule, &breach, &sites, tenant, sources) else {
                continue;
            };
            let named: Vec<&str> =
                others.iter().take(NAMED).filter_map(|part| among.tenant(*part).map(AsRef::as_ref)).collect();
            let more = others.len().saturating_sub(NAMED);
            let more = if more > 0 { format!(" and {more} more tenants") } else { String::new() };
            if !named.is_empty() {
                diagnostic = diagnostic.note(format!("the same is of {}{more}", named.join(", ")));
            }
            match &breach.spot {
                // It names no tenant: what is said of many is said once.
                Spot::Target(part, _) if breach.is_alike() => {
                    let target = fleet.admitted().get(*part).map(ToString::to_string).unwrap_or_default();
                    let mut own = diagnostics.for_target(&target);
                    own.record(diagnostic);
                    diagnostics.extend(own);
                }
                _ => diagnostics.record(diagnostic),
            }
        }
    }
}

/// Each breach once, with the other tenants of which the same is to be said: those that have one thing in common. Of a
/// rule that may be waived each is said by itself.
fn grouped(breaches: Vec<Breach>, may_be_waived: impl Fn(usize) -> bool) -> Vec<(Breach, Vec<usize>)> {
    let mut groups: Vec<(Breach, Vec<usize>)> = Vec::new();
    let mut known: IndexMap<(usize, Identifier), usize, foldhash::fast::RandomState> = IndexMap::default();
    for breach in breaches {
        if let Spot::Target(part, Mark::Identifier(identifier)) = &breach.spot
            && !may_be_waived(breach.rule)
        {
            let key = (breach.rule, identifier.clone());
            if let Some((_, others)) = known.get(&key).and_then(|group| groups.get_mut(*group)) {
                others.push(*part);
                continue;
            }
            known.insert(key, groups.len());
        }
        groups.push((breach, Vec::new()));
    }
    groups
}

/// Finds what breaks rules in targets: compiles them once more, which only a broken rule is worth.
pub(crate) struct Finder<'a> {
    compiler: &'a Compiler<'a>,
    fleet: &'a Fleet,
    templates: &'a Templates,
    /// The last target of each sort: those that break rules come in order, and often all for one other.
    last: [Option<(usize, Option<Rendered>)>; 2],
}

impl<'a> Finder<'a> {
    pub(crate) fn new(compiler: &'a Compiler<'a>, fleet: &'a Fleet, templates: &'a Templates) -> Self {
        Self { compiler, fleet, templates, last: [None, None] }
    }

    /// Where a breach is.
    pub(crate) fn sites(&mut self, breach: &Breach) -> Sites {
        let own = match &breach.spot {
            Spot::Target(part, mark) => self.mark(0, breach, *part, mark),
            Spot::File { .. } => None,
        };
        let also = breach.also.iter();
        let others = also.map(|(part, mark, text)| (self.mark(1, breach, *part, mark), text.clone())).collect();
        Sites { own, others }
    }

    fn mark(&mut self, sort: usize, breach: &Breach, part: usize, mark: &Mark) -> Option<Located> {
        let rules = self.fleet.among().rules();
        let rule = rules.get(breach.rule)?;
        let slot = self.last.get_mut(sort)?;
        if slot.as_ref().is_none_or(|(last, _)| *last != part) {
            let target = self.fleet.admitted().get(part)?;
            // What is wrong with it was said when it was compiled first.
            let mut ignored = Diagnostics::new();
            let sources = self.compiler.workspace.sources();
            let rendered = self
                .compiler
                .validated(target, &mut ignored)
                .and_then(|validated| validated.render(self.templates, None, sources, &mut ignored));
            *slot = Some((part, rendered.ok()));
        }
        let rendered = slot.as_ref()?.1.as_ref()?;
        locate(mark, rule, rules, rendered, self.compiler.workspace, self.templates)
    }
}
