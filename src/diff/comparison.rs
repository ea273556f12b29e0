//! What is compared with what: the two sides that a command names.

use std::path::Path;

use indexmap::IndexMap;

use super::fleet::{Fleets, compare};
use super::rendered::Rendered;
use super::report::Report;
use super::side::Side;
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, Label, Severity, code};
use crate::pipeline::{Compiler, Watch};
use crate::source::{FileId, Sources};
use crate::target::Target;
use crate::workspace::{Selection, Top, Workspace};
use crate::world::World;

/// One side of a comparison and what is put on top of its layers; the other side is an argument of each method.
pub struct Comparison<'a> {
    /// The workspace.
    pub workspace: &'a Workspace<'a>,
    /// Which tenants of which environment, with which overrides.
    pub selection: Selection,
    /// Files on top of all layers.
    pub files: &'a [String],
    /// Values on top of all layers.
    pub sets: &'a [String],
    /// Whether it is asked what the changes put at risk.
    pub judged: bool,
    /// Who is told how far it has come.
    pub watch: Option<&'a dyn Watch>,
}

impl Comparison<'_> {
    /// With another environment, which gets the same overrides, files and values.
    pub fn with_environment(&self, other: &str, diagnostics: &mut Diagnostics) -> Result<Report, Failed> {
        let newer = Selection { environment: other.to_owned(), ..self.selection.clone() };
        let top = self.top(self.workspace, diagnostics)?;
        let (mut first, mut second) = (diagnostics.untargeted(), diagnostics.untargeted());
        let targets = chosen([self.workspace; 2], [&self.selection, &newer], [&mut first, &mut second]);
        diagnostics.extend(first);
        diagnostics.extend(second);
        let names = [called(&self.selection), called(&newer)];
        self.of_one_workspace([top.clone(), top], targets?, names, diagnostics)
    }

    /// With the same environment without the overrides, files and values: what they change.
    pub fn with_plain(&self, diagnostics: &mut Diagnostics) -> Result<Report, Failed> {
        if self.selection.overrides.is_empty() && self.files.is_empty() && self.sets.is_empty() {
            let message = format!("nothing is named to compare {} with", self.selection.environment);
            return Err(diagnostics.fail(
                Diagnostic::new(code::NOTHING_TO_COMPARE, message)
                    .help("name another environment, or one of --override, --set, -f, --against and --against-rev"),
            ));
        }
        let plain = Selection { overrides: Vec::new(), ..self.selection.clone() };
        let top = self.top(self.workspace, diagnostics)?;
        let targets = [&plain, &self.selection].map(|selection| self.workspace.targets(selection, diagnostics));
        let [before, after] = targets;
        let shown = |file: &String| if file == "-" { "<standard input>".to_owned() } else { file.clone() };
        let added = self.files.iter().map(shown).chain(self.sets.iter().cloned()).map(|added| format!(" with {added}"));
        let names = [called(&plain), called(&self.selection) + &added.collect::<String>()];
        self.of_one_workspace([Top::default(), top], [before?, after?], names, diagnostics)
    }

    /// With output of an earlier run. Findings about it go to `found`.
    pub fn with_output(
        &self,
        rendered: &Rendered,
        found: &mut Diagnostics,
        diagnostics: &mut Diagnostics,
    ) -> Result<Report, Failed> {
        let workspace = self.workspace;
        let compiler = Compiler::new(workspace, self.top(workspace, diagnostics)?);
        let templates = workspace.templates(diagnostics)?;
        let targets = workspace.targets(&self.selection, diagnostics)?;
        let fleets = Fleets {
            before: Side::Rendered(rendered),
            after: Side::Compiled { workspace, compiler: &compiler, templates: &templates, targets },
            before_name: rendered.name(),
            after_name: called(&self.selection),
            same_if_same_files: false,
            judged: self.judged,
        };
        compare(&fleets, self.watch, found, diagnostics)
    }

    /// The output of an earlier run, to be compared with: that of the same targets.
    pub fn output(&self, directory: &Path, diagnostics: &mut Diagnostics) -> Result<Rendered, Failed> {
        let environments: Vec<&str> = self.workspace.environments().map(AsRef::as_ref).collect();
        let targets = self.workspace.targets(&self.selection, diagnostics)?;
        let complete = self.selection.is_complete();
        let chosen = |tenant: Option<&str>| {
            complete || targets.iter().any(|target| target.tenant().map(AsRef::as_ref) == tenant)
        };
        Rendered::open(directory, &called(&self.selection), &environments, chosen, diagnostics)
    }

    /// With the same workspace in an older world, whose texts go to `sources` and whose findings go to `found`.
    pub fn with_world(
        &self,
        world: &dyn World,
        sources: &Sources,
        name: &str,
        found: &mut Diagnostics,
        diagnostics: &mut Diagnostics,
    ) -> Result<Report, Failed> {
        let older = Workspace::find(world, sources, found)?;
        *found = Diagnostics::with_levels(older.levels());
        let name = format!("{} at {name}", called(&self.selection));
        self.with_workspace(&older, name, found, diagnostics, |_, report| report)
    }

    /// With an older workspace. `then` gets both sides with what differs.
    pub(crate) fn with_workspace<T>(
        &self,
        older: &Workspace<'_>,
        before_name: String,
        found: &mut Diagnostics,
        diagnostics: &mut Diagnostics,
        then: impl FnOnce(&Fleets<'_>, Report) -> T,
    ) -> Result<T, Failed> {
        let newer = self.workspace;
        let (old_templates, templates) = (older.templates(found)?, newer.templates(diagnostics)?);
        let old_compiler = Compiler::new(older, self.top(older, found)?);
        let compiler = Compiler::new(newer, self.top(newer, diagnostics)?);
        let [before, after] = chosen([older, newer], [&self.selection; 2], [found, diagnostics])?;
        let fleets = Fleets {
            before: Side::Compiled {
                workspace: older,
                compiler: &old_compiler,
                templates: &old_templates,
                targets: before,
            },
            after: Side::Compiled { workspace: newer, compiler: &compiler, templates: &templates, targets: after },
            before_name,
            after_name: called(&self.selection),
            same_if_same_files: true,
            judged: self.judged,
        };
        let report = compare(&fleets, self.watch, found, diagnostics)?;
        Ok(then(&fleets, report))
    }

    fn top(&self, workspace: &Workspace<'_>, diagnostics: &mut Diagnostics) -> Result<Top, Failed> {
        workspace.top(self.files, self.sets, diagnostics)
    }

    fn of_one_workspace(
        &self,
        tops: [Top; 2],
        [before, after]: [Vec<Target>; 2],
        [before_name, after_name]: [String; 2],
        diagnostics: &mut Diagnostics,
    ) -> Result<Report, Failed> {
        let workspace = self.workspace;
        let templates = workspace.templates(diagnostics)?;
        let [older, newer] = tops.map(|top| Compiler::new(workspace, top));
        let side = |compiler, targets| Side::Compiled { workspace, compiler, templates: &templates, targets };
        let (before, after) = (side(&older, before), side(&newer, after));
        let fleets = Fleets { before, after, before_name, after_name, same_if_same_files: false, judged: self.judged };
        let (mut first, mut second) = (diagnostics.untargeted(), diagnostics.untargeted());
        let report = compare(&fleets, self.watch, &mut first, &mut second);
        diagnostics.extend(first);
        diagnostics.extend(second);
        report
    }
}

