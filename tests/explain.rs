//! Every field of every object that the shipped workspace renders can be explained.

use tenantctl::diagnostic::{Diagnostics, Failed};
use tenantctl::explain::{Filled, SourceMap};
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
        // Far the most of the fields are named by the value they hold.
        let several = filled.iter().filter(|named| **named > 3).count();
        assert!(several * 20 < filled.len(), "{environment}: {several} of {} name more than three", filled.len());
    }
}
