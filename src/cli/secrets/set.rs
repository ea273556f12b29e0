//! `tenantctl secrets set`: one secret, from standard input, a prompt or a generator.

use std::io::{self, IsTerminal};

use anyhow::{Context, bail};
use console::Term;
use zeroize::Zeroizing;

use super::{Owner, change};
use crate::cli::session::Session;
use crate::cli::{FINE, Global};
use crate::diagnostic::{Diagnostic, code};
use crate::secrets::is_name;
use crate::sops::{Plain, System};

/// Most bytes of a secret.
const LARGEST: u64 = 1 << 20;

/// Set a secret to what is on standard input, or to what is typed
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tenantctl secrets set prod database.password < password.txt
  tenantctl secrets set prod database.password              asks for it, without showing it
  tenantctl secrets set prod session.key --generate

A secret is never an argument, which others on the machine could see. A single line loses its
end, so that `echo` can write it; a text of several lines is taken as it is. The value that was
there before is kept until `tenantctl secrets retire`.")]
pub(super) struct Args {
    #[command(flatten)]
    owner: Owner,
    /// The name, such as database.password
    name: String,
    /// Draw the value as tenantctl.yaml declares it
    #[arg(long)]
    generate: bool,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        let session = Session::open(global)?;
        // A name that is none may be the secret itself, put there by mistake: it is said before anything is asked.
        let given = if self.generate || !is_name(&self.name) { None } else { Some(given(&session, &self.name)?) };
        let mut file = String::new();
        let (code, written) = change(
            &session,
            |vault, diagnostics| self.owner.file(vault, diagnostics).map(|file| vec![file]),
            |vault, change, diagnostics| {
                change.held_to_terms(diagnostics)?;
                change.file().clone_into(&mut file);
                if !self.generate {
                    let text = given.as_deref().cloned().unwrap_or_default();
                    return change.set(&self.name, Plain::text(text), diagnostics).map(|_| Ok(()));
                }
                let known = vault.workspace().secrets().values.get(self.name.as_str());
                let Some(generator) = known.and_then(|known| known.generator.as_ref()) else {
                    return Err(diagnostics.fail(
                        Diagnostic::new(code::UNKNOWN_SECRET, "nothing in tenantctl.yaml says how to draw this value")
                            .help("declare it: `secrets: {values: {NAME: {generate: {password: {length: 32}}}}}`"),
                    ));
                };
                change.draw(&self.name, generator, &mut System, diagnostics).map(Ok)
            },
        )?;
        if code == FINE {
            let done = if written > 0 { "set" } else { "unchanged:" };
            session.console.remark(&format!("{done} {} in {file}", self.name));
        }
        Ok(code)
    }
}

/// The value on standard input, or what is typed twice.
fn given(session: &Session, name: &str) -> anyhow::Result<Zeroizing<String>> {
    let mut text = if io::stdin().is_terminal() {
        typed(name)?
    } else {
        let bytes = session.world().read_argument("-", LARGEST);
        let Ok(bytes) = bytes.map(Zeroizing::new) else {
            bail!("a secret has {LARGEST} bytes at most, and there is none that can be read on standard input");
        };
        let Ok(text) = std::str::from_utf8(&bytes) else { bail!("a secret must be UTF-8; put bytes in base64") };
        Zeroizing::new(text.to_owned())
    };
    let line = text.strip_suffix('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    if let Some(length) = line.filter(|line| !line.contains('\n')).map(str::len) {
        text.truncate(length);
    }
    if text.is_empty() {
        bail!("there is no value: put it on standard input, or draw one with --generate");
    }
    Ok(text)
}

fn typed(name: &str) -> anyhow::Result<Zeroizing<String>> {
    let term = Term::stderr();
    let ask = |what: &str| -> anyhow::Result<Zeroizing<String>> {
        term.write_str(what)?;
        term.read_secure_line().map(Zeroizing::new).context("cannot read from the terminal")
    };
    let first = ask(&format!("{name}: "))?;
    if *first != *ask("once more: ")? {
        bail!("the two are not the same; nothing was set");
    }
    Ok(first)
}
