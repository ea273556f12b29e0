//! What templates mention; and that a rendering never reads anything else.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::diagnostic::Diagnostics;
use crate::explain::SourceMap;
use crate::path::Path;
use crate::pipeline::Compiler;
use crate::template::Subject;
use crate::tree::{Node, Value as Data};
use crate::workspace::{Selection, Top, Workspace};
use crate::world::Memory;
use crate::yaml::{Limits, read_document};

fn templates(files: &[(&str, &str)]) -> (Templates, Sources) {
    let world = files
        .iter()
        .fold(Memory::new(), |world, (name, text)| world.file(&format!("templates/{name}"), text.as_bytes().to_vec()));
    let (sources, mut diagnostics) = (Sources::default(), Diagnostics::new());
    let templates = Templates::load(&world, &sources, &mut diagnostics);
    assert_eq!(diagnostics.items(), [], "{files:#?}");
    (templates.unwrap(), sources)
}

fn scanned(files: &[(&str, &str)]) -> Scan {
    let (templates, sources) = templates(files);
    templates.scan(&sources)
}

fn tenant(text: &str) -> Mentions {
    scanned(&[("tenant/a.yaml.j2", text)]).mentions
}

#[track_caller]
fn assert_covers(mentions: &Mentions, covered: &[&str], uncovered: &[&str]) {
    for (paths, expected) in [(covered, true), (uncovered, false)] {
        for path in paths {
            assert_eq!(mentions.covers(&Path::parse(path).unwrap()), expected, "{path} in {mentions:#?}");
        }
    }
}

#[test]
fn a_branch_that_is_never_taken_is_looked_at() {
    let mentions = tenant("{% if x.on %}{{ x.size }}{% elif y %}{{ z.a }}{% else %}{{ z.b }}{% endif %}");
    assert_covers(&mentions, &["x.on", "x.size.deep", "y", "y.key", "z.a", "z.b"], &["x.off", "z.c", "y.key.deep"]);
}

#[test]
fn values_are_followed_through_variables_loops_and_unpacking() {
    let mentions = tenant(
        "{% set web = app.web %}{% with w = web.ports %}{{ w.http }}{% endwith %}\
         {% for kind, probe in app.probes | items %}{{ kind }}{{ probe.path }}{% endfor %}\
         {% for host in app.hosts %}{{ host.name }}{{ loop.previtem.last }}{% endfor %}\
         {{ app.list | map(attribute='id') | join(',') }}{{ app.first[0].x }}{{ app[target.tenant].y }}",
    );
    let read =
        ["app.web.ports.http", "app.probes.live.path", "app.hosts[1].name", "app.hosts[0].last", "app.list[0].id"];
    assert_covers(
        &mentions,
        &read,
        &["app.web.ports.grpc", "app.probes.live.typo", "app.hosts[1].size", "app.list[0].z"],
    );
    assert_covers(&mentions, &["app.first[3].x", "app.other.y"], &["app.first[0].z", "other"]);
}

#[test]
fn what_is_written_whole_is_read_whole() {
    let mentions =
        tenant("{{ a | to_yaml }}{{ b.c | tojson }}{{ f(d) if false }}{{ [e.f] | length }}{{ {'x': g}.x.y }}");
    assert_covers(&mentions, &["a.x.y", "b.c.z", "d.x", "e.f", "g.y"], &["b.d", "e.f.x", "g.z"]);
}

#[test]
fn macros_are_followed_with_what_they_get() {
    let library = "{% macro head(meta, extra=none) %}{{ meta.name }}{{ extra.x }}{{ shared.key }}{% endmacro %}\
                   {% macro wrap(a) %}{{ caller(a.inner) }}{% endmacro %}\
                   {% macro idle() %}{{ lost }}{% endmacro %}\
                   {% macro tree(node) %}{{ node.name }}{{ tree(node.child) }}{% endmacro %}";
    let scan = scanned(&[
        ("lib/l.j2", library),
        (
            "tenant/a.yaml.j2",
            "{% from 'lib/l.j2' import head, wrap as around %}{% import 'lib/l.j2' as l %}\
             {{ head(app) }}{{ head(meta=db, extra=db.more) }}{{ l.tree(root) }}\
             {% call(given) around(box) %}{{ given.value }}{% endcall %}",
        ),
    ]);
    let read =
        ["app.name", "db.name", "db.more.x", "shared.key", "box.inner.value", "root.child.name", "root.child.child"];
    assert_covers(&scan.mentions, &read, &["app.x", "db.more.y", "box.value", "root.size", "lost"]);
    assert_eq!(scan.unused.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["idle"]);
}

