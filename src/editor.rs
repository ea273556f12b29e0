//! Schemas for editors: for each layer one that fits its files, which hold only a part of the configuration.
//!
//! In go a workspace and a layer, out comes a JSON Schema in draft-07 that stands alone: what the file may say, as
//! [`schema::partial`](crate::schema) works it out of the schemas of the workspace; what a lock keeps from it, with the
//! reason; and, for who points at a key, its description and what the file inherits there. [`install`] plans the files of
//! all layers and the line at the top of each layer file by which an editor finds its schema. Nothing is written here.

mod audience;
mod hover;
mod inherited;
pub(crate) mod install;
#[cfg(test)]
mod laws;
mod modeline;
mod reserved;
pub(crate) mod settings;
mod site;
mod tags;
mod text;

pub(crate) use audience::Audience;
pub(crate) use modeline::{Modeline, with_modeline};
pub(crate) use tags::custom_tags;
pub(crate) use text::text;

use serde_json::{Map, Value, json};

use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code};
use crate::layers::Trust;
use crate::schema::Schema;
use crate::schema::partial::{self, Terms};
use crate::workspace::Workspace;
use site::Sites;

/// Where the schemas are, in the workspace.
pub(crate) const FOLDER: &str = ".tenantctl/schema";

/// The dialect that all editors read.
const DIALECT: &str = "http://json-schema.org/draft-07/schema#";

/// Stands in every schema that is written, so that it is known again.
const COMMENT: &str = "Written by `tenantctl schema`, and written anew by it: changes here are lost.";

/// The schema of an audience's files.
pub(crate) fn schema(workspace: &Workspace<'_>, audience: &Audience) -> Value {
    let levels = workspace.levels_of_files();
    let Some(level) = levels.get(audience.rank()) else { return json!({}) };
    let above = levels.get(audience.rank() + 1..).unwrap_or_default();
    let terms = Terms {
        expressions: level.trust == Trust::Code,
        beaten: above.iter().any(|level| !level.file.needs("override")),
    };
    let reserved = reserved::keys(level);
    let beneath = workspace.beneath(audience.rank(), &audience.environments(workspace));
    let sites = Sites::new(workspace, audience, &beneath);
    let schemas = workspace.schemas();
    let written =
        partial::write(schemas.of_layer(&level.name), schemas.merged(), terms, &reserved, &sites, sites.root());
    let mut schema = Map::from_iter([
        ("$schema".to_owned(), json!(DIALECT)),
        ("$comment".to_owned(), json!(COMMENT)),
        ("title".to_owned(), json!(audience.title(workspace))),
    ]);
    schema.extend(written);
    Value::Object(schema)
}

/// Whether a name means the whole configuration: no layer is called `merged`.
pub(crate) fn is_whole(workspace: &Workspace<'_>, layer: &str) -> bool {
    layer == "merged" && !workspace.levels_of_files().iter().any(|level| level.name.as_ref() == layer)
}

/// The schema of the merged configuration in one file. It is the same in all environments and under all overrides, so
/// naming one is a mistake.
pub(crate) fn whole(workspace: &Workspace<'_>, narrowed: bool, diagnostics: &mut Diagnostics) -> Result<Value, Failed> {
    if narrowed {
        return Err(diagnostics.fail(
            Diagnostic::new(code::UNKNOWN_LAYER, "merged is the whole, which is the same everywhere")
                .help("leave the environment and `--override` out"),
        ));
    }
    Ok(workspace.schemas().merged().map_or_else(|| json!({}), Schema::alone))
}
