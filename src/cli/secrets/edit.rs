//! `tenantctl secrets edit`: a file of secrets in an editor.

use std::io::{self, BufRead, IsTerminal};

use super::{Owner, change};
use crate::cli::session::Session;
use crate::cli::{FINE, Global};
use crate::diagnostic::Diagnostics;
use crate::output::scratch::Scratch;

/// Variables that name an editor, the first that is set; `vi` otherwise.
const EDITORS: [&str; 3] = ["SOPS_EDITOR", "VISUAL", "EDITOR"];

/// Edit the secrets of an environment or a tenant in $EDITOR
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tenantctl secrets edit prod
  EDITOR='code --wait' tenantctl secrets edit prod --tenant acme-corp

The editor sees a private file, in memory where the system has such a place. It is wiped when
the editor ends, also by Ctrl-C. Values that stay the same keep their bytes; comments are
encrypted too.")]
pub(super) struct Args {
    #[command(flatten)]
    owner: Owner,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        let session = Session::open(global)?;
        let variable = |name: &&str| session.world().variable(name);
        let editor = EDITORS.iter().find_map(variable).unwrap_or_else(|| "vi".to_owned());
        let mut file = String::new();
        let (code, written) = change(
            &session,
            |vault, diagnostics| self.owner.file(vault, diagnostics).map(|file| vec![file]),
            |_, change, diagnostics| {
                change.held_to_terms(diagnostics)?;
                change.file().clone_into(&mut file);
                let folder = session.world().variable("XDG_RUNTIME_DIR");
                let scratch = match Scratch::new(folder.as_deref(), "secrets.yml", &change.text()) {
                    Ok(scratch) => scratch,
                    Err(error) => return Ok(Err(error)),
                };
                loop {
                    let text = match scratch.edit(&editor) {
                        Ok(Some(text)) => text,
                        Ok(None) => return Ok(Err(anyhow::anyhow!("the editing was ended; nothing was changed"))),
                        Err(error) => return Ok(Err(error)),
                    };
                    let id = session.sources.add_covered("<edited>", &text);
                    let mut trial = Diagnostics::new();
                    let Err(failed) = change.replace(id, &text, &mut trial) else { return Ok(Ok(())) };
                    if !again(&session, &trial) {
                        diagnostics.extend(trial);
                        return Err(failed);
                    }
                }
            },
        )?;
        if code == FINE {
            let done = if written > 0 { "changed" } else { "unchanged:" };
            session.console.remark(&format!("{done} {file}"));
        }
        Ok(code)
    }
}

/// Says what is wrong with a text, and asks whether it is to be edited again; nobody is asked where nobody types.
fn again(session: &Session, wrong: &Diagnostics) -> bool {
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return false;
    }
    let _ = session.console.say(wrong, &session.sources);
    session.console.remark("press Enter to go on editing; `n` and Enter leaves the secrets as they were");
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).is_ok_and(|read| read > 0) && !answer.trim().starts_with(['n', 'N'])
}