#[test]
fn what_nobody_includes_is_not_reached() {
    let names = |scan: Scan| scan.unreached.iter().map(|(name, _)| name.to_string()).collect::<Vec<_>>();
    let files = [
        ("lib/a.j2", "{{ a.x }}"),
        ("lib/b.j2", "{% include 'lib/c.j2' %}"),
        ("lib/c.j2", "{{ c }}"),
        ("tenant/part.j2", "{{ part }}"),
        ("tenant/t.yaml.j2", "{% set a = z %}{% include ['lib/a.j2', 'lib/none.j2'] ignore missing %}"),
    ];
    let scan = scanned(&files);
    assert_covers(&scan.mentions, &["z.x"], &["c", "part"]);
    assert_eq!(names(scan), ["lib/b.j2", "lib/c.j2", "tenant/part.j2"]);
    // A computed name may be any.
    let computed = [&files[..4], &[("tenant/t.yaml.j2", "{% set a = z %}{% include name %}")]].concat();
    let scan = scanned(&computed);
    assert_covers(&scan.mentions, &["name", "z.y", "c", "part"], &["d"]);
    assert_eq!(names(scan), [""; 0]);
}

#[test]
fn too_much_to_follow_is_everything() {
    let mut text = "{% macro m(a, b, c) %}x{% endmacro %}".to_owned();
    for _ in 0..30 {
        text = format!("{{% for x in a %}}{{% macro n() %}}{{% endmacro %}}{text}{{% endfor %}}");
    }
    assert!(tenant(&text).covers(&Path::from_keys(["anything"])));
}

#[test]
fn an_expression_mentions_itself_only_if_it_names_itself() {
    assert_covers(&mentioned("{{ a.b | default(c) }}-{{ d[0] }}"), &["a.b", "c.x", "d[1]"], &["a.c", "e"]);
    assert!(mentioned("{{ a.b").covers(&Path::from_keys(["x"])));
    assert!(mentioned("plain").is_empty());
}

#[test]
fn the_shipped_templates_read_only_what_they_mention() {
    let (world, sources, mut found) = (crate::shipped::world(), Sources::default(), Diagnostics::new());
    let workspace = Workspace::find(&world, &sources, &mut found).unwrap();
    let templates = workspace.templates(&mut found).unwrap();
    let scan = templates.scan(&sources);
    assert!(scan.unreached.is_empty() && scan.unused.is_empty(), "{:?} {:?}", scan.unreached, scan.unused);
    let compiler = Compiler::new(&workspace, Top::default());
    let mut reads = 0;
    for environment in workspace.environments() {
        let selection = Selection { environment: environment.to_string(), ..Selection::default() };
        for target in workspace.targets(&selection, &mut found).unwrap() {
            let validated = compiler.validated(&target, &mut found).unwrap();
            let map = SourceMap::of(&validated, &templates, &sources, &mut found).unwrap();
            for path in map.fields().flat_map(|field| field.reads.to_vec()) {
                assert!(scan.mentions.covers(&path), "{path}");
                reads += 1;
            }
        }
    }
    assert!(reads > 1000 && !scan.mentions.covers(&Path::from_keys(["application", "no_such_key"])));
}

/// Names that texts and data have in common.
const KEYS: [&str; 3] = ["a", "b", "c"];

fn data() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![Just("1".to_owned()), Just("\"x\"".to_owned()), Just("null".to_owned())];
    scalar.prop_recursive(4, 24, 3, |inner| {
        let map = (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| format!("{{a: {a}, b: {b}, c: {c}}}"));
        prop_oneof![3 => map, 1 => prop::collection::vec(inner, 0..3).prop_map(|items| format!("[{}]", items.join(", ")))]
    })
}

fn key() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&KEYS[..])
}

/// Expressions that mostly work: what is not there is nothing.
fn expression() -> impl Strategy<Value = String> {
    let name = prop_oneof![3 => key().prop_map(str::to_owned), 1 => prop::sample::select(&["v", "w"][..]).prop_map(str::to_owned)];
    name.prop_recursive(4, 12, 2, |inner| {
        prop_oneof![
            4 => (inner.clone(), key()).prop_map(|(of, key)| format!("{of}.{key}")),
            1 => inner.clone().prop_map(|of| format!("{of}[0]")),
            1 => (inner.clone(), key()).prop_map(|(of, key)| format!("{of}['{key}']")),
            1 => (inner.clone(), key()).prop_map(|(of, key)| format!("{of}[k ~ '{key}']")),
            1 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} or {b})")),
            1 => (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| format!("({a} if {b} else {c})")),
            1 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} | default({b}))")),
            1 => inner.clone().prop_map(|of| format!("([{of}] | first)")),
            1 => (inner.clone(), key()).prop_map(|(of, key)| format!("{{'{key}': {of}}}.{key}")),
            1 => (inner.clone(), key()).prop_map(|(of, key)| format!("({of}.get('{key}') if {of} is mapping)")),
            1 => inner.prop_map(|of| format!("({of} | list | last if {of} is iterable)")),
        ]
    })
}

