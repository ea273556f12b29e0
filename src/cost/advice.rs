//! What a tenant's containers should get, going by what they use.
//!
//! In go the limits of containers and their peaks, out come [`Advice`] and the findings TC651 and TC652, each at the
//! value of the configuration that decides the limit. Containers that one value decides are judged together.

use std::sync::Arc;

use indexmap::IndexMap;
use rust_decimal::Decimal;

use super::owner::{Owner, owner};
use super::usage::Peaks;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Failed, code, nearest};
use crate::explain::SourceMap;
use crate::integrity::{self, Limit, quantity};
use crate::manifest::Manifest;
use crate::path::Path;
use crate::quantity::Quantity;
use crate::source::Place;
use crate::template::Templates;
use crate::validate::Validated;
use crate::workspace::Workspace;

/// The steps that recommended limits come in: 50 thousandths of a core, and 64 MiB.
const STEP: [(&str, Decimal); 2] =
    [("cpu", Decimal::from_parts(50, 0, 0, false, 3)), ("memory", Decimal::from_parts(64 << 20, 0, 0, false, 0))];

/// A limit that should be another.
#[derive(Clone, Debug)]
pub struct Advice {
    /// The tenant.
    pub tenant: Arc<str>,
    /// The container that needs most, and what runs it, such as `Deployment/web`.
    pub container: (String, String),
    /// `cpu` or `memory`.
    pub resource: &'static str,
    /// Its limit.
    pub limit: Quantity,
    /// Its peak.
    pub peak: Quantity,
    /// What the limit should be, as it is to be written.
    pub recommended: Arc<str>,
    /// Whether it is at its limit; else it gets far more than it uses.
    pub short: bool,
    /// The value that decides the limit; `None` where a template does.
    pub path: Option<Path>,
    /// Who may set it.
    pub owner: Owner,
}

/// What is known of a tenant.
pub(super) struct Subject<'a> {
    pub(super) workspace: &'a Workspace<'a>,
    pub(super) templates: &'a Templates,
    pub(super) validated: &'a Validated,
    pub(super) manifests: &'a [Manifest],
    pub(super) headroom: Decimal,
}

/// Where a limit and its request are filled from.
#[derive(Default)]
struct Filled {
    limit: Vec<Path>,
    request: Vec<Path>,
    place: Option<Place>,
}

/// A limit, the peak of its container where it is known, and where it is filled from.
type Member<'a> = (&'a Limit<'a>, Option<Quantity>, Filled);

