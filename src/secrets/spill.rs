//! What looks like a secret and stands in plain text, in any file of a workspace.
//!
//! A file of values (YAML, JSON) is looked through value by value; in any other text only what has the form of a secret
//! counts, and in files of variables and templates also what is called one. Files that are encrypted are left out.

use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code};
use crate::file::{self, Reason};
use crate::path::{Path, Step};
use crate::plaintext::{has_form, is_called_one, is_option, is_secret};
use crate::sops;
use crate::source::{FileId, Place};
use crate::workspace::Workspace;
use crate::yaml::{Content, Limits, Written, read_as_kubectl};

/// Larger files hold data.
const LARGEST: u64 = 1 << 20;

/// Ends of the names of files that hold values.
const VALUES: [&str; 3] = ["yml", "yaml", "json"];
/// Ends of the names of files in which a line is a name and its text.
const LINES: [&str; 8] = ["env", "tfvars", "ini", "properties", "conf", "cfg", "toml", "j2"];

/// Looks through all files; gives how many.
pub(super) fn find(
    workspace: &Workspace<'_>,
    findings: &mut Vec<Diagnostic>,
    diagnostics: &mut Diagnostics,
) -> Result<usize, Failed> {
    let (world, sources) = (workspace.world(), workspace.sources());
    let names = world.files().map_err(|why| {
        let reason = Reason { place: None, what: "the files of the workspace".to_owned() };
        diagnostics.fail(file::unreadable("the workspace", &why, &reason))
    })?;
    let mut looked = 0;
    for name in names.iter().filter(|name| !workspace.secrets().has_file(name)) {
        // What cannot be read here is said where it is needed.
        let Ok(bytes) = world.read(name, LARGEST) else { continue };
        let Ok(text) = String::from_utf8(bytes) else { continue };
        if text.contains("\nsops:") && sops::is_sealed(&text) {
            continue;
        }
        looked += 1;
        let mut found = spilled(name, &text);
        if found.is_empty() {
            continue;
        }
        found.dedup_by_key(|spilled| spilled.line_of(&text));
        let id = sources.add_covered(name, &text);
        findings.extend(found.into_iter().map(|spilled| spilled.diagnostic(id)));
    }
    Ok(looked)
}

/// A secret in a text: its bytes, and the path of its value.
struct Spilled {
    start: usize,
    end: usize,
    path: Option<Path>,
}

impl Spilled {
    fn line_of(&self, text: &str) -> usize {
        text.get(..self.start).unwrap_or_default().matches('\n').count()
    }

    fn diagnostic(self, file: FileId) -> Diagnostic {
        let what = self.path.as_ref().map_or_else(|| "this".to_owned(), |path| format!("`{path}`"));
        let mut diagnostic = Diagnostic::new(
            code::PLAINTEXT_SECRET,
            format!("{what} looks like a secret in plain text"),
        )
        .at(Place::new(file, self.start, self.end), "")
        .help("keep it with `tenantctl secrets set`, and draw a new one if it was committed")
        .help(
            "if it is none, say so under `lint` in tenantctl.yaml: `allow: [{codes: [TC815], file: .., reason: ..}]`",
        );
        diagnostic.path = self.path;
        diagnostic
    }
}

fn spilled(name: &str, text: &str) -> Vec<Spilled> {
    let own = name.rsplit_once('/').map_or(name, |(_, own)| own);
    let end = own.rsplit_once('.').map_or("", |(_, end)| end);
    if VALUES.contains(&end) {
        let read = read_as_kubectl(FileId::NONE, text, &Limits::RENDERED, &mut Diagnostics::new());
        if let Ok(documents) = read {
            let mut found = Vec::new();
            for document in &documents {
                walk(document, &mut Path::root(), &mut found);
            }
            // The name of a secret is none.
            let is_name = |spilled: &Spilled| {
                text.get(..spilled.start).is_some_and(|before| before.trim_end().ends_with("!secret"))
            };
            found.retain(|spilled| !is_name(spilled));
            return found;
        }
    }
    let named = LINES.contains(&end) || own.starts_with(".env") && !own.ends_with(".example");
    lines(text, named)
}