fn statements() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        4 => expression().prop_map(|value| format!("{{{{ {value} | string }}}}")),
        1 => expression().prop_map(|value| format!("{{{{ {value} is none }}}}")),
        2 => expression().prop_map(|value| format!("{{% set v = {value} %}}")),
        1 => expression().prop_map(|value| format!("{{{{ m({value}) }}}}")),
        1 => (expression(), expression()).prop_map(|(a, b)| format!("{{{{ m(w={a}, v={b}) }}}}")),
        1 => expression().prop_map(|value| format!("{{% from 'lib/l.j2' import n %}}{{{{ n({value}) }}}}")),
        1 => Just("{% include 'lib/i.j2' %}".to_owned()),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let body = prop::collection::vec(inner, 1..4).prop_map(|all| all.concat());
        prop_oneof![
            (expression(), body.clone(), body.clone())
                .prop_map(|(test, a, b)| format!("{{% if {test} %}}{a}{{% else %}}{b}{{% endif %}}")),
            (expression(), body.clone()).prop_map(|(list, body)| format!(
                "{{% set l = {list} %}}{{% for w in (l if l is iterable else []) %}}{body}{{% endfor %}}"
            )),
            (expression(), body.clone()).prop_map(|(map, body)| format!(
                "{{% set l = {map} %}}{{% for k, w in (l if l is mapping else {{}}) | items %}}{body}{{% endfor %}}"
            )),
            (expression(), body.clone())
                .prop_map(|(value, body)| format!("{{% with v = {value} %}}{body}{{% endwith %}}")),
            (expression(), body).prop_map(|(value, body)| format!("{{% call(w) o({value}) %}}{body}{{% endcall %}}")),
        ]
    })
}

/// What every text of the law begins with. Values that are not there are empty and not an error.
const HEAD: &str = "{% macro m(v, w=c.a) %}{{ v.a | string }}{{ w.b | string }}{% endmacro %}\
                    {% macro o(v) %}{{ caller(v.a) }}{{ caller(b) }}{% endmacro %}{% set k = '' %}{% set w = c %}{% set v = b %}";

fn root(text: &str) -> Node {
    let sources = Sources::default();
    let file = sources.add("data", text);
    read_document(file, text, &Limits::default(), &mut Diagnostics::new()).unwrap().to_node()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn no_rendering_reads_what_is_not_mentioned(
        body in prop::collection::vec(statements(), 1..6),
        values in (data(), data(), data()),
    ) {
        let body = body.concat();
        let (templates, sources) = templates(&[
            ("lib/i.j2", "{{ v.b | string }}{% if w %}{{ a.a.c | string }}{% endif %}"),
            ("lib/l.j2", "{% macro n(x) %}{% for y in (x if x is iterable else []) %}{{ y | string }}{% endfor %}{% endmacro %}"),
            ("tenant/t.yaml.j2", &format!("{HEAD}{body}")),
        ]);
        let mentions = templates.scan(&sources).mentions;
        let configuration = root(&format!("{{a: {}, b: {}, c: {}}}", values.0, values.1, values.2));
        let read = templates.all_reads("tenant/t.yaml.j2", &Subject::new(configuration, minijinja::Value::from(())));
        for path in read {
            prop_assert!(mentions.covers(&path), "{path} in {HEAD}{body}");
        }
    }
}

impl Templates {
    /// Every path that a rendering looks up, whether it succeeds or not; undefined values are lenient.
    fn all_reads(&self, name: &str, subject: &Subject) -> Vec<Path> {
        let nothing = Node::new(Data::Null, Place::top(FileId::NONE));
        let trace = Arc::new(super::super::trace::Trace::of(subject.configuration.clone(), nothing));
        let mut engine = self.engine.clone();
        engine.set_undefined_behavior(minijinja::UndefinedBehavior::Chainable);
        let watched = Some(Arc::clone(&trace));
        let context = super::super::view::Root::value(subject.configuration.clone(), subject.target.clone(), watched);
        let _ = engine.get_template(name).and_then(|template| template.render(context));
        trace.all()
    }
}
