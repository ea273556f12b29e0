//! A world made of values: for tests, and for the workspace inside the binary.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;

use super::{Unreadable, World, disk};

/// Files, variables and a date that stand still.
#[derive(Clone, Debug)]
pub struct Memory {
    files: BTreeMap<String, Cow<'static, [u8]>>,
    variables: BTreeMap<String, String>,
    today: Date,
    /// Arguments, variables and the date are those of the process.
    real: bool,
}

impl Default for Memory {
    fn default() -> Self {
        Self { files: BTreeMap::new(), variables: BTreeMap::new(), today: date(2026, 1, 1), real: false }
    }
}

impl Memory {
    /// An empty workspace on 1 January 2026 with no variables.
    pub fn new() -> Self {
        Self::default()
    }

    /// A workspace of these files in the world of this process: the one inside the binary.
    pub fn embedded(files: impl IntoIterator<Item = (String, &'static [u8])>) -> Self {
        let files = files.into_iter().map(|(name, bytes)| (name, Cow::Borrowed(bytes))).collect();
        Self { files, real: true, ..Self::default() }
    }

    /// Adds or replaces a file.
    #[must_use]
    pub fn file(mut self, name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.insert(name.to_owned(), Cow::Owned(bytes.into()));
        self
    }

    /// Sets a variable.
    #[must_use]
    pub fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Sets the date.
    #[must_use]
    pub fn on(mut self, today: Date) -> Self {
        self.today = today;
        self
    }

    fn get(&self, file: &str, limit: u64) -> Result<Vec<u8>, Unreadable> {
        let bytes = self.files.get(file).ok_or(Unreadable::Missing)?;
        if bytes.len() as u64 > limit { Err(Unreadable::TooLarge { limit }) } else { Ok(bytes.to_vec()) }
    }
}

impl World for Memory {
    fn read(&self, file: &str, limit: u64) -> Result<Vec<u8>, Unreadable> {
        if file.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return Err(Unreadable::Outside);
        }
        self.get(file, limit)
    }

    fn list(&self, directory: &str) -> Result<Vec<String>, Unreadable> {
        let prefix = format!("{directory}/");
        Ok(self.files.keys().filter(|name| name.starts_with(&prefix)).cloned().collect())
    }

    fn files(&self) -> Result<Vec<String>, Unreadable> {
        Ok(self.files.keys().cloned().collect())
    }

    fn read_argument(&self, file: &str, limit: u64) -> Result<Vec<u8>, Unreadable> {
        if self.real { disk::read_argument(file, limit) } else { self.get(file, limit) }
    }

    fn list_argument(&self, directory: &str) -> Result<Vec<String>, Unreadable> {
        if self.real {
            return disk::list_argument(directory);
        }
        let files = self.list(directory)?;
        if files.is_empty() { Err(Unreadable::Missing) } else { Ok(files) }
    }

    fn variable(&self, name: &str) -> Option<String> {
        if self.real { disk::variable(name) } else { self.variables.get(name).cloned() }
    }

    fn today(&self) -> Date {
        if self.real { disk::today() } else { self.today }
    }

    fn now(&self) -> Timestamp {
        if self.real {
            return disk::now();
        }
        // Midnight, when the date stands still as well.
        self.today.to_zoned(TimeZone::UTC).map_or(Timestamp::UNIX_EPOCH, |begin| begin.timestamp())
    }
}
