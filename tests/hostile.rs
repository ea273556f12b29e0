//! Hostile input: whatever stands in the files, the program says what is wrong, in little time and little memory.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::time::{Duration, Instant};

use tenantctl::check::{Document, Form};
use tenantctl::diagnostic::{Diagnostics, Failed};
use tenantctl::pipeline::{Compiler, Wanted};
use tenantctl::source::Sources;
use tenantctl::workspace::{Selection, Workspace};
use tenantctl::world::Memory;

const SETTINGS: &str = "\
apiVersion: tenantctl.dev/v1
kind: Workspace
environments: {dev: {}}
layers:
  - {name: base, file: base.yml}
  - {name: tenant, file: \"tenants/{tenant}.yml\", trust: data}
  - {name: override, file: \"over/{override}.yml\"}
severity: {TC515: warning}
";

const OBJECT: &str = "apiVersion: example.com/v1\nkind: Anything\nmetadata: {name: x, namespace: t}\n";

fn world() -> Memory {
    Memory::new().file("tenantctl.yaml", SETTINGS).file("base.yml", "a: 1\n").file("tenants/t.yml", "b: 1\n")
}

/// The objects as YAML, or what is said; with the stack that the program has.
fn compiled(world: Memory, selection: Selection, sets: Vec<String>) -> Result<String, Vec<String>> {
    let begin = Instant::now();
    let work = move || {
        let sources = Sources::default();
        let mut diagnostics = Diagnostics::new();
        let objects = (|| {
            let workspace = Workspace::find(&world, &sources, &mut diagnostics)?;
            diagnostics = Diagnostics::with_levels(workspace.levels());
            let top = workspace.top(&[], &sets, &mut diagnostics)?;
            let selection = Selection { environment: "dev".into(), ..selection };
            let targets = workspace.targets(&selection, &mut diagnostics)?;
            let templates = workspace.templates(&mut diagnostics)?;
            let mut text = String::new();
            let each = |document: Document| text.push_str(document.text());
            let wanted = Wanted::all(Form::Yaml);
            Compiler::new(&workspace, top).run(&templates, &wanted, &targets, each, &mut diagnostics)?;
            Ok::<_, Failed>(text)
        })();
        let said = diagnostics.items().iter().map(|item| format!("{}: {}", item.code, item.message)).collect();
        objects.map_err(|_| said)
    };
    let thread = std::thread::Builder::new().stack_size(tenantctl::pipeline::STACK).spawn(work).unwrap();
    let result = thread.join().unwrap();
    assert!(begin.elapsed() < Duration::from_mins(1), "it took {:?}", begin.elapsed());
    result
}

/// What is said of a template.
fn said_of(template: &str) -> Vec<String> {
    let world = world().file("templates/tenant/x.yaml.j2", format!("{OBJECT}{template}\n"));
    compiled(world, Selection::default(), Vec::new()).unwrap_err()
}

/// What is said of a base layer.
fn said_of_base(base: String) -> Vec<String> {
    let world = world().file("base.yml", base).file("templates/tenant/x.yaml.j2", OBJECT);
    compiled(world, Selection::default(), Vec::new()).unwrap_err()
}

#[test]
fn a_chain_of_operators_is_cut_before_it_reaches_the_end_of_the_stack() {
    for chain in ["not ", "-", "1+", "a~", "a and ", "1 if a else "] {
        let said = said_of(&format!("r: {{{{ {}1 }}}}", chain.repeat(20_000)));
        assert!(said[0].starts_with("TC405: this template has more than 4096 words"), "{said:?}");
        let said = said_of_base(format!("r: \"{{{{ {}1 }}}}\"\n", chain.repeat(20_000)));
        assert!(said[0].starts_with("TC405: this expression has more than 4096 words"), "{said:?}");
    }
}

#[test]
fn text_that_doubles_meets_a_bound() {
    for step in [
        "ns.x ~ ns.x",
        "ns.x + ns.x",
        "ns.x * 2",
        "ns.x|replace('a', 'aa')",
        "ns.x.replace('a', 'aa')",
        "[ns.x, ns.x]|join",
        "ns.x.join([ns.x, ns.x])",
        "d(ns.x)",
        "d(ns.x) ~ ''",
        "'%s%s'|format(ns.x, ns.x)",
        "'{}{}'.format(ns.x, ns.x)",
        "[ns.x, ns.x]|string",
        "[ns.x, ns.x]|tojson",
        "ns.x|list + ns.x|list",
    ] {
        let said = said_of(&format!(
            "{{% macro d(x) %}}{{{{ x }}}}{{{{ x }}}}{{% endmacro %}}{{% set ns = namespace(x='a') %}}\
             {{% for i in range(60) %}}{{% set ns.x = {step} %}}{{% endfor %}}r: {{{{ ns.x }}}}"
        ));
        assert!(said[0].starts_with("TC405: this template makes more than 64 MiB"), "{step}: {said:?}");
    }
}

#[test]
fn lists_that_hold_themselves_twice_meet_a_bound() {
    for end in ["ns.x", "ns.x|tojson", "ns.x|to_yaml", "ns.x|string", "ns.x == ns.y", "ns.x|sort", "ns.x ~ 'z'"] {
        let said = said_of(&format!(
            "{{% set ns = namespace(x=[1], y=[1]) %}}{{% for i in range(40) %}}{{% set ns.x = [ns.x, ns.x] %}}\
             {{% set ns.y = [ns.y, ns.y] %}}{{% endfor %}}r: {{{{ {end} }}}}"
        ));
        assert!(said[0].starts_with("TC405: this template makes more than 64 MiB"), "{end}: {said:?}");
    }
}

#[test]
fn filters_that_make_much_of_little_meet_a_bound() {
    for expression in [
        "'%1000000000d'|format(1)",
        "'%.1000000000f'|format(1)",
        "'%*d'|format(1000000000, 1)",
        "'{:1000000000d}'.format(1)",
        "'{:{}d}'.format(1, 1000000000)",
        "'a\\na'|indent(10**9)",
        "'a\\na'|indent(width=10**9)",
        "[1]|batch(10**9, 0)|list",
        "[1]|slice(10**9)|list",
        "range(99999)|join('x' * 50000)",
        "range(99999)|join(d='x' * 50000)",
        "'x' * 10**9",
        "[1] * 10**8",
    ] {
        let said = said_of(&format!("r: {{{{ {expression} }}}}"));
        assert!(said[0].starts_with("TC405") || said[0].starts_with("TC403"), "{expression}: {said:?}");
    }
    let said = said_of(
        "r: |\n  {% for i in range(99999) %}0123456789012345678901234567890123456789{% for j in range(10) %}0123456789012345678901234567890123456789{% endfor %}{% endfor %}",
    );
    assert!(said[0].contains("renders to more than"), "{said:?}");
}

#[test]
fn formats_within_reason_work() {
    let template =
        format!("{OBJECT}r: [{{{{ '%s:8080/%05d' | format('h', 7) }}}}, {{{{ '{{:>4}}:12345'.format('x') }}}}]\n");
    let world = world().file("templates/tenant/x.yaml.j2", template);
    let text = compiled(world, Selection::default(), Vec::new()).unwrap();
    assert!(text.contains("h:8080/00007") && text.contains("   x:12345"), "{text}");
}

#[test]
fn expressions_that_use_each_other_twice_meet_a_bound() {
    for (first, next) in [
        ("xxxxxxxxxx", "\"{{ k# }}{{ k# }}\""),
        ("[x]", "\"{{ [k#, k#] }}\""),
        ("[x]", "[\"{{ k# }}\", \"{{ k# }}\"]"),
        ("[x]", "{a: \"{{ k# }}\", b: \"{{ k# }}\"}"),
    ] {
        let mut base = format!("k0: {first}\n");
        for index in 1..60 {
            base += &format!("k{index}: {}\n", next.replace('#', &(index - 1).to_string()));
        }
        let said = said_of_base(base);
        let bound = |said: &String| said.contains("bytes of text or") || said.contains("makes more than 64 MiB");
        assert!(said.iter().any(bound), "{next}: {said:?}");
    }
}

#[test]
fn expressions_that_need_each_other_in_a_circle_are_told() {
    for base in ["c: {x: \"{{ d }}\"}\nd: {z: \"{{ c }}\"}\n", "c: [\"{{ d[0] }}\"]\nd: [\"{{ c[0] }}\"]\n"] {
        let said = said_of_base(base.to_owned());
        assert!(said[0].contains("need each other"), "{said:?}");
    }
}

#[test]
fn many_layers_and_deep_paths_meet_a_bound() {
    let mut many = world().file("templates/tenant/x.yaml.j2", OBJECT);
    let mut overrides = Vec::new();
    for index in 0..3000 {
        many = many.file(&format!("over/o{index}.yml"), format!("z: {index}\n"));
        overrides.push(format!("o{index}"));
    }
    let said = compiled(many, Selection { overrides, ..Selection::default() }, Vec::new()).unwrap_err();
    assert!(said[0].ends_with("layers, but there may be 1024"), "{said:?}");

    let world = world().file("templates/tenant/x.yaml.j2", OBJECT);
    let said = compiled(world, Selection::default(), vec![format!("a{}=1", ".a".repeat(50_000))]).unwrap_err();
    assert!(said[0].starts_with("TC123: the path has 50001 keys"), "{said:?}");
}

#[test]
fn an_override_without_a_name_is_none() {
    let world =
        world().file("over/o.yml", "a: 2\n").file("templates/tenant/x.yaml.j2", format!("{OBJECT}r: {{{{ a }}}}\n"));
    let overrides = vec![String::new(), "o".to_owned(), "o".to_owned()];
    let text = compiled(world, Selection { overrides, ..Selection::default() }, Vec::new()).unwrap();
    assert!(text.contains("r: 2"), "{text}");
}

/// What is said when two tenants render an Ingress each.
fn said_of_hosts(first: &str, second: &str) -> Result<String, Vec<String>> {
    let template = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: x, namespace: \"{{ target.tenant }}\"}\n\
        spec: {rules: [{host: {{ host }}}]}\n";
    let world = Memory::new()
        .file("tenantctl.yaml", SETTINGS)
        .file("base.yml", "")
        .file("tenants/a.yml", format!("host: {first:?}\n"))
        .file("tenants/b.yml", format!("host: {second:?}\n"))
        .file("templates/tenant/x.yaml.j2", template);
    compiled(world, Selection::default(), Vec::new())
}

#[test]
fn a_host_belongs_to_one_tenant_however_it_is_written() {
    for (first, second) in [
        ("x.example.com", "x.example.com"),
        ("X.example.com", "x.example.COM"),
        ("x.example.com.", "x.example.com"),
        ("*.example.com", "x.example.com"),
        ("x.example.com", "*.example.com"),
    ] {
        let said = said_of_hosts(first, second).unwrap_err();
        assert!(said[0].contains("a and b claim the host"), "{said:?}");
    }
    for (first, second) in
        [("x.example.com", "y.example.com"), ("*.a.example.com", "*.b.example.com"), ("*.a.com", "ba.com")]
    {
        said_of_hosts(first, second).unwrap();
    }
}

#[test]
fn a_list_of_any_kind_is_refused() {
    for kind in ["List", "ConfigMapList"] {
        let template = format!("apiVersion: v1\nkind: {kind}\nmetadata: {{name: x}}\nitems: []\n");
        let said = compiled(world().file("templates/tenant/x.yaml.j2", template), Selection::default(), Vec::new());
        assert!(said.unwrap_err()[0].contains("hides its objects"));
    }
}

#[test]
fn an_environment_without_templates_of_its_own_need_not_be_whole() {
    let settings = format!("{SETTINGS}schemas: {{merged: s.json}}\n");
    let world = || world().file("tenantctl.yaml", settings.clone()).file("s.json", "{\"required\": [\"b\"]}");
    let tenant = world().file("templates/tenant/x.yaml.j2", OBJECT);
    compiled(tenant, Selection::default(), Vec::new()).unwrap();
    let own = world().file("templates/environment/x.yaml.j2", OBJECT);
    let said = compiled(own, Selection::default(), Vec::new()).unwrap_err();
    assert!(said[0].starts_with("TC3"), "{said:?}");
}
