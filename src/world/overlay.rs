//! A world with other files: to try a change before it is written.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use super::{Unreadable, World};

/// Another world, and files that it has not or that say something else there.
pub struct Overlay<'w> {
    below: &'w dyn World,
    files: BTreeMap<String, Vec<u8>>,
}

impl<'w> Overlay<'w> {
    /// `below` as it would be with these files.
    pub fn new<'f>(below: &'w dyn World, files: impl IntoIterator<Item = (&'f str, &'f [u8])>) -> Self {
        let files = files.into_iter().map(|(name, bytes)| (name.to_owned(), bytes.to_vec()));
        Self { below, files: files.collect() }
    }
}

impl World for Overlay<'_> {
    fn read(&self, file: &str, limit: u64) -> Result<Vec<u8>, Unreadable> {
        let Some(bytes) = self.files.get(file) else { return self.below.read(file, limit) };
        if bytes.len() as u64 > limit { Err(Unreadable::TooLarge { limit }) } else { Ok(bytes.clone()) }
    }

    fn list(&self, directory: &str) -> Result<Vec<String>, Unreadable> {
        let mut files = self.below.list(directory)?;
        let inside = format!("{directory}/");
        files.extend(self.files.keys().filter(|file| file.starts_with(&inside)).cloned());
        files.sort();
        files.dedup();
        Ok(files)
    }

    fn files(&self) -> Result<Vec<String>, Unreadable> {
        let mut files = self.below.files()?;
        files.extend(self.files.keys().cloned());
        files.sort();
        files.dedup();
        Ok(files)
    }

    fn read_argument(&self, file: &str, limit: u64) -> Result<Vec<u8>, Unreadable> {
        self.below.read_argument(file, limit)
    }

    fn list_argument(&self, directory: &str) -> Result<Vec<String>, Unreadable> {
        self.below.list_argument(directory)
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.below.variable(name)
    }

    fn today(&self) -> Date {
        self.below.today()
    }

    fn now(&self) -> Timestamp {
        self.below.now()
    }
}
