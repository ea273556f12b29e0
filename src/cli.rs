//! The command line: arguments in, exit code out. A command's file holds its arguments and its function and decides
//! nothing that the library could.

mod against;
mod apply;
mod caching;
mod completions;
mod compliance;
mod console;
mod diff;
mod explain;
mod get;
mod impact;
mod init;
mod lint;
mod list;
mod manifests;
mod message_file;
mod policy;
mod progress;
mod release;
mod render;
mod report;
mod schema;
mod scope;
mod secrets;
mod session;
mod status;
mod table;
mod tenant;
mod timing;
mod validate;

use std::path::PathBuf;

use clap::builder::Styles;
use clap::builder::styling::AnsiColor;
use clap::{Parser, Subcommand};

pub use console::{Colour, MessageFormat};

/// Nothing is wrong.
pub const FINE: u8 = 0;
/// The input is wrong.
pub const WRONG: u8 = 1;
/// The work could not be done.
pub const FAILED: u8 = 2;

/// Compile layered configuration into Kubernetes manifests, for many tenants in several environments.
#[derive(Debug, Parser)]
#[command(name = "tenantctl", version, about, styles = styles(), max_term_width = 100, arg_required_else_help = true)]
#[command(after_help = "Examples:
  tenantctl render prod --override high_availability
  tenantctl validate
  tenantctl render prod --tenant acme-corp | kubectl apply -f -")]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Flags of every command.
#[derive(Debug, clap::Args)]
struct Global {
    /// Directory of the workspace [default: the nearest one at or above the current directory]
    #[arg(short = 'C', long, global = true, value_name = "DIR", env = "TENANTCTL_WORKSPACE", hide_env = true)]
    workspace: Option<PathBuf>,
    /// Form of what is said about the input
    #[arg(
        long,
        global = true,
        value_name = "FORM",
        value_enum,
        default_value_t,
        env = "TENANTCTL_MESSAGE_FORMAT",
        hide_env = true
    )]
    message_format: MessageFormat,
    /// Write what is said about the input to a file: FILE in its form, and people are told on standard error; or
    /// FORM=FILE, such as sarif=findings.sarif, beside it (repeatable)
    #[arg(
        long,
        global = true,
        value_name = "[FORM=]FILE",
        env = "TENANTCTL_MESSAGE_FILE",
        hide_env = true,
        value_delimiter = ','
    )]
    message_file: Vec<message_file::MessageFile>,
    /// When to use colour
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        value_enum,
        default_value_t,
        env = "TENANTCTL_COLOR",
        hide_env = true
    )]
    color: Colour,
    /// Say nothing but errors
    #[arg(short, long, global = true, env = "TENANTCTL_QUIET", hide_env = true, value_parser = clap::builder::FalseyValueParser::new())]
    quiet: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    Render(render::Args),
    Apply(apply::Args),
    Validate(validate::Args),
    Lint(lint::Args),
    Get(get::Args),
    Diff(diff::Args),
    Impact(impact::Args),
    Report(report::Args),
    Policy(policy::Args),
    Status(status::Args),
    Release(release::Args),
    List(list::Args),
    Tenant(tenant::Args),
    Explain(explain::Args),
    Compliance(compliance::Args),
    Secrets(secrets::Args),
    Schema(schema::Args),
    Init(init::Args),
    Completions(completions::Args),
}

impl Cli {
    /// Runs the command and gives the exit code. An error is the machine's: it calls for [`FAILED`].
    pub fn run(self) -> anyhow::Result<u8> {
        let Self { global, command } = self;
        match command {
            Command::Render(args) => args.run(&global),
            Command::Apply(args) => args.run(&global),
            Command::Validate(args) => args.run(&global),
            Command::Lint(args) => args.run(&global),
            Command::Get(args) => args.run(&global),
            Command::Diff(args) => args.run(&global),
            Command::Impact(args) => args.run(&global),
            Command::Report(args) => args.run(&global),
            Command::Policy(args) => args.run(&global),
            Command::Status(args) => args.run(&global),
            Command::Release(args) => args.run(&global),
            Command::List(args) => args.run(&global),
            Command::Tenant(args) => args.run(&global),
            Command::Explain(args) => args.run(&global),
            Command::Compliance(args) => args.run(&global),
            Command::Secrets(args) => args.run(&global),
            Command::Schema(args) => args.run(&global),
            Command::Init(args) => args.run(),
            Command::Completions(args) => args.run(),
        }
    }
}

fn styles() -> Styles {
    Styles::styled()
        .header(AnsiColor::Green.on_default().bold())
        .usage(AnsiColor::Green.on_default().bold())
        .literal(AnsiColor::Cyan.on_default().bold())
        .placeholder(AnsiColor::Cyan.on_default())
}
