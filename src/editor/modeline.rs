//! The line at the top of a YAML file by which an editor finds its schema.
//!
//! In goes the text of a file, out comes the text with the line, or what keeps it from being written. All else in the
//! file stays as it is: a byte-order mark, the kind of line ends, comments, `%YAML` and `---`.

use std::borrow::Cow;
use std::ops::Range;

use super::FOLDER;

/// What is to be done with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Modeline {
    /// Nothing: the line is there.
    There,
    /// This is the text with the line.
    Put(String),
    /// Nothing: somebody has named this other schema.
    Kept(String),
}

/// The line that names `schema` at the top of `file`'s text; both are names in the workspace.
pub(crate) fn with_modeline(file: &str, text: &str, schema: &str) -> Modeline {
    let path = relative(file, schema);
    match named(text) {
        Some(range) if text[range.clone()] == path => Modeline::There,
        // Only what was written here is renewed.
        Some(range) if text[range.clone()].contains(&format!("{FOLDER}/")) => {
            Modeline::Put(format!("{}{path}{}", &text[..range.start], &text[range.end..]))
        }
        Some(range) => Modeline::Kept(text[range].to_owned()),
        None => {
            let mark = if text.starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 };
            let (mark, rest) = text.split_at(mark);
            Modeline::Put(format!("{mark}# yaml-language-server: $schema={path}{}{rest}", line_end(text)))
        }
    }
}

/// The schema that a comment above the document names: `# yaml-language-server: $schema=PATH` or `# $schema: PATH`.
fn named(text: &str) -> Option<Range<usize>> {
    let mut at = if text.starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 };
    for line in text[at..].split_inclusive(['\n', '\r']) {
        let words = line.trim();
        if let Some(comment) = words.strip_prefix('#') {
            let rest = comment.trim_start();
            let own =
                rest.strip_prefix("yaml-language-server").map(str::trim_start).and_then(|rest| rest.strip_prefix(':'));
            let value = match own {
                Some(rest) => rest.split_once("$schema").and_then(|(_, rest)| rest.strip_prefix(['=', ':'])),
                None => rest.strip_prefix("$schema:").filter(|_| comment.starts_with(char::is_whitespace)),
            };
            let value = value.map(str::trim_start).and_then(|value| value.split_whitespace().next());
            if let Some(value) = value {
                // A part of the line, so its place is the distance from the line's beginning.
                let start = at + (value.as_ptr() as usize - line.as_ptr() as usize);
                return Some(start..start + value.len());
            }
        } else if !words.is_empty() && !words.starts_with('%') {
            return None;
        }
        at += line.len();
    }
    None
}

/// How the lines of a text end.
fn line_end(text: &str) -> &'static str {
    match text.find(['\n', '\r']) {
        Some(at) if text[at..].starts_with("\r\n") => "\r\n",
        Some(at) if text[at..].starts_with('\r') => "\r",
        _ => "\n",
    }
}

/// The way from a file to another one, both named from the workspace.
fn relative(from: &str, to: &str) -> String {
    let folders = |file: &str| -> Vec<String> {
        let mut parts: Vec<String> = file.split('/').map(str::to_owned).collect();
        parts.pop();
        parts
    };
    let (own, other) = (folders(from), folders(to));
    let shared = own.iter().zip(&other).take_while(|(a, b)| a == b).count();
    let up = own.iter().skip(shared).map(|_| Cow::Borrowed(".."));
    let down = other.iter().skip(shared).map(|part| Cow::Borrowed(part.as_str()));
    let name = to.rsplit('/').next().unwrap_or(to);
    up.chain(down).chain([Cow::Borrowed(name)]).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SCHEMA: &str = ".tenantctl/schema/tenant.dev.schema.json";
    const LINE: &str = "# yaml-language-server: $schema=../../.tenantctl/schema/tenant.dev.schema.json";

    fn put(text: &str) -> Modeline {
        with_modeline("dev/tenants/acme.yml", text, SCHEMA)
    }

    #[test]
    fn it_is_the_first_line_and_all_else_stays() {
        for (text, with) in [
            ("a: 1\n", format!("{LINE}\na: 1\n")),
            ("", format!("{LINE}\n")),
            ("a: 1", format!("{LINE}\na: 1")),
            ("a: 1\r\nb: 2\r\n", format!("{LINE}\r\na: 1\r\nb: 2\r\n")),
            ("\u{FEFF}a: 1\n", format!("\u{FEFF}{LINE}\na: 1\n")),
            ("%YAML 1.2\n---\na: 1\n", format!("{LINE}\n%YAML 1.2\n---\na: 1\n")),
            ("# of acme\n\n---\na: 1\n", format!("{LINE}\n# of acme\n\n---\na: 1\n")),
            (
                "a: |\n  # yaml-language-server: $schema=x\n",
                format!("{LINE}\na: |\n  # yaml-language-server: $schema=x\n"),
            ),
        ] {
            assert_eq!(put(text), Modeline::Put(with.clone()), "{text:?}");
            assert_eq!(put(&with), Modeline::There, "{with:?}");
        }
    }

    #[test]
    fn ours_is_renewed_where_it_is_and_anothers_is_kept() {
        let moved =
            "# of acme\n#  yaml-language-server : $schema=../.tenantctl/schema/old.schema.json indent=2\na: 1\n";
        let with =
            moved.replace("../.tenantctl/schema/old.schema.json", "../../.tenantctl/schema/tenant.dev.schema.json");
        assert_eq!(put(moved), Modeline::Put(with.clone()));
        assert_eq!(put(&with), Modeline::There);
        for (text, other) in [
            ("# yaml-language-server: $schema=https://example.com/s.json\na: 1\n", "https://example.com/s.json"),
            ("\n# note\n# $schema: my.json\na: 1\n", "my.json"),
            ("# yaml-language-server: $schema=none\n", "none"),
        ] {
            assert_eq!(put(text), Modeline::Kept(other.to_owned()), "{text:?}");
        }
    }

    #[test]
    fn paths_lead_from_the_file_to_the_schema() {
        for (from, path) in [
            ("tenantctl.yaml", ".tenantctl/schema/x.json"),
            ("a/b.yml", "../.tenantctl/schema/x.json"),
            (".tenantctl/a.yml", "schema/x.json"),
        ] {
            assert_eq!(relative(from, ".tenantctl/schema/x.json"), path);
        }
    }

    proptest! {
        #[test]
        fn once_put_it_is_there(text in "(\u{FEFF})?([#%$:=a /\r\n-]|---\n|# yaml-language-server: \\$schema=|\\.tenantctl/schema/x|é){0,12}") {
            match put(&text) {
                Modeline::Put(with) => prop_assert_eq!(put(&with), Modeline::There),
                other => prop_assert_eq!(put(&text), other),
            }
        }
    }
}
