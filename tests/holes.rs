//! Typed holes: whatever a value is, the YAML around it stays what the template says.
//!
//! Every scalar position of a template receives hostile values; the object that comes out must equal the tree that was
//! meant, once as data and once after it was written as YAML and read back.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::sync::Arc;

use proptest::prelude::*;
use tenantctl::check::{Approved, Form};
use tenantctl::diagnostic::Diagnostics;
use tenantctl::path::Path;
use tenantctl::pipeline::Compiler;
use tenantctl::source::Sources;
use tenantctl::tree::{Node, Value};
use tenantctl::workspace::{Selection, Top, Workspace};
use tenantctl::world::Memory;
use tenantctl::yaml::{self, Limits};

const SETTINGS: &str = "\
apiVersion: tenantctl.dev/v1
kind: Workspace
environments: {dev: {}}
layers:
  - {name: base, file: base.yml}
  - {name: tenant, file: \"tenants/{tenant}.yml\", trust: data}
severity: {TC515: warning}
";

const TEMPLATE: &str = r#"{% from "lib/m.j2" import one, block %}
apiVersion: example.com/v1
kind: Anything
metadata: {name: holes, namespace: t}
plain: {{ v }}
commented: {{ v }}   # {{ v }}
single: '{{ v }}'
double: "{{ v }}"
inside_plain: pre-{{ v }}-post
inside_double: "a \"{{ v }}\" b"
inside_single: 'it''s {{ v }}'
literal: |
  first {{ v }}
  {{ v }}
literal_strip: |-
  {{ v }}
folded: >
  a {{ v }}
  b
keys:
  {{ v }}: plain key
  "q-{{ v }}": quoted key
flow: [{{ v }}, "{{ v }}", {"a key longer than any text": {{ v }}, {{ v }}: k}]
loop:
{% for x in [v, v] %}
  - {{ x }}
  - name: {{ loop.index }}-{{ x }}
{% endfor %}
macro: {{ one(v) }}
macro_block:
  {{ block(v) | indent(2) }}
{% include "lib/inc.j2" %}
set: {% set copy = v %}{{ copy }}
captured: {% set text %}<{{ v }}>{% endset %}{{ text }}
concatenated: {{ "<" ~ v ~ ">" }}
as_yaml:
  {{ tree | to_yaml | indent(2) }}
as_json: {{ tree | tojson }}
yaml_text: |
  {{ tree | to_yaml | indent(2) }}
json_text: '{{ tree | tojson }}'
json_block: |-
  {{ tree | tojson }}
json_double: "{{ tree | tojson }}"
last: fixed
"#;

const MACROS: &str = "\
{% macro one(x) %}{{ x }}{% endmacro %}
{% macro block(x) %}
inner: {{ x }}
list:
  - {{ x }}
quoted: \"{{ x }}\"
{%- endmacro %}
";

const INCLUDED: &str = "included: {{ v }}\nincluded_text: \"<{{ v }}>\"\n";

/// The values no text template survives.
fn hostile() -> Vec<String> {
    let mut values: Vec<String> = [
        "",
        " ",
        "x",
        "yes",
        "no",
        "null",
        "~",
        "true",
        "012",
        "1e3",
        "3",
        "-1.5",
        "0x1F",
        "2025-01-01",
        "=",
        "<<",
        "a: b",
        "a:",
        ": a",
        "# not a comment",
        "a # b",
        "- item",
        "-",
        "--- ",
        "---",
        "...",
        "--- a\n--- b\n",
        "{{ v }}",
        "{% raw %}",
        "{# x #}",
        "}}",
        "'",
        "''",
        "\"",
        "\\",
        "\\n",
        "it's \"both\"",
        "[a, b]",
        "{a: b}",
        "[",
        "{",
        "*alias",
        "&anchor",
        "!tag",
        "%directive",
        "@at",
        "`tick`",
        "|",
        ">",
        "? key",
        "line\nbreak",
        "line\n  indented\n",
        "\n",
        "\n\n",
        "  leading",
        "trailing  ",
        "\ttab",
        "a\tb",
        "a\r\nb",
        "\u{0}",
        "\u{7}\u{1b}[31m",
        "\u{85}",
        "\u{2028}",
        "\u{feff}bom",
        "\u{7f}",
        "é🎵",
        "\u{e000}0\u{e001}",
        "\u{e000}",
        "\u{e001}\u{e000}",
        "\u{e002}0",
        "\u{e002}\u{e000}1\u{e001}",
        "\u{e003}0\u{e004}",
        "\u{e000}99999999999999999999\u{e001}",
        "\u{f8ff}",
        "hostNetwork: true\nprivileged: true",
        "x\nhostNetwork: true",
        "\"\nhostNetwork: true\n\"",
        "'\n---\napiVersion: v1\nkind: Secret\n",
    ]
    .map(str::to_owned)
    .to_vec();
    values.push("long ".repeat(200_000));
    values
}

/// Renders the template with `v` and a tree that holds it everywhere.
fn rendered(value: &str) -> Node {
    let json = serde_json::to_string(value).unwrap();
    // JSON leaves these as they are; YAML wants them escaped.
    let json: String = json
        .chars()
        .map(|c| match c {
            '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' => format!("\\u{:04x}", c as u32),
            c => c.to_string(),
        })
        .collect();
    let base = format!(
        "v: !raw {json}\ntree: {{a: !raw {json}, list: [!raw {json}, 1, null, true], k: {{x: 1.5}}, e: [], m: {{}}}}\n"
    );
    let world = Memory::new()
        .file("tenantctl.yaml", SETTINGS)
        .file("base.yml", base)
        .file("tenants/t.yml", "")
        .file("templates/tenant/holes.yaml.j2", TEMPLATE)
        .file("templates/lib/m.j2", MACROS)
        .file("templates/lib/inc.j2", INCLUDED);
    compile(&world)
}

fn compile(world: &Memory) -> Node {
    let sources = Sources::default();
    let mut diagnostics = Diagnostics::new();
    let compiled = (|| {
        let workspace = Workspace::find(world, &sources, &mut diagnostics)?;
        diagnostics = Diagnostics::with_levels(workspace.levels());
        let selection = Selection { environment: "dev".into(), ..Selection::default() };
        let targets = workspace.targets(&selection, &mut diagnostics)?;
        let templates = workspace.templates(&mut diagnostics)?;
        let compiler = Compiler::new(&workspace, Top::default());
        let tenants = targets.iter().filter(|target| target.tenant().is_some());
        let objects = tenants.map(|target| compiler.approved(&templates, target, &mut diagnostics));
        objects.collect::<Result<Vec<_>, tenantctl::diagnostic::Failed>>()
    })();
    let objects = compiled.unwrap_or_else(|_| panic!("{:#?}", diagnostics.items()));
    let [approved] = objects.as_slice() else { panic!("one tenant") };
    read_back(approved);
    let [manifest] = approved.manifests() else { panic!("one object") };
    manifest.node().clone()
}

/// What is written reads back as what was meant.
fn read_back(approved: &Approved) {
    let text = approved.text(Form::Yaml);
    let sources = Sources::default();
    let file = sources.add("out", &text);
    let mut diagnostics = Diagnostics::new();
    let documents = yaml::read_stream(file, &text, &Limits::RENDERED, &mut diagnostics);
    let documents = documents.unwrap_or_else(|_| panic!("{:#?}\n{text}", diagnostics.items()));
    for (document, manifest) in documents.iter().zip(approved.manifests()) {
        assert_eq!(yaml::emit::json(&document.to_node(), false), yaml::emit::json(manifest.node(), false));
    }
}

fn at<'a>(node: &'a Node, path: &str) -> &'a Value {
    &node.get(&Path::parse(path).unwrap()).unwrap_or_else(|| panic!("{path} is missing")).value
}

