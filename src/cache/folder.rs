//! Entries on this machine: one file each, in the workspace's `.tenantctl/cache`.

#![expect(clippy::disallowed_methods, reason = "the one door to the cache, which is no input and no output")]

use std::fs::{self, File, Metadata};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use tempfile::NamedTempFile;

use super::{Key, Store};

/// Where entries are, in the workspace: directories, and whether they are for their owner alone.
const PLACE: [(&str, bool); 2] = [(".tenantctl", false), ("cache", true)];
/// Bytes of all entries, beyond which those that were not used for longest are removed.
const ROOM: u64 = 512 * 1024 * 1024;
/// Most bytes of an entry.
const LARGEST: u64 = 64 * 1024 * 1024;
/// How long an entry counts as just used.
const FRESH: Duration = Duration::from_hours(24);

/// The folder of entries of a workspace. It is made when the first is kept.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
    room: u64,
    /// Whether the folder was seen to be there.
    made: AtomicBool,
    grown: AtomicBool,
}

impl Folder {
    /// That of the workspace in `root`.
    pub fn of(root: &Path) -> Self {
        Self { root: root.to_owned(), room: ROOM, made: AtomicBool::new(false), grown: AtomicBool::new(false) }
    }

    #[cfg(test)]
    pub(super) fn with_room(root: &Path, bytes: u64) -> Self {
        let mut folder = Self::of(root);
        folder.room = bytes;
        folder
    }

    fn path(&self) -> PathBuf {
        PLACE.iter().fold(self.root.clone(), |path, (part, _)| path.join(part))
    }

    /// The folder and the file of an entry.
    fn file(&self, key: &Key) -> (PathBuf, PathBuf) {
        let name = key.to_string();
        let (first, rest) = name.split_at(2);
        let folder = self.path().join(first);
        let file = folder.join(rest);
        (folder, file)
    }

    /// Makes the folder: for nobody else's eyes, and out of version control.
    fn make(&self) -> io::Result<()> {
        if self.made.load(Ordering::Relaxed) {
            return Ok(());
        }
        let mut path = self.root.clone();
        for (part, private) in PLACE {
            path.push(part);
            directory(&path, private)?;
            // A link would lead out of the workspace.
            if !fs::symlink_metadata(&path)?.is_dir() {
                return Err(io::Error::other("it is not a directory"));
            }
        }
        let ignore = path.join(".gitignore");
        if !ignore.exists() {
            fs::write(ignore, "*\n")?;
        }
        self.made.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Removes what was not used for longest, if there is too much.
    fn sweep(&self) -> io::Result<()> {
        let mut entries: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
        for folder in fs::read_dir(self.path())?.flatten().filter(|entry| entry.path().is_dir()) {
            for entry in fs::read_dir(folder.path())?.flatten() {
                let metadata = entry.metadata()?;
                entries.push((metadata.modified()?, metadata.len(), entry.path()));
            }
        }
        let mut bytes: u64 = entries.iter().map(|(_, bytes, _)| bytes).sum();
        if bytes <= self.room {
            return Ok(());
        }
        entries.sort();
        for (_, length, path) in entries {
            if bytes <= self.room / 4 * 3 {
                break;
            }
            // Another run may have been faster.
            let _ = fs::remove_file(path);
            bytes -= length;
        }
        Ok(())
    }
}

impl Store for Folder {
    fn get(&self, key: &Key) -> io::Result<Option<Vec<u8>>> {
        let file = match File::open(self.file(key).1) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let metadata = file.metadata()?;
        if !metadata.is_file() || metadata.len() > LARGEST {
            return Ok(None);
        }
        used(&file, &metadata);
        let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0) + 1);
        file.take(LARGEST).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }

    fn put(&self, key: &Key, bytes: &[u8]) -> io::Result<()> {
        self.make()?;
        let (folder, path) = self.file(key);
        let mut file = match NamedTempFile::new_in(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                directory(&folder, true)?;
                NamedTempFile::new_in(&folder)?
            }
            other => other?,
        };
        file.write_all(bytes)?;
        file.persist(path)?;
        self.grown.store(true, Ordering::Relaxed);
        Ok(())
    }
}

/// Where something was kept, there may be too much.
impl Drop for Folder {
    fn drop(&mut self) {
        if self.grown.load(Ordering::Relaxed) {
            let _ = self.sweep();
        }
    }
}

/// Notes that an entry is of use; once a day is enough.
fn used(file: &File, metadata: &Metadata) {
    let now = SystemTime::now();
    let since = metadata.modified().ok().and_then(|then| now.duration_since(then).ok());
    if since.is_some_and(|since| since > FRESH) {
        let _ = file.set_modified(now);
    }
}

/// Makes a directory, perhaps one that only its owner may look into; another thread or another run may be faster.
fn directory(path: &Path, private: bool) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, if private { 0o700 } else { 0o777 });
    match builder.create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made,
    }
}
