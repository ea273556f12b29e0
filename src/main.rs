//! The program: a thread with room for deep input, the command line, the exit code.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;
use tenantctl::cli::{Cli, FAILED};
use tenantctl::pipeline::STACK;

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|panic| {
        // What a panic says may quote what was worked on, and that may be secret: only its place is told.
        let at = panic.location().map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
        let _ = writeln!(std::io::stderr(), "error: tenantctl is broken{at}; please report this line and the command");
        let calls = std::backtrace::Backtrace::capture();
        if calls.status() == std::backtrace::BacktraceStatus::Captured {
            let _ = writeln!(std::io::stderr(), "{calls}");
        }
    }));
    let cli = Cli::parse();
    // Errors of starting a thread are the machine's; there is nobody left to hear of them but the shell.
    let Ok(thread) = std::thread::Builder::new().stack_size(STACK).spawn(move || cli.run()) else {
        return ExitCode::from(FAILED);
    };
    match thread.join() {
        Ok(Ok(code)) => ExitCode::from(code),
        Ok(Err(error)) => {
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::from(FAILED)
        }
        Err(_) => ExitCode::from(FAILED),
    }
}
