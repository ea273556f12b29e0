//! The files about clusters themselves, in `cluster/`: audit policies, encryption of what is stored, flags of the API
//! server. They are made for no target; a rule of the policy reads them.

use std::sync::Arc;

use crate::diagnostic::{Diagnostics, Failed};
use crate::file::{self, Reason};
use crate::policy::Given;
use crate::source::Sources;
use crate::world::World;
use crate::yaml::{self, Limits};

/// The folder in a workspace.
const FOLDER: &str = "cluster";

/// Reads them: `cluster/audit.yaml` is about the clusters of all environments, `cluster/prod/audit.yaml` about those of one.
pub(super) fn read(
    world: &dyn World,
    sources: &Sources,
    environments: &[&Arc<str>],
    diagnostics: &mut Diagnostics,
) -> Result<Vec<Given>, Failed> {
    let reason = Reason { place: None, what: "a file about a cluster".to_owned() };
    let names = world.list(FOLDER).map_err(|why| diagnostics.fail(file::unreadable(FOLDER, &why, &reason)))?;
    let mark = diagnostics.mark();
    let mut given = Vec::new();
    for name in names.iter().filter(|name| [".yaml", ".yml"].iter().any(|ending| name.ends_with(ending))) {
        let below = name.strip_prefix(FOLDER).unwrap_or(name).trim_start_matches('/');
        let environment = below.split_once('/').map(|(folder, _)| folder);
        let known = environment.map(|folder| environments.iter().find(|known| known.as_ref() == folder));
        // What is in a folder of another name is somebody else's.
        if known == Some(None) {
            continue;
        }
        let Ok(file) = file::load(world, sources, name, &reason, diagnostics) else { continue };
        let text = Arc::clone(sources.get(file).text());
        let Ok(documents) = yaml::read_stream(file, &text, &Limits::default(), diagnostics) else { continue };
        given.extend(documents.iter().map(|document| Given {
            name: name.as_str().into(),
            environment: known.flatten().map(|known| Arc::clone(known)),
            document: document.to_node(),
        }));
    }
    diagnostics.since(mark)?;
    Ok(given)
}
