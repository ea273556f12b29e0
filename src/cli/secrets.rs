//! `tenantctl secrets`: the encrypted files of a workspace.

mod check;
mod decrypt;
mod edit;
mod encrypt;
mod get;
mod init;
mod list;
mod retire;
mod rotate;
mod set;
mod unset;
mod updatekeys;

use std::path::Path;

use clap::Subcommand;

use super::session::Session;
use super::{FINE, Global};
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code};
use crate::output::single::{self, Guard, Swap};
use crate::secrets::{Change, Vault};
use crate::sops::{self, System};

/// Keep secrets in encrypted files, in the format of SOPS
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tenantctl secrets init prod
  tenantctl secrets set prod database.password < password.txt
  tenantctl secrets get prod database.password | psql ..
  tenantctl secrets edit prod --tenant acme-corp
  tenantctl secrets rotate prod --values database.password

Who can open the files is said in tenantctl.yaml or .sops.yaml, at the root of the workspace. The
key that opens them is looked for in SOPS_AGE_KEY, in the file that SOPS_AGE_KEY_FILE names, and in
~/.config/sops/age/keys.txt. Exit code 4 means that none of these is the right one.")]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Args),
    Set(set::Args),
    Get(get::Args),
    Unset(unset::Args),
    List(list::Args),
    Edit(edit::Args),
    Encrypt(encrypt::Args),
    Decrypt(decrypt::Args),
    Updatekeys(updatekeys::Args),
    Rotate(rotate::Args),
    Retire(retire::Args),
    Check(check::Args),
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        match self.command {
            Command::Init(args) => args.run(global),
            Command::Set(args) => args.run(global),
            Command::Get(args) => args.run(global),
            Command::Unset(args) => args.run(global),
            Command::List(args) => args.run(global),
            Command::Edit(args) => args.run(global),
            Command::Encrypt(args) => args.run(global),
            Command::Decrypt(args) => args.run(global),
            Command::Updatekeys(args) => args.run(global),
            Command::Rotate(args) => args.run(global),
            Command::Retire(args) => args.run(global),
            Command::Check(args) => args.run(global),
        }
    }
}

/// Whose secrets.
#[derive(Clone, Debug, clap::Args)]
struct Owner {
    /// Environment or alias
    env: String,
    /// The secrets of this tenant alone
    #[arg(long, value_name = "ID")]
    tenant: Option<String>,
}

/// A file of secrets and the environment it is of.
#[derive(Clone, Debug)]
struct Chosen {
    file: String,
    environment: Option<String>,
}

impl Owner {
    /// The environment's name; a tenant that is named must be there.
    fn environment(&self, vault: &Vault<'_>, diagnostics: &mut Diagnostics) -> Result<String, Failed> {
        let workspace = vault.workspace();
        let environment = workspace.environment(&self.env, diagnostics)?.to_string();
        if let Some(id) = &self.tenant {
            let tenants = workspace.tenants(&environment, diagnostics)?;
            let known = || tenants.iter().map(AsRef::as_ref);
            if !known().any(|tenant| tenant == id) {
                return Err(diagnostics.fail(
                    Diagnostic::new(code::UNKNOWN_TENANT, format!("there is no tenant `{id}` in {environment}"))
                        .maybe_help(crate::diagnostic::did_you_mean(id, known())),
                ));
            }
        }
        Ok(environment)
    }

    /// The one file that their new secrets go to.
    fn file(&self, vault: &Vault<'_>, diagnostics: &mut Diagnostics) -> Result<Chosen, Failed> {
        let environment = self.environment(vault, diagnostics)?;
        let Some(file) = vault.own_file(&environment, self.tenant.as_deref()) else {
            let whose = self.tenant.as_deref().unwrap_or(&environment);
            return Err(diagnostics.fail(
                Diagnostic::new(code::SETTINGS, format!("no file of secrets is that of {whose} alone")).help(
                    "name one in tenantctl.yaml: `secrets: {files: [\"environments/{environment}/secrets/{tenant}.yml\"]}`",
                ),
            ));
        };
        Ok(Chosen { file, environment: Some(environment) })
    }

