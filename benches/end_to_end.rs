//! The whole way: from the files of a workspace in memory to the text of all tenants, held back until it is settled.
//! It is what `tenantctl render prod --override high_availability` does, without the disk and the process.

mod workload;

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tenantctl::check::Form;
use tenantctl::diagnostic::{Diagnostic, Diagnostics, Failed, code};
use tenantctl::output::Held;
use tenantctl::pipeline::{Compiler, Wanted};
use tenantctl::source::Sources;
use tenantctl::workspace::{Selection, Top, Workspace};
use tenantctl::world::Memory;

/// Tenants, and how often they are rendered to be measured: the big ones seldom.
const SIZES: [(usize, usize); 4] = [(10, 50), (100, 20), (1000, 10), (5000, 10)];

/// What makes every rule of the policy look at every object, and stop nothing.
const ALL_RULES: &str = "\npolicy: {prod: {warn: [low]}}\n";

/// Renders the tenants that fit `pattern`; gives the bytes.
fn render(world: &Memory, pattern: Option<&str>) -> Result<u64, Failed> {
    let mut diagnostics = Diagnostics::new();
    let sources = Sources::default();
    let workspace = Workspace::find(world, &sources, &mut diagnostics)?;
    let selection = Selection {
        environment: "prod".to_owned(),
        tenants: pattern.map(str::to_owned).into_iter().collect(),
        overrides: vec!["high_availability".to_owned()],
        ..Selection::default()
    };
    let targets = workspace.targets(&selection, &mut diagnostics)?;
    let templates = workspace.templates(&mut diagnostics)?;
    let compiler = Compiler::new(&workspace, Top::default());
    let mut held = Held::new();
    let mut lost = Ok(());
    let settled = compiler.run(
        &templates,
        &Wanted::all(Form::Yaml),
        &targets,
        |document| {
            if let Err(error) = held.push_str(document.text()) {
                lost = Err(error);
            }
        },
        &mut diagnostics,
    )?;
    // What breaks a rule is told as a warning where every rule is looked at.
    let wrong = |item: &Diagnostic| !matches!(item.code, code::POLICY | code::POLICY_CONFIGURATION);
    assert!(lost.is_ok() && !diagnostics.items().iter().any(wrong), "{:#?}", diagnostics.items());
    let bytes = held.len();
    assert!(held.release(settled, &mut std::io::sink()).is_ok());
    Ok(bytes)
}

/// The workload, with more settings.
fn world(tenants: usize, settings: &str) -> Memory {
    workload::files(tenants, 1).fold(Memory::new(), |world, (name, mut bytes)| {
        if name == "tenantctl.yaml" {
            bytes.extend_from_slice(settings.as_bytes());
        }
        world.file(&name, bytes)
    })
}

fn end_to_end(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("end_to_end");
    for (tenants, samples) in SIZES {
        let world = world(tenants, "");
        group.sample_size(samples).measurement_time(Duration::from_secs(5)).warm_up_time(Duration::from_secs(1));
        group.throughput(Throughput::Elements(tenants as u64));
        group.bench_function(BenchmarkId::new("all", tenants), |bencher| {
            bencher.iter(|| assert!(black_box(render(&world, None)).is_ok_and(|bytes| bytes > 0)));
        });
        group.throughput(Throughput::Elements(1));
        group.bench_function(BenchmarkId::new("one_of", tenants), |bencher| {
            bencher.iter(|| assert!(black_box(render(&world, Some("shop-00007"))).is_ok_and(|bytes| bytes > 0)));
        });
    }
    let world = world(1000, ALL_RULES);
    group.sample_size(10).measurement_time(Duration::from_secs(5)).throughput(Throughput::Elements(12_000));
    group.bench_function("all_rules_on_12000_objects", |bencher| {
        bencher.iter(|| assert!(black_box(render(&world, None)).is_ok_and(|bytes| bytes > 0)));
    });
    group.finish();
}

criterion_group!(benches, end_to_end);
criterion_main!(benches);
