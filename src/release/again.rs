//! Rendering a release again: whether its files still make what was stored.
//!
//! In goes a release and the world it was made in, a commit or the files of now, out come findings: files that are not those
//! it was made from, and files that come out otherwise. It is the day of the release, so that nothing has expired since.

use std::collections::{BTreeMap, BTreeSet};

use super::digest::Digest;
use super::draft::Draft;
use super::entry::{Entry, Release};
use super::ledger::{Ledger, Sealed};
use crate::cache::PROGRAM;
use crate::check::Form;
use crate::delivery::Courier;
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code, listed};
use crate::pipeline::{Compiler, Wanted, Watch};
use crate::source::Sources;
use crate::workspace::{Selection, Workspace};
use crate::world::{Dated, World};

impl Ledger {
    /// The entry whose release a rollback brought back, however often; else the entry itself.
    pub fn original<'l>(&'l self, sealed: &'l Sealed) -> &'l Sealed {
        let mut of = sealed;
        // Each comes before the one that restores it, so that this ends.
        while let Some(restored) = of.entry().restores
            && let Some(before) = self.entries().iter().find(|before| *before.hash() == restored.hash)
            && before.entry().number < of.entry().number
        {
            of = before;
        }
        of
    }
}

/// Renders a release again in a world and compares. Findings of the world's files go to `found`, whose places are in
/// `sources`.
pub fn render(
    world: &dyn World,
    sources: &Sources,
    ledger: &Ledger,
    sealed: &Sealed,
    watch: Option<&dyn Watch>,
    found: &mut Diagnostics,
    diagnostics: &mut Diagnostics,
) -> Result<(), Failed> {
    let Some(release) = sealed.release() else { return Ok(()) };
    let world = Dated::new(world, ledger.original(sealed).entry().created);
    let workspace = Workspace::find(&world, sources, found)?;
    *found = Diagnostics::with_levels(workspace.levels());
    let environment = ledger.environment();
    let overrides = release.overrides.clone();
    let selection = Selection { environment: environment.to_owned(), overrides, ..Selection::default() };
    let top = workspace.top(&[], &[], found)?;
    let targets = workspace.targets(&selection, found)?;
    let templates = workspace.templates(found)?;
    let draft = Draft::default();
    let courier = Courier::new(&workspace);
    let take = |document, found: &mut Diagnostics| draft.take(document, &courier, found);
    let settled = Compiler::new(&workspace, top).watched(watch).presented(Some(&take)).run(
        &templates,
        &Wanted::all(Form::Yaml),
        &targets,
        |_| {},
        found,
    )?;
    let made = draft.finish(settled, &workspace, environment, selection.overrides, None, found)?.release;
    let called = format!("release {} of {environment}", ledger.called(sealed));
    let changed = differing(&release.inputs, &made.inputs);
    if !changed.is_empty() {
        let names = listed(changed.iter().map(String::as_str));
        return Err(diagnostics.fail(
            Diagnostic::new(
                code::MADE_OTHERWISE,
                format!("{called} was made from other files, so it is not rendered again"),
            )
            .note(format!("not what they were: {names}"))
            .help("check out the commit that it was made from; what was not committed then is gone"),
        ));
    }
    let (stored, now) = (texts(release), texts(&made));
    let other = differing(&stored, &now);
    if other.is_empty() {
        return Ok(());
    }
    let names = listed(other.iter().map(String::as_str));
    let diagnostic = Diagnostic::new(code::MADE_OTHERWISE, format!("{called} is not what its files make"))
        .note(format!("otherwise: {names}"));
    Err(diagnostics.fail(told(diagnostic, sealed.entry())))
}

/// What is to be done about a release that comes out otherwise.
fn told(diagnostic: Diagnostic, entry: &Entry) -> Diagnostic {
    if entry.tool == PROGRAM {
        return diagnostic.help(
            "the same program makes the same of the same files: the stored files did not come from this configuration",
        );
    }
    diagnostic
        .note(format!("it was made by {}, and this is {PROGRAM}", entry.tool))
        .help("render it again with the program that made it; the changelog marks what alters rendered bytes")
}

