//! Vaults of small workspaces.

use super::Vault;
use crate::diagnostic::{Code, Diagnostics, code};
use crate::sops::{DataKey, Opened, Plain, Recipient, Selection, System};
use crate::source::{FileId, Sources};
use crate::target::Target;
use crate::workspace::Workspace;
use crate::world::Memory;

const KEY: &str = include_str!("../../tests/sops/key.txt");
const OTHER: &str = include_str!("../../tests/sops/other-key.txt");

fn public(key: &str) -> Recipient {
    Recipient::parse(key.lines().find_map(|line| line.strip_prefix("# public key: ")).unwrap()).unwrap()
}

/// An encrypted file with these values.
fn sealed(values: &[(&str, &str)]) -> String {
    let key = DataKey::generate(&mut System).unwrap();
    let mut opened = Opened::new(FileId::NONE, key, &[public(KEY)], Selection::default()).unwrap();
    for (name, value) in values {
        let keys: Vec<&str> = name.split('.').collect();
        opened.set(&keys, Plain::text((*value).to_owned())).unwrap();
    }
    opened.seal("2026-01-01T00:00:00Z", &mut System).unwrap()
}

fn world(settings: &str) -> Memory {
    let settings = format!(
        "apiVersion: tenantctl.dev/v1\nkind: Workspace\nenvironments: {{prod: null}}\nlayers: [{{name: base, file: base.yml}}]\n{settings}"
    );
    Memory::new()
        .file("tenantctl.yaml", settings)
        .file("environments/prod/secrets/_environment.yml", sealed(&[("a.b", "low"), ("c", "shared")]))
        .file("environments/prod/secrets/acme.yml", sealed(&[("a.b", "high"), ("_tenantctl.previous.a.b", "old")]))
}

fn with<T>(world: &Memory, work: impl FnOnce(&Vault<'_>, &mut Diagnostics) -> T) -> (Option<T>, Vec<Code>) {
    let (sources, mut diagnostics) = (Sources::default(), Diagnostics::new());
    let worked = Workspace::find(world, &sources, &mut diagnostics).ok().and_then(|workspace| {
        let vault = Vault::of_workspace(&workspace, &mut diagnostics).ok()?;
        Some(work(&vault, &mut diagnostics))
    });
    (worked, diagnostics.items().iter().map(|item| item.code).collect())
}

fn acme() -> Target {
    Target::new("prod".into(), Some("acme".into()), Vec::new())
}

#[test]
fn names_need_no_key_and_the_highest_file_wins() {
    let (names, codes) = with(&world(""), |vault, diagnostics| {
        let names = vault.names(&acme(), diagnostics).unwrap();
        assert_eq!(names.iter().collect::<Vec<_>>(), ["a.b", "c"]);
        assert_eq!(names.did_you_mean("a.bb").as_deref(), Some("did you mean `a.b`?"));
        (names.get("a.b") == names.get("c"), names.get("_tenantctl.previous.a.b"))
    });
    assert_eq!((names, codes), (Some((false, None)), Vec::new()));
}

#[test]
fn contents_need_a_key() {
    let keyed = world("").with_variable("SOPS_AGE_KEY", KEY);
    let (worked, codes) = with(&keyed, |vault, diagnostics| {
        let contents = vault.contents(&acme(), diagnostics).unwrap();
        assert_eq!(contents.get("a.b").unwrap().plain.reveal(), "high");
        assert_eq!(contents.get("c").unwrap().plain.reveal(), "shared");
        assert_eq!(contents.previous("a.b").unwrap().plain.reveal(), "old");
        assert!(contents.get("x").is_none() && contents.previous("c").is_none());
        let environment = Target::new("prod".into(), None, Vec::new());
        assert_eq!(vault.contents(&environment, diagnostics).unwrap().get("a.b").unwrap().plain.reveal(), "low");
    });
    assert!(worked.is_some());
    assert_eq!(codes, []);
    for other in [world(""), world("").with_variable("SOPS_AGE_KEY", OTHER)] {
        let (failed, codes) = with(&other, |vault, diagnostics| vault.contents(&acme(), diagnostics).is_err());
        assert_eq!((failed, codes), (Some(true), vec![code::NO_KEY; 2]));
    }
}

#[test]
fn the_root_says_who_can_open_a_file() {
    let said = |world: &Memory, file: &str| {
        let (found, codes) = with(world, |vault, diagnostics| {
            let terms = vault.policy().terms_to_write(file, Some("prod"), diagnostics).ok();
            terms.map(|terms| (terms.recipients, terms.selection.rule().map(|(_, text)| text.to_owned())))
        });
        (found.flatten(), codes)
    };
    let (one, two) = (public(KEY), public(OTHER));
    let default = Some("_unencrypted".to_owned());
    assert_eq!(said(&world(""), "x").1, [code::RECIPIENTS]);
    let settings = format!("secrets: {{prod: {{recipients: [{one}]}}}}");
    assert_eq!(said(&world(&settings), "x").0, Some((vec![one.clone()], default.clone())));
    let rules = format!(
        "creation_rules:\n  - {{path_regex: 'a\\.yml$', age: '{one}, {two}', encrypted_regex: ^p$}}\n  - {{age: {two}, kms: []}}\n"
    );
    let with_rules = world("").file(".sops.yaml", rules.clone());
    assert_eq!(said(&with_rules, "s/a.yml").0, Some((vec![one.clone(), two.clone()], Some("^p$".to_owned()))));
    assert_eq!(said(&with_rules, "s/b.yml").0, Some((vec![two], default)));
    // The settings come first; what is encrypted is chosen by rules alone.
    let both = world(&settings).file(".sops.yaml", rules);
    assert_eq!(said(&both, "s/a.yml").0, Some((vec![one], Some("^p$".to_owned()))));
    let foreign = world("").file(".sops.yaml", "creation_rules: [{pgp: ABCD}]");
    assert_eq!(said(&foreign, "x").1, [code::SEALED_UNSUPPORTED]);
    for wrong in ["creation_rules: 1", "creation_rules: [{path_regex: '('}]", "creation_rules: [{age: nobody}]"] {
        assert_eq!(said(&world("").file(".sops.yaml", wrong), "x").1, [code::RECIPIENTS], "{wrong}");
    }
}