fn text(text: &str) -> Value {
    Value::String(Arc::from(text))
}

/// Checks every position.
fn check(v: &str) {
    let node = rendered(v);
    for path in [
        "plain",
        "commented",
        "single",
        "double",
        "flow[0]",
        "flow[1]",
        "flow[2].a key longer than any text",
        "loop[0]",
        "loop[2]",
        "macro",
        "macro_block.inner",
        "macro_block.list[0]",
        "macro_block.quoted",
        "included",
        "set",
        "as_yaml.a",
        "as_yaml.list[0]",
        "as_json.a",
        "as_json.list[0]",
        "literal_strip",
    ] {
        assert_eq!(at(&node, path), &text(v), "{path}");
    }
    for (path, wanted) in [
        ("inside_plain", format!("pre-{v}-post")),
        ("inside_double", format!("a \"{v}\" b")),
        ("inside_single", format!("it's {v}")),
        ("literal", format!("first {v}\n{v}\n")),
        ("folded", format!("a {v} b\n")),
        ("loop[1].name", format!("1-{v}")),
        ("loop[3].name", format!("2-{v}")),
        ("included_text", format!("<{v}>")),
        ("captured", format!("<{v}>")),
        ("concatenated", format!("<{v}>")),
        ("last", "fixed".to_owned()),
    ] {
        assert_eq!(at(&node, path), &text(&wanted), "{path}");
    }
    let keys = node.at(&["keys"]).and_then(|keys| keys.value.as_map()).unwrap();
    assert_eq!(keys.keys().map(AsRef::as_ref).collect::<Vec<_>>(), [v, &format!("q-{v}")]);
    let flow = node.get(&Path::parse("flow[2]").unwrap()).and_then(|flow| flow.value.as_map()).unwrap();
    assert!(flow.get(v).is_some_and(|node| node.value == text("k")));
    for (path, kind) in
        [("as_yaml.list[1]", "1"), ("as_json.list[2]", "null"), ("as_yaml.k.x", "1.5"), ("as_json.e", "[]")]
    {
        assert_eq!(yaml::emit::json(node.get(&Path::parse(path).unwrap()).unwrap(), false), kind, "{path}");
    }
    texts(&node);
}

