//! Templates with their insertions.

use minijinja::machinery::tokenize;
use minijinja::syntax::SyntaxConfig;

use super::*;

/// The template with its insertions.
fn put(source: &str) -> String {
    let tokens: Vec<_> = tokenize(source, false, SyntaxConfig::default()).map(Result::unwrap).collect();
    let mut text = source.to_owned();
    for insertion in insertions(&tokens).unwrap().iter().rev() {
        text.insert_str(insertion.at, &insertion.text);
    }
    text
}

#[test]
fn operands_that_are_looked_at_get_a_filter() {
    for (source, wanted) in [
        ("{{ a }}", "{{ a }}"),
        ("{{ m(a, b.c) }}", "{{ m(a, b.c) }}"),
        ("{{ a == b.c }}", "{{ (a)|__value == (b.c)|__value }}"),
        ("{{ a == 3 }}", "{{ a == 3 }}"),
        ("{{ a is defined and not b }}", "{{ (a is defined)|__held and not (b)|__held }}"),
        ("{{ a not in b }}", "{{ (a)|__value not in (b)|__value }}"),
        ("{{ a|upper|indent(2) }}", "{{ a|__value|upper|indent(2) }}"),
        ("{{ a|replace(b, 'x') }}", "{{ a|__value|replace((b)|__value, 'x') }}"),
        ("{{ a.b(c)[1:] }}", "{{ ((a.b(c))|__text)[1:] }}"),
        ("{{ 'x' ~ a - -b }}", "{{ 'x' ~ (a)|__joined - -b }}"),
        ("{{ a if b else c }}", "{{ a if (b)|__held else c }}"),
        ("{{ a is eq b.c or d }}", "{{ (a|__value is eq ((b.c)|__value))|__held or (d)|__held }}"),
        ("{{ {a: b, 'c': d} }}", "{{ {(a)|__value: b, 'c': d} }}"),
        ("{% for x in y if x.z recursive %}", "{% for x in (y)|__text if (x.z)|__held recursive %}"),
        ("{% set a = b %}", "{% set a = b %}"),
        ("{% set a | upper %}", "{% set a|__value | upper %}"),
        ("{% filter upper %}", "{% filter __value|upper %}"),
        ("{% macro m(a, b=c) %}", "{% macro m(a, b=c) %}"),
    ] {
        assert_eq!(put(source), wanted);
    }
}
