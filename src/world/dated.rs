//! A world at another time: what expires has not expired yet.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{Unreadable, World};

/// Another world, at a time that stands still.
pub struct Dated<'w> {
    below: &'w dyn World,
    now: Timestamp,
}

impl<'w> Dated<'w> {
    /// `below` as it was, or will be, at a time.
    pub fn new(below: &'w dyn World, now: Timestamp) -> Self {
        Self { below, now }
    }
}

impl World for Dated<'_> {
    fn read(&self, file: &str, limit: u64) -> Result<Vec<u8>, Unreadable> {
        self.below.read(file, limit)
    }

    fn has(&self, file: &str) -> bool {
        self.below.has(file)
    }

    fn list(&self, directory: &str) -> Result<Vec<String>, Unreadable> {
        self.below.list(directory)
    }

    fn files(&self) -> Result<Vec<String>, Unreadable> {
        self.below.files()
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
        self.now.to_zoned(TimeZone::UTC).date()
    }

    fn now(&self) -> Timestamp {
        self.now
    }
}
