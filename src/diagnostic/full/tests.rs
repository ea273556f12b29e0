//! What people see, character by character.

use super::*;
use crate::diagnostic::code;
use crate::source::Place;

/// The place of `word` in a file of this text.
fn file(sources: &Sources, name: &str, text: &str, word: &str) -> Place {
    let start = text.find(word).unwrap();
    Place::new(sources.add(name, text), start, start + word.len())
}

fn one(diagnostic: Diagnostic, sources: &Sources) -> String {
    let mut diagnostics = Diagnostics::new();
    diagnostics.record(diagnostic);
    render(&diagnostics, sources, false, WIDTH)
}

#[test]
fn the_ideal_error() {
    let sources = Sources::default();
    let tenant = "tenant:\n  tier: premium\n  replicas: three\n";
    let tenant = file(&sources, "environments/prod/tenants/acme-corp.yml", tenant, "three");
    let tier = file(&sources, "environments/tiers/premium.yml", "resources:\n  replicas: 3\n", "3");
    let wrong = Diagnostic::new(code::TYPE, "resources.replicas must be an integer, but it is a string")
        .at(tenant, "a string, set by layer tenant")
        .also(tier, "layer tier had an integer here")
        .note("required by schemas/config.schema.json at /properties/resources/properties/replicas/type")
        .help("write a whole number, such as `replicas: 3`")
        .help("to see where the value comes from: tenantctl explain prod acme-corp resources.replicas");
    let expected = "\
error[TC301]: resources.replicas must be an integer, but it is a string
 --> environments/prod/tenants/acme-corp.yml:3:13
  |
3 |   replicas: three
  |             ^^^^^ a string, set by layer tenant
  |
 ::: environments/tiers/premium.yml:2:13
  |
2 |   replicas: 3
  |             - layer tier had an integer here
  |
  = note: required by schemas/config.schema.json at /properties/resources/properties/replicas/type
help: write a whole number, such as `replicas: 3`
help: to see where the value comes from: tenantctl explain prod acme-corp resources.replicas

error: 1 error
";
    assert_eq!(one(wrong, &sources), expected);
}

#[test]
fn one_error_of_many_targets_is_printed_once() {
    let sources = Sources::default();
    let place = file(&sources, "environments/base.yml", "replicas: three\n", "three");
    let mut diagnostics = Diagnostics::new();
    for number in 0..412 {
        let mut own = diagnostics.for_target(&format!("t{number}@prod"));
        own.record(Diagnostic::new(code::TYPE, "replicas must be an integer").at(place, "").help("write a number"));
        diagnostics.extend(own);
    }
    let mut own = diagnostics.for_target("t3@prod");
    own.record(Diagnostic::new(code::EDITED, "a file was edited"));
    diagnostics.extend(own);
    let expected = "\
error[TC301]: replicas must be an integer
 --> environments/base.yml:1:11
  |
1 | replicas: three
  |           ^^^^^
  |
  = note: in 412 targets: t0@prod, t1@prod and 410 others
help: write a number

warning[TC702]: a file was edited
note: in t3@prod
help: `tenantctl explain TC702` tells how to correct it

error: 1 error and 1 warning in 412 targets
";
    assert_eq!(render(&diagnostics, &sources, false, WIDTH), expected);
}

#[test]
fn what_has_no_place_has_no_frame() {
    let diagnostic = Diagnostic::new(code::NO_WORKSPACE, "no tenantctl.yaml here or above")
        .help("make one: tenantctl init\nor go to one");
    let expected = "\
error[TC102]: no tenantctl.yaml here or above
help: make one: tenantctl init
      or go to one

error: 1 error
";
    assert_eq!(one(diagnostic, &Sources::default()), expected);
    assert_eq!(render(&Diagnostics::new(), &Sources::default(), true, WIDTH), "");
}

#[test]
fn places_of_one_file_share_a_frame() {
    let sources = Sources::default();
    let text = "a: 1\nb: 2\nc: 3\n\n\n\n\na: 4\n";
    let first = file(&sources, "environments/base.yml", text, "a");
    let place = |start| Place { start, end: start + 1, ..first };
    let diagnostic = Diagnostic::new(code::DUPLICATE_KEY, "a is written twice")
        .at(place(19), "again here")
        .also(first, "first here")
        .also(place(10), "not here");
    let expected = "\
error[TC106]: a is written twice
 --> environments/base.yml:8:1
  |
1 | a: 1
  | - first here
2 | b: 2
3 | c: 3
  | - not here
...
8 | a: 4
  | ^ again here
  |
help: `tenantctl explain TC106` tells how to correct it

error: 1 error
";
    assert_eq!(one(diagnostic, &sources), expected);
}

#[test]
fn a_place_of_many_lines_is_cut_to_its_first() {
    let sources = Sources::default();
    let place = file(&sources, "a.yml", "a:\n  b: 1\n  c: 2\n", "b: 1\n  c: 2\n");
    let text = one(Diagnostic::new(code::TYPE, "wrong").at(place, "a mapping"), &sources);
    assert!(text.contains("2 |   b: 1\n  |   ^^^^ a mapping\n"), "{text}");
}

#[test]
fn a_line_of_a_megabyte_is_cut_around_the_place() {
    let sources = Sources::default();
    let text = format!("é: [{}three{}]\n", "1, ".repeat(170_000), ", 1".repeat(170_000));
    let place = file(&sources, "a.yml", &text, "three");
    let text = one(Diagnostic::new(code::TYPE, "wrong").at(place, "a string"), &sources);
    assert!(text.contains(" --> a.yml:1:510005\n"), "{text}");
    assert!(text.contains("three") && text.len() < 700, "{text}");
    let mut lines = text.lines().skip(3);
    let (source, mark) = (lines.next().unwrap(), lines.next().unwrap());
    assert_eq!(source.find("three"), mark.find("^^^^^ a string"), "{text}");
    assert!(source.starts_with("1 | ...") && source.ends_with("..."), "{text}");
}

