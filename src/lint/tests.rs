//! The laws of lint, for small workspaces of any content.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;
use crate::diagnostic::code;
use crate::pipeline::Compiler;
use crate::source::Sources;
use crate::workspace::Top;
use crate::world::Memory;
use crate::yaml::{Limits, Written, emit, read_document};

const SETTINGS: &str = "apiVersion: tenantctl.dev/v1
kind: Workspace
environments: {dev: {}, prod: {}}
layers:
  - {name: base, file: base.yml}
  - {name: environment, file: '{environment}/{environment}.yml'}
  - {name: tier, file: 'tiers/{tier}.yml'}
  - {name: tenant, file: '{environment}/tenants/{tenant}.yml', trust: data}
  - {name: override, file: '{environment}/overrides/{override}.yml'}
schemas: {merged: schema.json}
";
const SCHEMA: &str = r#"{"properties": {"u": {"x-merge": "unique"}}}"#;

/// Files of layers, the tenants' with their tier.
const FILES: [&str; 10] = [
    "base.yml",
    "dev/dev.yml",
    "prod/prod.yml",
    "tiers/free.yml",
    "tiers/paid.yml",
    "dev/tenants/ann.yml",
    "prod/tenants/ann.yml",
    "prod/tenants/bob.yml",
    "prod/overrides/one.yml",
    "prod/overrides/two.yml",
];
/// Values that a layer may set: each path has one kind, so that layers rarely contradict each other.
const PATHS: [&str; 7] = ["i", "s", "u", "m.i", "m.s", "m.l", "m.k.i"];

/// What a layer says: for each path the text of a value.
type Layer = BTreeMap<&'static str, String>;

fn value(path: &'static str, trusted: bool) -> BoxedStrategy<String> {
    let number = prop_oneof![
        4 => prop::sample::select(&["1", "2"][..]),
        1 => prop::sample::select(&["!at_least 1", "!at_least 2", "!at_most 1", "!replace 2"][..]),
    ];
    let text = prop_oneof![
        4 => prop::sample::select(&["x", "\"w\"", "|-\n  x\n\n  z"][..]),
        1 => prop::sample::select(if trusted {
            &["\"{{ i }}\"", "\"{{ s | default('x') }}w\"", "!raw \"{{ i }}\"", "\"{{ m.s | default('x') }}\""][..]
        } else {
            &["x", "!raw \"{{ i }}\""][..]
        }),
    ];
    let list = prop_oneof![
        3 => prop::sample::select(&["[x]", "[x, w]", "[]"][..]),
        1 => prop::sample::select(&["!append [x]", "!append []", "!prepend [w]", "!replace [x]", "!remove []"][..]),
    ];
    match path.rsplit('.').next() {
        Some("i") => number.prop_map(str::to_owned).boxed(),
        Some("s") => text.prop_map(str::to_owned).boxed(),
        _ => list.prop_map(str::to_owned).boxed(),
    }
}

fn layer(trusted: bool) -> impl Strategy<Value = Layer> {
    let set = |path| prop::option::weighted(0.6, value(path, trusted)).prop_map(move |value| (path, value));
    PATHS.map(set).prop_map(|values| values.into_iter().filter_map(|(path, value)| Some((path, value?))).collect())
}

/// How a file is laid out.
#[derive(Clone, Copy, Debug)]
struct Layout {
    /// Mappings in mappings stand in braces.
    flow: bool,
    comments: bool,
    gaps: bool,
}

fn layout() -> impl Strategy<Value = Layout> {
    (prop::bool::weighted(0.3), any::<bool>(), any::<bool>()).prop_map(|(flow, comments, gaps)| Layout {
        flow,
        comments,
        gaps,
    })
}

fn text(file: &str, layer: &Layer, layout: Layout) -> String {
    let mut text = String::from("# of the file\n\n");
    if file.contains("/tenants/") {
        let tier = if file.ends_with("ann.yml") { "free" } else { "paid" };
        let _ = writeln!(text, "tenant: {{tier: {tier}}}");
    }
    if file.contains("/overrides/") {
        text.push_str("about: {description: text}\n");
    }
    for (path, value) in layer.iter().filter(|(path, _)| !path.contains('.')) {
        line(&mut text, "", path, path, value, layout);
    }
    let inner: Vec<(&str, &String)> =
        layer.iter().filter_map(|(path, value)| Some((path.strip_prefix("m.")?, value))).collect();
    if inner.is_empty() {
        return text;
    }
    let (flat, deep): (Vec<_>, Vec<_>) = inner.into_iter().partition(|(path, _)| !path.contains('.'));
    if layout.flow && flat.iter().all(|(_, value)| !value.contains('\n')) {
        let member = |(key, value): &(&str, &String)| format!("{key}: {value}");
        let deep = deep.iter().map(|(path, value)| format!("k: {{{}: {value}}}", &path[2..]));
        let all: Vec<String> = flat.iter().map(member).chain(deep).collect();
        let _ = writeln!(text, "m: {{{}}}", all.join(", "));
        return text;
    }
    text.push_str("m:\n");
    for (key, value) in flat {
        line(&mut text, "  ", key, &format!("m.{key}"), value, layout);
    }
    for (path, value) in deep {
        text.push_str("  k:\n");
        line(&mut text, "    ", &path[2..], &format!("m.{path}"), value, layout);
    }
    text
}

