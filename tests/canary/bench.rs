//! A workspace of its own with a home of its own, in which the program runs; whatever it says or leaves is looked at.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use super::scanner::Scanner;

/// The public part of the key of the tests.
pub(crate) const RECIPIENT: &str = "age1d3m84ppfqp7cu759kw54z5xzzw57spxx5mp0vlhcmakvzqrmpeqq7yt9lf";

/// Variables that a run gets; no other.
const INHERITED: [&str; 2] = ["LD_LIBRARY_PATH", "LLVM_PROFILE_FILE"];

/// kubectl as far as it is called: it writes down what it got, and shows what it read where the real one would show less.
const KUBECTL: &str = r#"#!/bin/sh
{ echo "kubectl $*"; env; } >> "$CALLS"
case "$*" in
*current-context*) echo "kind-$CONTEXT" ;;
*" diff "*) cat; exit 1 ;;
*" apply "*) cat >> "$READ"; echo applied ;;
esac
"#;

/// A place to run the program in.
pub(crate) struct Bench {
    place: TempDir,
    scanner: Scanner,
    key: String,
    variables: BTreeMap<String, String>,
}

/// What a run may do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum May {
    /// Show no secret anywhere.
    Hide,
    /// Print secrets on standard output, and must.
    Reveal,
}

impl Bench {
    /// A place whose canaries are these contents, and the key.
    pub(crate) fn new<'c>(contents: impl IntoIterator<Item = &'c str>) -> Self {
        let place = tempfile::tempdir().unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let keys = fs::read_to_string(root.join("tests/sops/key.txt")).unwrap();
        let key = keys.lines().find(|line| line.starts_with("AGE-SECRET-KEY-")).unwrap().to_owned();
        let contents: Vec<String> = contents.into_iter().map(str::to_owned).chain([key.clone()]).collect();
        let scanner = Scanner::new(contents.iter().map(String::as_str));
        for folder in ["work", "home", "tmp", "run", "bin", "elsewhere", "log"] {
            fs::create_dir(place.path().join(folder)).unwrap();
        }
        let bench = Self { place, scanner, key, variables: BTreeMap::new() };
        bench.program("kubectl", KUBECTL);
        bench
    }

    /// A folder of the place: `work` is the workspace, `elsewhere` may hold what was revealed.
    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.place.path().join(path)
    }

    /// Writes a file of the workspace.
    pub(crate) fn write(&self, file: &str, text: &str) {
        let path = self.at("work").join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn program(&self, name: &str, text: &str) {
        let path = self.at("bin").join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Sets a variable for the runs that follow.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.insert(name.to_owned(), value.to_owned());
    }

    /// The program, to be run in the workspace.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tenantctl"));
        command.args(arguments).current_dir(self.at("work")).env_clear();
        command.envs(INHERITED.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", self.at("bin").display());
        command.env("PATH", path).env("SOPS_AGE_KEY", &self.key);
        for (name, folder) in [("HOME", "home"), ("TMPDIR", "tmp"), ("XDG_RUNTIME_DIR", "run")] {
            command.env(name, self.at(folder));
        }
        for (name, file) in [("CALLS", "log/calls"), ("READ", "elsewhere/read"), ("GITHUB_STEP_SUMMARY", "log/summary")]
        {
            command.env(name, self.at(file));
        }
        command.envs(&self.variables);
        command
    }

    /// Runs the program, and looks at what it says.
    pub(crate) fn run(&self, arguments: &[&str], input: &str, may: May) -> Output {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let text = input.to_owned();
        let writer = std::thread::spawn(move || drop(stdin.write_all(text.as_bytes())));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        let said = || format!("{arguments:?}\n{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(self.scanner.find(&output.stderr), None, "on standard error of {}", said());
        match may {
            May::Hide => assert_eq!(self.scanner.find(&output.stdout), None, "on standard output of {}", said()),
            May::Reveal => assert!(self.scanner.find(&output.stdout).is_some(), "nothing is revealed by {}", said()),
        }
        output
    }

    /// The same with an exit code that it must have.
    pub(crate) fn must(&self, arguments: &[&str], input: &str, code: i32) -> String {
        let output = self.run(arguments, input, May::Hide);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}\n{text}\n{said}");
        text
    }

    /// Runs git in the workspace.
    pub(crate) fn git(&self, arguments: &[&str]) {
        let mut command = Command::new("git");
        command
            .args(["-c", "user.name=a", "-c", "user.email=a@example.com"])
            .args(arguments)
            .current_dir(self.at("work"));
        assert!(command.env("HOME", self.at("home")).status().unwrap().success(), "{arguments:?}");
    }

    /// Encrypts values into a file of secrets, with the program itself.
    pub(crate) fn encrypt(&self, file: &str, values: &[(&str, &str)]) {
        let tree: BTreeMap<&str, BTreeMap<&str, &str>> =
            values.iter().fold(BTreeMap::new(), |mut tree, (name, value)| {
                let (first, last) = name.split_once('.').unwrap();
                tree.entry(first).or_insert_with(BTreeMap::new).insert(last, value);
                tree
            });
        self.write(file, &serde_json::to_string_pretty(&tree).unwrap());
        self.must(&["secrets", "encrypt", "--in-place", file], "", 0);
    }

    /// Looks at every file that there is, but for those of `elsewhere`; gives how many there are.
    pub(crate) fn search(&self) -> usize {
        let mut files = Vec::new();
        for folder in ["work", "home", "tmp", "run", "log"] {
            walk(&self.at(folder), &mut files);
        }
        for file in &files {
            assert_eq!(self.leak(file), None, "in {}", file.display());
        }
        files.len()
    }

    /// The canary in a file or in its name.
    pub(crate) fn leak(&self, file: &Path) -> Option<&str> {
        let name = file.to_string_lossy();
        self.scanner.find(name.as_bytes()).or_else(|| self.scanner.find(&fs::read(file).unwrap()))
    }
}

/// All files below a folder.
pub(crate) fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().unwrap().is_dir() {
            walk(&entry.path(), files);
        } else {
            files.push(entry.path());
        }
    }
}
