//! What was read: files by number, and places in them.
//!
//! In goes the text of a file, out comes a [`FileId`]; a [`Place`] is a byte range in one file and costs
//! 12 bytes. Line and column are computed only when somebody is told about them.

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

/// The number of a file among the [`Sources`] of one run. Not stable between runs: never print it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(u32);

/// A byte range in a file. Every value carries one from the parser on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl FileId {
    /// No file: for values that are made only to become text.
    pub(crate) const NONE: Self = Self(u32::MAX);
}

impl Place {
    /// The range `start..end` of `file`, in bytes. Files are limited to far less than 4 GiB.
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        let clamp = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { file, start: clamp(start), end: clamp(end) }
    }

    /// The empty range at the top of `file`: for what is wrong with a file as a whole.
    pub fn top(file: FileId) -> Self {
        Self { file, start: 0, end: 0 }
    }
}

/// One text that was read, with its name as the user knows it.
#[derive(Debug)]
pub struct Source {
    name: Arc<str>,
    /// The folder that the name is relative to, as seen from where the program runs; ends with `/` or is empty.
    folder: Arc<str>,
    text: Arc<str>,
    /// The text as it may be shown, byte for byte, if that is another one.
    shown: Option<String>,
    lines: OnceLock<Vec<u32>>,
    digest: OnceLock<blake3::Hash>,
}

/// A position for people: both count from 1, the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineColumn {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl Source {
    fn new(folder: &Arc<str>, name: &str, text: &str) -> Self {
        Self {
            name: name.into(),
            folder: Arc::clone(folder),
            text: text.into(),
            shown: without_keys(text),
            lines: OnceLock::new(),
            digest: OnceLock::new(),
        }
    }

    /// The file's name: relative to the workspace, or as given on the command line.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// The file's name as seen from where the program runs: what an editor opens and a service finds.
    pub fn path(&self) -> String {
        format!("{}{}", self.folder, self.name)
    }

    /// The whole text.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// The digest of the text.
    pub fn digest(&self) -> &blake3::Hash {
        self.digest.get_or_init(|| blake3::hash(self.text.as_bytes()))
    }

    /// Byte offsets at which lines begin. LF, CR LF and a lone CR end a line, as in YAML.
    fn lines(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let bytes = self.text.as_bytes();
            let begins = bytes.iter().enumerate().filter_map(|(at, byte)| match byte {
                b'\n' => Some(at + 1),
                b'\r' if bytes.get(at + 1) != Some(&b'\n') => Some(at + 1),
                _ => None,
            });
            std::iter::once(0).chain(begins).map(|at| u32::try_from(at).unwrap_or(u32::MAX)).collect()
        })
    }

    /// Where byte `offset` is. A byte-order mark at the top takes no column.
    pub fn line_column(&self, offset: u32) -> LineColumn {
        let lines = self.lines();
        let line = lines.partition_point(|begin| *begin <= offset).max(1);
        let begin = lines.get(line - 1).copied().unwrap_or(0) as usize;
        let end = (offset as usize).min(self.text.len());
        let before = self.text.as_bytes().get(begin..end).unwrap_or_default();
        // A continuation byte is not the begin of a character.
        let mut column = before.iter().filter(|byte| (**byte & 0xC0) != 0x80).count() + 1;
        if line == 1 && self.text.starts_with('\u{FEFF}') && offset >= 3 {
            column -= 1;
        }
        LineColumn { line, column }
    }

    /// The text of line `line` (from 1) as it may be shown, without its end.
    pub fn line(&self, line: usize) -> Option<&str> {
        let lines = self.lines();
        let begin = *lines.get(line.checked_sub(1)?)? as usize;
        let end = lines.get(line).map_or(self.text.len(), |next| *next as usize);
        let text = self.shown.as_deref().unwrap_or(&self.text);
        Some(text.get(begin..end)?.trim_end_matches(['\n', '\r']))
    }

    /// Whether some of the text is not to be shown.
    pub(crate) fn is_covered(&self) -> bool {
        self.shown.is_some()
    }

    /// The byte at which line `line` (from 1) begins.
    pub fn line_start(&self, line: usize) -> Option<usize> {
        Some(*self.lines().get(line.checked_sub(1)?)? as usize)
    }

    /// The text of a range, empty when the range is not inside.
    pub fn slice(&self, start: u32, end: u32) -> &str {
        self.text.get(start as usize..end as usize).unwrap_or_default()
    }
}

