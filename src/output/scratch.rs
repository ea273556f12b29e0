//! A private file for an editor, which is wiped when it is done with.
//!
//! It is in a folder of its own that nobody else may enter, in memory where the system has such a place: a runtime
//! directory or `/dev/shm`, else where temporary files are. Signals that would end the program end the editing instead,
//! and the file is wiped first; only a kill that cannot be caught leaves it where it is.

#![expect(clippy::disallowed_methods, reason = "the one private file that is read back")]

use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, bail};
use tempfile::TempDir;
use zeroize::Zeroizing;

use crate::world::program;

/// Most bytes of an edited file.
const LARGEST: u64 = 16 << 20;

/// How long it takes to see a signal.
const WAIT: Duration = Duration::from_millis(20);

/// A private file.
#[derive(Debug)]
pub struct Scratch {
    folder: TempDir,
    file: PathBuf,
}

impl Scratch {
    /// A file with a text; its folder is in `runtime` if that is a directory.
    pub fn new(runtime: Option<&str>, name: &str, text: &str) -> anyhow::Result<Self> {
        let places = runtime.map(PathBuf::from).into_iter().chain([PathBuf::from("/dev/shm"), std::env::temp_dir()]);
        let mut builder = tempfile::Builder::new();
        builder.prefix("tenantctl-");
        only_owner(&mut builder);
        let folder = places.into_iter().find_map(|place| builder.tempdir_in(place).ok());
        let Some(folder) = folder else { bail!("there is no place for a private file to edit: set TMPDIR to one") };
        let file = folder.path().join(name);
        let scratch = Self { folder, file };
        let write = || -> std::io::Result<()> {
            let mut options = OpenOptions::new();
            options.write(true).create_new(true);
            private(&mut options);
            options.open(&scratch.file)?.write_all(text.as_bytes())
        };
        write().context("cannot write the private file to edit")?;
        Ok(scratch)
    }

    /// Runs an editor on the file and gives what it left there; `None` if a signal came.
    pub fn edit(&self, editor: &str) -> anyhow::Result<Option<Zeroizing<String>>> {
        let signals = Signals::catch();
        let mut child = command(editor, &self.file)
            .spawn()
            .with_context(|| format!("cannot run the editor `{editor}`: set EDITOR to one that is there"))?;
        let status = wait(&mut child, &signals).context("cannot wait for the editor")?;
        let Some(status) = status.filter(|_| !signals.came()) else { return Ok(None) };
        if !status.success() {
            bail!("the editor `{editor}` failed; nothing was changed");
        }
        let mut text = Zeroizing::new(String::new());
        let file = fs::File::open(&self.file).context("the editor removed the file; nothing was changed")?;
        file.take(LARGEST).read_to_string(&mut text).context("the edited file is not UTF-8; nothing was changed")?;
        Ok(Some(text))
    }
}

/// Waits for an editor; one that does not see the signal itself is ended with it.
fn wait(child: &mut Child, signals: &Signals) -> std::io::Result<Option<ExitStatus>> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if signals.ended() {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(WAIT);
    }
}

/// Wiped: what the editor left beside the file too.
impl Drop for Scratch {
    fn drop(&mut self) {
        wipe(self.folder.path());
    }
}

fn wipe(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => wipe(&path),
            Ok(kind) if kind.is_file() => {
                if let (Ok(metadata), Ok(mut file)) = (entry.metadata(), OpenOptions::new().write(true).open(&path)) {
                    let size = usize::try_from(metadata.len().min(LARGEST)).unwrap_or(0);
                    let _ = file.write_all(&vec![0; size]).and_then(|()| file.sync_all());
                }
            }
            _ => {}
        }
    }
}

/// The editor as the shell would run it: with arguments of its own.
#[cfg(unix)]
fn command(editor: &str, file: &Path) -> Command {
    let mut command = program("sh");
    command.args(["-c", &format!("{editor} \"$1\""), editor]).arg(file);
    command
}

#[cfg(not(unix))]
fn command(editor: &str, file: &Path) -> Command {
    let mut words = editor.split_whitespace();
    let mut command = program(words.next().unwrap_or_default());
    command.args(words).arg(file);
    command
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600);
}

#[cfg(not(unix))]
fn private(_: &mut OpenOptions) {}

/// A folder that only its owner may enter.
#[cfg(unix)]
fn only_owner(builder: &mut tempfile::Builder<'_, '_>) {
    use std::os::unix::fs::PermissionsExt;
    builder.permissions(fs::Permissions::from_mode(0o700));
}

#[cfg(not(unix))]
fn only_owner(_: &mut tempfile::Builder<'_, '_>) {}

/// Signals that came while an editor ran.
#[derive(Debug, Default)]
struct Signals {
    /// One that the terminal sends to the editor as well.
    interrupted: Arc<AtomicBool>,
    /// One that was meant for this program.
    ended: Arc<AtomicBool>,
    caught: Vec<signal_hook::SigId>,
}

impl Signals {
    fn catch() -> Self {
        use signal_hook::consts::{SIGINT, SIGTERM};
        let mut signals = Self::default();
        let mut catch = |signal, flag: &Arc<AtomicBool>| {
            signals.caught.extend(signal_hook::flag::register(signal, Arc::clone(flag)).ok());
        };
        let (interrupted, ended) = (Arc::clone(&signals.interrupted), Arc::clone(&signals.ended));
        catch(SIGINT, &interrupted);
        catch(SIGTERM, &ended);
        #[cfg(unix)]
        {
            use signal_hook::consts::{SIGHUP, SIGQUIT};
            catch(SIGQUIT, &interrupted);
            catch(SIGHUP, &ended);
        }
        signals
    }

    fn came(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed) || self.ended()
    }

    fn ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        for id in &self.caught {
            signal_hook::low_level::unregister(*id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_private_file_is_private_and_gone_afterwards() {
        use std::os::unix::fs::PermissionsExt;
        let place = tempfile::tempdir().unwrap();
        let scratch = Scratch::new(place.path().to_str(), "f.yml", "a: 1\n").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&scratch.file), mode(scratch.folder.path())), (0o600, 0o700));
        assert!(scratch.file.starts_with(place.path()));
        let text = scratch.edit("f() { echo 'b: 2' >> \"$1\"; cp \"$1\" \"$1~\"; }; f").unwrap();
        assert_eq!(text.unwrap().as_str(), "a: 1\nb: 2\n");
        drop(scratch);
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn an_editor_that_fails_changes_nothing() {
        let place = tempfile::tempdir().unwrap();
        let edit = |editor: &str| Scratch::new(place.path().to_str(), "f", "a").unwrap().edit(editor);
        assert!(edit("exit 3;").unwrap_err().to_string().contains("failed"));
        assert!(edit("rm").unwrap_err().to_string().contains("removed"));
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    }
}
