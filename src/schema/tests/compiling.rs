//! Which schemas are taken, and what is said about the others.

use std::fmt::Write;

use serde_json::json;

use super::*;

/// What is wrong with the schema made of these files.
fn refused(files: &[(&str, &str)]) -> String {
    let world = files.iter().fold(Memory::new(), |world, (name, text)| world.file(name, *text));
    let mut bench = Bench::new();
    assert!(bench.compile(&world, files[0].0).is_err(), "the schema is accepted");
    bench.said()
}

#[test]
fn a_schema_may_be_yaml_and_spread_over_files_of_the_workspace() {
    let mut bench = Bench::new();
    let world = Memory::new()
        .file(
            "schemas/main.yml",
            "$schema: http://json-schema.org/draft-07/schema#
properties:
  name: {$ref: 'lib/common.json#/definitions/na~1me'}
  again: {$ref: '#/properties/name'}
",
        )
        .file("schemas/lib/common.json", "{\"definitions\": {\"na/me\": {\"$ref\": \"../leaf.yml\"}}}")
        .file("schemas/leaf.yml", "type: string\ndescription: A name.\nmaxLength: 3\n");
    let schema = bench.compile(&world, "schemas/main.yml").unwrap();
    let tree = bench.tree("tenant.yml", "name: 3\nagain: long\n");
    bench.check(&schema, &tree);
    assert_eq!(
        bench.said(),
        "TC301 name must be a string, but it is an integer
  tenant.yml:1:7 <3> an integer, set by layer tenant
  note: required by schemas/leaf.yml:1 at /type
  help: write a text, in quotes if it looks like something else, such as `name: \"text\"` (A name)
TC305 again must have at most 3 characters, but has 4
  tenant.yml:2:8 <long> a string, set by layer tenant
  note: required by schemas/leaf.yml:3 at /maxLength
  help: write a value that fits (A name)
"
    );
    let described = schema.describe(&Path::from_keys(["again"])).unwrap();
    assert_eq!(described.description.as_deref(), Some("A name."));
    assert_eq!(schema.describe(&Path::from_keys(["other"])), None);
    let place = schema.place_of(0, "/properties/again/$ref").unwrap();
    assert_eq!(bench.sources.describe(place), "schemas/main.yml:4:17");
    assert_eq!(schema.place_of(0, "/nowhere"), None);
    assert_eq!(&**schema.name(), "schemas/main.yml");
}

#[test]
fn alone_it_means_what_it_meant_with_its_files() {
    for (dialect, other) in [
        ("https://json-schema.org/draft/2020-12/schema", "https://json-schema.org/draft/2020-12/schema"),
        ("http://json-schema.org/draft-07/schema#", "http://json-schema.org/draft-07/schema#"),
        ("https://json-schema.org/draft/2020-12/schema", "http://json-schema.org/draft-07/schema#"),
    ] {
        // The older one has no anchors.
        let named = if other.contains("draft-07") { "../c.yml#/definitions/named" } else { "../c.yml#name" };
        let world = Memory::new()
            .file(
                "s/main.json",
                json!({
                    "$schema": dialect,
                    "$id": "https://platform.example/main.json",
                    "properties": {
                        "a": {"$ref": "lib/a%20b.json#/definitions/x~1y%25"},
                        "b": {"$ref": "https://platform.example/main.json#/properties/a"},
                    },
                })
                .to_string(),
            )
            .file(
                "s/lib/a b.json",
                json!({
                    "$schema": other,
                    "definitions": {
                        "x/y%": {"anyOf": [{"$ref": "#/definitions/n"}, {"$ref": named}]},
                        "n": {"type": "integer", "maximum": 3},
                    },
                })
                .to_string(),
            )
            .file("s/c.yml", format!("$schema: {other}\ndefinitions: {{named: {{$anchor: name, const: c}}}}\n"));
        let mut bench = Bench::new();
        let Ok(schema) = bench.compile(&world, "s/main.json") else { panic!("{dialect} {other}: {}", bench.said()) };
        let alone = schema.alone();
        let validator = jsonschema::options().offline().build(&alone).unwrap();
        for value in [json!({"a": 3, "b": "c"}), json!({"a": 4}), json!({"b": "d"}), json!({"b": 1})] {
            bench.diagnostics = Diagnostics::new();
            let tree = bench.tree("x.yml", &value.to_string());
            bench.check(&schema, &tree);
            assert_eq!(validator.is_valid(&value), bench.said().is_empty(), "{value} by {alone}");
        }
    }
}

#[test]
fn references_out_of_the_workspace_are_refused_at_their_text() {
    for written in [
        "http://example.com/a.json",
        "https://json-schema.org/draft/2020-12/schema",
        "../../etc/passwd",
        "/etc/passwd",
        "missing.json",
    ] {
        let said = refused(&[("schemas/a.yml", &format!("items:\n  $ref: {written}\n"))]);
        assert!(said.starts_with("TC321 "), "{said}");
        assert!(said.contains(&format!("schemas/a.yml:2:9 <{written}>")), "{said}");
    }
}

