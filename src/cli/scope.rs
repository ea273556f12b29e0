//! Arguments that say what to work on; shared by the commands that compile.

use clap::Args;

use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code};
use crate::workspace::{Selection, Shard, Workspace};
use crate::world::World;

/// Which tenants, and what is put on top of their layers.
#[derive(Clone, Debug, Args)]
pub(super) struct Scope {
    #[command(flatten)]
    pub(super) tenants: Tenants,
    /// Only this worker's part of the chosen, I of N counted from 0, such as 0/8 to 7/8
    #[arg(long, value_name = "I/N", help_heading = "Selection", allow_hyphen_values = true)]
    pub(super) shard: Option<Shard>,
    #[command(flatten)]
    pub(super) top: Top,
}

/// Which tenants.
#[derive(Clone, Debug, Args)]
pub(super) struct Tenants {
    /// Only this tenant, or those that fit a pattern such as 'acme-*' (repeatable)
    #[arg(long, value_name = "ID", help_heading = "Selection")]
    pub(super) tenant: Vec<String>,
    /// Only tenants with this value, such as tier=premium or region!=eu-west-1 (repeatable)
    #[arg(long, short = 'l', value_name = "KEY=VALUE", help_heading = "Selection")]
    pub(super) selector: Vec<String>,
}

/// What is put on top of the layers.
#[derive(Clone, Debug, Args)]
pub(super) struct Top {
    /// Apply this override (repeatable, in order)
    #[arg(
        long = "override",
        value_name = "NAME",
        env = "TENANTCTL_OVERRIDE",
        hide_env = true,
        value_delimiter = ',',
        help_heading = "Layers"
    )]
    pub(super) overrides: Vec<String>,
    /// Put a file on top of all layers; `-` is standard input (repeatable)
    #[arg(short = 'f', long = "file", value_name = "FILE", help_heading = "Layers")]
    pub(super) files: Vec<String>,
    /// Set one value on top of all layers, such as resources.replicas=3 (repeatable)
    #[arg(long = "set", value_name = "PATH=VALUE", help_heading = "Layers")]
    pub(super) sets: Vec<String>,
}

impl Scope {
    /// Whether anything is chosen; what a variable says is for whom it concerns.
    pub(super) fn is_used(&self, world: &dyn World) -> bool {
        let Self { tenants, shard, top } = self;
        let overridden = !top.overrides.is_empty() && world.variable("TENANTCTL_OVERRIDE").is_none();
        let chosen = !tenants.tenant.is_empty() || !tenants.selector.is_empty() || shard.is_some();
        chosen || overridden || !top.files.is_empty() || !top.sets.is_empty()
    }

    pub(super) fn selection(&self, environment: &str) -> Selection {
        Selection {
            environment: environment.to_owned(),
            tenants: self.tenants.tenant.clone(),
            selector: self.tenants.selector.clone(),
            overrides: self.top.overrides.clone(),
            shard: self.shard,
        }
    }
}

/// The variables that name the environment when no argument does, the first that is set.
const VARIABLES: [&str; 2] = ["TENANTCTL_ENV", "ENVIRONMENT"];

/// The environment that was named, or that the variables name; `None` if neither does.
pub(super) fn named(
    workspace: &Workspace<'_>,
    argument: Option<&str>,
    diagnostics: &mut Diagnostics,
) -> Result<Option<String>, Failed> {
    let set = |variable| Some((workspace.world().variable(variable)?, Some(variable)));
    let found = argument.map(|name| (name.to_owned(), None)).or_else(|| VARIABLES.into_iter().find_map(set));
    let Some((name, variable)) = found else { return Ok(None) };
    workspace.environment_called(&name, variable, diagnostics).map(|name| Some(name.to_string()))
}

/// The environment to work on; an error when none is named.
pub(super) fn environment(
    workspace: &Workspace<'_>,
    argument: Option<&str>,
    diagnostics: &mut Diagnostics,
) -> Result<String, Failed> {
    named(workspace, argument, diagnostics)?.ok_or_else(|| {
        let names: Vec<&str> = workspace.environments().map(AsRef::as_ref).collect();
        diagnostics.fail(
            Diagnostic::new(code::UNKNOWN_ENVIRONMENT, "no environment is named")
                .help(format!("name one of {}, or set TENANTCTL_ENV", names.join(", "))),
        )
    })
}
