//! A world with other files: to try a change before it is written.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{Unreadable, World};

/// Another world, and files that it does not have yet, or has with other bytes.
pub struct Overlay<'w> {
    below: &'w dyn World,
    files: BTreeMap<String, Vec<u8>>,
}

impl<'w> Overlay<'w> {
    /// `below` as it would be with `file` in it.
    pub fn new(below: &'w dyn World, file: &str, bytes: &[u8]) -> Self {
        Self::of(below, [(file.to_owned(), bytes.to_vec())])
    }

    /// `below` as it would be with these files in it.
    pub fn of(below: &'w dyn World, files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Self {
        Self { below, files: files.into_iter().collect() }
    }
}

impl World for Overlay<'_> {
    fn read(&self, file: &str, limit: u64) -> Result<Vec<u8>, Unreadable> {
        let Some(bytes) = self.files.get(file) else { return self.below.read(file, limit) };
        if bytes.len() as u64 > limit { Err(Unreadable::TooLarge { limit }) } else { Ok(bytes.clone()) }
    }

    fn list(&self, directory: &str) -> Result<Vec<String>, Unreadable> {
        let mut files = self.below.list(directory)?;
        let folder = format!("{directory}/");
        files.extend(self.files.keys().filter(|file| file.starts_with(&folder)).cloned());
        files.sort();
        files.dedup();
        Ok(files)
    }

    fn read_argument(&self, file: &str, limit: u64) -> Result<Vec<u8>, Unreadable> {
        self.below.read_argument(file, limit)
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.below.variable(name)
    }

    fn today(&self) -> Date {
        self.below.today()
    }
}