/// YAML and JSON inside a text are the same tree again.
fn texts(node: &Node) {
    let meant: serde_json::Value =
        serde_json::from_str(&yaml::emit::json(node.at(&["as_json"]).unwrap(), false)).unwrap();
    for path in ["json_text", "json_block", "json_double"] {
        let text = at(node, path).as_str().unwrap();
        assert_eq!(serde_json::from_str::<serde_json::Value>(text).unwrap(), meant, "{path}: {text}");
    }
    let text = at(node, "yaml_text").as_str().unwrap();
    let sources = Sources::default();
    let mut diagnostics = Diagnostics::new();
    let read = yaml::read_document(sources.add("t", text), text, &Limits::RENDERED, &mut diagnostics);
    let read = read.unwrap_or_else(|_| panic!("{:#?}\n{text}", diagnostics.items())).to_node();
    let read: serde_json::Value = serde_json::from_str(&yaml::emit::json(&read, false)).unwrap();
    assert_eq!(read, meant, "{text}");
}

#[test]
fn hostile_values_stay_values_in_every_position() {
    for value in hostile() {
        check(&value);
    }
}

#[test]
fn a_plain_hole_takes_the_value_with_its_type() {
    let base = "num: 3\nfloat: 1.5\nflag: false\nnothing: null\nlist: [1, {a: x}]\nmap: {yes: 1, \"on\": [2]}\n"
        .replace("yes:", "\"yes\":");
    let template = "apiVersion: example.com/v1\nkind: Anything\nmetadata: {name: x, namespace: t}\nnum: {{ num }}\nfloat: {{ float }}\nflag: {{ flag }}\nnothing: {{ nothing }}\n\
        list: {{ list }}\nmap: {{ map }}\nmade: {{ [num, {\"k\": list}] }}\nquoted: \"{{ num }}{{ flag }}{{ nothing }}\"\nsum: {{ num + 1 }}\njoined: {{ num }}{{ num }}\n\
        text: '{{ map }}'\n";
    let world = Memory::new()
        .file("tenantctl.yaml", SETTINGS)
        .file("base.yml", base)
        .file("tenants/t.yml", "")
        .file("templates/tenant/x.yaml.j2", template);
    let node = compile(&world);
    let json = yaml::emit::json(&node, false);
    assert_eq!(
        json,
        r#"{"apiVersion":"example.com/v1","kind":"Anything","metadata":{"name":"x","namespace":"t"},"num":3,"float":1.5,"flag":false,"nothing":null,"list":[1,{"a":"x"}],"map":{"yes":1,"on":[2]},"made":[3,{"k":[1,{"a":"x"}]}],"quoted":"3falsenull","sum":4,"joined":"33","text":"{\"yes\":1,\"on\":[2]}"}"#
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(192) })]

    #[test]
    fn any_text_stays_a_value(value in "(?s).{0,24}|[-:#{}\\[\\]'\"|>&*!%@`\\\\ \n\ta-c\u{e000}-\u{e004}0-9]{0,24}") {
        check(&value);
    }
}

