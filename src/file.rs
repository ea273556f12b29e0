//! A file of the workspace becomes a text among the sources, or a diagnostic that says why it cannot.

use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code};
use crate::source::{FileId, Place, Sources};
use crate::world::{Unreadable, World};

/// Most bytes a configuration, schema or template file may have.
pub const LARGEST: u64 = 4 * 1024 * 1024;

/// Why a file is read, to say so when it cannot be: the place that names it and what it is ("layer tier").
#[derive(Clone, Debug)]
pub struct Reason {
    /// Where the file is named.
    pub place: Option<Place>,
    /// What the file is, such as `layer tier`.
    pub what: String,
}

/// Reads a file of the workspace.
pub fn load(
    world: &dyn World,
    sources: &Sources,
    name: &str,
    reason: &Reason,
    diagnostics: &mut Diagnostics,
) -> Result<FileId, Failed> {
    load_up_to(LARGEST, world, sources, name, reason, diagnostics)
}

/// Reads a file that may have so many bytes.
pub(crate) fn load_up_to(
    largest: u64,
    world: &dyn World,
    sources: &Sources,
    name: &str,
    reason: &Reason,
    diagnostics: &mut Diagnostics,
) -> Result<FileId, Failed> {
    let bytes = read(largest, world, name, reason, diagnostics)?;
    text(|text| sources.add_file(name, text), name, &bytes, diagnostics)
}

fn read(
    largest: u64,
    world: &dyn World,
    name: &str,
    reason: &Reason,
    diagnostics: &mut Diagnostics,
) -> Result<Vec<u8>, Failed> {
    world.read(name, largest).map_err(|why| diagnostics.fail(unreadable(name, &why, reason)))
}

/// Reads a file that may hold secrets: what is not encrypted in it is never shown.
pub(crate) fn load_secret(
    world: &dyn World,
    sources: &Sources,
    name: &str,
    reason: &Reason,
    diagnostics: &mut Diagnostics,
) -> Result<FileId, Failed> {
    let bytes = read(LARGEST, world, name, reason, diagnostics)?;
    text(|text| sources.add_secret_file(name, text), name, &bytes, diagnostics)
}

/// Reads a file named on the command line; `-` is standard input.
pub fn load_argument(
    world: &dyn World,
    sources: &Sources,
    name: &str,
    diagnostics: &mut Diagnostics,
) -> Result<FileId, Failed> {
    load_argument_up_to(LARGEST, world, sources, name, diagnostics)
}

/// Reads a file named on the command line that may have so many bytes.
pub(crate) fn load_argument_up_to(
    largest: u64,
    world: &dyn World,
    sources: &Sources,
    name: &str,
    diagnostics: &mut Diagnostics,
) -> Result<FileId, Failed> {
    let shown = if name == "-" { "<standard input>" } else { name };
    match world.read_argument(name, largest) {
        Ok(bytes) if is_kept_with_secrets(name) => {
            text(|text| sources.add_secret(shown, text), shown, &bytes, diagnostics)
        }
        Ok(bytes) => text(|text| sources.add(shown, text), shown, &bytes, diagnostics),
        Err(why) => {
            let reason = Reason { place: None, what: "the file named on the command line".to_owned() };
            Err(diagnostics.fail(unreadable(shown, &why, &reason)))
        }
    }
}

/// Whether a file is in a folder of secrets, as theirs are called unless somebody says otherwise: whatever it is read as,
/// nothing of it is shown that is not encrypted.
fn is_kept_with_secrets(name: &str) -> bool {
    name.rsplit(['/', '\\']).skip(1).any(|folder| folder == "secrets")
}

/// Takes bytes in as text.
fn text(
    add: impl Fn(&str) -> FileId,
    name: &str,
    bytes: &[u8],
    diagnostics: &mut Diagnostics,
) -> Result<FileId, Failed> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(add(text)),
        Err(error) => {
            let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let file = add(&String::from_utf8_lossy(valid));
            let wrong = bytes.get(error.valid_up_to()).copied().unwrap_or_default();
            let hint = if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
                "the file looks like UTF-16: save it as UTF-8"
            } else {
                "save the file as UTF-8"
            };
            Err(diagnostics.fail(
                Diagnostic::new(code::ENCODING, format!("{name} is not UTF-8"))
                    .at(Place::new(file, valid.len(), valid.len()), format!("byte 0x{wrong:02X} begins no character"))
                    .help(hint),
            ))
        }
    }
}

/// The diagnostic for a file that cannot be read.
pub fn unreadable(name: &str, why: &Unreadable, reason: &Reason) -> Diagnostic {
    let what = &reason.what;
    let diagnostic = match why {
        Unreadable::Missing => Diagnostic::new(code::UNREADABLE, format!("{name} is not there ({what})"))
            .help(format!("create {name}, or correct the name")),
        Unreadable::Outside => {
            Diagnostic::new(code::OUTSIDE, format!("{name} leads out of the workspace, where nothing is read ({what})"))
                .help("name a file inside the workspace; a symbolic link must stay inside as well")
        }
        Unreadable::NotAFile => Diagnostic::new(code::UNREADABLE, format!("{name} is not a regular file ({what})"))
            .help("put a regular file there"),
        Unreadable::TooLarge { limit } => {
            Diagnostic::new(code::LIMIT, format!("{name} is larger than {} MiB ({what})", limit >> 20))
                .help("split the file; no configuration of this size is written by hand")
        }
        Unreadable::System(error) => {
            Diagnostic::new(code::UNREADABLE, format!("{name} cannot be read: {error} ({what})"))
                .help("make it a file that the user who runs this may read")
        }
    };
    match reason.place {
        Some(place) => diagnostic.at(place, "named here"),
        None => diagnostic,
    }
}
