//! Single files that a command makes, replaces or removes: whole.

use std::fs::{self, File, OpenOptions};
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
