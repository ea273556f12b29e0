//! The world outside: the only way to files, environment variables and the date.
//!
//! Three worlds: [`Disk`] for the program, [`Memory`] for tests and for the workspace inside the binary, [`Revision`] for
//! what git keeps.

mod dated;
mod disk;
mod head;
mod memory;
mod overlay;
mod program;
mod revision;

pub use dated::Dated;
pub use disk::Disk;
pub use head::{Head, Identity, head, identity};
pub use memory::Memory;
pub use overlay::Overlay;
pub(crate) use program::program;
pub use revision::{Revision, Unversioned};

use jiff::Timestamp;
use jiff::civil::Date;

/// What may be read. File names are relative to the workspace, with `/` between parts and no `.` or `..`.
pub trait World: Send + Sync {
    /// The bytes of a file of the workspace, at most `limit`.
    fn read(&self, file: &str, limit: u64) -> Result<Vec<u8>, Unreadable>;

    /// Whether there is something by the name of a file of the workspace.
    fn has(&self, file: &str) -> bool {
        !matches!(self.read(file, 0), Err(Unreadable::Missing))
    }

    /// The files below a directory of the workspace, as names relative to the workspace, sorted. A directory that is
    /// not there has none.
    fn list(&self, directory: &str) -> Result<Vec<String>, Unreadable>;

    /// All files of the workspace, sorted, but for those in hidden folders and those that version control ignores.
    fn files(&self) -> Result<Vec<String>, Unreadable>;

    /// The bytes of a file the user named on the command line, at most `limit`. `-` is standard input.
    fn read_argument(&self, file: &str, limit: u64) -> Result<Vec<u8>, Unreadable>;

    /// The files below a directory the user named on the command line, as names that [`World::read_argument`] takes,
    /// sorted.
    fn list_argument(&self, directory: &str) -> Result<Vec<String>, Unreadable>;

    /// An environment variable, if it is set and not empty.
    fn variable(&self, name: &str) -> Option<String>;

    /// Today, in UTC.
    fn today(&self) -> Date;

    /// The time, for records of what was done; what is rendered never holds it.
    fn now(&self) -> Timestamp;
}

/// Why a file or a directory cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// There is no such file.
    Missing,
    /// The name or a symbolic link leads out of the workspace.
    Outside,
    /// It is a directory, a device or a pipe.
    NotAFile,
    /// It has more bytes than the limit.
    TooLarge {
        /// The limit, in bytes.
        limit: u64,
    },
    /// The system refused, with its reason.
    System(String),
}
