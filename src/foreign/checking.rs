//! Objects beside the schemas of their kinds, and beside each other.

use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};
use rayon::prelude::*;

use super::{Foreign, Premises, secrecy};
use crate::check::{self, Scope};
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, Severity, code};
use crate::integrity::{self, Finding, Site};
use crate::kubernetes::{Kubernetes, Problem};
use crate::manifest::{Identity, Manifest};
use crate::path::Path;
use crate::source::Sources;
use crate::tree::{Node, Value};

/// Most objects of a namespace that are held against each other: it takes time that grows with the square.
const MOST_TOGETHER: usize = 2_000;

/// Records what is wrong with the objects.
pub(super) fn check(
    foreign: Foreign,
    premises: &Premises<'_>,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Result<(), Failed> {
    let mark = diagnostics.mark();
    let own = (!foreign.definitions.is_empty())
        .then(|| premises.kubernetes.knowing(&foreign.definitions, sources, diagnostics));
    let kubernetes = own.as_ref().unwrap_or(premises.kubernetes);
    let manifests: Vec<Manifest> =
        foreign.manifests.into_iter().map(|manifest| placed(manifest, premises, kubernetes, sources)).collect();
    let verdicts: Vec<_> = manifests.par_iter().map(|manifest| kubernetes.check(manifest.node(), sources)).collect();
    let mut said: IndexSet<(usize, Path)> = IndexSet::new();
    let mut by_object: Vec<Vec<Diagnostic>> = vec![Vec::new(); manifests.len()];
    for (index, (manifest, verdict)) in manifests.iter().zip(verdicts).enumerate() {
        let Some(of_object) = by_object.get_mut(index) else { break };
        of_object.extend(verdict.flaws.iter().cloned());
        for problem in verdict.problems {
            said.insert((index, problem.path.clone()));
            of_object.push(diagnostic(problem, manifest, sources));
        }
    }
    let crowded = crowded(&manifests);
    let findings = match crowded {
        Some(_) => integrity::names(&manifests),
        None => integrity::check(&integrity::Set::new(&manifests, premises.external, None)),
    };
    for finding in findings {
        let Site { manifest, path } = &finding.at;
        // What the schema has said of a field is not said again.
        if let Some(of_object) = by_object.get_mut(*manifest)
            && !said.contains(&(*manifest, path.clone()))
        {
            of_object.push(among(&finding, &manifests, premises));
        }
    }
    for (index, diagnostic) in twice(&manifests, premises.complete) {
        if let Some(of_object) = by_object.get_mut(index) {
            of_object.push(diagnostic);
        }
    }
    for (manifest, found) in manifests.iter().zip(by_object) {
        for diagnostic in found {
            diagnostics.record(secrecy::veiled(diagnostic, manifest, sources));
        }
    }
    if let Some(diagnostic) = crowded {
        diagnostics.record(diagnostic);
    }
    diagnostics.since(mark)
}

/// A namespace that has more objects than can be compared with each other in reasonable time.
fn crowded(manifests: &[Manifest]) -> Option<Diagnostic> {
    let mut counts: IndexMap<Option<&Arc<str>>, usize> = IndexMap::new();
    for manifest in manifests {
        *counts.entry(manifest.identity().namespace()).or_default() += 1;
    }
    let (namespace, count) = counts.into_iter().find(|(_, count)| *count > MOST_TOGETHER)?;
    let which = namespace.map_or_else(|| "the cluster as a whole".to_owned(), |name| format!("the namespace {name}"));
    let message =
        format!("{count} objects of {which} are too many to be held against each other; {MOST_TOGETHER} are the most");
    let mut diagnostic = Diagnostic::new(code::LIMIT, message)
        .note("each was held against the schema of its kind, and its name checked")
        .help("check fewer files at a time");
    diagnostic.severity = Severity::Warning;
    Some(diagnostic)
}

/// The object in the namespace that kubectl would put it into.
fn placed(manifest: Manifest, premises: &Premises<'_>, kubernetes: &Kubernetes, sources: &Sources) -> Manifest {
    match check::scope_of(manifest.identity(), Some(kubernetes), sources) {
        Scope::Cluster => manifest,
        Scope::Namespaced | Scope::Unknown => manifest.in_namespace(&premises.namespace),
    }
}

/// A problem as a finding; the content of a Secret is not shown.
fn diagnostic(problem: Problem, manifest: &Manifest, sources: &Sources) -> Diagnostic {
    let kind = manifest.identity().kind();
    if check::is_in_secret(kind, &problem.path) {
        return problem.diagnostic(kind, check::beside(manifest.node()));
    }
    let node = manifest.node().get(&problem.path);
    let problem = match node {
        Some(node) => problem.quoting(node),
        None => problem,
    };
    let mut diagnostic = problem.diagnostic(kind, problem.place);
    if let Some(Node { value: Value::Bool(flag), place, .. }) = node.filter(|_| problem.code == code::FIELD_TYPE) {
        let source = sources.get(place.file);
        let written = source.slice(place.start, place.end);
        if !written.eq_ignore_ascii_case(&flag.to_string()) && written.len() <= "off".len() {
            diagnostic = diagnostic.note(format!("kubectl reads YAML 1.1, where `{written}` is {flag}"));
        }
    }
    problem.also.iter().fold(diagnostic, |diagnostic, (place, text)| diagnostic.also(*place, text.clone()))
}

/// What is wrong among the objects.
fn among(finding: &Finding, manifests: &[Manifest], premises: &Premises<'_>) -> Diagnostic {
    let mut diagnostic = finding.diagnostic(manifests, |_, _| None);
    if finding.absent && !premises.complete {
        diagnostic.severity = diagnostic.severity.min(Severity::Warning);
        if !premises.workspace {
            diagnostic.help.pop();
        }
        diagnostic = diagnostic.help("nothing is wrong if it is on the cluster already, or comes from elsewhere");
    }
    diagnostic
}

/// Objects that are there twice: the later one silently wins.
fn twice(manifests: &[Manifest], complete: bool) -> Vec<(usize, Diagnostic)> {
    let mut first = IndexMap::new();
    let mut found = Vec::new();
    for (index, manifest) in manifests.iter().enumerate() {
        let Some(name) = manifest.node().at(&["metadata", "name"]) else { continue };
        let identity: &Identity = manifest.identity();
        let key = (identity.group(), identity.kind().as_ref(), identity.namespace(), identity.name().as_ref());
        let earlier = *first.entry(key).or_insert(index);
        let Some(other) = manifests.get(earlier).filter(|_| earlier != index) else { continue };
        let mut diagnostic = Diagnostic::new(code::DUPLICATE_OBJECT, format!("{} is there twice", said(identity)))
            .at(name.place, "the second would replace the first")
            .help("remove one of them, or check what does not go to one cluster by itself");
        if let Some(name) = other.node().at(&["metadata", "name"]) {
            diagnostic = diagnostic.also(name.place, "the first");
        }
        if !complete {
            diagnostic.severity = Severity::Warning;
        }
        found.push((index, diagnostic));
    }
    found
}

/// An object in a message.
fn said(identity: &Identity) -> String {
    let namespace = identity.namespace().map(|namespace| format!(" in namespace {namespace}")).unwrap_or_default();
    format!("{}/{}{namespace}", identity.kind(), identity.name())
}
