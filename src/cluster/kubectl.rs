//! The program `kubectl`, with one context.

use std::io::{self, Write as _};
use std::process::{Command, Output, Stdio};

use crate::diagnostic::{Diagnostic, code};
use crate::world::program;

/// kubectl's own name for what lets it apply sets of objects, which is not yet on by itself.
const APPLY_SET: &str = "KUBECTL_APPLYSET";

/// The program, for one cluster.
#[derive(Clone, Debug)]
pub(crate) struct Kubectl {
    context: String,
    /// Whether what it says of objects is passed on.
    quiet: bool,
}

/// Why it did not do what was asked.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// There is no such program.
    Missing,
    /// It could not be started, or died.
    System(io::Error),
    /// It refused, and has said why.
    Failed {
        /// What it was to do.
        what: String,
        /// Its exit code.
        code: Option<i32>,
    },
}

impl Kubectl {
    /// For the cluster of a context.
    pub(crate) fn for_context(context: &str, quiet: bool) -> Self {
        Self { context: context.to_owned(), quiet }
    }

    /// The context that is current, whichever it is; `None` if none is.
    pub(crate) fn current_context() -> Result<Option<String>, Trouble> {
        let mut command = program("kubectl");
        command.args(["config", "current-context"]).stdin(Stdio::null()).stderr(Stdio::null());
        let output = command.output().map_err(Trouble::of)?;
        let name = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        Ok(Some(name).filter(|name| output.status.success() && !name.is_empty()))
    }

    fn command(&self, arguments: &[String]) -> Command {
        let mut command = program("kubectl");
        command.arg("--context").arg(&self.context).args(arguments).env(APPLY_SET, "true");
        command
    }

    /// Does something; what it prints goes to standard error.
    pub(crate) fn run(&self, what: &str, arguments: &[String], input: Option<&str>) -> Result<(), Trouble> {
        let mut command = self.command(arguments);
        command.stdout(if self.quiet { Stdio::null() } else { Stdio::from(io::stderr()) });
        let status = fed(command, input).map_err(Trouble::of)?.status;
        if status.success() { Ok(()) } else { Err(Trouble::Failed { what: what.to_owned(), code: status.code() }) }
    }

    /// What would change in the cluster if these objects were applied; `None` if nothing would. Contents of Secrets are
    /// masked by kubectl.
    pub(crate) fn difference(&self, stream: &str) -> Result<Option<String>, Trouble> {
        let arguments = ["diff", "--server-side", "--field-manager=tenantctl", "-f", "-"].map(str::to_owned);
        let mut command = self.command(&arguments);
        command.stdout(Stdio::piped());
        let output = fed(command, Some(stream)).map_err(Trouble::of)?;
        match output.status.code() {
            Some(0) => Ok(None),
            Some(1) => Ok(Some(String::from_utf8_lossy(&output.stdout).into_owned())),
            code => Err(Trouble::Failed { what: "compare the cluster".to_owned(), code }),
        }
    }
}

/// Runs a program with a text on its standard input, while its output is read.
fn fed(mut command: Command, input: Option<&str>) -> io::Result<Output> {
    command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() });
    let mut child = command.spawn()?;
    let stdin = child.stdin.take();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // A program that stops reading says why itself.
            if let (Some(mut stdin), Some(input)) = (stdin, input) {
                let _ = stdin.write_all(input.as_bytes());
            }
        });
        child.wait_with_output()
    })
}

impl Trouble {
    fn of(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::NotFound { Self::Missing } else { Self::System(error) }
    }

    pub(crate) fn diagnostic(&self) -> Diagnostic {
        match self {
            Self::Missing => Diagnostic::new(code::KUBECTL, "there is no program `kubectl`").help(
                "install kubectl, of the cluster's version or one minor version beside it, and put it into the PATH",
            ),
            Self::System(error) => Diagnostic::new(code::KUBECTL, format!("kubectl could not be run: {error}")),
            Self::Failed { what, code: exit } => {
                let ended = exit.map_or_else(|| "was killed".to_owned(), |exit| format!("ended with {exit}"));
                Diagnostic::new(code::KUBECTL, format!("kubectl could not {what}: it {ended}"))
                    .help("what it said stands above; correct it and run this again: what was applied stays as it is")
            }
        }
    }
}
