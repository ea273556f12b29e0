//! An output directory while a run owns it.
//!
//! In go relative paths and bytes, out come files, each whole or not at all. A path never leads out of the directory,
//! also not over a symbolic link. Two runs never own one directory. It does not decide what to write or remove.

#![expect(clippy::disallowed_methods, reason = "the one door through which files are written")]

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code};

/// The file that stands for the owner of a directory of output.
const LOCK: &str = ".tenantctl/lock";
/// That of a ledger.
const LEDGER_LOCK: &str = ".lock";

/// The directory, locked until this is dropped.
#[derive(Debug)]
pub(crate) struct Folder {
    /// Absolute, without symbolic links.
    root: PathBuf,
    /// As the user wrote it.
    shown: String,
    /// Whether only the owner may read what is written.
    private: bool,
    _lock: File,
}

/// What is at a path.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Nothing,
    File(Vec<u8>),
    /// A symbolic link or something else that no run of ours makes.
    Other,
}

impl Folder {
    /// Makes the directory if need be and locks it; with `wait` as soon as nobody else owns it.
    pub(super) fn open(directory: &Path, wait: bool, diagnostics: &mut Diagnostics) -> Result<Self, Failed> {
        let shown = directory.display().to_string();
        let busy = Diagnostic::new(code::OUTPUT_LOCKED, format!("another run is writing to {shown}"))
            .help("wait until it has ended, or give this run another directory");
        Self::locked(directory, shown, LOCK, wait, busy, diagnostics)
    }

    /// The directory of a ledger, called `shown`: made if need be and locked.
    pub(crate) fn ledger(directory: &Path, shown: String, diagnostics: &mut Diagnostics) -> Result<Self, Failed> {
        let busy = Diagnostic::new(code::LEDGER_LOCKED, format!("another run is writing to {shown}"))
            .help("wait until it has ended and run again: releases come one after the other");
        Self::locked(directory, shown, LEDGER_LOCK, false, busy, diagnostics)
    }

    fn locked(
        directory: &Path,
        shown: String,
        file: &str,
        wait: bool,
        busy: Diagnostic,
        diagnostics: &mut Diagnostics,
    ) -> Result<Self, Failed> {
        let (root, lock) =
            lock_file(directory, file).map_err(|error| diagnostics.fail(cannot_write(&shown, &error)))?;
        let locked = if wait { lock.lock().map_err(TryLockError::Error) } else { lock.try_lock() };
        match locked {
            Ok(()) => Ok(Self { root, shown, private: false, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(diagnostics.fail(busy)),
            Err(TryLockError::Error(error)) => Err(diagnostics.fail(cannot_write(&shown, &error))),
        }
    }

    /// The same for a directory that was locked before; `None` if it never was.
    pub(super) fn again(directory: &Path, diagnostics: &mut Diagnostics) -> Result<Option<Self>, Failed> {
        if fs::symlink_metadata(directory.join(LOCK)).is_err() {
            return Ok(None);
        }
        Self::open(directory, false, diagnostics).map(Some)
    }

    /// The same, whose files only their owner can read.
    pub(super) fn private(self, private: bool) -> Self {
        Self { private, ..self }
    }

    /// A path as the user would write it.
    pub(crate) fn shown(&self, path: &str) -> String {
        format!("{}/{path}", self.shown.trim_end_matches('/'))
    }

    /// What is at a path now. Links are not followed.
    pub(crate) fn find(&self, path: &str, diagnostics: &mut Diagnostics) -> Result<Found, Failed> {
        let find = || {
            let file = inside(&self.root, path)?;
            match fs::symlink_metadata(&file) {
                Ok(metadata) if metadata.is_file() => {
                    // One byte more than expected, so that the end is found without growing or another look.
                    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0) + 1);
                    File::open(&file)?.read_to_end(&mut bytes)?;
                    Ok(Found::File(bytes))
                }
                Ok(metadata) if metadata.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
                Ok(_) => Ok(Found::Other),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Found::Nothing),
                Err(error) => Err(error),
            }
        };
        find().map_err(|error| diagnostics.fail(cannot_write(&self.shown(path), &error)))
    }

    /// Whether what was found at a path is a file with this text, and can be run if it is a script.
    pub(super) fn is_right(&self, path: &str, found: &Found, text: &str) -> bool {
        let Found::File(bytes) = found else { return false };
        let file = self.root.join(path);
        bytes == text.as_bytes() && (!is_script(bytes) || can_be_run(&file)) && (!self.private || is_private(&file))
    }

    /// Puts a file at a path, over what is there, at one instant.
    pub(super) fn write(&self, path: &str, bytes: &[u8], diagnostics: &mut Diagnostics) -> Result<(), Failed> {
        self.put(path, bytes, false).map_err(|error| diagnostics.fail(cannot_write(&self.shown(path), &error)))
    }

    /// The same for what must outlast a loss of power: it is on the disk when this returns.
    pub(crate) fn keep(&self, path: &str, bytes: &[u8], diagnostics: &mut Diagnostics) -> Result<(), Failed> {
        self.put(path, bytes, true).map_err(|error| diagnostics.fail(cannot_write(&self.shown(path), &error)))
    }

    fn put(&self, path: &str, bytes: &[u8], lasting: bool) -> io::Result<()> {
        let file = inside(&self.root, path)?;
        let parent = file.parent().unwrap_or(&self.root);
        fs::create_dir_all(parent)?;
        let mut builder = tempfile::Builder::new();
        builder.prefix(".tenantctl-").suffix(".tmp");
        let mode = match (is_script(bytes), self.private) {
            (false, false) => 0o644,
            (true, false) => 0o755,
            (false, true) => 0o600,
            (true, true) => 0o700,
        };
        #[cfg(unix)]
        let mode = std::os::unix::fs::PermissionsExt::from_mode(mode);
        #[cfg(unix)]
        builder.permissions(mode);
        let mut temporary = builder.tempfile_in(parent)?;
        temporary.write_all(bytes)?;
        if lasting {
            temporary.as_file().sync_all()?;
        }
        temporary.persist(&file).map_err(|error| error.error)?;
        // The name is on the disk with its folder.
        if lasting && cfg!(unix) {
            File::open(parent)?.sync_all()?;
        }
        Ok(())
    }

    /// Removes a file, and the folders above it that are empty then.
    pub(crate) fn remove(&self, path: &str, diagnostics: &mut Diagnostics) -> Result<(), Failed> {
        let remove = || {
            let file = inside(&self.root, path)?;
            match fs::remove_file(&file) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let mut folders = file.ancestors().skip(1).take_while(|folder| *folder != self.root);
            // The first that is not empty ends it.
            while folders.next().is_some_and(|folder| fs::remove_dir(folder).is_ok()) {}
            Ok(())
        };
        remove().map_err(|error| diagnostics.fail(cannot_write(&self.shown(path), &error)))
    }

    /// Moves a file over another one at one instant.
    pub(super) fn rename(&self, from: &str, to: &str, diagnostics: &mut Diagnostics) -> Result<(), Failed> {
        let rename = || fs::rename(inside(&self.root, from)?, inside(&self.root, to)?);
        rename().map_err(|error| diagnostics.fail(cannot_write(&self.shown(to), &error)))
    }
}