    /// All their files that are there: those of the environment, or those of the tenant alone.
    fn files(&self, vault: &Vault<'_>, diagnostics: &mut Diagnostics) -> Result<Vec<Chosen>, Failed> {
        let environment = self.environment(vault, diagnostics)?;
        let mut files = vault.files_of(&environment, diagnostics)?;
        if self.tenant.is_some() {
            let shared = vault.candidates(&environment, None);
            let own = vault.candidates(&environment, self.tenant.as_deref());
            files.retain(|file| own.contains(file) && !shared.contains(file));
        }
        if files.is_empty() {
            let whose = self.tenant.as_deref().unwrap_or(&environment);
            return Err(diagnostics.fail(
                Diagnostic::new(code::UNKNOWN_SECRET, format!("there is no file of secrets of {whose}"))
                    .help(format!("make one with `tenantctl secrets init {environment}`")),
            ));
        }
        Ok(files.into_iter().map(|file| Chosen { file, environment: Some(environment.clone()) }).collect())
    }
}

/// Changes files: nobody else changes them meanwhile, and all are written or none. Gives the exit code, and whether
/// anything was written.
fn change(
    session: &Session,
    choose: impl FnOnce(&Vault<'_>, &mut Diagnostics) -> Result<Vec<Chosen>, Failed>,
    mut work: impl FnMut(&Vault<'_>, &mut Change, &mut Diagnostics) -> Result<anyhow::Result<()>, Failed>,
) -> anyhow::Result<(u8, usize)> {
    let Some(root) = session.root() else {
        anyhow::bail!("there is no workspace here to keep secrets in; make one with `tenantctl init DIR`");
    };
    let mut written = 0;
    let code = session.with_workspace(|workspace, diagnostics| {
        let vault = Vault::of_workspace(workspace, diagnostics)?;
        let chosen = choose(&vault, diagnostics)?;
        let paths: Vec<_> = chosen.iter().map(|chosen| root.join(&chosen.file)).collect();
        let _guard = match Guard::of(paths.iter().map(std::path::PathBuf::as_path)) {
            Ok(Some(guard)) => guard,
            Ok(None) => return Err(diagnostics.fail(held())),
            Err(error) => return Ok(Err(error)),
        };
        let mut finished = Vec::new();
        for (chosen, path) in chosen.iter().zip(&paths) {
            if !single::is_inside(root, path) {
                return Err(diagnostics.fail(
                    Diagnostic::new(code::OUTSIDE, format!("{} leads out of the workspace", chosen.file))
                        .help("remove the symbolic link on the way"),
                ));
            }
            let mut change = vault.change(&chosen.file, chosen.environment.as_deref(), &mut System, diagnostics)?;
            if let Err(error) = work(&vault, &mut change, diagnostics)? {
                return Ok(Err(error));
            }
            finished.extend(change.finish(&sops::moment(workspace.world().now()), &mut System, diagnostics)?);
        }
        let swaps = finished.iter().map(|finished| Swap {
            path: root.join(&finished.file),
            before: finished.before.as_deref().map(str::as_bytes),
            after: finished.after.as_bytes(),
        });
        written = finished.len();
        Ok(single::swap(&swaps.collect::<Vec<_>>()))
    })?;
    Ok((code, written))
}

/// Tells what was done, if all went well. Gives the exit code.
fn told(session: &Session, code: u8, said: &[String]) -> u8 {
    if code == FINE {
        for line in said {
            session.console.remark(line);
        }
    }
    code
}

fn held() -> Diagnostic {
    Diagnostic::new(code::OUTPUT_LOCKED, "another tenantctl is changing these secrets")
        .help("wait until it has ended; an editor that is open on them counts")
}

/// A file of the workspace that was named on the command line, and the environment whose secrets it holds.
fn named(session: &Session, vault: &Vault<'_>, file: &Path, diagnostics: &mut Diagnostics) -> Result<Chosen, Failed> {
    let found = session.root().and_then(|root| {
        let real = std::fs::canonicalize(file).or_else(|_| std::fs::canonicalize(root.join(file))).ok()?;
        let parts = real.strip_prefix(root).ok()?.components().map(|part| part.as_os_str().to_str());
        Some(parts.collect::<Option<Vec<_>>>()?.join("/"))
    });
    match found {
        Some(file) => {
            let environment = vault.environment_of(&file).map(ToString::to_string);
            Ok(Chosen { file, environment })
        }
        None => Err(diagnostics.fail(
            Diagnostic::new(code::UNREADABLE, format!("{} is no file of this workspace", file.display()))
                .help("name a file inside it: its root says who can open what is encrypted"),
        )),
    }
}
