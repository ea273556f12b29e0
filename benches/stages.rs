//! Each stage alone, for a hundred tenants on one thread: what a tenant costs there. The stages take tenants one
//! after the other, so a hundred are enough; `end_to_end` has the sizes and the threads.

mod workload;

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use tenantctl::check::{Approved, Fleet, Form, Rules};
use tenantctl::diagnostic::{Diagnostics, Failed};
use tenantctl::expression::Expressions;
use tenantctl::layers::Layers;
use tenantctl::merge::Merged;
use tenantctl::output::{Held, Tree, directory};
use tenantctl::render::Rendered;
use tenantctl::source::Sources;
use tenantctl::target::Target;
use tenantctl::template::Templates;
use tenantctl::validate::Validated;
use tenantctl::workspace::{Selection, Top, Workspace};
use tenantctl::world::Memory;

const TENANTS: usize = 100;

/// A workspace with all that is made of it, stage by stage.
struct Stages<'a> {
    world: &'a Memory,
    workspace: &'a Workspace<'a>,
    expressions: Expressions,
    templates: Templates,
    targets: Vec<Target>,
}

impl Stages<'_> {
    /// A workspace that was just opened reads and parses every file.
    fn read(&self) -> Result<usize, Failed> {
        let mut diagnostics = Diagnostics::new();
        let sources = Sources::default();
        let workspace = Workspace::find(self.world, &sources, &mut diagnostics)?;
        let mut read = 0;
        for target in &self.targets {
            read += workspace.layers(target, &Top::default(), &mut diagnostics)?.stack().len();
        }
        Ok(read)
    }

    fn layers(&self) -> Result<Vec<Layers>, Failed> {
        let mut diagnostics = Diagnostics::new();
        self.targets.iter().map(|target| self.workspace.layers(target, &Top::default(), &mut diagnostics)).collect()
    }

    fn merged(&self, layers: &[Layers]) -> Result<Vec<Merged>, Failed> {
        let mut diagnostics = Diagnostics::new();
        let (rules, prefixes) = (self.workspace.rules(), self.workspace.prefixes());
        layers.iter().map(|layers| layers.merge(rules, prefixes, &mut diagnostics)).collect()
    }

    fn validated(&self, merged: Vec<Merged>) -> Result<Vec<Validated>, Failed> {
        let mut diagnostics = Diagnostics::new();
        let (schemas, sources) = (self.workspace.schemas(), self.workspace.sources());
        let validate = |merged: Merged| merged.validate(schemas, &self.expressions, sources, &mut diagnostics);
        merged.into_iter().map(validate).collect()
    }

    fn rendered(&self, validated: Vec<Validated>) -> Result<Vec<Rendered>, Failed> {
        let mut diagnostics = Diagnostics::new();
        let sources = self.workspace.sources();
        let render = |validated: Validated| validated.render(&self.templates, None, sources, &mut diagnostics);
        validated.into_iter().map(render).collect()
    }

    fn approved(&self, rendered: Vec<Rendered>) -> Result<Vec<Approved>, Failed> {
        let mut diagnostics = Diagnostics::new();
        let sources = self.workspace.sources();
        let rules = Rules::of(self.workspace);
        let check = |rendered: Rendered| rendered.check(&rules, &self.templates, sources, &mut diagnostics).approve().1;
        rendered.into_iter().map(check).collect()
    }
}

/// Measures a stage; `input` is made afresh for each round, outside the measurement.
fn stage<I, O>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    mut input: impl FnMut() -> I,
    work: impl Fn(I) -> Result<O, Failed>,
) {
    group.bench_function(name, |bencher| {
        bencher.iter_batched(
            &mut input,
            |input| {
                let made = black_box(work(input));
                assert!(made.is_ok(), "{name} finds something wrong");
                made
            },
            BatchSize::LargeInput,
        );
    });
}

fn measure(stages: &Stages<'_>, group: &mut BenchmarkGroup<'_, WallTime>) -> Result<(), Failed> {
    let layers = stages.layers()?;
    let merged = stages.merged(&layers)?;
    let validated = stages.validated(merged.clone())?;
    let rendered = stages.rendered(validated.clone())?;
    let approved = stages.approved(rendered.clone())?;
    stage(group, "read", || (), |()| stages.read());
    stage(group, "merge", || (), |()| stages.merged(&layers));
    stage(group, "validate", || merged.clone(), |merged| stages.validated(merged));
    stage(group, "render", || validated.clone(), |validated| stages.rendered(validated));
    // Rendered afresh: objects that were found right are not looked at again.
    let fresh = || stages.rendered(validated.clone()).unwrap_or_default();
    stage(group, "check", fresh, |rendered| stages.approved(rendered));
    let emit = |()| Ok::<Vec<String>, Failed>(approved.iter().map(|approved| approved.text(Form::Yaml)).collect());
    stage(group, "emit", || (), emit);

    let texts = emit(())?;
    let settled = || Fleet::default().settle(&Diagnostics::new());
    stage(
        group,
        "write/stream",
        || (),
        |()| {
            let mut held = Held::new();
            assert!(texts.iter().all(|text| held.push_str(text).is_ok()));
            assert!(held.release(settled()?, &mut std::io::sink()).is_ok());
            Ok(())
        },
    );
    let (Some(target), Ok(folder)) = (stages.targets.first(), tempfile::tempdir()) else { return Ok(()) };
    let mut number = 0;
    let input = || {
        number += 1;
        (
            approved.iter().cloned().map(|approved| approved.document(Some(Form::Yaml))).collect(),
            folder.path().join(number.to_string()),
        )
    };
    stage(group, "write/files", input, |(documents, folder)| {
        let tree = Tree::new(settled()?, documents, true, String::new(), target);
        directory::write(&folder, None, &tree, &directory::Options::default(), &mut Diagnostics::new())
    });
    Ok(())
}

fn each_stage(criterion: &mut Criterion) {
    let world = workload::files(TENANTS, 1).fold(Memory::new(), |world, (name, bytes)| world.file(&name, bytes));
    let mut diagnostics = Diagnostics::new();
    let sources = Sources::default();
    let selection = Selection {
        environment: "prod".to_owned(),
        overrides: vec!["high_availability".to_owned()],
        ..Selection::default()
    };
    let Ok(workspace) = Workspace::find(&world, &sources, &mut diagnostics) else {
        panic!("{:#?}", diagnostics.items())
    };
    let (Ok(targets), Ok(templates)) =
        (workspace.targets(&selection, &mut diagnostics), workspace.templates(&mut diagnostics))
    else {
        panic!("{:#?}", diagnostics.items())
    };
    let targets = targets.into_iter().filter(|target| target.tenant().is_some()).collect();
    let stages =
        Stages { world: &world, workspace: &workspace, expressions: Expressions::default(), templates, targets };
    let mut group = criterion.benchmark_group("stages");
    group.sample_size(20).throughput(Throughput::Elements(TENANTS as u64));
    assert!(measure(&stages, &mut group).is_ok(), "a stage finds something wrong");
    group.finish();
}

criterion_group!(benches, each_stage);
criterion_main!(benches);