/// Renders `template` as the body of an object, with `v` and a hostile `x` in the configuration.
fn body(template: &str) -> Node {
    let json = serde_json::to_string("a\n--- b: {{ v }} \u{e000}0\u{e001}").unwrap();
    let base = format!(
        "v: abc\nempty: \"\"\nnumber: 3\nflag: true\nnothing: null\nwords: [abc, b]\nmap: {{k: abc}}\nx: !raw {json}\n"
    );
    let world = Memory::new().file("tenantctl.yaml", SETTINGS).file("base.yml", base).file("tenants/t.yml", "").file(
        "templates/tenant/x.yaml.j2",
        format!(
            "{MACROS}apiVersion: example.com/v1\nkind: Anything\nmetadata: {{name: x, namespace: t}}\n{template}\n"
        ),
    );
    compile(&world)
}

/// What was captured is looked at as the text it stands for.
#[test]
fn captured_text_is_compared_measured_and_cut_as_the_text_it_stands_for() {
    for (expression, wanted) in [
        ("one(v) == 'abc'", "true"),
        ("'abc' == one(v)", "true"),
        ("one(v) != 'abc'", "false"),
        ("not one(v) == 'abc'", "false"),
        ("one(v) in ['abc']", "true"),
        ("one(v) not in words", "false"),
        ("'b' in one(v)", "true"),
        ("one(v) in map", "false"),
        ("map[one('k')]", "\"abc\""),
        ("one(v) is eq 'abc'", "true"),
        ("one(v) is eq(one(v))", "true"),
        ("v is eq one(v)", "true"),
        ("v is not eq one(v)", "false"),
        ("one(v) is in words", "true"),
        ("one(v) is startingwith('ab')", "true"),
        ("one(v)|length", "3"),
        ("one(v)|upper", "\"ABC\""),
        ("one(v)|replace('b', 'x')", "\"axc\""),
        ("'aba'|replace(one('b'), one('x'))", "\"axa\""),
        ("one(number)|int + 1", "4"),
        ("one(v)[0:2]", "\"ab\""),
        ("one(v)[::-1]", "\"cba\""),
        ("one(v)|first", "\"a\""),
        ("one(v)|last", "\"c\""),
        ("one(v)|reverse", "\"cba\""),
        ("one(v)|list", "[\"a\",\"b\",\"c\"]"),
        ("one(v)|split('b')", "[\"a\",\"c\"]"),
        ("one(v).split('b')", "[\"a\",\"c\"]"),
        ("one(v).upper()", "\"ABC\""),
        ("one(v).startswith('a')", "true"),
        ("'<{}>'.format(one(v))", "\"<abc>\""),
        ("'%s!'|format(one(v))", "\"abc!\""),
        ("'%.2s'|format(one(v))", "\"ab\""),
        ("[one('b'), one('a')]|sort", "[\"a\",\"b\"]"),
        ("[one('a'), one('a')]|unique|list", "[\"a\"]"),
        ("[one('a'), 'b']|map('upper')|list", "[\"A\",\"B\"]"),
        ("[one('a'), 'b']|join('-')", "\"a-b\""),
        ("[one('a'), 'b'] == ['a', 'b']", "true"),
        ("[one('a'), one(empty)]|select|list|length", "1"),
        ("words|select('equalto', one(v))|list|length", "1"),
        ("{one('k'): 1}.k", "1"),
        ("'yes' if one(empty) else 'no'", "\"no\""),
        ("'yes' if one(v) else 'no'", "\"yes\""),
        ("one(empty) or 'other'", "\"other\""),
        ("one(v) and 'other'", "\"other\""),
        ("not one(empty)", "true"),
        ("one(empty)|default('other', true)", "\"other\""),
        ("one(v) ~ '!' == 'abc!'", "true"),
        ("(one(v) ~ one(v))|length", "6"),
        ("one(v) + 'd' == 'abcd'", "true"),
        ("one(v) * 2 == 'abcabc'", "true"),
        ("one('a') < one('b')", "true"),
        ("one(number) == '3'", "true"),
        ("one(v)|sha256 == v|sha256", "true"),
        ("one(v)|b64encode", "\"YWJj\""),
        ("(words|tojson)|length", "12"),
        ("(v|to_yaml) == 'abc'", "true"),
        ("one(x)|length == x|length - 2", "false"),
        ("one(x) == x", "true"),
        ("x in [one(x)]", "true"),
        ("v ~ flag ~ nothing ~ number", "\"abctruenull3\""),
        ("'' ~ map", "\"{\\\"k\\\":\\\"abc\\\"}\""),
        ("flag|string", "\"true\""),
        ("-number + 4", "1"),
        ("number is divisibleby 3", "true"),
        ("number - 1 if flag else -1", "2"),
        ("words is defined and missing is not defined", "true"),
        ("missing|default(one(v))", "\"abc\""),
        ("range(3)|list", "[0,1,2]"),
    ] {
        let node = body(&format!("r: {{{{ {expression} }}}}"));
        assert_eq!(yaml::emit::json(node.at(&["r"]).unwrap(), false), wanted, "{expression}");
    }
}

