//! `tenantctl tenant new`: a tenant's file that is right before it is written.

use indexmap::IndexMap;

use crate::cli::Global;
use crate::cli::console::print;
use crate::cli::session::Session;
use crate::diagnostic::{Diagnostic, Diagnostics, Failed, code, count};
use crate::editor::{Audience, Modeline, with_modeline};
use crate::output::single;
use crate::pipeline::{Compiler, Wanted};
use crate::source::{FileId, Place};
use crate::tree::{Entry, Map, Node, Value};
use crate::validate::Validated;
use crate::workspace::{Selection, Top, Workspace, invalid_id, is_label};
use crate::world::Overlay;
use crate::yaml::emit;

/// Write the file of a new tenant, after checking that it would be valid
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  tenantctl tenant new northwind --tier premium --name \"Northwind Traders\" --env dev --region eu-west-1")]
pub(super) struct Args {
    /// The id: lower-case letters, digits and `-`, at most 40
    id: String,
    /// The tier
    #[arg(long)]
    tier: String,
    /// The name people use
    #[arg(long)]
    name: String,
    /// Environment or alias [default: `TENANTCTL_ENV`, else `ENVIRONMENT`, else the first]
    #[arg(long, value_name = "ENV")]
    env: Option<String>,
    /// The region
    #[arg(long)]
    region: Option<String>,
}

impl Args {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<u8> {
        let session = Session::open(global)?;
        let Some(root) = session.root() else {
            anyhow::bail!("there is no workspace here to add a tenant to; make one with `tenantctl init DIR`");
        };
        let mut written = None;
        let code = session.with_workspace(|workspace, diagnostics| {
            written = Some(self.check(&session, workspace, diagnostics)?);
            Ok(Ok(()))
        })?;
        if let Some((file, text, said)) = written.filter(|_| code == 0) {
            single::create(&root.join(&file), text.as_bytes())?;
            print(&format!("wrote {file}\n\n{said}"))?;
        }
        Ok(code)
    }

    /// The file, its text and what there is to say about it, once it is known to be valid.
    fn check(
        &self,
        session: &Session,
        workspace: &Workspace<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Result<(String, String, String), Failed> {
        let named = crate::cli::scope::named(workspace, self.env.as_deref(), diagnostics)?;
        let environment =
            named.or_else(|| workspace.environments().next().map(ToString::to_string)).unwrap_or_default();
        if !is_label(&self.id) {
            return Err(diagnostics.fail(invalid_id(&self.id)));
        }
        let Some(file) = workspace.tenant_file(&environment, &self.id) else {
            return Err(diagnostics.fail(
                Diagnostic::new(code::SETTINGS, "no layer of this workspace is one of tenants")
                    .help("name a layer's file with {tenant} in it in tenantctl.yaml"),
            ));
        };
        if workspace.tenants(&environment, diagnostics)?.iter().any(|tenant| tenant.as_ref() == self.id) {
            return Err(diagnostics.fail(
                Diagnostic::new(code::EXISTS, format!("{file} is there already, and a tenant is never overwritten"))
                    .help(format!("edit the file, or see it with `tenantctl tenant show {}`", self.id)),
            ));
        }
        let text = self.text_with_schema(workspace, &environment, &file);
        let overlay = Overlay::new(workspace.world(), [(file.as_str(), text.as_bytes())]);
        let trial = Workspace::find(&overlay, &session.sources, diagnostics)?;
        let selection =
            Selection { environment: environment.clone(), tenants: vec![self.id.clone()], ..Selection::default() };
        let targets = trial.targets(&selection, diagnostics)?;
        let templates = trial.templates(diagnostics)?;
        let compiler = Compiler::new(&trial, Top::default());
        compiler.run(&templates, &Wanted::default(), &targets, drop, diagnostics)?;
        let mut said = String::new();
        for target in &targets {
            let validated = compiler.validated(target, diagnostics)?;
            said.push_str(&format!(
                "{target} is made of these layers, lowest first:\n{}\nnext:\n  tenantctl get {environment} {}\n  tenantctl render {environment} --tenant {}\n",
                contributions(&validated, "  "),
                self.id,
                self.id,
            ));
        }
        Ok((file, text, said))
    }

    /// The text of the file, with the line that names its schema if the schemas are installed.
    fn text_with_schema(&self, workspace: &Workspace<'_>, environment: &str, file: &str) -> String {
        let text = self.text();
        let schema = Audience::of_tenants(workspace, environment).map(|audience| audience.file(workspace));
        match schema.filter(|schema| workspace.world().has(schema)).map(|schema| with_modeline(file, &text, &schema)) {
            Some(Modeline::Put(text)) => text,
            _ => text,
        }
    }

    /// The text of the file.
    fn text(&self) -> String {
        let place = Place::top(FileId::NONE);
        let entry = |value| Entry { key: place, node: Node::new(value, place) };
        let mut tenant = Map::default();
        let mut put = |key: &str, value: &str| {
            tenant.insert(key.into(), entry(Value::String(value.into())));
        };
        put("name", &self.name);
        put("tier", &self.tier);
        if let Some(region) = &self.region {
            put("region", region);
        }
        let mut root = Map::default();
        root.insert("tenant".into(), entry(Value::Map(tenant.into())));
        let mut text = String::new();
        emit::document(&Node::new(Value::Map(root.into()), place), &mut text);
        text
    }
}

/// A line for each layer: its name, its file, and how many of the final values it set.
pub(super) fn contributions(validated: &Validated, indent: &str) -> String {
    let mut counts: IndexMap<FileId, usize> = IndexMap::new();
    tally(validated.root(), &mut counts);
    let layers = validated.layers().stack();
    let width = layers.iter().map(|layer| layer.name.len()).max().unwrap_or(0);
    let line = |layer: &crate::layers::Layer| {
        let values = counts.get(&layer.document.file).copied().unwrap_or(0);
        format!("{indent}{:<width$}  {} ({})\n", layer.name, layer.document.name, count(values, "value"))
    };
    layers.iter().map(line).collect()
}

fn tally(node: &Node, counts: &mut IndexMap<FileId, usize>) {
    match &node.value {
        Value::Map(map) => map.iter().for_each(|(_, entry)| tally(&entry.node, counts)),
        _ => *counts.entry(node.place.file).or_default() += 1,
    }
}
