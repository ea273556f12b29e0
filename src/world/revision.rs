//! The world as it was at a revision in git. Nothing is checked out and nothing of the work tree is read.
//!
//! It asks the program `git`, which reads every repository there is: packs, alternates, worktrees, partial clones. The
//! tree is listed once; blobs come from one `git cat-file --batch` that stays open.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use jiff::civil::Date;

use super::{Unreadable, World, program};

/// Most symbolic links on the way to one file, as Linux has it.
const MOST_LINKS: usize = 40;
/// Most bytes of the target of a symbolic link.
const LONGEST_LINK: u64 = 4096;

/// The files of a workspace at a revision; arguments, variables and the date are those of another world.
pub struct Revision<'w> {
    below: &'w dyn World,
    /// Where the workspace is in the repository; ends with `/` or is empty.
    prefix: String,
    /// Regular files and the ids of their blobs.
    files: BTreeMap<String, String>,
    /// Symbolic links and what they say.
    links: BTreeMap<String, String>,
    batch: Mutex<Batch>,
}

/// Why a revision cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unversioned {
    /// The program is not there.
    NoGit,
    /// The directory belongs to no repository, or git refuses to read it, with its reason.
    NoRepository(Option<String>),
    /// Git does not know the revision.
    NoRevision {
        /// Whether the repository lacks older commits on purpose.
        shallow: bool,
    },
    /// Git failed, with its reason.
    Failed(String),
}

impl<'w> Revision<'w> {
    /// The workspace in the directory `root` at a revision, which may be anything that names a commit.
    pub fn open(root: &Path, revision: &str, below: &'w dyn World) -> Result<Self, Unversioned> {
        let git = Git { root: root.to_path_buf() };
        let shallow = git.ask(&["rev-parse", "--is-shallow-repository"]).map_err(|error| match error {
            Unversioned::Failed(why) if why.contains("not a git repository") => Unversioned::NoRepository(None),
            Unversioned::Failed(why) => Unversioned::NoRepository(Some(why)),
            other => other,
        })?;
        let unknown = Unversioned::NoRevision { shallow: shallow.trim() == "true" };
        // A name that begins with `-` would be an option.
        if revision.starts_with('-') || revision.contains(['\0', '\n']) {
            return Err(unknown);
        }
        let commit = match git.ask(&["rev-parse", "--verify", "--quiet", &format!("{revision}^{{commit}}")]) {
            Ok(commit) => commit.trim().to_owned(),
            Err(Unversioned::Failed(_)) => return Err(unknown),
            Err(other) => return Err(other),
        };
        let prefix = git.ask(&["rev-parse", "--show-prefix"])?.trim_end_matches('\n').to_owned();
        // In the directory of the workspace, git lists that one and names files from there.
        let listing = git.ask(&["ls-tree", "-r", "-z", &commit])?;
        let mut world =
            Self { below, prefix, files: BTreeMap::new(), links: BTreeMap::new(), batch: Mutex::new(git.batch()?) };
        for entry in listing.split_terminator('\0') {
            world.enter(entry)?;
        }
        Ok(world)
    }

    /// Where the workspace is in the repository; ends with `/` or is empty.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Takes in a line of the listing: `MODE TYPE ID\tNAME`.
    fn enter(&mut self, entry: &str) -> Result<(), Unversioned> {
        let broken = || Unversioned::Failed(format!("`git ls-tree` says `{entry}`"));
        let (about, name) = entry.split_once('\t').ok_or_else(broken)?;
        let [mode, kind, id] = about.split_ascii_whitespace().collect::<Vec<_>>()[..] else { return Err(broken()) };
        if mode == "120000" {
            let text = self.blob(id, LONGEST_LINK);
            let text = text.map_err(|why| Unversioned::Failed(format!("the link {name} cannot be read: {why:?}")))?;
            self.links.insert(name.to_owned(), String::from_utf8_lossy(&text).into_owned());
        } else if kind == "blob" {
            // Of a submodule git has no files.
            self.files.insert(name.to_owned(), id.to_owned());
        }
        Ok(())
    }

    fn blob(&self, id: &str, limit: u64) -> Result<Vec<u8>, Unreadable> {
        let mut batch = self.batch.lock().unwrap_or_else(PoisonError::into_inner);
        let blob = batch.blob(id, limit).map_err(|error| Unreadable::System(error.to_string()))?;
        blob.ok_or(Unreadable::TooLarge { limit })
    }

    /// The name behind the symbolic links in a name.
    fn resolve(&self, name: &str) -> Result<String, Unreadable> {
        let mut name = name.to_owned();
        if name.split('/').any(|part| matches!(part, "" | "." | "..") || part.contains(['\\', '\0'])) {
            return Err(Unreadable::Outside);
        }
        for _ in 0..MOST_LINKS {
            let ends = name.match_indices('/').map(|(at, _)| at).chain([name.len()]);
            let link = ends.into_iter().find_map(|end| Some((end, self.links.get(&name[..end])?)));
            let Some((end, target)) = link else { return Ok(name) };
            name = followed(&name[..end], target, &name[end..]).ok_or(Unreadable::Outside)?;
        }
        Err(Unreadable::System("too many symbolic links".to_owned()))
    }
}