#[test]
fn captured_text_is_looked_at_by_statements_as_well() {
    for (template, wanted) in [
        ("{% set c %}{{ v }}{% endset %}{% if c == 'abc' %}r: 1{% else %}r: 2{% endif %}", "1"),
        ("{% set c %}abc{% endset %}{% if c == 'abc' %}r: 1{% else %}r: 2{% endif %}", "1"),
        ("{% set c %}{{ empty }}{% endset %}{% if c %}r: 1{% elif one(empty) %}r: 2{% else %}r: 3{% endif %}", "3"),
        ("{% set c | upper %}{{ v }}{% endset %}r: {{ c }}", "\"ABC\""),
        ("{% set c | trim | length %} {{ v }} {% endset %}r: {{ c }}", "3"),
        ("r: {% filter upper %}{{ v }}{% endfilter %}", "\"ABC\""),
        ("r: {% filter trim %} {{ v }} {% endfilter %}", "\"abc\""),
        ("r: {% filter indent(2) | replace('b', 'x') %}{{ v }}{% endfilter %}", "\"axc\""),
        ("r: '{% for c in one(v)|list %}{{ c }}.{% endfor %}'", "\"a.b.c.\""),
        ("r: [{% for w in words if w == one(v) %}{{ w }}{% endfor %}]", "[\"abc\"]"),
        ("{% set ns = namespace(s=one(v)) %}r: {{ ns.s == 'abc' }}", "true"),
        ("{% with c = one(v) %}r: {{ c|length }}{% endwith %}", "3"),
        ("{% macro m() %}{{ caller()|length }}{% endmacro %}r: {% call m() %}{{ v }}{% endcall %}", "3"),
        ("{% macro m(a) %}{{ a == 'abc' }}{% endmacro %}r: {{ m(one(v)) }}", "true"),
        ("{% macro m(a) %}{% if a == 'abc' %}fine{% endif %}{% endmacro %}r: {{ m(a=one(v)) }}", "\"fine\""),
        ("r: [{% for w in ['a', 'a'] %}{% if loop.changed(one(w)) %}{{ w }},{% endif %}{% endfor %}]", "[\"a\"]"),
        ("r:\n  {{ (block(v) or 'none')|indent(2) }}", "{\"inner\":\"abc\",\"list\":[\"abc\"],\"quoted\":\"abc\"}"),
        (
            "r:\n  {{ block(v)|default('none')|trim|indent(2) }}",
            "{\"inner\":\"abc\",\"list\":[\"abc\"],\"quoted\":\"abc\"}",
        ),
        ("r:\n  {{ [block(v)]|first|indent(2) }}", "{\"inner\":\"abc\",\"list\":[\"abc\"],\"quoted\":\"abc\"}"),
        (
            "r:\n  {{ (block(v) if flag else block(v))|indent(2) }}",
            "{\"inner\":\"abc\",\"list\":[\"abc\"],\"quoted\":\"abc\"}",
        ),
        ("{% set c -%} {{- v -}} {%- endset %}\nr: {{ c ~ '|' }}", "\"abc|\""),
    ] {
        let node = body(template);
        assert_eq!(yaml::emit::json(node.at(&["r"]).unwrap(), false), wanted, "{template}");
    }
}