fn walk(written: &Written, path: &mut Path, found: &mut Vec<Spilled>) {
    let spill = |written: &Written, path: &Path| Spilled {
        start: written.place.start as usize,
        end: written.place.end as usize,
        path: Some(path.clone()),
    };
    match &written.content {
        Content::Map(members) => {
            // `name: DB_PASSWORD, value: ..` is a key and its text.
            let called =
                members.get("name").and_then(|name| name.value.as_str()).filter(|_| members.contains_key("value"));
            for (key, member) in members {
                path.push(Step::Key(key.clone()));
                match member.value.as_str() {
                    Some(text) => {
                        let key = called.filter(|_| key.as_ref() == "value").unwrap_or(key);
                        if is_secret(key, text) {
                            found.push(spill(&member.value, path));
                        }
                    }
                    None => walk(&member.value, path, found),
                }
                path.pop();
            }
        }
        Content::List(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push(Step::Index(index));
                match item.as_str() {
                    Some(text) if is_secret("", text) || is_option(text) => found.push(spill(item, path)),
                    Some(_) => {}
                    None => walk(item, path, found),
                }
                path.pop();
            }
        }
        _ => {}
    }
}

/// Lines with a secret: by its form, and by its name where a line is a name and its text.
fn lines(text: &str, named: bool) -> Vec<Spilled> {
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end();
        if has_form(content) || named && is_assigned(content) {
            found.push(Spilled { start, end: start + content.len(), path: None });
        }
        start += line.len();
    }
    found
}

/// Whether a line gives a literal to a name that is called a secret. What a template or the shell fills in is none.
fn is_assigned(line: &str) -> bool {
    let line = line.trim_start();
    let line = line.strip_prefix("export ").unwrap_or(line);
    let Some(at) = line.find(['=', ':']) else { return false };
    let (name, value) = line.split_at(at);
    let name = name.trim().trim_matches('"');
    let value = value[1..].trim().trim_matches(['"', '\'', ',']);
    let is_name =
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
    let filled = value.contains(['{', '$', '(', '<']);
    is_name && !filled && is_called_one(name, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str, text: &str) -> Vec<String> {
        let shown = |spilled: &Spilled| {
            let line = spilled.line_of(text) + 1;
            spilled.path.as_ref().map_or_else(|| line.to_string(), |path| format!("{line} {path}"))
        };
        spilled(name, text).iter().map(shown).collect()
    }

    #[test]
    fn secrets_are_found_by_their_names_and_forms() {
        assert_eq!(found("a.yml", "a:\n  password: hunter22\n  b: [x, --token=y]\n"), ["2 a.password"]);
        assert_eq!(
            found("a.json", "{\"env\": [{\"name\": \"API_KEY\", \"value\": \"abcd1234\"}]}"),
            ["1 env[0].value"]
        );
        assert_eq!(found(".env", "A=1\nexport DB_PASSWORD='hunter22'\n"), ["2"]);
        assert_eq!(found("a.yaml.j2", "password: hunter22\npassword: \"{{ x }}\"\n"), ["1"]);
        assert_eq!(found("notes.md", "password: hunter22\nAKIAABCDEFGHIJKLMNOP\n"), ["2"]);
        // What cannot be read as YAML is looked through line by line.
        assert_eq!(found("a.yml", "a: [\nAKIAABCDEFGHIJKLMNOP\n"), ["2"]);
        for (name, text) in
            [(".env.example", "DB_PASSWORD=\n"), (".env", "DB_PASSWORD=${X}\n"), ("a.yml", "password: !secret a.b\n")]
        {
            assert_eq!(found(name, text), [""; 0], "{text}");
        }
    }
}
