//! What the API server would say, by the examples of the rules.

use super::*;
use crate::cel;
use crate::diagnostic::Diagnostics;
use crate::policy::Catalogue;
use crate::policy::rule::Expected;
use crate::source::Sources;
use crate::tree::Map;

fn catalogue() -> Catalogue {
    let mut diagnostics = Diagnostics::new();
    let catalogue = Catalogue::read_shipped(&Sources::default(), &mut diagnostics);
    assert!(diagnostics.items().is_empty(), "{:#?}", diagnostics.items());
    catalogue
}

fn told<'a>(params: &'a Node, minor: u8, environment: &'a str) -> Admission<'a> {
    Admission { environment, params, minor, deny: false }
}

fn nothing() -> Node {
    use crate::source::{FileId, Place};
    Node::new(crate::tree::Value::Map(Arc::new(Map::default())), Place::top(FileId::NONE))
}

#[test]
fn a_policy_says_of_every_example_what_its_rule_says() {
    const NAMES: [&str; 3] = ["object", "namespaceObject", "variables"];
    let catalogue = catalogue();
    let none = nothing();
    let null = Node::new(crate::tree::Value::Null, none.place);
    let mut compared = 0;
    for rule in catalogue.rules().iter().filter(|rule| rule.emit) {
        for example in &rule.examples {
            let params = example.params.as_ref().unwrap_or(&none);
            let admitted = admit(std::slice::from_ref(rule), &told(params, example.minor, &example.environment));
            let [policy, _] = admitted.objects.as_slice() else {
                assert_eq!(example.expected, Expected::NotApplicable, "{}: {:?}", rule.id, admitted.left_out);
                continue;
            };
            if example.expected == Expected::Error || !matches!(example.tier.as_ref(), "") {
                continue;
            }
            let compile = |text: &str| {
                cel::Expression::compile(text, &NAMES).unwrap_or_else(|wrong| panic!("{}: {wrong:?}\n{text}", rule.id))
            };
            let list = |value: &Json| value.as_array().cloned().unwrap_or_default();
            let variables: Vec<(String, cel::Expression)> = list(&policy["spec"]["variables"])
                .iter()
                .map(|variable| {
                    (variable["name"].as_str().unwrap().to_owned(), compile(variable["expression"].as_str().unwrap()))
                })
                .collect();
            let mut kept = true;
            let group = |object: &Node| {
                let version = object.str_at(&["apiVersion"]).unwrap_or_default();
                version.split_once('/').map_or("", |(group, _)| group).to_owned()
            };
            let is_shown = |object: &&Node| {
                let kind = object.str_at(&["kind"]).unwrap_or_default();
                rule.kinds.is_empty() || rule.kinds.iter().any(|own| own.is(&group(object), kind))
            };
            for object in example.objects.iter().filter(is_shown) {
                let mut scope = cel::Scope::new();
                scope.bind("object", object);
                scope.bind("namespaceObject", &null);
                let bound = scope.bind_variables(&variables).is_ok();
                for validation in list(&policy["spec"]["validations"]) {
                    kept &= bound && compile(validation["expression"].as_str().unwrap()).holds(&scope) == Ok(true);
                }
            }
            let expected = matches!(example.expected, Expected::Pass | Expected::NotApplicable);
            assert_eq!(kept, expected, "{} of {}\n{policy:#}", rule.id, example.shown());
            compared += 1;
        }
    }
    assert!(compared > 200, "{compared}");
}

#[test]
fn all_rules_of_one_object_can_be_enforced() {
    let (catalogue, none) = (catalogue(), nothing());
    for minor in 31..=36 {
        let admitted = admit(catalogue.rules(), &told(&none, minor, "prod"));
        for (id, why) in &admitted.left_out {
            let rule = catalogue.find(id).unwrap();
            assert!(!rule.emit || why.contains("nothing for Kubernetes"), "{id}: {why}");
        }
        let names: Vec<_> =
            admitted.objects.iter().map(|object| (&object["kind"], &object["metadata"]["name"])).collect();
        for (index, name) in names.iter().enumerate() {
            assert!(!names[..index].contains(name), "{name:?}");
        }
    }
}