/// All texts of one run. Grows only; shared between threads.
#[derive(Debug, Default)]
pub struct Sources {
    /// Where the workspace is, as seen from where the program runs; ends with `/` or is empty.
    folder: Arc<str>,
    files: RwLock<Vec<Arc<Source>>>,
}

impl Sources {
    /// Those of a workspace in a folder; its name ends with `/`, or is empty for the current one.
    pub fn within(folder: &str) -> Self {
        Self { folder: folder.into(), files: RwLock::default() }
    }

    /// The name of a file of the workspace as seen from where the program runs.
    pub fn in_workspace(&self, name: &str) -> String {
        format!("{}{name}", self.folder)
    }

    /// Takes in a text that is no file of the workspace, and numbers it.
    pub fn add(&self, name: &str, text: &str) -> FileId {
        self.put(Source::new(&Arc::default(), name, text))
    }

    /// Takes in the text of a file of the workspace, and numbers it.
    pub fn add_file(&self, name: &str, text: &str) -> FileId {
        self.put(Source::new(&self.folder, name, text))
    }

    /// Takes in the text of a file of the workspace that may hold secrets: what is not encrypted is never shown.
    pub fn add_secret_file(&self, name: &str, text: &str) -> FileId {
        let source = Source::new(&self.folder, name, text);
        self.put(Source { shown: Some(masked(text)), ..source })
    }

    /// Takes in a text that is no file of the workspace and may hold secrets: what is not encrypted is never shown.
    pub fn add_secret(&self, name: &str, text: &str) -> FileId {
        self.put(Source { shown: Some(masked(text)), ..Source::new(&Arc::default(), name, text) })
    }

    /// Numbers a text that is secret and of which nothing is kept but where its lines and keys are.
    pub fn add_covered(&self, name: &str, text: &str) -> FileId {
        self.put(Source::new(&Arc::default(), name, &masked(text)))
    }

    fn put(&self, source: Source) -> FileId {
        let source = Arc::new(source);
        let mut files = self.files.write().unwrap_or_else(PoisonError::into_inner);
        files.push(source);
        FileId(u32::try_from(files.len() - 1).unwrap_or(u32::MAX))
    }

    /// The text behind a number.
    ///
    /// # Panics
    /// When the number is from another `Sources`.
    pub fn get(&self, file: FileId) -> Arc<Source> {
        let files = self.files.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&files[file.0 as usize])
    }

    /// Every file of the workspace that was read, by name; each once.
    pub fn files(&self) -> Vec<(FileId, Arc<Source>)> {
        let files = self.files.read().unwrap_or_else(PoisonError::into_inner);
        let number =
            |(index, file): (usize, &Arc<Source>)| (FileId(u32::try_from(index).unwrap_or(u32::MAX)), Arc::clone(file));
        let mut found: Vec<_> = files.iter().enumerate().map(number).collect();
        found.sort_by(|(_, one), (_, other)| one.name.cmp(&other.name));
        found.dedup_by(|(_, one), (_, other)| one.name == other.name);
        found
    }

    /// The digest of all texts and their names, in whatever order and however often they were read.
    pub fn digest(&self) -> String {
        let files = self.files.read().unwrap_or_else(PoisonError::into_inner);
        let mut digests: Vec<(Arc<str>, blake3::Hash)> =
            files.iter().map(|file| (Arc::clone(&file.name), *file.digest())).collect();
        digests.sort_by(|a, b| (&a.0, a.1.as_bytes()).cmp(&(&b.0, b.1.as_bytes())));
        // Two threads may read one file at the same time.
        digests.dedup();
        let mut all = blake3::Hasher::new();
        for (name, digest) in digests {
            all.update(name.as_bytes()).update(b"\0").update(digest.as_bytes());
        }
        format!("blake3:{}", all.finalize().to_hex())
    }

    /// `file:line:column` of a place.
    pub fn describe(&self, place: Place) -> String {
        let source = self.get(place.file);
        let LineColumn { line, column } = source.line_column(place.start);
        format!("{}:{line}:{column}", source.path())
    }
}

