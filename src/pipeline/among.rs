//! Rules over all targets, when all targets of a run are in.

use super::Compiler;
use crate::check::{Fleet, Located, Sites, locate};
use crate::diagnostic::Diagnostics;
use crate::policy::{Breach, Mark, Spot};
use crate::render::Rendered;
use crate::template::Templates;

impl Compiler<'_> {
    /// Records what rules over all targets say of those that a fleet has taken in.
    pub(super) fn among(&self, fleet: &Fleet, templates: &Templates, diagnostics: &mut Diagnostics) {
        let among = fleet.among();
        let Some(target) = fleet.admitted().first().filter(|_| !among.rules().is_empty()) else { return };
        let policy = self.workspace.policy();
        let today = policy.today.to_string();
        let environment = target.environment();
        let mut finder = Finder::new(self, fleet, templates);
        for breach in among.settle(&policy.grounds(environment, &today, fleet, templates.has_own())).breaches {
            let Some(rule) = among.rules().get(breach.rule) else { continue };
            let sites = finder.sites(&breach);
            let tenant = breach.tenant(among);
            let said = policy.said(environment, rule, &breach, &sites, tenant, self.workspace.sources());
            let Some(diagnostic) = said else { continue };
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
