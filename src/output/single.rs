//! Single files that a command makes, replaces or removes: whole.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use tempfile::NamedTempFile;

/// Writes a new file, with the folders above it. It is an error if there is one already.
pub fn create(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let write = || -> io::Result<()> {
        temporary(path, bytes)?.persist_noclobber(path)?;
        Ok(())
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

/// Writes a file, over one that is there, with the folders above it. What is no regular file, such as a pipe, is
/// written to.
pub fn replace(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let write = || -> io::Result<()> {
        if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
            return OpenOptions::new().write(true).open(path)?.write_all(bytes);
        }
        temporary(path, bytes)?.persist(path)?;
        Ok(())
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

/// Writes files over those that are there. All are on the disk before the first takes its place, so that what fails for
/// want of room or rights fails for all.
pub fn replace_all<'f>(files: impl IntoIterator<Item = (PathBuf, &'f [u8])>) -> anyhow::Result<()> {
    let mut ready = Vec::new();
    for (path, bytes) in files {
        let file = temporary(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
        ready.push((path, file));
    }
    for (path, file) in ready {
        file.persist(&path).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// Adds to the end of a file, which is made if need be.
pub fn append(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let write = || OpenOptions::new().append(true).create(true).open(path)?.write_all(bytes);
    write().with_context(|| format!("cannot write {}", path.display()))
}

/// The bytes in a file beside the one that they are for.
fn temporary(path: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    readable(file.as_file())?;
    Ok(file)
}

/// Files that one run changes, held so that no other run changes them at the same time.
#[derive(Debug)]
pub struct Guard {
    _folders: Vec<File>,
}

impl Guard {
    /// Holds the folders of files, which are made if need be; `None` if another run holds one of them. Where folders
    /// cannot be held, nobody is kept out: what is written over is compared with what was read all the same.
    #[expect(clippy::disallowed_methods, reason = "a folder is held by having it open")]
    pub fn of<'p>(files: impl IntoIterator<Item = &'p Path>) -> anyhow::Result<Option<Self>> {
        let mut paths: Vec<&Path> = files.into_iter().filter_map(Path::parent).collect();
        // Always in one order, so that two runs never wait for each other.
        paths.sort();
        paths.dedup();
        let mut folders = Vec::with_capacity(paths.len());
        for path in paths {
            fs::create_dir_all(path).with_context(|| format!("cannot make {}", path.display()))?;
            let Ok(folder) = File::open(path) else { continue };
            match folder.try_lock() {
                Err(TryLockError::WouldBlock) => return Ok(None),
                Ok(()) | Err(TryLockError::Error(_)) => folders.push(folder),
            }
        }
        Ok(Some(Self { _folders: folders }))
    }
}

/// Whether the folder of a file is in a directory, whatever symbolic links are on the way. `root` has none in it.
pub fn is_inside(root: &Path, path: &Path) -> bool {
    path.parent().and_then(|folder| fs::canonicalize(folder).ok()).is_some_and(|folder| folder.starts_with(root))
}

/// A file that is written as a whole, and what must be there until then.
#[derive(Debug)]
pub struct Swap<'a> {
    /// The file.
    pub path: PathBuf,
    /// What it must hold; `None` if it must not be there.
    pub before: Option<&'a [u8]>,
    /// What it is to hold.
    pub after: &'a [u8],
}

/// Writes files, each whole or not at all, also if the machine stops at any moment. All are on the disk before the first
/// takes its place; none does if one of them is not what it was. A link to a file stays a link.
pub fn swap(files: &[Swap<'_>]) -> anyhow::Result<()> {
    let mut ready = Vec::with_capacity(files.len());
    for Swap { path, before, after } in files {
        let prepare = || -> io::Result<(NamedTempFile, PathBuf)> {
            let changed = || io::Error::other("it has changed since it was read; run again");
            let real = match before {
                Some(bytes) if holds(path, bytes)? => fs::canonicalize(path)?,
                None if fs::symlink_metadata(path).is_err() => path.clone(),
                _ => return Err(changed()),
            };
            let file = temporary(&real, after)?;
            if before.is_some() {
                file.as_file().set_permissions(fs::metadata(&real)?.permissions())?;
            }
            file.as_file().sync_all()?;
            Ok((file, real))
        };
        let (file, real) = prepare().with_context(|| format!("cannot write {}", path.display()))?;
        ready.push((file, real, before.is_some()));
    }
    for (file, path, over) in ready {
        let put = if over { file.persist(&path) } else { file.persist_noclobber(&path) };
        put.map_err(|error| error.error).with_context(|| format!("cannot write {}", path.display()))?;
        settle(&path);
    }
    Ok(())
}

/// Has the name of a file on the disk too. Where that cannot be asked for, the system does it in its time.
#[expect(clippy::disallowed_methods, reason = "a folder is opened to be written back")]
fn settle(path: &Path) {
    let folder = path.parent().and_then(|folder| File::open(folder).ok());
    let _ = folder.map(|folder| folder.sync_all());
}

/// Writes a file that nobody else may read, over one that is there.
pub fn private(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let write = || -> io::Result<()> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // A temporary file is private from the begin.
        let mut file = NamedTempFile::new_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

/// Whether a file of a directory is a regular one that is reached without a symbolic link. `root` has none in it.
pub fn is_own(root: &Path, name: &str) -> bool {
    let path = root.join(name);
    let regular = fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_file());
    regular && fs::canonicalize(&path).is_ok_and(|real| real == path)
}

/// A file that gets another text.
#[derive(Debug)]
pub struct Rewrite<'a> {
    /// The file.
    pub path: PathBuf,
    /// What it must hold until then.
    pub before: &'a [u8],
    /// What it is to hold.
    pub after: &'a [u8],
}

/// Gives files another text and leaves their permissions as they are; a link to one stays a link. All texts are on the disk before the first file
/// is replaced; none is, if one of the files is not what it was.
pub fn rewrite(files: &[Rewrite<'_>]) -> anyhow::Result<()> {
    let mut ready = Vec::with_capacity(files.len());
    for Rewrite { path, before, after } in files {
        let prepare = || -> io::Result<(NamedTempFile, PathBuf)> {
            if !holds(path, before)? {
                return Err(io::Error::other("it has changed since it was read; run again"));
            }
            let real = fs::canonicalize(path)?;
            let file = temporary(&real, after)?;
            file.as_file().set_permissions(fs::metadata(&real)?.permissions())?;
            Ok((file, real))
        };
        ready.push(prepare().with_context(|| format!("cannot write {}", path.display()))?);
    }
    for (file, path) in ready {
        file.persist(&path).map_err(|error| error.error).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// Whether a file holds these bytes.
#[expect(clippy::disallowed_methods, reason = "what is written over is looked at last here")]
fn holds(path: &Path, bytes: &[u8]) -> io::Result<bool> {
    let mut found = Vec::with_capacity(bytes.len() + 1);
    File::open(path)?.take(bytes.len() as u64 + 1).read_to_end(&mut found)?;
    Ok(found == bytes)
}

/// Removes a file.
pub fn remove(path: &Path) -> anyhow::Result<()> {
    fs::remove_file(path).with_context(|| format!("cannot remove {}", path.display()))
}

/// Temporary files are private; what a workspace holds is read by everyone who may read the folder.
#[cfg(unix)]
fn readable(file: &fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &fs::File) -> io::Result<()> {
    Ok(())
}