/// Whatever is done with a hostile value, the object keeps its form: one field, and what stands behind it.
#[test]
fn no_operation_lets_a_value_out_of_its_position() {
    for expression in [
        "x",
        "one(x)",
        "x|upper",
        "x|replace('a', '\\n')",
        "one(x)|replace('a', x)",
        "'A'|replace('A', x)",
        "one('A')|replace('A', x)",
        "x|indent(4)",
        "x|trim",
        "x|lines|first",
        "x|list|join",
        "[x, one(x)]|join(x)",
        "[one(x)]|join(one(x))",
        "x.split('b')|first",
        "'%s'|format(x)",
        "one('%s')|format(x)",
        "one('%.3s')|format(one(x))",
        "'{}'.format(one(x))",
        "x ~ one(x)",
        "one(x) ~ x",
        "one(x) + x",
        "x[3:]",
        "x[::-1]",
        "one(x)[3:]",
        "one(x)|reverse",
        "x|first ~ x|last",
        "x|title",
        "x|capitalize",
        "one(x)|capitalize",
        "x|tojson|length",
        "x|tojson|replace('\"', '')",
        "(x|tojson)[1:]",
        "x|to_yaml|upper",
        "(x|to_yaml) ~ x",
        "{x: x}|tojson",
        "{x: x}|to_yaml|tojson",
        "{x: one(x)}|items|list",
        "{x: one(x)}|dictsort",
        "[{'k': x}]|groupby('k')|list",
        "[{'k': one(x)}]|map(attribute='k')|join",
        "dict(k=one(x))",
        "namespace(k=x).k",
        "[x, one(x)]",
        "{one(x): one(x)}",
        "x|string",
        "[one(x)]|string",
        "x|batch(1)|list",
        "x|slice(2)|list",
        "x|sort|join",
        "x|unique|join",
        "x|default(one(x))",
        "missing|default(one(x))",
        "one(one(one(x)))",
        "one(x|tojson)",
        "(one(x)|tojson)",
        "one(x)|to_yaml",
        "x if one(x) else x",
        "one(x) or x",
    ] {
        for template in [
            format!("r: {{{{ {expression} }}}}\nlast: 1"),
            format!("r: '{{{{ {expression} }}}}'\nlast: 1"),
            format!("r: \"<{{{{ {expression} }}}}>\"\nlast: 1"),
            format!("r: |\n  {{{{ {expression} }}}}\nlast: 1"),
            format!("r: {{% set c %}}{{{{ {expression} }}}}{{% endset %}}{{{{ c }}}}\nlast: 1"),
            format!("r: {{% filter trim %}}{{{{ {expression} }}}}{{% endfilter %}}\n\nlast: 1"),
            format!("r: {{% filter upper %}}{{{{ {expression} }}}}{{% endfilter %}}\n\nlast: 1"),
            format!("r: [{{{{ {expression} }}}}]\nlast: 1"),
            format!(
                "{{% macro m(a) %}}{{{{ caller(a) }}}}{{% endmacro %}}r: {{% call(a) m({expression}) %}}{{{{ a }}}}{{% endcall %}}\n\nlast: 1"
            ),
        ] {
            let node = body(&template);
            let keys: Vec<_> = node.value.as_map().unwrap().keys().map(ToString::to_string).collect();
            assert_eq!(keys, ["apiVersion", "kind", "metadata", "r", "last"], "{template}");
        }
    }
}
