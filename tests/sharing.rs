//! What targets share is read, merged, parsed and checked once. Each target compiled by a compiler of its own, where
//! nothing can be shared, gives the same objects and the same findings.

#[path = "../benches/workload.rs"]
mod workload;

use proptest::prelude::*;
use tenantctl::check::{Document, Form};
use tenantctl::diagnostic::{Diagnostic, Diagnostics, Failed, concise};
use tenantctl::pipeline::{Compiler, Wanted};
use tenantctl::shipped;
use tenantctl::source::Sources;
use tenantctl::target::Target;
use tenantctl::workspace::{Selection, Top, Workspace};
use tenantctl::world::{Memory, World};

/// The text of each target, and one line for each finding.
#[derive(Debug, Default, PartialEq)]
struct Made {
    texts: Vec<(String, String)>,
    said: Vec<String>,
}

fn selection(environment: &str, over: Option<&str>) -> Selection {
    let overrides = over.map(str::to_owned).into_iter().collect();
    Selection { environment: environment.to_owned(), overrides, ..Selection::default() }
}

/// Compiles the targets that `chosen` keeps.
fn made(world: &dyn World, selection: &Selection, chosen: impl Fn(&Target) -> bool) -> (Made, Vec<Target>) {
    let sources = Sources::default();
    let mut diagnostics = Diagnostics::new();
    let (mut texts, mut targets) = (Vec::new(), Vec::new());
    let _ = (|| {
        let workspace = Workspace::find(world, &sources, &mut diagnostics)?;
        diagnostics = Diagnostics::with_levels(workspace.levels());
        targets = workspace.targets(selection, &mut diagnostics)?;
        targets.retain(&chosen);
        let templates = workspace.templates(&mut diagnostics)?;
        let each = |document: Document| texts.push((document.target().to_string(), document.text().to_owned()));
        let compiler = Compiler::new(&workspace, Top::default());
        compiler.run(&templates, &Wanted::all(Form::Yaml), &targets, each, &mut diagnostics)?;
        Ok::<_, Failed>(())
    })();
    let said = diagnostics.items().iter().map(|item| line(item, &sources)).collect();
    (Made { texts, said }, targets)
}

fn line(item: &Diagnostic, sources: &Sources) -> String {
    let mut one = Diagnostics::new();
    one.replay(std::slice::from_ref(item));
    concise::render(&one, sources)
}

/// Compiles all together and one by one.
fn same(world: &dyn World, selection: &Selection) -> Made {
    let (together, targets) = made(world, selection, |_| true);
    assert!(targets.len() > 1);
    let mut alone = Made::default();
    for target in &targets {
        let (own, _) = made(world, selection, |other| other == target);
        alone.texts.extend(own.texts);
        // Each run closes with how many errors there are.
        alone.said.extend(own.said);
    }
    assert_eq!(together.texts, alone.texts);
    assert_eq!(together.said, alone.said);
    together
}

#[test]
fn the_shipped_workspace_is_the_same_without_sharing() {
    let world = shipped::world();
    for (environment, over) in [("dev", None), ("staging", None), ("prod", None), ("prod", Some("high_availability"))] {
        let made = same(&world, &selection(environment, over));
        assert!(made.texts.iter().any(|(_, text)| text.contains("kind: Deployment")), "{environment} {over:?}");
    }
}

#[test]
fn a_fleet_is_the_same_without_sharing() {
    let world = workload::files(100, 7).fold(Memory::new(), |world, (name, bytes)| world.file(&name, bytes));
    assert_eq!(same(&world, &selection("prod", Some("high_availability"))).texts.len(), 100);
}

const SETTINGS: &str = "\
apiVersion: tenantctl.dev/v1
kind: Workspace
environments: {dev: {}}
schemas: {merged: merged.json, layers: {base: layer.json, tier: layer.json, tenant: layer.json}}
severity: {TC202: warning, TC302: warning, TC305: warning}
layers:
  - {name: base, file: base.yml}
  - {name: tier, file: \"tiers/{tier}.yml\"}
  - {name: tenant, file: \"tenants/{tenant}.yml\", trust: data}
";

/// With branches, loops, blocks and keys made of values, so that renderings are alike and different.
const TEMPLATE: &str = "\
apiVersion: v1
kind: ConfigMap
metadata: {name: x, namespace: {{ target.tenant }}}
data:
  same: one
  size: \"{{ size }}\"
  {{ name }}: fixed
{% if flag %}
  flagged: {inner: {{ list }}}
{% endif %}
{% for item in list %}
  item-{{ loop.index }}: [{{ item }}, {{ size }}, fixed]
{% endfor %}
  block: |
    size is {{ size }}
    {{ name }}
";

const SCHEMA: &str = r#"{"properties": {"size": {"type": "integer", "maximum": 5}, "flag": {"type": "boolean"},
    "name": {"type": "string"}, "list": {"type": "array"}, "tenant": {}}, "additionalProperties": false}"#;

fn layer() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        (0..8).prop_map(|size| format!("size: {size}")),
        any::<bool>().prop_map(|flag| format!("flag: {flag}")),
        "[a-c]{1,2}".prop_map(|name| format!("name: \"{name}\"")),
        prop::collection::vec("[a-c0-2]{0,2}", 0..3).prop_map(|list| format!("list: {list:?}")),
        Just("unknown: 1".to_owned()),
        Just("gone: !unset".to_owned()),
    ];
    prop::collection::vec(line, 0..4).prop_map(|mut lines| {
        lines.sort();
        lines.dedup_by_key(|line| line.split(':').next().map(str::to_owned));
        lines.join("\n") + "\n"
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    #[test]
    fn any_fleet_is_the_same_without_sharing(
        tiers in prop::array::uniform2(layer()),
        tenants in prop::collection::vec((layer(), 0..2usize), 2..12),
    ) {
        let mut world = Memory::new()
            .file("tenantctl.yaml", SETTINGS)
            .file("merged.json", SCHEMA)
            .file("layer.json", SCHEMA)
            .file("base.yml", "size: 1\nflag: false\nname: a\nlist: []\n")
            .file("templates/tenant/x.yaml.j2", TEMPLATE);
        for (index, tier) in tiers.iter().enumerate() {
            world = world.file(&format!("tiers/t{index}.yml"), tier.as_str());
        }
        for (index, (own, tier)) in tenants.iter().enumerate() {
            world = world.file(&format!("tenants/tenant-{index:02}.yml"), format!("tenant: {{tier: t{tier}}}\n{own}"));
        }
        same(&world, &selection("dev", None));
    }
}
