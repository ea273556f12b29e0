//! The reader: what files say, where it stands, and what is said about files that are wrong.

#![expect(clippy::expect_used, reason = "a test stops where it fails")]

use proptest::prelude::*;

use tenantctl::diagnostic::{Code, Diagnostics, Levels, Severity, code};
use tenantctl::source::{FileId, Place, Sources};
use tenantctl::tree::Number;
use tenantctl::yaml::{Content, Limits, Tag, Written, read_document, read_stream};

fn file() -> FileId {
    Sources::default().add("f.yml", "")
}

fn read(text: &str) -> Result<Written, Diagnostics> {
    let mut diagnostics = Diagnostics::new();
    read_document(file(), text, &Limits::default(), &mut diagnostics).map_err(|_| diagnostics)
}

/// The value as JSON; tags before it.
fn show(written: &Written) -> String {
    let tag = written.tag().map(|tag| format!("{tag} ")).unwrap_or_default();
    let content = match &written.content {
        Content::Null => "null".to_owned(),
        Content::Bool(value) => value.to_string(),
        Content::Number(number) => number.to_string(),
        Content::String { text, .. } => format!("{text:?}"),
        Content::Secret(secret) => format!("secret({})", secret.name()),
        Content::List(items) => format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(",")),
        Content::Map(members) => {
            let members = members.iter().map(|(key, member)| format!("{key}:{}", show(&member.value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
    };
    tag + &content
}

fn reads_as(text: &str, expected: &str) {
    match read(text) {
        Ok(written) => assert_eq!(show(&written), expected, "{text}"),
        Err(diagnostics) => panic!("{text}: {:#?}", diagnostics.items()),
    }
}

/// What is said about a text: code, the text at the place, and the first help.
fn said(text: &str) -> Vec<(Code, String, String)> {
    let diagnostics = read(text).expect_err(text);
    let slice = |place: Place| text[place.start as usize..place.end as usize].to_owned();
    let items = diagnostics.items().iter();
    items
        .map(|item| {
            let place = item.primary.as_ref().map(|label| slice(label.place)).unwrap_or_default();
            (item.code, place, item.help.first().cloned().unwrap_or_default())
        })
        .collect()
}

/// What is said about a text is one thing, at this text, with this in one of its helps.
fn refused(text: &str, code: Code, at: &str, help: &str) {
    let diagnostics = read(text).expect_err(text);
    let [item] = diagnostics.items() else { panic!("{text}: {:#?}", diagnostics.items()) };
    let place = item.primary.as_ref().expect("a place").place;
    assert_eq!((item.code, &text[place.start as usize..place.end as usize]), (code, at), "{text}: {item:#?}");
    assert!(item.help.iter().any(|line| line.contains(help)) || help.is_empty(), "{text}: {item:#?}");
    assert!(!item.message.starts_with(char::is_uppercase), "{}", item.message);
}

#[test]
fn values_of_all_kinds_are_read() {
    reads_as("", "null");
    reads_as("# nothing\n", "null");
    reads_as("---\n", "null");
    reads_as(
        "a: 1\nb: [x, 1.5, true, ~, 'no', \"\\u00e9\"]\nc:\n- d: e\n  f:\n",
        r#"{a:1,b:["x",1.5,true,null,"no","é"],c:[{d:"e",f:null}]}"#,
    );
    reads_as("a: |\n  x\n  y\nb: >-\n  x\n  y\n", r#"{a:"x\ny\n",b:"x y"}"#);
    reads_as("\u{FEFF}a: 1\r\nb: 'x'\r\n", r#"{a:1,b:"x"}"#);
    reads_as("\"8080\": a\n'no': b\n\"<<\": c\n", r#"{8080:"a",no:"b",<<:"c"}"#);
    reads_as("{a: 1, \"b\":2}", "{a:1,b:2}");
    reads_as("[a: 1]", "[{a:1}]");
    reads_as("? a\n: b", r#"{a:"b"}"#);
}

#[test]
fn tags_stand_before_the_values_they_fit() {
    reads_as(
        "a: !append [1]\nb: !unset\nc: !at_least 3\nd: !raw '{{ x }}'\ne: !replace {f: 1}\n",
        r#"{a:!append [1],b:!unset null,c:!at_least 3,d:!raw "{{ x }}",e:!replace {f:1}}"#,
    );
    reads_as("a: !merge\n- name: b\n", r#"{a:!merge [{name:"b"}]}"#);
    reads_as("a: !secret database.password-1", "{a:secret(database.password-1)}");
    let written = read("a: !at_most  500m").expect("reads");
    let value = written.at(&["a"]).expect("a");
    assert_eq!(value.tag(), Some(Tag::AtMost));
    assert_eq!(value.tag.map(|tagged| (tagged.place.start, tagged.place.end)), Some((3, 11)));
    refused("a: !str x", code::UNKNOWN_TAG, "!str", "");
    refused("a: !apend [x]", code::UNKNOWN_TAG, "!apend", "did you mean `!append`?");
    refused("a: !!str 5", code::UNKNOWN_TAG, "!!str", "quotes");
    refused("a: ! 5", code::UNKNOWN_TAG, "!", "");
    refused("%TAG ! tag:x,2000:\n---\na: !append [x]", code::UNKNOWN_TAG, "%TAG ! tag:x,2000:", "remove");
    refused("a: !unset 5", code::TAG_MISPLACED, "!unset", "remove the value");
    refused("a: !append x", code::TAG_MISPLACED, "!append", "write a list");
    refused("a: !at_least [x]", code::TAG_MISPLACED, "!at_least", "");
    refused("a: !raw 5", code::TAG_MISPLACED, "!raw", "`!raw '5'`");
    refused("a: !raw\n", code::TAG_MISPLACED, "!raw", "quotes");
    refused("!append a: x", code::TAG_MISPLACED, "!append", "after the colon");
    refused("a: !secret {b: c}", code::TAG_MISPLACED, "!secret", "name");
    refused("a: !secret\n", code::TAG_MISPLACED, "!secret", "name");
    refused("a: !secret 'hunter 2'", code::TAG_MISPLACED, "'hunter 2'", "name");
}

#[test]
fn anchors_are_repeated_and_merged() {
    reads_as("a: &x {b: 1}\nc: *x\n", "{a:{b:1},c:{b:1}}");
    reads_as("a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  c: 3\n  e: 4\n", "{a:{b:1,c:2},d:{c:3,e:4,b:1}}");
    reads_as("- &x {a: 1, b: 1}\n- &y {a: 2, c: 2}\n- <<: [*x, *y]\n", "[{a:1,b:1},{a:2,c:2},{a:1,b:1,c:2}]");
    reads_as("a: &x [1]\nb: &y [*x]\nc: [*y, *y]\n", "{a:[1],b:[[1]],c:[[[1]],[[1]]]}");
    reads_as("&k key: 1\nb: *k\n", r#"{key:1,b:"key"}"#);
    reads_as("a: &k name\n*k : 1\n", r#"{a:"name",name:1}"#);
    refused("a: *defalts\n", code::SYNTAX, "*defalts", "&defalts");
    refused("d: &defaults 1\na: *defalts\n", code::SYNTAX, "*defalts", "did you mean `defaults`?");
    refused("a: *.example.com", code::SYNTAX, "*.example.com", "`\"*.example.com\"`");
    refused("a: &x [*x]", code::SYNTAX, "*x", "");
    refused("a: {<<: 5}", code::SYNTAX, "5", "in quotes");
    refused("a: &x {b: 1}\nc: {<<: *x, <<: *x}", code::DUPLICATE_KEY, "<<", "keep one");
}

#[test]
fn keys_are_strings_and_stand_once() {
    refused("8080: a", code::KEY_KIND, "8080", "`\"8080\":`");
    refused("true: a", code::KEY_KIND, "true", "`\"true\":`");
    refused("null: a", code::KEY_KIND, "null", "`\"null\":`");
    refused(": a", code::KEY_KIND, "", "write the key");
    refused("no: a", code::AMBIGUOUS, "no", "`\"no\":`");
    refused("on: a", code::AMBIGUOUS, "on", "`\"on\":`");
    refused("y: 1", code::AMBIGUOUS, "y", "`\"y\":`");
    refused("? [a]\n: b", code::KEY_KIND, "[a]", "");
    refused("a: {{ x }}", code::KEY_KIND, "{{ x }}", "`\"{{ x }}\"`");
    refused("a: !raw {{ x }}", code::KEY_KIND, "{{ x }}", "`\"{{ x }}\"`");
    refused("a: 1\nb: 2\na: 3\n", code::DUPLICATE_KEY, "a", "keep one");
    let diagnostics = read("a: 1\n'a': 3\n").expect_err("twice");
    assert_eq!(diagnostics.items()[0].related[0].place.start, 0);
}

#[test]
fn several_problems_are_reported_at_once() {
    let all = said("a: no\nb: 1_000\nb: 2\nc: !x w\n8080: z\n");
    let codes: Vec<_> = all.iter().map(|(code, ..)| *code).collect();
    assert_eq!(codes, [code::AMBIGUOUS, code::AMBIGUOUS, code::DUPLICATE_KEY, code::UNKNOWN_TAG, code::KEY_KIND]);
    assert_eq!(all[0].2, "write `false` for the boolean, or `\"no\"` for the text");
    assert_eq!(said(&"- !x w\n".repeat(1000)).len(), 51);
    assert_eq!(said(&"- no\n".repeat(1000)).len(), 50);
}

#[test]
fn a_lowered_doubt_is_read_as_yaml_1_2_reads_it() {
    let levels = Levels::from_iter([(code::AMBIGUOUS, Some(Severity::Warning))]);
    let mut diagnostics = Diagnostics::with_levels(levels.into());
    let text = "a: no\nb: 012\nc: 1e3\n";
    let written = read_document(file(), text, &Limits::default(), &mut diagnostics).expect("warnings only");
    assert_eq!(show(&written), r#"{a:"no",b:12,c:1000.0}"#);
    assert_eq!(diagnostics.items().len(), 3);
}

#[test]
fn numbers_beyond_the_range_are_refused() {
    refused("a: 9223372036854775808", code::NUMBER_RANGE, "9223372036854775808", "`\"9223372036854775808\"`");
    refused("a: .inf", code::NUMBER_RANGE, ".inf", "`\".inf\"`");
    let written = read("a: 9223372036854775807").expect("reads");
    assert!(matches!(written.at(&["a"]).map(|a| &a.content), Some(Content::Number(Number::Int(i64::MAX)))));
}

#[test]
fn syntax_errors_say_where_and_what_to_write() {
    refused("a: 'b\nc: d\n", code::SYNTAX, "c", "write `'`");
    refused("a: \"b\n", code::SYNTAX, "\"", "write `\"`");
    refused("a: ['b\nc: d\n", code::SYNTAX, "c", "write `'`");
    refused("a: [1, 2\nb: c", code::SYNTAX, "b", "close the bracket");
    refused("a: [1, 2", code::SYNTAX, "[", "write `]`");
    refused("a: {b: c]", code::SYNTAX, "]", "");
    refused("a: {b: c}}", code::SYNTAX, "}", "remove it");
    refused("a:\n\tb: c", code::SYNTAX, "\t", "spaces");
    refused("a: b\n\tc: d", code::SYNTAX, "\t", "spaces");
    refused("a:b\nc: d", code::SYNTAX, ":", "`a: b`");
    refused("a: b: c", code::SYNTAX, ":", "`\"b: c\"`");
    refused("a: @b", code::SYNTAX, "@", "`\"@b\"`");
    refused("a: `b`", code::SYNTAX, "`", "`\"`b`\"`");
    refused("a: %b", code::SYNTAX, "%", "`\"%b\"`");
    refused("a: {{ x }}-y", code::KEY_KIND, "{{ x }}", "quotes");
    refused("a: {{ x }}/{{ y }}", code::KEY_KIND, "{{ x }}", "quotes");
    refused("a: [{{ x }}\nb: c", code::SYNTAX, "b", "`{{`");
    refused("a: \"x\\qy\"", code::SYNTAX, "\\q", r"`\\`");
    refused("a: \"x\" y", code::SYNTAX, "y", "");
    refused("a: - b", code::SYNTAX, "-", "lines of their own");
    refused("a:\n  - b\n c: d", code::SYNTAX, "c", "column");
    refused("a: b\u{0}c", code::SYNTAX, "\u{0}", r"`\x00`");
    refused("a: \u{85}b\u{7F}", code::SYNTAX, "\u{7F}", r"`\x7F`");
    refused("a: 1\n---\nb: 2\n", code::SEVERAL_DOCUMENTS, "---", "file of its own");
    let diagnostics = read("a: 1\nb: 'x\nc: d\n").expect_err("open quote");
    let related = &diagnostics.items()[0].related[0];
    assert_eq!((related.place.start, related.place.end, related.text.as_str()), (8, 9, "unclosed quote begins here"));
}

fn place_of(text: &str, keys: &[&str]) -> String {
    let written = read(text).unwrap_or_else(|diagnostics| panic!("{:#?}", diagnostics.items()));
    let place = written.at(keys).expect("the value").place;
    text[place.start as usize..place.end as usize].to_owned()
}

#[test]
fn places_cover_exactly_the_value() {
    for text in ["\u{FEFF}é: 🎵\r\na: !replace &x  \"ü\" # c\r\nb:\r\n", "é: 🎵\na: &x !replace \"ü\" # c\nb:\n"]
    {
        assert_eq!(place_of(text, &["é"]), "🎵");
        assert_eq!(place_of(text, &["a"]), "\"ü\"");
        assert_eq!(place_of(text, &["b"]), "b");
    }
    let text = "a: # c - d\n  # - e\n- x\n-   w # z\n\nb:\n  c: 1 # d\n  # e\nf: [1,\n 2 ]\ng: |\n  text\n\nh: i\n";
    assert_eq!(place_of(text, &["a"]), "- x\n-   w");
    assert_eq!(place_of(text, &["b"]), "c: 1");
    assert_eq!(place_of(text, &["f"]), "[1,\n 2 ]");
    assert_eq!(place_of(text, &["g"]), "text");
    assert_eq!(place_of(text, &[]), text.trim_end());
    assert_eq!(place_of("a: &x !append\n- - b\n  - c\n", &["a"]), "- - b\n  - c");
    assert_eq!(place_of("a: &x [1]\nb: *x\n", &["b"]), "[1]");
    let written = read("- a\n-\n- [b, ]").expect("reads");
    let Content::List(items) = &written.content else { panic!("a list") };
    assert_eq!((items[1].place.start, items[1].place.end), (4, 5));
}

#[test]
fn streams_hold_any_number_of_documents() {
    let mut diagnostics = Diagnostics::new();
    let text = "---\n# nothing\n---\na: &x 1\n---\n\n---\nb: 2\n...\n";
    let documents = read_stream(file(), text, &Limits::RENDERED, &mut diagnostics).expect("reads");
    assert_eq!(documents.iter().map(show).collect::<Vec<_>>(), ["{a:1}", "{b:2}"]);
    read_stream(file(), "a: &x 1\n---\nb: *x\n", &Limits::RENDERED, &mut diagnostics).expect_err("another document");
}

#[test]
fn no_text_exhausts_stack_memory_or_patience() {
    let deep = 100_000;
    for text in ["[".repeat(deep), "- ".repeat(deep), "{a: ".repeat(deep), "? ".repeat(deep), "[[\n".repeat(deep)] {
        assert_eq!(said(&text).last().map(|(code, ..)| *code), Some(code::LIMIT), "{}", &text[..20]);
    }
    let bomb: String = (1..20).fold("a0: &a0 [x]\n".to_owned(), |text, level| {
        let alias = format!("*a{},", level - 1);
        format!("{text}a{level}: &a{level} [{}]\n", alias.repeat(9))
    });
    assert_eq!(said(&bomb).last().map(|(code, ..)| *code), Some(code::LIMIT));
    let merges: String = (1..40).fold("a0: &a0 {x: 1}\n".to_owned(), |text, level| {
        format!("{text}a{level}: &a{level} {{b{level}: *a{0}, <<: *a{0}}}\n", level - 1)
    });
    assert_eq!(said(&merges).last().map(|(code, ..)| *code), Some(code::LIMIT));
    let long = "x".repeat(1 << 20);
    reads_as(&format!("a: {long}"), &format!("{{a:\"{long}\"}}"));
    assert_eq!(said(&format!("a: {long}x")).last().map(|(code, ..)| *code), Some(code::LIMIT));
    assert_eq!(said(&"- 1\n".repeat(200_001)).last().map(|(code, ..)| *code), Some(code::LIMIT));
    let nested = format!("{}{}", "[".repeat(64), "]".repeat(64));
    assert!(read(&nested).is_ok());
    assert!(read(&format!("[{nested}]")).is_err());
}

/// Reads a text that may be anything. Places must lie in the text and at characters.
fn survives(text: &str) {
    fn check(written: &Written, text: &str) {
        let inside = |place: Place| assert!(text.get(place.start as usize..place.end as usize).is_some(), "{text:?}");
        inside(written.place);
        match &written.content {
            Content::List(items) => items.iter().for_each(|item| check(item, text)),
            Content::Map(members) => members.values().for_each(|member| {
                inside(member.key);
                check(&member.value, text);
            }),
            _ => {}
        }
    }
    let mut diagnostics = Diagnostics::new();
    match read_stream(file(), text, &Limits::default(), &mut diagnostics) {
        Ok(documents) => documents.iter().for_each(|document| check(document, text)),
        Err(_) => assert!(diagnostics.errors() > 0),
    }
    for item in diagnostics.items() {
        for label in item.primary.iter().chain(&item.related) {
            let place = label.place;
            assert!(text.get(place.start as usize..place.end as usize).is_some(), "{text:?} {item:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        survives(&text);
    }

    #[test]
    fn any_yaml_like_text_is_read_or_refused(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "a", "b: ", "- ", "? ", ": ", ":", "\n", "\n  ", "\n\t", "\r\n", "\r", " ", "[", "]", "{", "}", ",", "'", "\"",
                "|\n", ">-\n", "#", " # c", "&x ", "*x", "<<: ", "!append ", "!secret ", "!", "%", "@", "---\n", "...\n",
                "\u{FEFF}", "é", "🎵", "\u{85}", "\u{2028}", "no", "012", "{{ ", " }}", "\\", "\\x", "\\u00", "~", "1e3", "\t",
            ]),
            0..40,
        )
    ) {
        survives(&parts.concat());
    }
}
