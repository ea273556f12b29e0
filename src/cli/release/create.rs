//! `tenantctl release create`: enters what an environment is rendered to into its ledger.

use super::root;
use super::signing::Signer;
use crate::check::Form;
use crate::cli::Global;
use crate::cli::caching::{self, Caching};
use crate::cli::scope;
use crate::cli::session::Session;
use crate::cli::timing;
use crate::delivery::Courier;
use crate::diagnostic::{Diagnostics, count};
use crate::pipeline::{Compiler, Wanted};
use crate::release::{Book, Draft, Ledger, Signing, Source, Stamp};
use crate::workspace::Selection;
use crate::world;

/// Render an environment and enter it into its ledger
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tenantctl release create prod
  tenantctl release create prod --if-changed && git add .tenantctl/releases

The ledger is .tenantctl/releases, to be committed: an entry for each release of an environment, and
the rendered files, each once. An entry names the one before it, so that it shows if one is removed,
moved or edited. Objects that hold the content of secrets are not stored.")]
pub(in crate::cli) struct Args {
    /// Environment or alias [default: `TENANTCTL_ENV`, else `ENVIRONMENT`]
    env: Option<String>,
    /// Apply this override (repeatable, in order)
    #[arg(
        long = "override",
        value_name = "NAME",
        env = "TENANTCTL_OVERRIDE",
        hide_env = true,
        value_delimiter = ',',
        help_heading = "Layers"
    )]
    overrides: Vec<String>,
    /// Make no release if the newest one is the same, byte for byte
    #[arg(long)]
    if_changed: bool,
    #[command(flatten)]
    signer: Signer,
    #[command(flatten)]
    caching: Caching,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        let begin = timing::begin();
        let session = Session::open(global)?;
        let root = root(&session)?;
        let progress = session.progress(begin);
        let cache = self.caching.open(&session)?;
        let code = session.with_workspace(|workspace, diagnostics| {
            let environment = scope::environment(workspace, self.env.as_deref(), diagnostics)?;
            let stamp = Stamp::new(session.world(), root, diagnostics)?;
            let signing = Signing::of(workspace);
            let key = self.signer.key(&session, &signing, diagnostics)?;
            let book = Book::open(root, key, &session.sources, diagnostics)?;
            let ledger = Ledger::read(session.world(), &environment, diagnostics)?;
            ledger.sound(diagnostics)?;
            signing.hold_before(&ledger, diagnostics)?;
            let (environment, overrides) = (environment, self.overrides.clone());
            let selection = Selection { environment: environment.clone(), overrides, ..Selection::default() };
            let top = workspace.top(&[], &[], diagnostics)?;
            let targets = workspace.targets(&selection, diagnostics)?;
            let templates = workspace.templates(diagnostics)?;
            let draft = Draft::default();
            let courier = Courier::new(workspace);
            let take = |document, diagnostics: &mut Diagnostics| draft.take(document, &courier, diagnostics);
            let settled = Compiler::new(workspace, top)
                .with_cache(cache.as_ref())
                .watched(progress.as_ref().map(|progress| progress as _))
                .presented(Some(&take))
                .run(&templates, &Wanted::all(Form::Yaml), &targets, |_| {}, diagnostics)?;
            let source = world::head(root).map(Source::from);
            let overrides = selection.overrides;
            let drafted = draft.finish(settled, workspace, &environment, overrides, source, diagnostics)?;
            if let Some(same) = ledger.same(&drafted).filter(|_| self.if_changed) {
                session.console.remark(&format!("{environment} is as release {same} has it: nothing was written"));
                return Ok(Ok(()));
            }
            let entry = stamp.release(&ledger, &drafted);
            let new = book.release(&entry, &drafted, diagnostics)?;
            if entry.objects() == 0 {
                session.console.remark(&format!("note: nothing was rendered for {environment}"));
            }
            session.console.remark(&format!(
                "release {} of {environment}: {} of {}, {} stored, {new} of them new; {}",
                entry.number,
                count(entry.objects(), "object"),
                count(entry.tenants(), "tenant"),
                count(drafted.files(), "file"),
                entry.hash(),
            ));
            Ok(Ok(()))
        });
        caching::close(&session, cache);
        code
    }
}