fn line(text: &mut String, indent: &str, key: &str, path: &str, value: &str, layout: Layout) {
    if layout.comments {
        let _ = writeln!(text, "{indent}# above {path}.");
    }
    let value = value.replace('\n', &format!("\n{indent}"));
    let at = if layout.comments && !value.contains('\n') { format!(" # at {path}.") } else { String::new() };
    let _ = writeln!(text, "{indent}{key}: {value}{at}");
    if layout.gaps {
        text.push('\n');
    }
}

fn world(texts: &BTreeMap<&str, String>) -> Memory {
    let world = Memory::new()
        .file("tenantctl.yaml", SETTINGS)
        .file("schema.json", SCHEMA)
        .file("templates/tenant/a.yaml.j2", "{% if i %}{{ m | to_yaml }}{% endif %}");
    texts.iter().fold(world, |world, (name, text)| world.file(name, text.as_bytes().to_vec()))
}

/// Everything that all targets come to, as text; `None` if one is wrong.
fn outcome(texts: &BTreeMap<&str, String>) -> Option<Vec<String>> {
    outcomes(texts, true)
}

/// The same without what the environments have once, which has no templates here.
fn rendered(texts: &BTreeMap<&str, String>) -> Option<Vec<serde_json::Value>> {
    // Whatever the order of keys.
    let all = outcomes(texts, false)?;
    Some(all.iter().filter_map(|text| serde_json::from_str(text.split_once(' ')?.1).ok()).collect())
}

fn outcomes(texts: &BTreeMap<&str, String>, own: bool) -> Option<Vec<String>> {
    let (world, sources, mut found) = (world(texts), Sources::default(), Diagnostics::new());
    let workspace = Workspace::find(&world, &sources, &mut found).ok()?;
    let compiler = Compiler::new(&workspace, Top::default());
    let overrides: [&[&str]; 3] = [&[], &["one"], &["two"]];
    let mut all = Vec::new();
    for (environment, overrides) in [("dev", &overrides[..1]), ("prod", &overrides[..])] {
        for over in overrides {
            let overrides = over.iter().map(ToString::to_string).collect();
            let selection =
                crate::workspace::Selection { environment: environment.into(), overrides, ..Default::default() };
            let targets = workspace.targets(&selection, &mut found).ok()?;
            for target in targets.into_iter().filter(|target| own || target.tenant().is_some()) {
                let validated = compiler.validated(&target, &mut found).ok()?;
                all.push(format!("{target} {}", emit::json(validated.root(), false)));
            }
        }
    }
    found.all_clear().ok().map(|()| all)
}

/// What lint finds and fixes: code and path by file, and the new texts.
type Linted = (BTreeSet<(Code, String, Path)>, BTreeMap<String, String>, Vec<(String, Path)>);

fn linted(texts: &BTreeMap<&str, String>) -> Linted {
    let (world, sources, mut found) = (world(texts), Sources::default(), Diagnostics::new());
    let workspace = Workspace::find(&world, &sources, &mut found).unwrap();
    let templates = workspace.templates(&mut found).unwrap();
    let question = Question { workspace: &workspace, templates: &templates, environments: &[], within: None };
    let answer = question.answer(&mut found).unwrap();
    let place = |diagnostic: &Diagnostic| {
        let label = diagnostic.primary.as_ref()?;
        Some((diagnostic.code, sources.get(label.place.file).name().to_string(), diagnostic.path.clone()?))
    };
    let findings = answer.findings().filter_map(place).collect();
    let fix = answer.fix(&|_| true).unwrap_or_else(|refused| panic!("{refused}\n{texts:#?}"));
    let files = fix.files.iter().map(|(name, (_, text))| (name.to_string(), text.clone())).collect();
    let file = |removed: &Removed| removed.place.split(':').next().unwrap_or_default().to_owned();
    (findings, files, fix.removed.iter().map(|removed| (file(removed), removed.path.clone())).collect())
}

