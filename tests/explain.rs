//! Every field of every object that the shipped workspace renders can be explained.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

use tenantctl::diagnostic::{Diagnostics, Failed};
use tenantctl::explain::{Filled, SourceMap, document};
use tenantctl::pipeline::Compiler;
use tenantctl::shipped;
use tenantctl::source::Sources;
use tenantctl::workspace::{Selection, Top, Workspace};

/// The fields of an environment, each of which must name a line of a template that is there: how many are literal, and
/// of the others how many values are named.
fn fields(environment: &str, over: Option<&str>) -> (usize, Vec<usize>) {
    let world = shipped::world();
    let (sources, mut diagnostics) = (Sources::default(), Diagnostics::new());
    let (mut literal, mut filled) = (0, Vec::new());
    let outcome = (|| {
        let workspace = Workspace::find(&world, &sources, &mut diagnostics)?;
        diagnostics = Diagnostics::with_levels(workspace.levels());
        let overrides = over.map(str::to_owned).into_iter().collect();
        let selection = Selection { environment: environment.to_owned(), overrides, ..Selection::default() };
        let targets = workspace.targets(&selection, &mut diagnostics)?;
        let templates = workspace.templates(&mut diagnostics)?;
        let compiler = Compiler::new(&workspace, Top::default());
        for target in &targets {
            let validated = compiler.validated(target, &mut diagnostics)?;
            let map = SourceMap::of(&validated, &templates, &sources, &mut diagnostics)?;
            for field in map.fields() {
                let key = format!("{} {}", field.object, field.path);
                let source = sources.get(field.place.file);
                assert!(source.name().starts_with("templates/"), "{target} {key} is at {}", source.name());
                let line = source.line(source.line_column(field.place.start).line).unwrap_or_default();
                assert!(!line.trim().is_empty(), "{target} {key} is at an empty line of {}", source.name());
                let explained = Filled::new(&workspace, &validated, &field);
                if explained.literal {
                    literal += 1;
                    continue;
                }
                assert!(!explained.from.is_empty() || !explained.facts.is_empty(), "{target} {key} is from nothing");
                if !explained.from.is_empty() {
                    filled.push(explained.from.len());
                }
            }
        }
        Ok::<_, Failed>(())
    })();
    assert!(outcome.is_ok(), "{:#?}", diagnostics.items());
    (literal, filled)
}

#[test]
fn every_field_names_a_line_and_a_value() {
    for (environment, over) in [("dev", None), ("staging", None), ("prod", None), ("prod", Some("high_availability"))] {
        let (literal, filled) = fields(environment, over);
        assert!(literal > 100 && filled.len() > 100, "{environment}: {literal} literal, {} filled", filled.len());
        // Far the most of the fields are named by the value they hold; quotas are sums of many.
        let several = filled.iter().filter(|named| **named > 3).count();
        assert!(several * 10 < filled.len(), "{environment}: {several} of {} name more than three", filled.len());
    }
}

/// What `render --source-map` writes of an environment.
fn document(environment: &str) -> serde_json::Value {
    let world = shipped::world();
    let (sources, mut diagnostics) = (Sources::default(), Diagnostics::new());
    let made = (|| {
        let workspace = Workspace::find(&world, &sources, &mut diagnostics)?;
        diagnostics = Diagnostics::with_levels(workspace.levels());
        let selection = Selection { environment: environment.to_owned(), ..Selection::default() };
        let targets = workspace.targets(&selection, &mut diagnostics)?;
        let templates = workspace.templates(&mut diagnostics)?;
        let compiler = Compiler::new(&workspace, Top::default());
        let mut parts = Vec::new();
        for target in &targets {
            let validated = compiler.validated(target, &mut diagnostics)?;
            let map = SourceMap::of(&validated, &templates, &sources, &mut diagnostics)?;
            parts.push(document::Target::new(&map, &validated, &sources));
        }
        Ok::<_, Failed>(document::Document::new(parts).json())
    })();
    let text = made.unwrap_or_else(|_| panic!("{:#?}", diagnostics.items()));
    serde_json::from_str(&text).unwrap()
}

#[test]
fn a_source_map_is_as_its_schema_says_and_leads_to_lines_that_are_there() {
    let schema = serde_json::from_str(include_str!("../docs/source-map.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let map = document("dev");
    let errors: Vec<String> = validator.iter_errors(&map).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let files = shipped::files();
    let mut seen = 0;
    for target in map["targets"].as_array().unwrap() {
        for object in target["objects"].as_array().unwrap() {
            for field in object["fields"].as_array().unwrap() {
                let from = field["from"].as_array().unwrap().iter().map(|from| &from["place"]);
                for place in from.chain([&field["template"]]) {
                    let name = place["file"].as_str().unwrap();
                    let file = files.iter().find(|(file, _)| file == name).unwrap_or_else(|| panic!("{name}"));
                    let lines = String::from_utf8_lossy(file.1).lines().count() as u64;
                    assert!((1..=lines).contains(&place["line"].as_u64().unwrap()), "{place}");
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 1000, "{seen}");
}
