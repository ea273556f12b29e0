//! What is wrong with a ledger, told so that somebody finds it.

use super::digest::Digest;
use super::ledger::FOLDER;
use crate::diagnostic::{Diagnostic, code, printable};

/// What is wrong with a ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// A file is no entry.
    NoEntry {
        /// Its name.
        file: String,
        /// Why.
        why: String,
    },
    /// The content of a file is not what its name says.
    Edited {
        /// Its name.
        file: String,
        /// The number that its name says.
        number: u64,
        /// What its content has.
        hash: Digest,
    },
    /// A file holds an entry that belongs to another place.
    Moved {
        /// Its name.
        file: String,
        /// What its content has.
        number: u64,
        /// The environment that its content names.
        environment: String,
        /// The name that its content should have.
        proper: String,
    },
    /// An entry says what comes before it, and that is not there.
    Removed {
        /// The hash that is missing.
        hash: Digest,
        /// The number that it must have had, as far as that is known.
        number: u64,
        /// The file that names it.
        by: String,
    },
    /// An entry has not the number that follows those before it.
    OutOfOrder {
        /// Its file.
        file: String,
        /// Its number.
        number: u64,
        /// What it should be.
        expected: u64,
    },
}

impl Flaw {
    /// The finding, about the ledger of an environment.
    pub fn diagnostic(&self, environment: &str) -> Diagnostic {
        let file = |name: &str| format!("{FOLDER}/{environment}/{name}");
        let restore = |name: &str| format!("take it back from version control: `git log --all -- '{}'`", file(name));
        let (message, note, help) = match self {
            Self::NoEntry { file: name, why } => {
                let why = printable::line(why);
                let help = format!("{}; or remove it, if it never was one", restore(name));
                (format!("{} is no entry of a ledger: {why}", file(name)), None, help)
            }
            Self::Edited { file: name, number, hash } => (
                format!("release {number} of {environment} was edited"),
                Some(format!("the content of {} has {hash}, which is not what its name says", file(name))),
                restore(name),
            ),
            Self::Moved { file: name, number, environment: other, proper } if other == environment => (
                format!("release {number} of {environment} was moved"),
                Some(format!("{} holds it, and it belongs into {proper}", file(name))),
                restore(proper),
            ),
            Self::Moved { file: name, number, environment: other, .. } => (
                format!("{} holds release {number} of {}", file(name), printable::line(other)),
                None,
                "remove it: the ledger of an environment holds its own releases only".to_owned(),
            ),
            Self::Removed { hash, number, by } => {
                let name = super::entry::file_name(*number, hash);
                (
                    format!("release {number} of {environment} was removed"),
                    Some(format!("{} comes after {hash}, which is not there", file(by))),
                    restore(&name),
                )
            }
            Self::OutOfOrder { file: name, number, expected } => (
                format!("{} has the number {number}, and what comes before it asks for {expected}", file(name)),
                None,
                restore(name),
            ),
        };
        let diagnostic = Diagnostic::new(code::LEDGER, message).help(help);
        match note {
            Some(note) => diagnostic.note(note),
            None => diagnostic,
        }
    }
}
