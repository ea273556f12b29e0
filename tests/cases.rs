//! What a user sees: each file in `tests/cases` runs commands in a small workspace and holds all that they print.
//!
//! `cargo test --test cases TOPIC` runs some of them, `BLESS=1 cargo test --test cases` writes what is seen into the
//! files. The form of a file stands in `tests/cases/case.rs`. The binary runs with a bare environment; the folder
//! of a case is printed as `[DIR]`.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests make files, read BLESS and say what failed"
)]

#[path = "cases/case.rs"]
mod case;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use libtest_mimic::{Arguments, Failed, Trial};
use tenantctl::diagnostic::Code;

use case::{Case, Content, File, Seen};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases");

/// Codes that no case shows, and why.
const UNSHOWN: &[(&str, &str)] = &[("TC706", "an entry of the cache cannot be forged by hand")];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    match trials() {
        Ok(trials) => libtest_mimic::run(&arguments, trials).exit_code(),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// A test for each case, and those about all of them.
fn trials() -> Result<Vec<Trial>, String> {
    let mut files = Vec::new();
    for topic in listed(Path::new(FOLDER))? {
        if topic.is_dir() {
            files.extend(listed(&topic)?);
        }
    }
    let bless = std::env::var_os("BLESS").is_some();
    let mut trials = vec![Trial::test("every_code_is_shown", every_code_is_shown)];
    for file in files {
        let topic = file.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
        let name = format!("{topic}::{}", file.file_stem().unwrap_or_default().to_string_lossy());
        trials.push(Trial::test(name, move || check(&file, bless)));
    }
    Ok(trials)
}

fn listed(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    Ok(paths)
}

/// Runs a case and compares, or writes what it saw.
fn check(file: &Path, bless: bool) -> Result<(), Failed> {
    if file.extension().is_none_or(|extension| extension != "case") {
        return Err("a case is a file whose name ends with .case".into());
    }
    let text = fs::read_to_string(file)?;
    let case = Case::parse(&text)?;
    let folder = tempfile::tempdir()?;
    if let Some(base) = &case.base {
        let shared = fs::read_to_string(format!("{FOLDER}/{base}.workspace"))?;
        case::files(&shared)?.iter().try_for_each(|file| put(folder.path(), file))?;
    }
    case.files.iter().try_for_each(|file| put(folder.path(), file))?;
    let seen = case.steps.iter().map(|step| run(folder.path(), &step.command)).collect::<Result<Vec<_>, _>>()?;
    // Nothing that a user does may end like this, whatever a case expects.
    if let Some(seen) = seen.iter().find(|seen| seen.exit > 100 || seen.text().contains("panicked at")) {
        return Err(format!("the program crashed:\n{}", seen.text()).into());
    }
    let new = case.with(&seen);
    if bless {
        return if new == text { Ok(()) } else { Ok(fs::write(file, new)?) };
    }
    if case.steps.iter().map(|step| &step.seen).eq(&seen) {
        return Ok(());
    }
    Err(format!("{} sees something else (BLESS=1 takes it over):\n{}", file.display(), difference(&text, &new)).into())
}

/// Puts a file into the folder.
fn put(folder: &Path, file: &File) -> std::io::Result<()> {
    let path = folder.join(&file.path);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    match &file.content {
        Content::Bytes(bytes) => fs::write(path, bytes),
        Content::Link(target) => {
            // A link may stand where the shared workspace has a file.
            let _ = fs::remove_file(&path);
            std::os::unix::fs::symlink(target, path)
        }
        Content::Absent => fs::remove_file(path),
    }
}

/// Runs a line of the shell in the folder.
fn run(folder: &Path, command: &str) -> Result<Seen, Failed> {
    let binary = Path::new(env!("CARGO_BIN_EXE_tenantctl"));
    let programs = std::env::var("PATH").unwrap_or_default();
    let output = Command::new("sh")
        .args(["-c", command])
        .current_dir(folder)
        .env_clear()
        .env("PATH", format!("{}:{programs}", binary.parent().unwrap_or(binary).display()))
        .env("HOME", folder)
        .env("LC_ALL", "C")
        .env("COLUMNS", "140")
        .stdin(Stdio::null())
        .output()?;
    let text = |bytes: Vec<u8>| {
        let text = String::from_utf8(bytes).map_err(|_| format!("`{command}` prints what is not UTF-8"))?;
        Ok::<_, Failed>(text.replace(folder.to_string_lossy().as_ref(), "[DIR]"))
    };
    let exit = output.status.code().ok_or_else(|| format!("`{command}` was ended by a signal"))?;
    Ok(Seen { exit, output: text(output.stdout)?, errors: text(output.stderr)? })
}

/// The lines that differ, between those that are the same.
fn difference(old: &str, new: &str) -> String {
    let (old, new): (Vec<_>, Vec<_>) = (old.lines().collect(), new.lines().collect());
    let before = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let shorter = old.len().min(new.len()) - before;
    let after = old.iter().rev().zip(new.iter().rev()).take(shorter).take_while(|(old, new)| old == new).count();
    let lines = |mark: &str, lines: &[&str]| lines.iter().map(|line| format!("{mark}{line}\n")).collect::<String>();
    let shared = before.saturating_sub(3);
    lines("  ", &old[shared..before])
        + &lines("- ", &old[before..old.len() - after])
        + &lines("+ ", &new[before..new.len() - after])
        + &lines("  ", &old[old.len() - after..(old.len() - after + 3).min(old.len())])
}

/// Every code that the program can produce stands in what some case expects.
fn every_code_is_shown() -> Result<(), Failed> {
    let mut shown = String::new();
    for topic in listed(Path::new(FOLDER))?.iter().filter(|topic| topic.is_dir()) {
        for file in listed(topic)? {
            let text = fs::read_to_string(file)?;
            let case = Case::parse(&text)?;
            shown.extend(case.steps.into_iter().map(|step| step.seen.errors));
        }
    }
    let has = |code: &str| shown.contains(&format!("[{code}]"));
    let missing: Vec<String> = Code::all()
        .map(|code| code.to_string())
        .filter(|code| !has(code) && !UNSHOWN.iter().any(|(known, _)| known == code))
        .collect();
    if !missing.is_empty() {
        return Err(format!("no case shows {}", missing.join(", ")).into());
    }
    match UNSHOWN.iter().find(|(code, _)| has(code)) {
        Some((code, _)) => Err(format!("{code} is shown, so it is no exception").into()),
        None => Ok(()),
    }
}
