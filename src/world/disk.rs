//! The world of the program: a directory, this process's environment, the system's clock.

#![expect(clippy::disallowed_methods, reason = "the one door to the disk, the environment and the clock")]

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use indexmap::IndexSet;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{Unreadable, World};

/// Deeper than any sane layout; a link that points up would never end.
const DEEPEST: usize = 32;

/// A workspace in a directory. Symbolic links are followed as long as they stay inside.
#[derive(Debug)]
pub struct Disk {
    root: PathBuf,
    /// Directories known to be inside the root, so that a file costs one look at itself only.
    inside: Mutex<IndexSet<PathBuf>>,
}

impl Disk {
    /// The world whose workspace is the directory `root`.
    pub fn new(root: &Path) -> Result<Self, Unreadable> {
        let root = fs::canonicalize(root).map_err(|error| unreadable(&error))?;
        Ok(Self { root, inside: Mutex::default() })
    }

    /// The directory, absolute and without symbolic links.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The nearest directory at or above `start` that holds `tenantctl.yaml`.
    pub fn find_root(start: &Path) -> Option<PathBuf> {
        let start = fs::canonicalize(start).ok()?;
        start.ancestors().find(|directory| directory.join("tenantctl.yaml").is_file()).map(Path::to_path_buf)
    }

    /// The file behind a name, checked to be inside the root, and what it is.
    fn resolve(&self, name: &str) -> Result<(PathBuf, Metadata), Unreadable> {
        if name.split('/').any(|part| matches!(part, "" | "." | "..") || part.contains(['\\', '\0'])) {
            return Err(Unreadable::Outside);
        }
        let path = self.root.join(name);
        let parent = path.parent().unwrap_or(&self.root).to_path_buf();
        let known = self.inside.lock().unwrap_or_else(PoisonError::into_inner).contains(&parent);
        if !known {
            let real = fs::canonicalize(&parent).map_err(|error| unreadable(&error))?;
            if !real.starts_with(&self.root) {
                return Err(Unreadable::Outside);
            }
            self.inside.lock().unwrap_or_else(PoisonError::into_inner).insert(parent);
        }
        let metadata = fs::symlink_metadata(&path).map_err(|error| unreadable(&error))?;
        if metadata.is_symlink() {
            let real = fs::canonicalize(&path).map_err(|error| unreadable(&error))?;
            if !real.starts_with(&self.root) {
                return Err(Unreadable::Outside);
            }
            let metadata = fs::metadata(&real).map_err(|error| unreadable(&error))?;
            return Ok((real, metadata));
        }
        Ok((path, metadata))
    }

    fn walk(&self, directory: &str, files: &mut Vec<String>, depth: usize) -> Result<(), Unreadable> {
        let path = match self.resolve(directory) {
            Ok((path, _)) => path,
            Err(Unreadable::Missing) => return Ok(()),
            Err(error) => return Err(error),
        };
        if depth > DEEPEST {
            return Err(Unreadable::System("directories are nested too deeply".to_owned()));
        }
        for entry in fs::read_dir(&path).map_err(|error| unreadable(&error))? {
            let entry = entry.map_err(|error| unreadable(&error))?;
            // A name that is no text is listed as nearly as it can be, so that somebody hears of it.
            let name = format!("{directory}/{}", entry.file_name().to_string_lossy());
            let kind = entry.file_type().map_err(|error| unreadable(&error))?;
            // A link is listed as a file; reading it says whether it leads out.
            if kind.is_dir() { self.walk(&name, files, depth + 1)? } else { files.push(name) }
        }
        Ok(())
    }
}

impl World for Disk {
    fn read(&self, file: &str, limit: u64) -> Result<Vec<u8>, Unreadable> {
        let (path, metadata) = self.resolve(file)?;
        read_file(&path, &metadata, limit)
    }

    fn list(&self, directory: &str) -> Result<Vec<String>, Unreadable> {
        let mut files = Vec::new();
        self.walk(directory, &mut files, 0)?;
        files.sort();
        Ok(files)
    }

