//! `tenantctl explain`: the page of a code.

use anyhow::Context;

use super::console::print;
use super::session::Session;
use super::{FINE, Global};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, code, did_you_mean};

/// Explain a code such as TC301: what it means, an example, how to correct it
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tenantctl explain TC301
  tenantctl explain           (lists all codes)")]
pub(super) struct Args {
    /// The code [default: list all]
    code: Option<String>,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        let Some(wanted) = self.code else {
            let lines: String = Code::all().map(|code| format!("{code}  {}\n", code.title())).collect();
            return print(&lines).map(|()| FINE).context("cannot write to standard output");
        };
        if let Some(code) = Code::parse(&wanted) {
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
                .help("`tenantctl explain` lists all codes"),
        );
        session.finish(&diagnostics)
    }
}
