//! Whatever is written is read back as it was.

use proptest::prelude::*;

use super::*;

/// Texts of pieces that mean something to some reader.
fn nasty() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "a",
        "b",
        " ",
        "  ",
        "\n",
        "\n\n",
        "\t",
        "\r",
        "\r\n",
        ":",
        ": ",
        "#",
        " #",
        "-",
        "- ",
        "---",
        "...",
        "?",
        "'",
        "\"",
        "\\",
        "|",
        ">",
        "!",
        "&",
        "*",
        "%",
        "@",
        "`",
        "[",
        "]",
        "{",
        "}",
        ",",
        "<<",
        "=",
        "~",
        "no",
        "y",
        "null",
        "true",
        "0",
        "1",
        "_",
        "+",
        ".",
        "e",
        "x",
        "0x",
        "0o",
        "2025-01-01",
        "T",
        "\u{0}",
        "\u{1B}",
        "\u{7F}",
        "\u{85}",
        "\u{A0}",
        "\u{2028}",
        "\u{FEFF}",
        "\u{FFFF}",
        "é",
        "🎵",
        "\u{E000}",
    ]);
    prop_oneof![prop::collection::vec(pieces, 0..8).prop_map(|pieces| pieces.concat()), any::<String>()]
}

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => nasty().prop_map(|text| Value::String(text.into())),
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => any::<i64>().prop_map(|number| Value::Number(Number::Int(number))),
        1 => any::<f64>()
            .prop_filter("finite", |number| number.is_finite())
            .prop_map(|number| Value::Number(Number::Float(number))),
    ]
}

fn any_tree() -> impl Strategy<Value = Node> {
    leaf().prop_map(node).prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(|items| list(&items)),
            prop::collection::vec((nasty(), inner), 0..5).prop_map(|members| {
                let members: Vec<_> = members.iter().map(|(key, value)| (key.as_str(), value.clone())).collect();
                map(&members)
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_string_is_read_back_wherever_it_stands(text in nasty()) {
        let value = string(&text);
        let everywhere = map(&[
            ("value", value.clone()),
            (&text, value.clone()),
            ("items", list(&[value.clone(), value.clone(), list(&[value.clone(), map(&[(&text, value.clone())])])])),
            ("inner", map(&[(&text, map(&[(&text, value.clone())])), ("last", value.clone())])),
        ]);
        for node in [value, everywhere] {
            prop_assert_eq!(&read(&written(&node)).value, &node.value, "{}", written(&node));
        }
    }

    #[test]
    fn a_tree_is_read_back(node in any_tree()) {
        prop_assert_eq!(&read(&written(&node)).value, &node.value, "{}", written(&node));
        let parsed: Result<serde_json::Value, _> = serde_json::from_str(&json(&node, false));
        let pretty: Result<serde_json::Value, _> = serde_json::from_str(&json(&node, true));
        prop_assert!(parsed.is_ok());
        prop_assert_eq!(parsed.ok(), pretty.ok());
    }
}

#[test]
fn long_keys_are_read_back() {
    let key = "é".repeat(2000);
    for value in [string("a"), list(&[string("a")]), map(&[("a", string("b\nc"))]), list(&[])] {
        let tree = list(&[map(&[("x", string("y")), (&key, value), ("z", string("z"))])]);
        assert_eq!(read(&written(&tree)).value, tree.value, "{}", written(&tree));
    }
}