/// The name that a link leads to, with what comes after it; `None` if it leads out of the workspace.
fn followed(link: &str, target: &str, rest: &str) -> Option<String> {
    if target.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = link.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            ".." => drop(parts.pop()?),
            "" | "." => {}
            _ => parts.push(part),
        }
    }
    Some(parts.join("/") + rest)
}

impl World for Revision<'_> {
    fn read(&self, file: &str, limit: u64) -> Result<Vec<u8>, Unreadable> {
        let name = self.resolve(file)?;
        let Some(id) = self.files.get(&name) else {
            let below = format!("{name}/");
            let folder = self.files.range(below.clone()..).next().is_some_and(|(file, _)| file.starts_with(&below));
            return Err(if folder { Unreadable::NotAFile } else { Unreadable::Missing });
        };
        self.blob(id, limit)
    }

    fn has(&self, file: &str) -> bool {
        self.resolve(file).is_ok_and(|name| self.files.contains_key(&name))
    }

    fn list(&self, directory: &str) -> Result<Vec<String>, Unreadable> {
        let real = format!("{}/", self.resolve(directory)?);
        let below = |name: &String| Some(format!("{directory}/{}", name.strip_prefix(&real)?));
        // A link is listed as a file; reading it says whether it leads out.
        let mut files: Vec<String> = self.files.keys().chain(self.links.keys()).filter_map(below).collect();
        files.sort();
        Ok(files)
    }

    fn files(&self) -> Result<Vec<String>, Unreadable> {
        Ok(self.files.keys().filter(|name| !is_hidden(name)).cloned().collect())
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

/// Whether a file is in a hidden folder.
fn is_hidden(name: &str) -> bool {
    name.rsplit_once('/').is_some_and(|(folder, _)| folder.split('/').any(|part| part.starts_with('.')))
}

/// What version control ignores below a directory: names of files, and of folders with `/` at their end. Nothing where
/// there is no version control.
pub(super) fn ignored(root: &Path) -> Vec<String> {
    let git = Git { root: root.to_owned() };
    let listed = git.ask(&["ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory"]);
    listed.unwrap_or_default().split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// The program, in the directory of the workspace.
pub(super) struct Git {
    pub(super) root: PathBuf,
}

impl Git {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program("git");
        command.arg("-C").arg(&self.root).args(arguments);
        // In a hook, these name another repository than the one that the workspace is in.
        for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
            command.env_remove(variable);
        }
        command.env("LC_ALL", "C").env("GIT_OPTIONAL_LOCKS", "0").env("GIT_TERMINAL_PROMPT", "0");
        command.stdin(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// What git prints.
    pub(super) fn ask(&self, arguments: &[&str]) -> Result<String, Unversioned> {
        let output = self.command(arguments).stderr(Stdio::piped()).output().map_err(|error| started(&error))?;
        if output.status.success() {
            // A name that is no text is kept as nearly as it can be, so that somebody hears of it.
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let line = said.lines().next().unwrap_or("git failed and gave no reason");
        Err(Unversioned::Failed(line.trim_start_matches("fatal: ").to_owned()))
    }

    /// The program that gives blobs.
    fn batch(&self) -> Result<Batch, Unversioned> {
        let mut command = self.command(&["cat-file", "--batch"]);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(|error| started(&error))?;
        let (asked, answers) = (child.stdin.take(), child.stdout.take().map(BufReader::new));
        Ok(Batch { child, asked, answers })
    }
}

fn started(error: &io::Error) -> Unversioned {
    match error.kind() {
        io::ErrorKind::NotFound => Unversioned::NoGit,
        _ => Unversioned::Failed(error.to_string()),
    }
}

/// `git cat-file --batch` under way.
struct Batch {
    child: Child,
    asked: Option<ChildStdin>,
    answers: Option<BufReader<ChildStdout>>,
}

impl Batch {
    /// The bytes of a blob; `None` if there are more than the limit. The answer is `ID TYPE SIZE`, a line feed, the bytes and a line feed.
    fn blob(&mut self, id: &str, limit: u64) -> io::Result<Option<Vec<u8>>> {
        let (Some(asked), Some(answers)) = (&mut self.asked, &mut self.answers) else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        asked.write_all(format!("{id}\n").as_bytes())?;
        asked.flush()?;
        let mut head = String::new();
        answers.read_line(&mut head)?;
        let size = head.trim_end().rsplit_once(' ').and_then(|(_, size)| size.parse::<u64>().ok());
        let size = size.ok_or_else(|| io::Error::other(format!("git has not got the object {id}")))?;
        let mut answer = answers.take(size + 1);
        if size > limit {
            io::copy(&mut answer, &mut io::sink())?;
            return Ok(None);
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size + 1).unwrap_or(0));
        answer.read_to_end(&mut bytes)?;
        if bytes.pop().is_none_or(|_| bytes.len() as u64 != size) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(Some(bytes))
    }
}

/// The program ends when nobody can ask it any more.
impl Drop for Batch {
    fn drop(&mut self) {
        drop(self.asked.take());
        drop(self.answers.take());
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::followed;

    #[test]
    fn a_link_is_followed_inside_the_workspace_only() {
        assert_eq!(followed("a/b", "c", ""), Some("a/c".to_owned()));
        assert_eq!(followed("a/b", "../c/./d", "/e.yml"), Some("c/d/e.yml".to_owned()));
        assert_eq!(followed("a/b", "../../c", ""), None);
        assert_eq!(followed("a/b", "/etc", "/passwd"), None);
    }
}