/// A text with the secret parts of keys of age covered, wherever somebody put them; `None` if there are none.
fn without_keys(text: &str) -> Option<String> {
    const BEGIN: &str = "AGE-SECRET-KEY-1";
    let mut parts = text.split(BEGIN);
    let first = parts.next()?;
    let mut shown: Option<String> = None;
    for part in parts {
        let shown = shown.get_or_insert_with(|| first.to_owned());
        let key = part.bytes().take_while(u8::is_ascii_alphanumeric).count();
        shown.push_str(BEGIN);
        shown.extend(std::iter::repeat_n('*', key));
        shown.push_str(part.get(key..).unwrap_or_default());
    }
    shown
}

/// A text whose lines are covered, byte for byte, behind their keys, but for those with an encrypted value and those
/// below `sops:`.
fn masked(text: &str) -> String {
    let mut header = false;
    let mut shown = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        if !line.starts_with([' ', '\t', '#']) {
            header = line.trim_end() == "sops:";
        }
        let open = if header || line.contains("ENC[AES256_GCM,") { line.len() } else { key(line) };
        let (open, covered) = line.split_at(open);
        shown.push_str(open);
        shown.extend(covered.bytes().map(|byte| if byte.is_ascii_whitespace() { char::from(byte) } else { '*' }));
    }
    shown
}

/// How far the key of a line goes, with its colon; 0 for a line without one.
fn key(line: &str) -> usize {
    let start = line.len() - line.trim_start_matches([' ', '-']).len();
    let rest = line.get(start..).unwrap_or_default();
    let is_key = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let length = rest.bytes().take_while(|byte| is_key(*byte)).count();
    let after = rest.get(length..).unwrap_or_default();
    let ends = after.strip_prefix(':').is_some_and(|after| after.trim_end().is_empty() || after.starts_with(' '));
    if length > 0 && ends { start + length + 1 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, offset: u32) -> (usize, usize) {
        let LineColumn { line, column } = Source::new(&Arc::default(), "f", text).line_column(offset);
        (line, column)
    }

    #[test]
    fn the_digest_knows_what_was_read_not_when_or_how_often() {
        let digest = |texts: &[(&str, &str)]| {
            let sources = Sources::default();
            for (name, text) in texts {
                sources.add(name, text);
            }
            sources.digest()
        };
        let all = digest(&[("a", "1"), ("b", "2")]);
        assert_eq!(digest(&[("b", "2"), ("a", "1"), ("b", "2")]), all);
        assert_ne!(digest(&[("a", "1"), ("b", "1")]), all);
    }

    #[test]
    fn lines_end_with_lf_crlf_or_cr() {
        assert_eq!(at("ab\ncd", 3), (2, 1));
        assert_eq!(at("ab\r\ncd", 4), (2, 1));
        assert_eq!(at("ab\rcd", 4), (2, 2));
        assert_eq!(at("ab", 2), (1, 3));
    }

    #[test]
    fn columns_count_characters_and_skip_the_byte_order_mark() {
        assert_eq!(at("é🎵x", 6), (1, 3));
        assert_eq!(at("\u{FEFF}a: b", 3), (1, 1));
        assert_eq!(at("\t\tx", 2), (1, 3));
    }

    #[test]
    fn what_may_be_secret_is_not_shown() {
        let sources = Sources::default();
        let file = sources.add_secret_file("f", "a: é\r\nb: ENC[AES256_GCM,x]\nsops:\n    mac: x\nc d: y\n");
        let source = sources.get(file);
        let lines: Vec<&str> = (1..=5).filter_map(|line| source.line(line)).collect();
        assert_eq!(lines, ["a: **", "b: ENC[AES256_GCM,x]", "sops:", "    mac: x", "* ** *"]);
        assert_eq!(source.line_start(2), Some("a: é\r\n".len()));
    }

    #[test]
    fn keys_are_never_shown() {
        let source = Source::new(&Arc::default(), "f", "a: [AGE-SECRET-KEY-1QQPP, x]\nAGE-SECRET-KEY-1é");
        assert_eq!(source.line(1), Some("a: [AGE-SECRET-KEY-1****, x]"));
        assert_eq!(source.line(2), Some("AGE-SECRET-KEY-1é"));
    }

    #[test]
    fn a_line_comes_without_its_end() {
        let source = Source::new(&Arc::default(), "f", "a\r\nb\n");
        assert_eq!(source.line(1), Some("a"));
        assert_eq!(source.line(2), Some("b"));
        assert_eq!(source.line(3), Some(""));
        assert_eq!(source.line(4), None);
    }
}