/// Whether a directory, or the nearest above it that is there, belongs to a work tree of git.
pub(crate) fn is_in_work_tree(directory: &Path) -> bool {
    let Ok(absolute) = std::path::absolute(directory) else { return true };
    let real = absolute.ancestors().find_map(|folder| fs::canonicalize(folder).ok());
    real.is_none_or(|real| real.ancestors().any(|folder| fs::symlink_metadata(folder.join(".git")).is_ok()))
}

/// Whether a file is a program that names its interpreter.
fn is_script(bytes: &[u8]) -> bool {
    bytes.starts_with(b"#!")
}

#[cfg(unix)]
fn can_be_run(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(file).is_ok_and(|metadata| metadata.permissions().mode() & 0o100 != 0)
}

#[cfg(unix)]
fn is_private(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(file).is_ok_and(|metadata| metadata.permissions().mode().trailing_zeros() >= 6)
}

#[cfg(not(unix))]
fn is_private(_: &Path) -> bool {
    true
}

#[cfg(not(unix))]
fn can_be_run(_: &Path) -> bool {
    true
}

/// The real path of a directory, made if need be, and the open file that stands for its owner.
fn lock_file(directory: &Path, lock: &str) -> io::Result<(PathBuf, File)> {
    fs::create_dir_all(directory)?;
    let root = fs::canonicalize(directory)?;
    let path = inside(&root, lock)?;
    if fs::symlink_metadata(&path).is_ok_and(|metadata| !metadata.is_file()) {
        return Err(io::Error::other(format!("{lock} is not a regular file")));
    }
    fs::create_dir_all(path.parent().unwrap_or(&root))?;
    let lock = OpenOptions::new().create(true).write(true).truncate(false).open(&path)?;
    Ok((root, lock))
}

/// The file behind a relative path. No folder above it may be a link that leads out of `root`.
fn inside(root: &Path, path: &str) -> io::Result<PathBuf> {
    let file = root.join(path);
    let mut folder = root.to_path_buf();
    let parts: Vec<&str> = path.split('/').collect();
    for part in parts.iter().take(parts.len().saturating_sub(1)) {
        folder.push(part);
        match fs::symlink_metadata(&folder) {
            Ok(metadata) if metadata.is_symlink() => {
                let target = fs::canonicalize(&folder)?;
                if !target.starts_with(root) {
                    let text = format!("{} is a symbolic link that leads out of the directory", folder.display());
                    return Err(io::Error::other(text));
                }
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => break,
            Err(error) => return Err(error),
        }
    }
    Ok(file)
}

/// The diagnostic for what the system refuses.
fn cannot_write(shown: &str, error: &io::Error) -> Diagnostic {
    // tempfile adds the name of its file to the reason; it says nothing and differs each time.
    let reason = error.to_string();
    let reason = reason.split(" at path \"").next().unwrap_or_default();
    let diagnostic = Diagnostic::new(code::CANNOT_WRITE, format!("cannot write {shown}: {reason}"));
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            diagnostic.help("make room on the disk and run again; what was there before is whole")
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            diagnostic.help("check who may write there, or name another directory")
        }
        io::ErrorKind::NotADirectory | io::ErrorKind::IsADirectory | io::ErrorKind::AlreadyExists => {
            diagnostic.help("a file stands where a directory must be, or the other way round: move it away")
        }
        _ => diagnostic.help("check that the directory is there, can be written and has room"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_the_system_s_own() {
        let system = tempfile::Builder::new().tempfile_in("/does/not/exist").unwrap_err();
        let message = cannot_write("out/prod/a.yaml", &system).message;
        assert_eq!(message, "cannot write out/prod/a.yaml: No such file or directory (os error 2)");
    }
}
