//! What we write is read back by `PyYAML`, a YAML 1.1 reader that is not ours, as what we meant.
#![expect(clippy::expect_used, clippy::print_stderr, reason = "a test stops where it fails and says what it skips")]

use std::io::Write as _;
use std::process::{Command, Stdio};

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use tenantctl::source::{Place, Sources};
use tenantctl::tree::{Entry, Map, Node, Number, Value};
use tenantctl::yaml::emit;

const READER: &str = "
import json, sys, yaml
loader = getattr(yaml, 'CSafeLoader' if sys.argv[1] == 'c' else 'SafeLoader', None)
if loader is None: sys.exit(42)
json.dump(yaml.load(sys.stdin.buffer.read(), loader), sys.stdout)
";

/// What `PyYAML` reads; `None` if it is not there.
fn pyyaml(loader: &str, text: &str) -> Option<serde_json::Value> {
    let mut child = Command::new("python3")
        .args(["-c", READER, loader])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    // Python that lacks the module ends at once and breaks the pipe.
    let _ = child.stdin.take()?.write_all(text.as_bytes());
    let output = child.wait_with_output().ok()?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    if output.status.code() == Some(42) || complaint.contains("No module named") {
        return None;
    }
    assert!(output.status.success(), "{complaint}");
    Some(serde_json::from_slice(&output.stdout).expect("JSON"))
}

/// Words some reader takes for something else, every text of one or two ASCII characters, and texts at random.
fn texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        "y Y n N yes Yes YES no No NO on On ON off Off OFF true True TRUE false null Null NULL ~ = << . .. ... - -- ---",
        "0 00 01 08 -0 +0 +1 -1 1. .5 -.5 +.5 1.5 1e3 1E3 1e+3 1.0e3 1.0e+3 1.e+3 .5e+3 0x1F 0X1F -0x1F 0x_ 0b1 0b_ 0o17 0_1",
        "017 1_000 1_0.5 _1 1_ +_ -_ +_1 1:30 0:30 00:30 1:30.5 0:30.5 08:30:59 1:99 99999999999999999999:30 8080:80 1,000",
        "9223372036854775808 0xFFFFFFFFFFFFFFFFFF .inf -.INF +.Inf .nan .NaN NaN inf 2025-01-01 2025-1-1 2025-01-01T00:00:00Z",
        "10.0.0.1 1.2.3 ::1 a:b a:b: http://x/#y #a a#b !a &a *a %a @a `a 'a' \"a\" |a >a ?a :a -a --a [a] {a} a,b é 🎵 \\",
    ]
    .iter()
    .flat_map(|line| line.split(' '))
    .map(str::to_owned)
    .collect();
    texts.extend(
        [
            "",
            " ",
            "\n",
            "a\n",
            "a\n\n",
            "\na",
            " a\nb",
            "a\n b\n",
            "a\n\tb\n",
            "a \nb",
            "\ta\n",
            "a\n\n\n  b\n",
            "# a\nb\n",
            "--- a\n...\n",
            "a: b\n- c\n",
            "2025-01-01 00:00:00",
            "2001-12-14 21:59:43.10 -5",
            "a\u{85}b",
            "a\u{2028}b",
            "\u{FEFF}a",
            "a\r\nb\r\n",
            "\u{0}",
            "\u{7F}",
            "\u{9F}",
            "\u{A0}",
            "\u{E000}0\u{E001}",
            "\u{FFFD}",
            "\u{10FFFF}",
            "a: b",
            "a #b",
        ]
        .map(str::to_owned),
    );
    let ascii = || (0..128_u8).map(char::from);
    texts.extend(ascii().map(String::from));
    texts.extend(ascii().filter(|c| !c.is_alphabetic() || "aynoexTZ".contains(*c)).flat_map(|first| {
        ascii().filter(|c| !c.is_alphabetic() || "aynoexTZ".contains(*c)).map(move |second| format!("{first}{second}"))
    }));
    let mut runner = TestRunner::deterministic();
    let pieces = prop::collection::vec(
        prop::char::ranges(std::borrow::Cow::Borrowed(&[' '..='?', '\t'..='\n', '_'..='f', 'x'..='~'])),
        0..9,
    );
    let random = prop_oneof![pieces.prop_map(String::from_iter), any::<String>()];
    texts.extend((0..4000).map(|_| random.new_tree(&mut runner).expect("a text").current()));
    texts.sort();
    texts.dedup();
    texts
}

fn node(value: Value) -> Node {
    Node::new(value, Place::top(Sources::default().add("f", "")))
}

fn map(members: impl Iterator<Item = (String, Node)>) -> Node {
    let members = members.map(|(key, node)| (key.into(), Entry { key: node.place, node }));
    node(Value::Map(members.collect::<Map>().into()))
}

fn agrees(loader: &str, tree: &Node) {
    let mut text = String::new();
    emit::document(tree, &mut text);
    let Some(read) = pyyaml(loader, &text) else {
        return eprintln!("skipped: python3 has no PyYAML with this loader");
    };
    let meant: serde_json::Value = serde_json::from_str(&emit::json(tree, false)).expect("JSON");
    if let (Some(read), Some(meant)) = (read.as_object(), meant.as_object()) {
        for (key, value) in meant {
            assert_eq!(read.get(key), Some(value), "{key:?}");
        }
    }
    assert_eq!(read, meant);
}

#[test]
fn pyyaml_reads_every_text_back_as_key_value_and_item() {
    for loader in ["python", "c"] {
        let texts = texts();
        let string = |text: &String| node(Value::String(text.as_str().into()));
        agrees(loader, &map(texts.iter().map(|text| (text.clone(), string(text)))));
        agrees(loader, &node(Value::List(texts.iter().map(string).collect::<Vec<_>>().into())));
        agrees(
            loader,
            &map(texts.iter().map(|text| {
                let inner = map([(text.clone(), string(text))].into_iter());
                (text.clone(), node(Value::List(vec![inner, string(text)].into())))
            })),
        );
    }
}

#[test]
fn pyyaml_reads_every_number_back() {
    let mut runner = TestRunner::deterministic();
    let floats = prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO;
    let numbers = prop_oneof![any::<i64>().prop_map(Number::Int), floats.prop_map(Number::Float)];
    let numbers: Vec<_> =
        (0..4000).map(|_| node(Value::Number(numbers.new_tree(&mut runner).expect("a number").current()))).collect();
    agrees("c", &node(Value::List(numbers.into())));
}