/// The digests of all stored texts by path.
fn texts(release: &Release) -> BTreeMap<String, Digest> {
    let of = |made: &super::entry::Made| {
        let target = made.target.clone();
        made.files.iter().map(move |(path, blob)| (format!("{target}/{path}"), blob.digest)).collect::<Vec<_>>()
    };
    release.targets.iter().flat_map(of).collect()
}

/// The names that only one side has, or that have other digests.
fn differing(one: &BTreeMap<String, Digest>, other: &BTreeMap<String, Digest>) -> Vec<String> {
    let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    names.into_iter().filter(|name| one.get(*name) != other.get(*name)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use jiff::civil::{Date, date};

    use super::super::stamp::Stamp;
    use super::*;
    use crate::world::Memory;

    const SETTINGS: &str = "apiVersion: tenantctl.dev/v1\nkind: Workspace\nenvironments: {prod: {}}\nlayers:\n\
        - {name: base, file: base.yml}\n- {name: tenant, file: \"t/{tenant}.yml\", trust: data}\n\
        - {name: override, file: \"o/{override}.yml\"}\n";

    fn world(today: Date) -> Memory {
        Memory::new()
            .file("tenantctl.yaml", SETTINGS)
            .file("base.yml", "replicas: 1\n")
            .file("t/acme.yml", "tenant: {name: Acme}\n")
            .file("o/brief.yml", "about: {expires: \"2026-01-31\"}\nreplicas: 3\n")
            .file(
                "templates/tenant/a.yaml.j2",
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: {{ target.tenant }}}\ndata: {r: \"{{ replicas }}\"}\n",
            )
            .with_variable("TENANTCTL_AUTHOR", "Ada")
            .on(today)
    }

    /// The ledger after one release with an override.
    fn ledger(world: &Memory) -> Ledger {
        let (sources, mut diagnostics) = (Sources::default(), Diagnostics::new());
        let workspace = Workspace::find(world, &sources, &mut diagnostics).unwrap();
        let overrides = vec!["brief".to_owned()];
        let selection = Selection { environment: "prod".to_owned(), overrides, ..Selection::default() };
        let targets = workspace.targets(&selection, &mut diagnostics).unwrap();
        let templates = workspace.templates(&mut diagnostics).unwrap();
        let draft = Draft::default();
        let courier = Courier::new(&workspace);
        let take = |document, found: &mut Diagnostics| draft.take(document, &courier, found);
        let top = workspace.top(&[], &[], &mut diagnostics).unwrap();
        let compiler = Compiler::new(&workspace, top).presented(Some(&take));
        let settled = compiler.run(&templates, &Wanted::all(Form::Yaml), &targets, |_| {}, &mut diagnostics).unwrap();
        drop(compiler);
        let drafted = draft.finish(settled, &workspace, "prod", selection.overrides, None, &mut diagnostics).unwrap();
        let stamp = Stamp::new(world, Path::new("/"), &mut diagnostics).unwrap();
        let entry = stamp.release(&Ledger::of("prod", Vec::new()), &drafted);
        Ledger::of("prod", vec![(entry.file_name(), entry.text().into_bytes())])
    }

    fn said(ledger: &Ledger, world: &Memory) -> Vec<String> {
        let (mut found, mut diagnostics) = (Diagnostics::new(), Diagnostics::new());
        let sealed = &ledger.entries()[0];
        let _ = render(world, &Sources::default(), ledger, sealed, None, &mut found, &mut diagnostics);
        found.items().iter().chain(diagnostics.items()).map(|item| item.message.clone()).collect()
    }

    #[test]
    fn it_is_the_day_of_the_release() {
        let ledger = ledger(&world(date(2026, 1, 15)));
        let later = world(date(2026, 3, 1));
        assert_eq!(said(&ledger, &later), [""; 0]);
        let changed = later.file("base.yml", "replicas: 2\n");
        assert_eq!(
            said(&ledger, &changed),
            ["release 1 of prod was made from other files, so it is not rendered again"]
        );
    }
}