#[test]
fn a_wrong_schema_is_told_at_its_place() {
    let cases = [
        ("a.json", "{\n  \"type\": strin\n}"),
        ("a.json", "{\"type\": \"strin\"}"),
        ("a.json", "{\"type\": \"string\", \"type\": \"integer\"}"),
        ("a.yml", "properties:\n  a: {format: quantitty}\n"),
        ("a.yml", "properties:\n  a: {pattern: '(?=a)b'}\n"),
        ("a.yml", "patternProperties:\n  '(a{1000}){1000}': true\n"),
        ("a.yml", "$schema: https://json-schema.org/draft/2020-13/schema\n"),
        ("a.yml", "properties:\n  a: {$ref: '#/$defs/cuont'}\n$defs: {count: {}}\n"),
        ("a.yml", "properties:\n  a: {$id: b.json}\n"),
        ("a.yml", "properties: {a: {minimum: x}}\n"),
        ("a.yml", "default: !append [b]\n"),
        ("a.yml", "- a\n"),
    ];
    let said: String = cases.iter().map(|case| refused(&[*case])).collect();
    assert_eq!(said, "TC320 a.json is not valid JSON
  a.json:2:11 <> expected value
  help: correct the JSON; a schema may be written in YAML as well, in a file that ends in .yml
TC320 `type` must be one of `array`, `boolean`, `integer`, `\"null\"`, `number`, `object`, `string`
  a.json:1:10 <\"strin\"> at /type
  help: did you mean `string`?
  help: correct the schema as JSON Schema wants it
TC106 the key `type` is written twice
  a.json:1:20 <\"type\"> written again here
  a.json:1:2 <\"type\"> first written here
  help: keep one of them
TC320 `quantitty` is not a format that is known
  a.yml:2:15 <quantitty> at /properties/a/format
  help: did you mean `quantity`?
  help: write one of quantity, duration, rfc1123-label, cidr, cron, hostname, email, uri, uri-reference, date, date-time, time, ipv4, ipv6, uuid, regex, json-pointer
TC320 the pattern cannot be used
  a.yml:2:16 <'(?=a)b'> at /properties/a/pattern
  help: write a regular expression without look-around and back-references, and with small repetitions
TC320 the pattern cannot be used
  a.yml:2:3 <'(a{1000}){1000}'> at /patternProperties/(a{1000}){1000}
  help: write a regular expression without look-around and back-references, and with small repetitions
TC320 `https://json-schema.org/draft/2020-13/schema` is not a dialect of JSON Schema that is known
  a.yml:1:10 <https://json-schema.org/draft/2020-13/schema> at /$schema
  help: did you mean `https://json-schema.org/draft/2020-12/schema`?
  help: write https://json-schema.org/draft/2020-12/schema
TC320 `#/$defs/cuont` refers to nothing
  a.yml:2:13 <'#/$defs/cuont'> at /properties/a/$ref
  help: did you mean `#/$defs/count`?
  help: refer to a schema that is there, such as `#/$defs/name`
TC320 only the schema at the top of a file may have an `$id`
  a.yml:2:12 <b.json> at /properties/a/$id
  help: remove it and refer to the schema by its pointer, such as `#/$defs/name`
TC320 `minimum` must be a number
  a.yml:1:27 <x> at /properties/a/minimum
  help: correct the schema as JSON Schema wants it
TC320 `!append` has no meaning in a schema
  a.yml:1:10 <!append> 
  help: remove the tag
TC320 a schema must be a mapping
  a.yml:1:1 <> 
  help: write keywords, such as `type: object`
");
}

#[test]
fn a_schema_that_would_explode_is_refused() {
    let mut explosive = "$defs:\n  d0: {type: string}\n".to_owned();
    for level in 1..40 {
        let below = level - 1;
        writeln!(explosive, "  d{level}: {{allOf: [{{$ref: '#/$defs/d{below}'}}, {{$ref: '#/$defs/d{below}'}}]}}")
            .unwrap();
    }
    explosive.push_str("$ref: '#/$defs/d39'\n");
    assert!(refused(&[("a.yml", &explosive)]).starts_with("TC320 the schema has more than"));

    let mut deep = "$defs:\n  d0: {type: string}\n".to_owned();
    for level in 1..3000 {
        writeln!(deep, "  d{level}: {{$ref: '#/$defs/d{}'}}", level - 1).unwrap();
    }
    let far = format!("{deep}$ref: '#/$defs/d2999'\n");
    assert!(refused(&[("a.yml", &far)]).starts_with("TC320 the schema is nested more than"));
    let near = format!("{deep}$ref: '#/$defs/d99'\n");
    assert!(Bench::new().compile(&Memory::new().file("a.yml", near), "a.yml").is_ok());
}

#[test]
fn a_schema_that_refers_to_itself_is_fine() {
    let schema = json!({"$defs": {"tree": {"type": "object", "additionalProperties": {"$ref": "#/$defs/tree"}}}, "$ref": "#/$defs/tree"});
    assert_eq!(judge(&schema, "a: {b: {c: {}}}\n"), "");
    assert!(judge(&schema, "a: {b: {c: 1}}\n").starts_with("TC301 a.b.c must be a mapping, but it is an integer"));
}
