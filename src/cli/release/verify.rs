//! `tenantctl release verify`: whether ledgers and all that they store are what they were.

use std::str::FromStr;

use anyhow::Context;
use clap::ValueEnum;

use super::signing::{self, Allowed};
use super::{environment, root};
use crate::cli::console::print;
use crate::cli::session::Session;
use crate::cli::{Global, WRONG, timing};
use crate::diagnostic::{Diagnostics, Failed};
use crate::diff;
use crate::file;
use crate::release::{self, Audit, Checkpoint, Ledger, Number};
use crate::source::Sources;
use crate::world::World;

/// Tell whether the ledger and all it stores is what it was
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  tenantctl release verify
  tenantctl release verify prod --checkpoint prod.checkpoint
  tenantctl release verify prod --render
  tenantctl release verify prod --allowed-keys keys.pub --format json

Every entry is held against the name of its file and the entry that comes after it, every stored
file against its digest. What was removed, moved or edited is named, and the exit code is 1. That
the newest entries were removed cannot be seen from the ledger alone: keep a checkpoint elsewhere.")]
pub(in crate::cli) struct Args {
    /// Only of this environment
    env: Option<String>,
    /// Form of what is said of a ledger that is right
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    format: Form,
    /// Hold the ledger against a checkpoint, also one of a time when it was smaller
    #[arg(long, value_name = "FILE", requires = "env")]
    checkpoint: Option<String>,
    /// Render a release again, from the commit it was made from, and compare [default: the newest]
    #[arg(long, value_name = "N", requires = "env", num_args = 0..=1, require_equals = true, default_missing_value = NEWEST)]
    render: Option<Which>,
    #[command(flatten)]
    allowed: Allowed,
}

/// What stands for the newest release.
const NEWEST: &str = "newest";

/// The release that is rendered again.
#[derive(Clone, Debug)]
enum Which {
    Newest,
    Number(Number),
}

impl FromStr for Which {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == NEWEST { Ok(Self::Newest) } else { text.parse().map(Self::Number) }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people
    #[default]
    Text,
    /// A list of ledgers
    Json,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        let session = Session::open(global)?;
        root(&session)?;
        let mut diagnostics = Diagnostics::new();
        let audits = self.audits(&session, &mut diagnostics);
        let code = session.finish(&diagnostics)?;
        let Ok(audits) = audits else { return Ok(code.max(WRONG)) };
        if audits.is_empty() {
            session.console.remark("note: there is no ledger yet; `tenantctl release create ENV` begins one");
        }
        let text = match self.format {
            Form::Text => audits.iter().map(Audit::line).collect(),
            Form::Json => Audit::json(&audits),
        };
        print(&text).context("cannot write to standard output")?;
        Ok(code)
    }

    fn audits(&self, session: &Session, diagnostics: &mut Diagnostics) -> Result<Vec<Audit>, Failed> {
        let world = session.world();
        let environments = match &self.env {
            Some(name) => vec![environment(session, Some(name), diagnostics)?],
            None => Ledger::environments(world),
        };
        let signing = self.allowed.signing(session, signing::of_workspace(session), diagnostics)?;
        let mark = diagnostics.mark();
        let mut audits = Vec::with_capacity(environments.len());
        for environment in environments {
            let Ok(ledger) = Ledger::read(world, &environment, diagnostics) else { continue };
            audits.extend(Audit::of(world, &ledger, &signing, diagnostics));
            if let Some(file) = &self.checkpoint {
                let id = file::load_argument(world, &session.sources, file, diagnostics)?;
                let _ = Checkpoint::check(session.sources.get(id).text(), &ledger, &signing, diagnostics);
            }
            if let Some(which) = &self.render {
                let _ = again(session, &ledger, which, diagnostics);
            }
        }
        diagnostics.since(mark).map(|()| audits)
    }
}

/// Renders a release again: from its commit, or from the files of now if it was made from what no commit has.
fn again(session: &Session, ledger: &Ledger, which: &Which, diagnostics: &mut Diagnostics) -> Result<(), Failed> {
    let sealed = match which {
        Which::Number(number) => ledger.find(number, diagnostics)?,
        Which::Newest => ledger.known_newest(diagnostics)?,
    };
    let progress = session.progress(timing::begin());
    let watch = progress.as_ref().map(|progress| progress as _);
    let source = sealed.release().and_then(|release| release.source.as_ref()).filter(|source| !source.dirty);
    let mut found = Diagnostics::new();
    let render = |world: &dyn World, sources: &Sources, found: &mut Diagnostics, diagnostics: &mut Diagnostics| {
        release::render(world, sources, ledger, sealed, watch, found, diagnostics)
    };
    let (sources, outcome) = if let Some(source) = source {
        let world = diff::revision(session.root(), &source.commit, session.world(), diagnostics)?;
        let sources = Sources::within(&format!("{}:{}", source.commit, world.prefix()));
        let outcome = render(&world, &sources, &mut found, diagnostics);
        (sources, outcome)
    } else {
        let sources = Sources::default();
        let outcome = render(session.world(), &sources, &mut found, diagnostics);
        (sources, outcome)
    };
    diff::adopt(&found, &sources, diagnostics, &session.sources);
    outcome
}