fn root(text: &str) -> Written {
    let sources = Sources::default();
    read_document(sources.add("f", text), text, &Limits::default(), &mut Diagnostics::new()).unwrap()
}

/// The layers, each with its layout, as texts.
type Workspaces = Vec<(Layer, Layout)>;

fn workspaces() -> impl Strategy<Value = Workspaces> {
    let file = |name: &str| (layer(!name.contains("/tenants/")), layout());
    FILES.map(file).prop_map(Vec::from)
}

fn texts(all: &Workspaces) -> BTreeMap<&'static str, String> {
    FILES.iter().zip(all).map(|(name, (layer, layout))| (*name, text(name, layer, *layout))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    #[test]
    fn a_fix_changes_no_configuration_and_no_other_line(all in workspaces()) {
        let mut texts = texts(&all);
        let before = outcome(&texts);
        prop_assume!(before.is_some());
        let old = texts.clone();
        let (_, files, removed) = linted(&texts);
        for (name, text) in &files {
            let name = FILES.iter().find(|known| *known == name).unwrap();
            texts.insert(name, text.clone());
        }
        prop_assert_eq!(outcome(&texts), before, "{:#?}\n{:#?}", old, texts);
        for (name, text) in &files {
            let old = &old[name.as_str()];
            let mut rest = old.lines();
            for line in text.lines() {
                prop_assert!(line.contains('{') || rest.any(|other| other == line), "{line:?} in {name}\n{old}\n{text}");
            }
            prop_assert!(text.starts_with("# of the file\n") && !text.contains("\n\n\n"), "{text}");
            // What stays keeps its comments, what goes takes them along.
            for path in PATHS {
                let kept = root(text).at(&path.split('.').collect::<Vec<_>>()).is_some();
                for comment in [format!("# above {path}.\n"), format!("# at {path}.\n")] {
                    prop_assert_eq!(text.contains(&comment), kept && old.contains(&comment), "{} {}\n{}\n{}", path, name, old, text);
                }
            }
        }
        prop_assert_eq!(files.is_empty(), removed.is_empty());
        let (_, again, _) = linted(&texts);
        prop_assert!(again.is_empty(), "{texts:#?}\n{again:#?}");
    }

    #[test]
    fn what_is_said_to_have_no_effect_has_none(all in workspaces()) {
        let texts = texts(&all);
        let before = outcome(&texts);
        prop_assume!(before.is_some());
        let (findings, ..) = linted(&texts);
        for (code, file, path) in findings {
            if ![code::RESTATED, code::OVERRIDDEN].contains(&code) {
                continue;
            }
            let mut without = all.clone();
            let position = FILES.iter().position(|known| *known == file).unwrap();
            let below = format!("{path}.");
            without[position].0.retain(|known, _| *known != path.to_string() && !known.starts_with(&below));
            let texts = self::texts(&without);
            if code == code::RESTATED {
                prop_assert_eq!(&outcome(&texts), &before, "{} {} in {}\n{:#?}", code, path, file, texts);
            }
            // The order of keys may follow one that is always overridden, and so may what nobody renders.
            let after = rendered(&texts);
            prop_assert_eq!(after, rendered(&self::texts(&all)), "{} {} in {}\n{:#?}", code, path, file, texts);
        }
    }

    #[test]
    fn what_restates_and_is_no_bound_is_found(all in workspaces()) {
        let texts = texts(&all);
        let before = outcome(&texts);
        prop_assume!(before.is_some());
        let (findings, ..) = linted(&texts);
        // In the lowest layer nothing restates; a tenant's file is a layer of one target, the easiest to judge.
        for (position, file) in FILES.iter().enumerate().filter(|(_, file)| file.contains("/tenants/")) {
            for (path, value) in &all[position].0 {
                let mut without = all.clone();
                without[position].0.remove(path);
                let same = outcome(&self::texts(&without)) == before;
                let plain = !value.starts_with('!') && !value.contains("{{") && *path != "u";
                let path = Path::parse(path).unwrap();
                let told = findings.iter().any(|(code, of, topmost)| {
                    *code == code::RESTATED && of == file && path.steps().starts_with(topmost.steps())
                });
                // Equal once it is evaluated is not equal as it is written.
                let expressed = texts.values().any(|text| text.contains("{{"));
                prop_assert!(!same || told || !plain || expressed, "{path} in {file}\n{texts:#?}");
            }
        }
    }
}