/// The environment with its overrides, as directories of output are called.
fn called(selection: &Selection) -> String {
    selection.overrides.iter().fold(selection.environment.clone(), |name, over| name + "+" + over)
}

/// The targets of both sides. A tenant that was asked for must be on one of them.
fn chosen(
    workspaces: [&Workspace<'_>; 2],
    selections: [&Selection; 2],
    [before, after]: [&mut Diagnostics; 2],
) -> Result<[Vec<Target>; 2], Failed> {
    let wanted = &selections[0].tenants;
    let parts: Vec<Vec<String>> =
        if wanted.is_empty() { vec![Vec::new()] } else { wanted.iter().map(|one| vec![one.clone()]).collect() };
    let mut targets: [Vec<Target>; 2] = Default::default();
    let mut failed = None;
    for tenants in parts {
        let of_side = |side: usize, found: &mut Diagnostics| {
            let selection = Selection { tenants: tenants.clone(), ..selections[side].clone() };
            workspaces[side].targets(&selection, found)
        };
        let mut found = [before.untargeted(), after.untargeted()];
        let made = [of_side(0, &mut found[0]), of_side(1, &mut found[1])];
        let missing = |found: &Diagnostics| found.items().iter().all(|item| item.code == code::UNKNOWN_TENANT);
        let one_sided = made[0].is_ok() != made[1].is_ok();
        for (side, (made, found)) in made.into_iter().zip(found).enumerate() {
            match made {
                Ok(made) => targets[side].extend(made),
                Err(_) if one_sided && missing(&found) => {}
                Err(error) => {
                    failed = Some(error);
                    if side == 0 { before.extend(found) } else { after.extend(found) }
                }
            }
        }
    }
    for side in &mut targets {
        side.sort();
        side.dedup();
    }
    failed.map_or(Ok(targets), Err)
}

/// Takes the errors of one side into the findings of the other, with the texts that they point to. What was a warning
/// there was said when it was new.
pub fn adopt(found: &Diagnostics, from: &Sources, into: &mut Diagnostics, to: &Sources) {
    let mut files: IndexMap<FileId, FileId> = IndexMap::new();
    let mut moved = |label: &mut Label| {
        let file = label.place.file;
        label.place.file = *files.entry(file).or_insert_with(|| {
            let source = from.get(file);
            to.add(&source.path(), source.text())
        });
    };
    let errors = found.items().iter().filter(|item| item.severity == Severity::Error);
    let adopted = errors.map(|item| {
        let mut item = item.clone();
        item.primary.iter_mut().chain(&mut item.related).for_each(&mut moved);
        item
    });
    into.replay(&adopted.collect::<Vec<_>>());
}