#[test]
fn a_wide_place_in_a_long_line_is_cut_too() {
    let sources = Sources::default();
    let long = "x".repeat(1_000_000);
    let place = file(&sources, "a.yml", &format!("a: {long}\n"), &long);
    let text = one(Diagnostic::new(code::LIMIT, "too long").at(place, "this"), &sources);
    assert!(text.len() < 900, "{}", text.len());
}

#[test]
fn byte_order_marks_line_ends_and_tabs_do_not_shift_anything() {
    let sources = Sources::default();
    let bom = file(&sources, "bom.yml", "\u{FEFF}replicas: three\r\nb: 1\r\n", "three");
    let tab = file(&sources, "tab.yml", "é:\r\n\tb: 🎵 three\r\n", "three");
    let diagnostic = Diagnostic::new(code::TYPE, "wrong").at(bom, "one").also(tab, "two");
    let expected = "\
error[TC301]: wrong
 --> bom.yml:1:11
  |
1 | replicas: three
  |           ^^^^^ one
  |
 ::: tab.yml:2:7
  |
2 |     b: 🎵 three
  |           ----- two
  |
help: `tenantctl explain TC301` tells how to correct it

error: 1 error
";
    assert_eq!(one(diagnostic, &sources), expected);
}

#[test]
fn nothing_reaches_the_terminal_raw() {
    let sources = Sources::default();
    let place = file(&sources, "a\u{1b}[2J.yml", "a: \u{1b}[31m\u{9b}2J\u{202e} x\n", "x");
    let diagnostic = Diagnostic::new(code::TYPE, "message\u{1b}[2J\nnext")
        .at(place, "label\u{7}")
        .note("note\u{9b}2J\nsecond line")
        .help("help\u{202e}");
    let expected = "\
error[TC301]: message␛[2J␊next
 --> a␛[2J.yml:1:14
  |
1 | a: ␛[31m\u{FFFD}2J\u{FFFD} x
  |              ^ label␇
  |
  = note: note\u{FFFD}2J
          second line
help: help\u{FFFD}

error: 1 error
";
    assert_eq!(one(diagnostic, &sources), expected);
}

#[test]
fn places_outside_the_text_and_inside_characters_are_survived() {
    let sources = Sources::default();
    let file = sources.add("a.yml", "é: 🎵");
    for (start, end) in [(0, 0), (1, 2), (5, 6), (8, 8), (8, 9), (90, 95), (6, 2)] {
        let text = one(Diagnostic::new(code::TYPE, "wrong").at(Place::new(file, start, end), "here"), &sources);
        assert!(text.contains("1 | é: 🎵\n"), "{start}..{end}: {text}");
    }
    let empty = sources.add("empty.yml", "");
    let text = one(Diagnostic::new(code::TYPE, "wrong").at(Place::top(empty), "here"), &sources);
    assert!(text.contains(" --> empty.yml:1:1\n"), "{text}");
}

#[test]
fn colours_are_there_when_asked_for() {
    let sources = Sources::default();
    let place = file(&sources, "a.yml", "a: three\n", "three");
    let mut diagnostics = Diagnostics::new();
    diagnostics.record(Diagnostic::new(code::TYPE, "wrong").at(place, "").help("right"));
    let text = render(&diagnostics, &sources, true, 80);
    assert!(text.contains("\u{1b}[") && text.contains("a.yml:1:4"), "{text}");
    let without: String =
        text.split("\u{1b}[").map(|part| part.split_once('m').map_or(part, |(_, rest)| rest)).collect();
    assert_eq!(without, render(&diagnostics, &sources, false, 80));
}

proptest::proptest! {
    /// Whatever the text and wherever the places: no panic, and nothing a terminal obeys.
    #[test]
    fn any_text_and_any_places_are_drawn(
        text in "([a-z: ]|[\t\r\n]|[\u{0}-\u{1f}]|é|🎵|\u{301}|\u{200d}|\u{200b}|\u{feff}|\u{9b}|\u{202e}|[ -~]{200}|\n){0,40}",
        spans in proptest::collection::vec((0usize..3000, 0usize..400), 1..6),
        width in 0usize..200,
    ) {
        let sources = Sources::default();
        let file = sources.add("a.yml", &text);
        let place = |(start, length): (usize, usize)| {
            let start = start % (text.len() + 2);
            Place::new(file, start, start + length)
        };
        let first = Diagnostic::new(code::TYPE, &*text).at(place(spans[0]), &*text).note(&*text).help(&*text);
        let diagnostic = spans[1..].iter().fold(first, |diagnostic, span| diagnostic.also(place(*span), "also"));
        let mut diagnostics = Diagnostics::new();
        diagnostics.record(diagnostic);
        let drawn = render(&diagnostics, &sources, false, width);
        proptest::prop_assert!(!drawn.contains(|c: char| c != '\n' && printable::is_unsafe(c)), "{drawn:?}");
        for text in [crate::diagnostic::concise::render(&diagnostics, &sources), crate::diagnostic::github::render(&diagnostics, &sources)] {
            proptest::prop_assert_eq!(text.lines().count(), 1);
        }
        let json = crate::diagnostic::json::render(&diagnostics, &sources);
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        proptest::prop_assert_eq!(value["diagnostics"][0]["message"].as_str(), Some(&*text));
    }
}