impl Subject<'_> {
    /// What is recommended for a tenant with these peaks.
    pub(super) fn advice(
        &self,
        tenant: &Arc<str>,
        peaks: &Peaks,
        diagnostics: &mut Diagnostics,
    ) -> Result<Vec<Advice>, Failed> {
        let limits = integrity::limits(self.manifests);
        unknown(&limits, peaks, diagnostics);
        let peak = |limit: &Limit<'_>| {
            let peak = peaks.get(limit.container)?;
            if limit.resource == "cpu" { peak.cpu } else { peak.memory }
        };
        let conspicuous = |limit: &Limit<'_>| {
            peak(limit).is_some_and(|peak| {
                let wanted = self.wanted(limit.resource, peak);
                is_short(limit.most, peak) || wanted.is_some_and(|wanted| is_ample(limit.most, wanted))
            })
        };
        // Tracing where fields come from takes another rendering.
        if !limits.iter().any(conspicuous) {
            return Ok(Vec::new());
        }
        let map =
            SourceMap::of(self.validated, self.templates, self.workspace.sources(), &mut diagnostics.untargeted())?;
        let mut groups: IndexMap<(&str, Result<Path, usize>), Vec<Member<'_>>> = IndexMap::new();
        for (nth, limit) in limits.iter().enumerate() {
            let filled = self.filled(&map, limit);
            // Only a value that the field repeats can be set in its stead.
            let same = |path: &&Path| {
                let value = self.validated.root().get(path).and_then(quantity);
                value == Some(limit.most)
            };
            let key = filled.limit.last().filter(same).cloned().ok_or(nth);
            groups.entry((limit.resource, key)).or_default().push((limit, peak(limit), filled));
        }
        let mut all = Vec::new();
        for ((resource, path), members) in groups {
            let Some((advice, place)) = self.judge(tenant, resource, path.ok(), &members) else { continue };
            diagnostics.record(advice.diagnostic(place));
            all.push(advice);
        }
        Ok(all)
    }

    /// Judges the limits that one value decides.
    fn judge(
        &self,
        tenant: &Arc<str>,
        resource: &'static str,
        path: Option<Path>,
        members: &[Member<'_>],
    ) -> Option<(Advice, Option<Place>)> {
        let known = members.iter().filter_map(|(limit, peak, filled)| Some((*limit, (*peak)?, filled)));
        let (greatest, peak, filled) = known.max_by_key(|(_, peak, _)| *peak)?;
        let mut wanted = self.wanted(resource, peak)?;
        let short = is_short(greatest.most, peak);
        if !short {
            // A request that follows the limit goes down with it; another is as low as a limit may be.
            let follows = |filled: &Filled| path.as_ref().is_some_and(|path| filled.request.contains(path));
            let floors = members.iter().filter(|(_, _, filled)| !follows(filled));
            if let Some(floor) = floors.filter_map(|(limit, _, _)| limit.request).max() {
                wanted = wanted.max(step(resource, floor.value())?);
            }
        }
        let recommended = Quantity::parse(&written(resource, wanted)?)?;
        let all_known = members.iter().all(|(_, peak, _)| peak.is_some());
        let worth = if short { recommended > greatest.most } else { all_known && is_ample(greatest.most, wanted) };
        if !worth {
            return None;
        }
        let (owner, place) = match &path {
            Some(path) => owner(self.workspace, self.validated, path, recommended),
            None => (Owner::Template, filled.place),
        };
        let runs = self.manifests.get(greatest.manifest)?.identity();
        let advice = Advice {
            tenant: Arc::clone(tenant),
            container: (greatest.container.to_owned(), format!("{}/{}", runs.kind(), runs.name())),
            resource,
            limit: greatest.most,
            peak,
            recommended: written(resource, wanted)?.into(),
            short,
            path,
            owner,
        };
        Some((advice, place))
    }

    /// What a limit should be for a peak.
    fn wanted(&self, resource: &str, peak: Quantity) -> Option<Decimal> {
        step(resource, peak.value().checked_mul(self.headroom)?)
    }

    fn filled(&self, map: &SourceMap, limit: &Limit<'_>) -> Filled {
        let mut filled = Filled::default();
        let Some(manifest) = self.manifests.get(limit.manifest) else { return filled };
        let (most, asked) = (limit.field("limits"), limit.field("requests"));
        for field in map.fields().filter(|field| field.object == manifest.identity()) {
            if field.path == most {
                filled.limit = field.reads.to_vec();
                filled.place = Some(field.place);
            } else if field.path == asked {
                filled.request = field.reads.to_vec();
            }
        }
        filled
    }
}

impl Advice {
    /// The code of the finding.
    pub(super) fn code(&self) -> Code {
        if self.short { code::UNDERSIZED } else { code::OVERSIZED }
    }

