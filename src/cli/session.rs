//! What every command needs: the world, the workspace, and where to say things.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, bail};

use super::against::Against;
use super::console::Console;
use super::progress::Progress;
use super::{Global, WRONG};
use crate::diagnostic::{Diagnostics, Failed, Levels};
use crate::shipped;
use crate::source::Sources;
use crate::workspace::Workspace;
use crate::world::{Disk, World};

/// A command under way.
pub(super) struct Session {
    pub(super) console: Console,
    pub(super) sources: Sources,
    world: Box<dyn World>,
    root: Option<PathBuf>,
}

impl Session {
    /// Finds the world: the directory named, else the nearest workspace at or above this one, else the workspace
    /// inside the binary.
    pub(super) fn open(global: &Global) -> anyhow::Result<Self> {
        let session = Self::find(global)?;
        if session.root.is_none() {
            session.console.remark(
                "note: there is no tenantctl.yaml here or above, so the workspace inside the program is used; \
                 `tenantctl init DIR` writes it",
            );
        }
        Ok(session)
    }

    /// The same for a command that can do without a workspace.
    pub(super) fn find(global: &Global) -> anyhow::Result<Self> {
        let (world, root): (Box<dyn World>, _) = match &global.workspace {
            Some(directory) => {
                let Ok(disk) = Disk::new(directory) else {
                    bail!("there is no directory {}", directory.display());
                };
                let root = disk.root().to_path_buf();
                (Box::new(disk), Some(root))
            }
            None => match Disk::find_root(Path::new(".")) {
                Some(root) => {
                    let disk = Disk::new(&root).ok().with_context(|| format!("cannot open {}", root.display()))?;
                    (Box::new(disk), Some(root))
                }
                None => (Box::new(shipped::world()), None),
            },
        };
        let console = Console {
            format: global.message_format,
            colour: global.color,
            quiet: global.quiet,
            no_colour: world.variable("NO_COLOR").is_some(),
            files: global.message_file.clone(),
            summary: world.variable("GITHUB_STEP_SUMMARY").map(PathBuf::from),
            width: world.variable("COLUMNS").and_then(|width| width.parse().ok()).unwrap_or(140),
        };
        let sources = global
            .workspace
            .as_deref()
            .and_then(below)
            .map_or_else(Sources::default, |folder| Sources::within(&folder));
        Ok(Self { console, sources, world, root })
    }

    pub(super) fn world(&self) -> &dyn World {
        self.world.as_ref()
    }

    /// The directory of the workspace; `None` for the one inside the binary.
    pub(super) fn root(&self) -> Option<&Path> {
        self.root.as_deref()
    }

    /// Shows how far a run has come that began then, if somebody looks.
    pub(super) fn progress(&self, begin: Instant) -> Option<Progress> {
        Progress::new(&self.console, self.world(), begin)
    }

    /// Opens the workspace, hands it to a command, prints what was found and gives the exit code.
    pub(super) fn with_workspace(
        &self,
        work: impl FnOnce(&Workspace<'_>, &mut Diagnostics) -> Result<anyhow::Result<()>, Failed>,
    ) -> anyhow::Result<u8> {
        self.with_workspace_against(&Against::default(), work)
    }

    /// The same with a workspace whose objects are held against what the command line says.
    pub(super) fn with_workspace_against(
        &self,
        against: &Against,
        work: impl FnOnce(&Workspace<'_>, &mut Diagnostics) -> Result<anyhow::Result<()>, Failed>,
    ) -> anyhow::Result<u8> {
        let mut diagnostics = Diagnostics::new();
        let workspace = Workspace::find(self.world(), &self.sources, &mut diagnostics);
        let Ok(workspace) = workspace.and_then(|workspace| against.apply(workspace, &mut diagnostics)) else {
            return self.finish(&diagnostics);
        };
        self.with_levels(workspace.levels(), |diagnostics| work(&workspace, diagnostics))
    }

    /// Hands a command a collection with the severities that were chosen, prints what was found and gives the exit code.
    pub(super) fn with_levels(
        &self,
        levels: Arc<Levels>,
        work: impl FnOnce(&mut Diagnostics) -> Result<anyhow::Result<()>, Failed>,
    ) -> anyhow::Result<u8> {
        let mut diagnostics = Diagnostics::with_levels(levels);
        let outcome = work(&mut diagnostics);
        let code = self.finish(&diagnostics)?;
        match outcome {
            Ok(done) => done.map(|()| code),
            Err(_) => Ok(code.max(WRONG)),
        }
    }

    /// Prints what was found and gives the exit code.
    pub(super) fn finish(&self, diagnostics: &Diagnostics) -> anyhow::Result<u8> {
        self.console.say(diagnostics, &self.sources)?;
        Ok(diagnostics.exit_code())
    }
}

/// A directory below the current one, as names of files begin with it.
fn below(directory: &Path) -> Option<String> {
    let mut folder = String::new();
    for part in directory.components() {
        match part {
            Component::Normal(name) => folder.push_str(&format!("{}/", name.to_str()?)),
            Component::CurDir => {}
            // Elsewhere: names stay those of the workspace.
            _ => return None,
        }
    }
    Some(folder)
}