    fn files(&self) -> Result<Vec<String>, Unreadable> {
        let ignored = super::revision::ignored(&self.root);
        let is_ignored = |name: &str| ignored.iter().any(|other| other.trim_end_matches('/') == name);
        let mut files = Vec::new();
        let mut folders = vec![(self.root.clone(), String::new(), 0)];
        while let Some((path, below, depth)) = folders.pop() {
            for entry in fs::read_dir(&path).map_err(|error| unreadable(&error))? {
                let entry = entry.map_err(|error| unreadable(&error))?;
                let own = entry.file_name().to_string_lossy().into_owned();
                let name = format!("{below}{own}");
                let kind = entry.file_type().map_err(|error| unreadable(&error))?;
                if is_ignored(&name) {
                    continue;
                }
                if kind.is_dir() && !own.starts_with('.') && depth < DEEPEST {
                    folders.push((entry.path(), format!("{name}/"), depth + 1));
                } else if kind.is_file() {
                    files.push(name);
                }
            }
        }
        files.sort();
        Ok(files)
    }

    fn read_argument(&self, file: &str, limit: u64) -> Result<Vec<u8>, Unreadable> {
        read_argument(file, limit)
    }

    fn list_argument(&self, directory: &str) -> Result<Vec<String>, Unreadable> {
        list_argument(directory)
    }

    fn variable(&self, name: &str) -> Option<String> {
        variable(name)
    }

    fn today(&self) -> Date {
        today()
    }

    fn now(&self) -> Timestamp {
        now()
    }
}

/// A file named on the command line, relative to the current directory, or standard input.
pub(super) fn read_argument(file: &str, limit: u64) -> Result<Vec<u8>, Unreadable> {
    if file == "-" {
        return read_all(io::stdin().lock(), 0, limit);
    }
    let metadata = fs::metadata(file).map_err(|error| unreadable(&error))?;
    read_file(Path::new(file), &metadata, limit)
}

/// The files below a directory named on the command line.
pub(super) fn list_argument(directory: &str) -> Result<Vec<String>, Unreadable> {
    let disk = Disk::new(Path::new(directory))?;
    let mut files = Vec::new();
    for entry in fs::read_dir(disk.root()).map_err(|error| unreadable(&error))? {
        let entry = entry.map_err(|error| unreadable(&error))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type().map_err(|error| unreadable(&error))?;
        if kind.is_dir() { disk.walk(&name, &mut files, 0)? } else { files.push(name) }
    }
    files.sort();
    Ok(files.into_iter().map(|file| format!("{}/{file}", directory.trim_end_matches('/'))).collect())
}

pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

pub(super) fn now() -> Timestamp {
    Timestamp::now()
}

pub(super) fn today() -> Date {
    now().to_zoned(TimeZone::UTC).date()
}

/// Reads a file that was looked at before it is opened: opening a pipe would wait for a writer.
fn read_file(path: &Path, metadata: &Metadata, limit: u64) -> Result<Vec<u8>, Unreadable> {
    if !metadata.is_file() {
        return Err(Unreadable::NotAFile);
    }
    if metadata.len() > limit {
        return Err(Unreadable::TooLarge { limit });
    }
    read_all(File::open(path).map_err(|error| unreadable(&error))?, metadata.len(), limit)
}

/// Reads to the end; `expected` bytes find room without more being asked for.
fn read_all(from: impl Read, expected: u64, limit: u64) -> Result<Vec<u8>, Unreadable> {
    // One more than expected, so that the end is found without growing.
    let mut bytes = Vec::with_capacity(usize::try_from(expected.min(limit)).unwrap_or(0) + 1);
    from.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    if bytes.len() as u64 > limit { Err(Unreadable::TooLarge { limit }) } else { Ok(bytes) }
}

fn unreadable(error: &io::Error) -> Unreadable {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Unreadable::Missing,
        io::ErrorKind::IsADirectory => Unreadable::NotAFile,
        io::ErrorKind::PermissionDenied => Unreadable::System("permission denied".to_owned()),
        _ => Unreadable::System(error.to_string()),
    }
}
