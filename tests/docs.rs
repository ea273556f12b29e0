//! The example of the reference is a workspace.

use tenantctl::diagnostic::Diagnostics;
use tenantctl::source::Sources;
use tenantctl::workspace::Workspace;
use tenantctl::world::Memory;

#[test]
fn the_settings_of_the_reference_are_valid() {
    let page = include_str!("../docs/workspace.md");
    let (_, after) = page.split_once("```yaml\n").expect("the page has an example");
    let (settings, _) = after.split_once("```").expect("the example ends");
    let world = Memory::new()
        .file("tenantctl.yaml", settings)
        .file("schemas/config.schema.json", "{}")
        .file("schemas/tenant.schema.json", "{}");
    let sources = Sources::default();
    let mut diagnostics = Diagnostics::new();
    let workspace = Workspace::find(&world, &sources, &mut diagnostics);
    assert!(workspace.is_ok(), "{:#?}", diagnostics.items());
    assert_eq!(workspace.map(|workspace| workspace.hierarchy().len()).ok(), Some(6));
}
