//! The page of a code.

use anyhow::Context;

use crate::cli::console::print;
use crate::cli::session::Session;
use crate::cli::{FINE, Global};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, code, did_you_mean};

/// Lists all codes.
pub(super) fn all() -> anyhow::Result<u8> {
    let lines: String = Code::all().map(|code| format!("{code}  {}\n", code.title())).collect();
    print(&lines).map(|()| FINE).context("cannot write to standard output")
}

/// Prints the page of one.
pub(super) fn one(global: &Global, wanted: &str) -> anyhow::Result<u8> {
    if let Some(code) = Code::parse(wanted) {
        return print(code.page()).map(|()| FINE).context("cannot write to standard output");
    }
    let session = Session::open(global)?;
    let mut diagnostics = Diagnostics::new();
    let written = wanted.to_uppercase();
    // A digit further on is easily mistaken; the stage, which is the first, is not.
    let codes: Vec<String> =
        Code::all().map(|code| code.to_string()).filter(|code| written.starts_with(&code[..3])).collect();
    diagnostics.record(
        Diagnostic::new(code::UNKNOWN_CODE, format!("there is no code `{wanted}`"))
            .maybe_help(did_you_mean(&written, codes.iter().map(String::as_str)))
            .help("`tenantctl explain` lists all codes")
            .help("a value is explained by ENV TENANT PATH, a line of the output by FILE:LINE"),
    );
    session.finish(&diagnostics)
}
