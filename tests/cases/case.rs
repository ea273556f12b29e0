//! The form of a `.case` file, read and written.
//!
//! ```text
//! # a remark, where the name of the file does not say it all
//! $ tenantctl get dev acme replicas        any command of the shell, in the folder of the case
//! exit 0
//! > 3                                      a line of standard output
//! ! warning: ..                            a line of standard error; `\` alone: no newline at the end
//!
//! use minimal                              the files of minimal.workspace, under those below
//! --- dev/dev.yml                          a file of the workspace, up to the next such line
//! replicas: 3
//! ```
//!
//! After a file's name may stand, in braces: `crlf`, `bom`, `no newline`, `escapes` (`\xFF` is a byte), `repeat N`
//! (its text, without the last newline, N times) and `absent`. `--- a -> b` is a symbolic link. A line that would
//! begin with `--- ` is written with a backslash before it.

use std::fmt::Write as _;

/// A case: what is run, and in which folder.
#[derive(Debug, Default)]
pub(crate) struct Case {
    /// The shared workspace it builds upon.
    pub(crate) base: Option<String>,
    pub(crate) steps: Vec<Step>,
    pub(crate) files: Vec<File>,
    /// The text from the workspace on, as it stands in the file.
    rest: String,
}

/// A command and what is to come of it.
#[derive(Debug, Default)]
pub(crate) struct Step {
    /// Remarks above the command, with their line ends.
    remarks: String,
    pub(crate) command: String,
    pub(crate) seen: Seen,
}

/// What is seen of a command that ran.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) exit: i32,
    pub(crate) output: String,
    pub(crate) errors: String,
}

/// A file of the workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) content: Content,
}

/// What is at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Bytes(Vec<u8>),
    Link(String),
    Absent,
}

impl Case {
    /// Reads a case.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut case = Self::default();
        let mut remarks = String::new();
        let mut lines = text.split_inclusive('\n');
        let mut at = 0;
        for whole in lines.by_ref() {
            let line = whole.trim_end_matches('\n');
            if line.starts_with("--- ") || line.starts_with("use ") {
                text[at..].clone_into(&mut case.rest);
                break;
            }
            at += whole.len();
            if let Some(command) = line.strip_prefix("$ ") {
                let remarks = std::mem::take(&mut remarks);
                case.steps.push(Step { remarks, command: command.to_owned(), seen: Seen::default() });
            } else if line.is_empty() || line.starts_with('#') {
                remarks.push_str(whole);
            } else {
                let step = case.steps.last_mut().ok_or_else(|| format!("no command stands above `{line}`"))?;
                step.seen.read(line)?;
            }
        }
        if let Some((first, below)) = case.rest.split_once('\n')
            && let Some(base) = first.strip_prefix("use ")
        {
            case.base = Some(base.to_owned());
            case.files = files(below)?;
        } else {
            case.files = files(&case.rest)?;
        }
        if case.steps.is_empty() { Err("no command is run".to_owned()) } else { Ok(case) }
    }

    /// The case as a text, with what was seen of each step.
    pub(crate) fn with(&self, seen: &[Seen]) -> String {
        let mut text = String::new();
        for (index, (step, seen)) in self.steps.iter().zip(seen).enumerate() {
            let gap = if index > 0 && !step.remarks.starts_with('\n') { "\n" } else { "" };
            let _ = write!(text, "{gap}{}$ {}\n{}", step.remarks, step.command, seen.text());
        }
        if !self.rest.is_empty() {
            text.push('\n');
            text.push_str(&self.rest);
        }
        text
    }
}

impl Seen {
    fn read(&mut self, line: &str) -> Result<(), String> {
        if let Some(code) = line.strip_prefix("exit ") {
            self.exit = code.parse().map_err(|_| format!("`{code}` is no exit code"))?;
            return Ok(());
        }
        let stream = match line.as_bytes().first() {
            Some(b'>') => &mut self.output,
            Some(b'!') => &mut self.errors,
            _ => return Err(format!("this line is neither a command nor what one prints: `{line}`")),
        };
        match &line[1..] {
            " \\" => {
                stream.pop();
            }
            "" => stream.push('\n'),
            said => {
                stream.push_str(said.strip_prefix(' ').ok_or_else(|| format!("a space is missing in `{line}`"))?);
                stream.push('\n');
            }
        }
        Ok(())
    }

    /// What was seen, as the lines of a case.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("exit {}\n", self.exit);
        for (mark, stream) in [('>', &self.output), ('!', &self.errors)] {
            for line in stream.lines() {
                let space = if line.is_empty() { "" } else { " " };
                let _ = writeln!(text, "{mark}{space}{line}");
            }
            if !stream.is_empty() && !stream.ends_with('\n') {
                let _ = writeln!(text, "{mark} \\");
            }
        }
        text
    }
}

/// Reads the files of a workspace.
pub(crate) fn files(text: &str) -> Result<Vec<File>, String> {
    let mut files = Vec::new();
    let mut open: Option<(&str, String)> = None;
    for line in text.split_inclusive('\n') {
        if let Some(header) = line.strip_prefix("--- ") {
            files.extend(open.replace((header.trim_end(), String::new())));
        } else if let Some((_, body)) = &mut open {
            let escaped = line.starts_with("\\--- ");
            body.push_str(if escaped { &line[1..] } else { line });
        } else if !line.trim().is_empty() {
            return Err(format!("this line belongs to no file: `{}`", line.trim_end()));
        }
    }
    files.extend(open);
    files.into_iter().map(|(header, body)| file(header, body)).collect()
}

fn file(header: &str, mut body: String) -> Result<File, String> {
    if let Some((path, target)) = header.split_once(" -> ") {
        return Ok(File { path: path.to_owned(), content: Content::Link(target.to_owned()) });
    }
    let (path, directives) = match header.split_once(" {") {
        None => (header, ""),
        Some((path, directives)) => (path, directives.strip_suffix('}').ok_or("a brace is not closed")?),
    };
    let mut bytes = None;
    let mut bom = false;
    for directive in directives.split(", ").filter(|directive| !directive.is_empty()) {
        match directive.split_once(' ') {
            None if directive == "absent" => return Ok(File { path: path.to_owned(), content: Content::Absent }),
            None if directive == "crlf" => body = body.replace('\n', "\r\n"),
            None if directive == "bom" => bom = true,
            None if directive == "escapes" => bytes = Some(unescaped(&body)?),
            Some(("no", "newline")) => body.truncate(body.trim_end_matches(['\r', '\n']).len()),
            Some(("repeat", times)) => {
                let times = times.parse().map_err(|_| format!("`{times}` is no number"))?;
                body = body.trim_end_matches('\n').repeat(times);
            }
            _ => return Err(format!("`{directive}` means nothing after the name of a file")),
        }
    }
    let mut content = bytes.unwrap_or_else(|| body.into_bytes());
    if bom {
        content.splice(..0, *b"\xEF\xBB\xBF");
    }
    Ok(File { path: path.to_owned(), content: Content::Bytes(content) })
}

/// `\xFF` becomes a byte.
fn unescaped(text: &str) -> Result<Vec<u8>, String> {
    let mut pieces = text.split("\\x");
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        let digits = piece.get(..2).ok_or("two digits must follow `\\x`")?;
        bytes.push(u8::from_str_radix(digits, 16).map_err(|_| format!("`{digits}` is not hexadecimal"))?);
        bytes.extend_from_slice(&piece.as_bytes()[2..]);
    }
    Ok(bytes)
}