    fn diagnostic(&self, place: Option<Place>) -> Diagnostic {
        let Self { container: (container, runs), resource, limit, peak, recommended, .. } = self;
        let message = if self.short {
            format!("container {container} of {runs} uses {peak} of {resource}, near its limit of {limit}")
        } else {
            format!("container {container} of {runs} may use {limit} of {resource}, but its peak is {peak}")
        };
        let mut diagnostic = Diagnostic::new(self.code(), message);
        if let Some(place) = place {
            diagnostic = diagnostic.at(place, format!("{recommended} is recommended"));
        }
        let value = self.path.as_ref().map(ToString::to_string).unwrap_or_default();
        let diagnostic = match &self.owner {
            Owner::Tenant(file) => diagnostic.help(format!("set `{value}` to {recommended} in {file}")),
            Owner::Layer { layer, why } => {
                diagnostic.help(format!("have {layer} set `{value}` to {recommended}, which the tenant may not: {why}"))
            }
            Owner::Template => diagnostic.help(format!("have the template write {recommended}")),
        };
        match &self.path {
            Some(path) => diagnostic.about(path.clone()),
            None => diagnostic,
        }
    }
}

/// Warns of names that may be misspelt. Others are of containers that are put into pods later, such as proxies.
fn unknown(limits: &[Limit<'_>], peaks: &Peaks, diagnostics: &mut Diagnostics) {
    let names = || limits.iter().map(|limit| limit.container);
    for (name, peak) in peaks.iter().filter(|(name, _)| names().all(|known| known != name.as_ref())) {
        if let Some(near) = nearest(name, names()) {
            diagnostics.record(
                Diagnostic::new(code::UNUSED_USAGE, format!("the tenant has no container `{name}` with limits"))
                    .at(peak.place, "its usage is not looked at")
                    .help(format!("did you mean `{near}`?")),
            );
        }
    }
}

/// Whether more than nine tenths of the limit are used.
fn is_short(limit: Quantity, peak: Quantity) -> bool {
    limit.value().checked_mul(Decimal::new(9, 1)).is_some_and(|most| peak.value() > most)
}

/// Whether the limit is one and a half times what it should be, or more.
fn is_ample(limit: Quantity, wanted: Decimal) -> bool {
    wanted.checked_mul(Decimal::new(15, 1)).is_some_and(|most| limit.value() >= most)
}

/// The next whole step, and at least one.
fn step(resource: &str, value: Decimal) -> Option<Decimal> {
    let (_, step) = STEP.iter().find(|(name, _)| *name == resource)?;
    let steps = value.checked_div(*step)?.ceil().max(Decimal::ONE);
    steps.checked_mul(*step)
}

/// An amount as people write it: thousandths of a core, and MiB or GiB.
fn written(resource: &str, value: Decimal) -> Option<String> {
    if resource == "cpu" {
        return Some(format!("{}m", value.checked_mul(Decimal::ONE_THOUSAND)?.normalize()));
    }
    let mib = value.checked_div(Decimal::from(1 << 20))?.normalize();
    let gib = mib.checked_div(Decimal::from(1 << 10))?;
    Some(if gib.is_integer() { format!("{}Gi", gib.normalize()) } else { format!("{mib}Mi") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_come_in_whole_steps() {
        let recommended = |resource, text: &str| {
            let peak = Quantity::parse(text)?.value().checked_mul(Decimal::new(13, 1))?;
            written(resource, step(resource, peak)?)
        };
        assert_eq!(recommended("cpu", "310m").as_deref(), Some("450m"));
        assert_eq!(recommended("cpu", "1").as_deref(), Some("1300m"));
        assert_eq!(recommended("cpu", "0").as_deref(), Some("50m"));
        assert_eq!(recommended("memory", "900Mi").as_deref(), Some("1216Mi"));
        assert_eq!(recommended("memory", "780Mi").as_deref(), Some("1Gi"));
        assert_eq!(recommended("memory", "79228162514264337593543950335"), None);
    }

    #[test]
    fn a_limit_is_judged_by_its_distance() {
        let quantity = |text| Quantity::parse(text).unwrap();
        assert!(is_short(quantity("1"), quantity("901m")) && !is_short(quantity("1"), quantity("900m")));
        assert!(is_ample(quantity("750m"), Decimal::new(5, 1)) && !is_ample(quantity("749m"), Decimal::new(5, 1)));
    }
}
