//! The tool that makes the schemas inside the program, on definitions that are made up.

#[path = "../examples/kubernetes_bundle/bundle.rs"]
mod bundle;
#[path = "../examples/kubernetes_bundle/facts.rs"]
mod facts;

use facts::{Fact, Says};

const FIRST: &str = r##"{"$defs": {
    "io.example.shop.v1.Order": {
        "description": "what somebody bought",
        "type": ["object", "null"],
        "additionalProperties": false,
        "required": ["items"],
        "x-kubernetes-group-version-kind": [{"group": "shop", "version": "v1", "kind": "Order"}],
        "properties": {
            "apiVersion": {"type": ["string", "null"], "enum": ["shop/v1"]},
            "items": {"type": "array", "items": {"$ref": "#/$defs/io.example.shop.v1.Item"}, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"], "x-kubernetes-patch-merge-key": "name"},
            "paid": {"$ref": "#/$defs/io.k8s.apimachinery.pkg.apis.meta.v1.Time", "description": "when"},
            "state": {"type": ["string", "null"]},
            "notes": {"type": ["array", "null"], "items": {"type": ["string", "null"]}}
        }
    },
    "io.example.shop.v1.Item": {
        "type": ["object", "null"], "additionalProperties": false, "required": ["name"],
        "properties": {"name": {"type": "string"}, "amount": {"$ref": "#/$defs/io.k8s.apimachinery.pkg.api.resource.Quantity"}}
    },
    "io.example.shop.v1.OrderList": {
        "type": "object", "x-kubernetes-group-version-kind": [{"group": "shop", "version": "v1", "kind": "OrderList"}]
    },
    "io.example.shop.v1.Unused": {"type": "object"}
}}"##;

fn versions() -> Vec<(u8, String)> {
    let second = FIRST.replace(r#""amount""#, r#""count": {"type": "integer", "format": "int32"}, "amount""#);
    vec![(31, FIRST.to_owned()), (32, second)]
}

const STATES: Fact =
    Fact { definition: "shop.v1.Order", field: "state", says: Says::OneOf(&["Open", "Paid"]), minors: 31..=32 };

#[test]
fn what_is_equal_is_there_once_and_what_people_read_is_left_out() {
    let item = r#""amount":{"type":"quantity"},"name":{"type":"string"}},"required":["name"],"type":"object"}"#;
    let counted = r#"{"properties":{"amount":{"type":"quantity"},"count":{"format":"int32","type":"integer"},"name":{"type":"string"}},"required":["name"],"type":"object"}"#;
    let order = r#"{"properties":{"apiVersion":{"type":"string"},"items":{"items":{"$ref":"io.example.shop.v1.Item"},"type":"array","x-kubernetes-list-map-keys":["name"],"x-kubernetes-list-type":"map"},"kind":{"type":"string"},"notes":{"items":{"nullable":true,"type":"string"},"type":"array"},"paid":{"format":"date-time","type":"string"},"state":{"enum":["","Open","Paid"],"type":"string"}},"required":["items"],"type":"object"}"#;
    let expected = [
        "1.31 1.32".to_owned(),
        format!("io.example.shop.v1.Item\t01\t-\t{counted}"),
        format!("io.example.shop.v1.Item\t10\t-\t{{\"properties\":{{{item}"),
        format!("io.example.shop.v1.Order\t11\tshop/v1/Order\t{order}"),
    ];
    let text = bundle::text(&versions(), &[STATES]).expect("a bundle");
    let mut lines: Vec<String> = text.lines().map(sorted).collect();
    lines[1..].sort();
    assert_eq!(lines, expected);
    let packed = bundle::packed(&text);
    assert_eq!(lz4_flex::decompress_size_prepended(&packed).expect("packed"), text.as_bytes());
    assert_eq!(bundle::packed(&bundle::text(&versions(), &[STATES]).expect("a bundle")), packed);
}

/// A line whose schema has its keys in order, which the bundle need not have.
fn sorted(line: &str) -> String {
    fn sort(value: &mut serde_json::Value) {
        match value {
            serde_json::Value::Object(members) => {
                members.sort_keys();
                members.values_mut().for_each(sort);
            }
            serde_json::Value::Array(items) => items.iter_mut().for_each(sort),
            _ => {}
        }
    }
    let Some((head, json)) = line.rsplit_once('\t') else { return line.to_owned() };
    let mut value = serde_json::from_str(json).unwrap_or_default();
    sort(&mut value);
    format!("{head}\t{value}")
}

#[test]
fn what_the_tool_does_not_know_is_an_error() {
    let gone = Fact { definition: "shop.v1.Order", field: "colour", ..STATES };
    let error = |versions: &[(u8, String)], facts: &[Fact]| format!("{:#}", bundle::text(versions, facts).unwrap_err());
    assert_eq!(error(&versions(), &[gone]), "no version has colour of shop.v1.Order");
    let odd = [(31, FIRST.replace(r#""description": "what"#, r#""novelty": "what"#))];
    assert_eq!(error(&odd, &[]), "io.example.shop.v1.Order of 1.31: the keyword novelty is not known");
    let lost = [(31, FIRST.replace("v1.Item\"", "v1.Gone\"").replacen("v1.Gone\"", "v1.Lost\"", 1))];
    assert_eq!(error(&lost, &[]), "there is no definition io.example.shop.v1.Lost");
    assert!(!facts::FACTS.is_empty() && bundle::MINORS.contains(&31));
}
