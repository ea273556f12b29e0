//! A world with one more file: to try a change before it is written.

use jiff::civil::Date;

use super::{Unreadable, World};

/// Another world, and a file that it does not have yet.
pub struct Overlay<'w> {
    below: &'w dyn World,
    file: String,
    bytes: Vec<u8>,
}

impl<'w> Overlay<'w> {
    /// `below` as it would be with `file` in it.
    pub fn new(below: &'w dyn World, file: &str, bytes: &[u8]) -> Self {
        Self { below, file: file.to_owned(), bytes: bytes.to_vec() }
    }
}

impl World for Overlay<'_> {
    fn read(&self, file: &str, limit: u64) -> Result<Vec<u8>, Unreadable> {
        if file != self.file {
            return self.below.read(file, limit);
        }
        if self.bytes.len() as u64 > limit { Err(Unreadable::TooLarge { limit }) } else { Ok(self.bytes.clone()) }
    }

    fn list(&self, directory: &str) -> Result<Vec<String>, Unreadable> {
        let mut files = self.below.list(directory)?;
        if self.file.starts_with(&format!("{directory}/")) && !files.contains(&self.file) {
            files.push(self.file.clone());
            files.sort();
        }
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
